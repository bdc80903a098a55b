"""The pinned breast cohorts: symbols, values, and that nothing else is ever unpickled."""

import importlib.util
import pickle

import numpy as np
import pytest

from prognomics.errors import BadInput, SourceFailed
from prognomics.sources import survset
from prognomics.sources.survset import read_survset, restore_hyphens

needs_package = pytest.mark.skipif(importlib.util.find_spec("SurvSet") is None, reason="SurvSet is not installed")


@needs_package
@pytest.mark.parametrize(
    ("name", "n_genes", "n_samples", "n_events"),
    [("gse1992", 15528, 124, 35), ("GSE3143", 8659, 158, 50), ("gse4335", 12793, 115, 38)],
)
def test_the_three_cohorts(name, n_genes, n_samples, n_events):
    cohort = read_survset(name)
    values, genes, samples = cohort.expression
    assert values.shape == (n_genes, n_samples) and values.dtype == np.float64
    assert len(set(genes)) == n_genes and "XPO1" in genes
    assert "HLA-DRA" in genes and not any("_" in gene for gene in genes)
    assert cohort.samples.columns[0] == "sample_id"
    assert cohort.samples["sample_id"].tolist() == samples
    assert (cohort.samples["event"] == "1").sum() == n_events
    assert cohort.features["probe_id"].tolist() == genes
    assert any("which endpoint" in note for note in cohort.notes)


@needs_package
def test_levels_stay_as_the_package_writes_them():
    sheet = read_survset("gse4335").samples
    assert set(sheet["fac_node_status"]) == {"0", "1", "2", "x", "na"}
    assert set(read_survset("gse1992").samples["fac_grade"]) == {"1", "2", "3", "missing"}


def test_hyphens_come_back_only_where_a_set_has_none():
    assert restore_hyphens(["HLA_A", "TP53"]) == (["HLA-A", "TP53"], 1)
    assert restore_hyphens(["HLA-A", "C4B_2"]) == (["HLA-A", "C4B_2"], 0)


def test_an_unknown_name_lists_the_three():
    with pytest.raises(BadInput, match="gse1992, gse3143, gse4335"):
        read_survset("gse9999")


def test_a_missing_package_says_how_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SourceFailed, match=r"prognomics\[demo\]"):
        read_survset("gse1992")


def test_a_changed_file_is_not_unpickled(monkeypatch, tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was loaded",))

    folder = tmp_path / "resources" / "pickles"
    folder.mkdir(parents=True)
    (folder / "gse1992.pickle").write_bytes(pickle.dumps(Trap()))
    monkeypatch.setattr(survset, "_package_folder", lambda: tmp_path)
    with pytest.raises(SourceFailed, match="not the one that was checked"):
        read_survset("gse1992")
    with pytest.raises(SourceFailed, match="does not hold the file"):
        read_survset("gse3143")
