"""The page on the letter: each file and column that it quotes is one that the study's steps make."""

import re
from pathlib import Path

import pytest

from prognomics.data.registry import artifact
from prognomics.spec.loader import load_tool
from prognomics.spec.shipped_yaml import read_yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "letter.md").read_text(encoding="utf-8")
OWN = ("as", "across", "cohorts", "also")


@pytest.fixture(scope="module")
def steps():
    """Name of a step: (its tool, the scopes that it runs in)."""
    study = read_yaml(ROOT / "studies" / "letter_reenacted.yml")
    found = {}
    for step in [*study["pool"], *study["steps"]]:
        tool = next(key for key in step if key not in OWN)
        found[step.get("as", tool)] = (load_tool(tool), step.get("across", []))
    return found


def output_of(path, steps):
    """The artifact of a quoted file, such as results/cox_group/stratified/table.tsv."""
    _, step, *scope, name = path.split("/")
    tool, across = steps[step]
    assert scope in ([], ["<strata>"]) or scope[0] in across
    return artifact(next(o.artifact for o in tool.outputs if o.name == name.partition(".")[0]))


def test_every_quoted_file_is_made_by_the_study(steps):
    paths = set(re.findall(r"`((?:results|pooled)/[\w/<>]+\.(?:tsv|svg))`", PAGE))
    assert len(paths) > 12
    for path in paths:
        assert output_of(path, steps) is not None


def test_quoted_columns_and_levels_are_those_of_the_tables(steps):
    table, checked = None, 0
    for line in PAGE.splitlines():
        if not line.startswith("|"):
            table = None if line.startswith("#") else table
        if found := re.search(r"`((?:results|pooled)/[\w/<>]+\.tsv)`", line):
            table = output_of(found[1], steps)
        if table is None or not line.startswith("|"):
            continue
        columns = {c.name: c for c in table.columns}
        for cell in line.split("|"):
            for name, value in re.findall(r"(\w+) = (\w+)", cell):
                assert name in columns, (line, name)
                levels = getattr(columns[name], "levels", None)
                assert not levels or value in levels, (line, value)
            if "→" in cell and "Row → column" not in cell and "row → column" not in cell:
                quoted = re.split(r" less | \(", cell.partition("→")[2])[0]
                for name in re.findall(r"[a-z]\w*", quoted):
                    assert name in columns, (line, name)
                    checked += 1
    assert checked > 30


def test_the_page_gives_the_command_that_the_makefile_has():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make letter" in PAGE and "\nletter:" in makefile and "LETTER_OPTIONS" in PAGE
    sizes = [int(n) for n in re.search(r"LETTER_SIZES := ([\d ]+)", makefile)[1].split()]
    assert len(sizes) == 15 and sum(sizes) == 1362
