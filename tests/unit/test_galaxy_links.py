"""Names of datasets in Galaxy, which anybody may choose, become names of links in a folder of their own."""

from types import SimpleNamespace

import pytest

from prognomics.generate.to_galaxy_links import link_lines
from prognomics.spec.loader import load_tool

Template = pytest.importorskip("Cheetah.Template").Template


def linked(name):
    item = next(i for i in load_tool("normalize").inputs if i.name == "expression")
    dataset = SimpleNamespace(element_identifier=name)
    return str(Template("\n".join(link_lines((item,))), searchList=[{"expression": dataset}]))


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("alpha.tsv", "expression/alpha.tsv"),
        ("..", "expression/_"),
        (".", "expression/_"),
        ("", "expression/_"),
        ("...", "expression/_"),
        ("../../etc/passwd", "expression/__.._etc_passwd"),
        (".hidden", "expression/_hidden"),
        ("x" + "." * 100, "expression/_"),
        ("it's; rm -rf $HOME `id`", "expression/it_s__rm_-rf__HOME__id_"),
        ("größe.tsv", "expression/gr__e.tsv"),
    ],
)
def test_a_link_stays_in_its_folder(name, link):
    assert f"'{link}' &&" in linked(name)
