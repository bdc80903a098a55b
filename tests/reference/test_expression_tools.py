"""The expression tools, through the command line, on real cohorts: composite rows, ComBat, principal components."""

import gzip

import numpy as np
import pandas as pd
import pytest

from prognomics.cli import commands
from prognomics.runtime.guard import guarded


def run(tool: str, *words: object) -> int:
    return guarded(lambda: commands.main([tool, *map(str, words)], "prognomics", standalone_mode=False), debug=True)


def table(path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", index_col=0)


@pytest.fixture(scope="module")
def ovarian(shared_data):
    return shared_data / "ovarian" / "GSE12470.expression.tsv.gz"


@pytest.fixture(scope="module")
def rows(ovarian):
    return table(ovarian)


@pytest.mark.parametrize(
    ("collapse", "composite"), [("max_variance", "drop"), ("mean", "split"), ("max_mean", "first"), ("median", "split")]
)
def test_a_composite_row_that_names_xpo1_does_not_touch_it(ovarian, rows, tmp_path, collapse, composite):
    naming = [row for row in rows.index if "XPO1" in row.split("///")]
    assert len(naming) == 2 and "XPO1" in naming
    spoiler = next(row for row in naming if row != "XPO1")
    assert not np.allclose(rows.loc[spoiler], rows.loc["XPO1"])
    found, report, lost = (tmp_path / name for name in ("genes.tsv", "report.tsv", "lost.tsv"))
    code = run("map_genes", "--expression", ovarian, "--collapse", collapse, "--composite", composite,
               "--out-expression", found, "--out-report", report, "--out-lost", lost)  # fmt: skip
    assert code == 0
    genes = table(found)
    np.testing.assert_allclose(genes.loc["XPO1"], rows.loc["XPO1"], rtol=1e-9)
    assert genes.index.is_unique and not any("//" in gene for gene in genes.index)
    alone = [row for row in rows.index if "///" not in row]
    np.testing.assert_allclose(genes.loc[alone], rows.loc[alone], rtol=1e-9)
    count = table(report)["value"]
    composites = [row for row in rows.index if "///" in row]
    assert count["composite_rows"] == len(composites) > 100
    if composite == "drop":
        assert sorted(genes.index) == sorted(alone)
        assert table(lost)["reason"].to_dict() == dict.fromkeys(composites, "composite")
    else:
        gained = set(genes.index) - set(alone)
        assert len(gained) == count["genes_from_composite_rows"]
        assert gained <= {gene for row in composites for gene in row.split("///")}


@pytest.fixture
def bladder(shared_data, tmp_path):
    """The 501 probes as a file, and the sheet of their samples, batches as cohorts."""
    folder = shared_data / "combat"
    pheno = pd.read_csv(folder / "bladderbatch.pheno.tsv.gz", sep="\t")
    sheet = tmp_path / "samples.tsv"
    pheno.rename(columns={"file": "sample_id", "batch": "cohort"}).drop(columns="sample").to_csv(
        sheet, sep="\t", index=False
    )
    raw = tmp_path / "raw.tsv"
    raw.write_bytes(gzip.decompress((folder / "bladder501_raw.tsv.gz").read_bytes()))
    return folder, raw, sheet


@pytest.mark.parametrize(("options", "truth"), [((), "nomod"), (("--covariate", "cancer"), "mod_cancer")])
def test_combat_equals_sva(bladder, tmp_path, options, truth):
    folder, raw, sheet = bladder
    found = tmp_path / "merged.h5ad"
    code = run("merge_cohorts", "--expression", raw, "--samples", sheet, "--method", "combat", *options,
               "--out-expression", found)  # fmt: skip
    assert code == 0
    as_text = tmp_path / "merged.tsv"
    assert run("normalize", "--expression", found, "--method", "none", "--out-expression", as_text) == 0
    expected = table(folder / f"bladder501_sva_ComBat_{truth}.tsv.gz")
    merged = table(as_text)
    assert merged.shape == expected.shape
    np.testing.assert_allclose(merged.loc[expected.index, expected.columns], expected, rtol=1e-6)


def test_a_covariate_that_cannot_be_told_from_batch_is_refused(bladder, tmp_path, capsys):
    """Batch 1 holds cancers only and batch 3 normal tissue only."""
    _, raw, sheet = bladder
    found = tmp_path / "merged.tsv"
    code = run("merge_cohorts", "--expression", raw, "--samples", sheet, "--where", "cohort=1,3", "--method", "combat",
               "--covariate", "cancer", "--out-expression", found)  # fmt: skip
    said = capsys.readouterr().err
    assert code == 4 and not found.exists()
    assert "cancer is confounded with cohort" in said
    lines = [line.split() for line in said.splitlines()]
    assert ["1", "11", "0"] in lines and ["3", "0", "4"] in lines


def test_quality_before_and_after_combat(bladder, tmp_path):
    _, raw, sheet = bladder
    after, report, pca = (tmp_path / name for name in ("after.tsv", "quality.tsv", "pca.tsv"))
    merging = ("merge_cohorts", "--expression", raw, "--samples", sheet, "--method", "combat")
    assert run(*merging, "--out-expression", after) == 0
    code = run("quality_control", "--expression", after, "--expression-before", raw, "--samples", sheet, "--covariate",
               "cancer", "--out-table", report, "--out-pca", pca)  # fmt: skip
    assert code == 0
    cell = pd.read_csv(report, sep="\t").set_index(["metric", "scope", "stage"])["value"]
    by_chance = cell["variance_share_by_chance", "cohort", "before"]
    assert by_chance == pytest.approx(4 / 56)
    assert cell["variance_share", "cohort", "before"] > 2 * by_chance
    assert cell["variance_share", "cohort", "after"] < by_chance
    scores = pd.read_csv(pca, sep="\t").set_index(["stage", "sample_id"]).loc["before"]
    values = table(raw)
    values = values.sub(values.mean(axis=1), axis=0)
    length = np.linalg.svd(values.to_numpy(), compute_uv=False)
    first = length[0] ** 2 / (length**2).sum()
    assert cell["explained_variance", "PC1", "before"] == pytest.approx(first, rel=1e-8)
    assert (scores["PC1"] ** 2).sum() == pytest.approx(length[0] ** 2, rel=1e-8)
