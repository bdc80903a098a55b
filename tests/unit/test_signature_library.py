"""The library of published signatures: readable by the tools, equal to the facts, named in the documentation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from prognomics import tools
from prognomics.cli import commands
from prognomics.data.signature import read_signature
from prognomics.data.signature_library import library_signature, signature_library
from prognomics.errors import BadInput, UsageError

READ = dict(sep="\t", dtype=str, keep_default_na=False, comment="#")
BREAST = {"gene70": ("gene70", "correlation"), "gene76": ("gene76", "std.cox.coefficient"), "ggi": ("ggi", "grade"),
          "recurrence_score": ("oncotypedx", "weight"), "endopredict": ("endoPredict", "weight"),
          "pik3ca_gs": ("pik3cags", "coefficient")}  # fmt: skip


def table_of(name):
    return pd.read_csv(library_signature(name).path, **READ)


@pytest.mark.parametrize("name", signature_library())
def test_each_is_read_by_the_tools(name, recwarn):
    one = library_signature(name)
    assert one.about["title"] and one.about["doi"].startswith("10.") and one.about["derived for"]
    if one.kind == "signature":
        (found,) = read_signature(one.path).signatures
        assert (found.name, len(found)) == (name, one.n_genes)
        assert not [w for w in recwarn if "twice" in str(w.message)]
    else:
        assert table_of(name).set_index("gene_id").astype(float).notna().all(axis=None)


def test_it_is_small_and_in_the_documentation(repository):
    text = (repository / "docs" / "signatures.md").read_text(encoding="utf-8")
    library = signature_library()
    assert sum(one.path.stat().st_size for one in library.values()) < 300_000
    assert len(library) == 47 and [n for n in library if f"| `{n}` | {library[n].n_genes} |" not in text] == []


def test_it_equals_the_published_tables(shared_data):
    facts = pd.read_csv(shared_data / "signatures" / "published_signatures.tsv", **READ)
    for source, rows in facts.groupby("signature"):
        table = table_of(library_signature(source).name)
        assert library_signature(source).about["doi"] == rows["doi"].iloc[0]
        for column, own in (("gene_symbol", "gene_symbol"), ("entrez_id", "entrez_id"), ("weight", "weight")):
            mine = table[own].tolist() if own in table else ["NA"] * len(table)
            assert mine == rows[column].tolist(), (source, column)


def test_breast_signatures_equal_their_tables(shared_data):
    folder = shared_data / "signatures" / "breast"
    for name, (file, weight) in BREAST.items():
        facts = pd.read_csv(folder / f"sig.{file}.tsv", **READ).rename(columns={"probe.affy": "probe"})
        table = table_of(name)
        own = facts[weight].replace("NA", np.nan).astype(float)
        facts["weight"] = own.map({3.0: 1.0, 1.0: -1.0}) if weight == "grade" else own
        head = f"{library_signature(name).about.get('probes without a gene', '')} ".split()
        assert set(head) == set(facts.loc[facts["EntrezGene.ID"] == "NA", "probe"])
        expected = facts[facts["EntrezGene.ID"] != "NA"].groupby("EntrezGene.ID")["weight"].mean().dropna()
        found = table.set_index("entrez_id")["weight"].astype(float)
        assert sorted(found.index) == sorted(expected.index), name
        np.testing.assert_allclose(found[expected.index], expected, rtol=1e-9)
    centroids = pd.read_csv(folder / "pam50.centroids.tsv", **READ).rename(columns={"gene": "gene_id"})
    pd.testing.assert_frame_equal(table_of("pam50"), centroids)


def test_library_names_stand_for_files(repository):
    matrix = repository / "test-data" / "alpha.tsv"
    both = [tools.score_signature(expression=matrix, signature=given, min_coverage=0.01).scores
            for given in ("library:cinsarc", library_signature("cinsarc").path)]  # fmt: skip
    pd.testing.assert_frame_equal(*both)
    assert both[0].columns.tolist() == ["sample_id", "cinsarc_zscore"]
    with pytest.raises(BadInput, match="cinsarcs"):
        tools.score_signature(expression=matrix, signature="library:cinsarcs").scores  # noqa: B018
    with pytest.raises(UsageError, match="centroids"):
        tools.score_signature(expression=matrix, signature="library:pam50").scores  # noqa: B018


def test_the_commands(tmp_path):
    def run(*words):
        return CliRunner().invoke(commands, ["signatures", *map(str, words)], catch_exceptions=False)

    assert len(run("list").output.splitlines()) == 48
    shown = run("show", "rooney2015_cyt").output
    assert "name: cytolytic" in shown and "GZMA" in shown and "10.1016/j.cell.2014.12.033" in shown
    out = tmp_path / "out.tsv"
    assert run("export", "hypoxia", "--out", out).output == ""
    text = library_signature("hypoxia").text()
    assert Path(out).read_text(encoding="utf-8") == text == run("export", "hypoxia").output
