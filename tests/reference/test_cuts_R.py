"""Searched cuts against R's maxstat, on synthetic data and on real cohorts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.cutpoint.searched_cut import searched_cut

HERE = Path(__file__).parent / "cuts"
DATA = pd.read_csv(HERE / "data.tsv", sep="\t")
RESULTS = pd.read_csv(HERE / "reference.tsv", sep="\t", skipinitialspace=True).set_index(["set", "stat"])["value"]
NAMES = {"Lau92": "p_lausen_schumacher", "Lau94": "p_improved_bonferroni", "HL": "p_hothorn_lausen"}

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def search(x, time, event, fraction, permutations=99):
    cut = searched_cut(x, time, event, min_fraction=fraction, correction="permutation", n_permutations=permutations,
                       n_bootstraps=0, rng=np.random.default_rng(3), direction="high")  # fmt: skip
    return cut, cut.search.row()


def agrees(cut, row, x, expected, tolerance=1e-9):
    assert row["statistic"] == pytest.approx(expected["statistic"], rel=tolerance)
    assert row["n_candidates"] == expected["n_candidates"]
    assert max(x[x < cut.lowest_high]) == pytest.approx(expected["highest_low"], rel=1e-12)
    assert row["p_naive"] == pytest.approx(expected["survdiff_p"], rel=tolerance)
    for stat, name in NAMES.items():
        if stat in expected:
            assert row[name] == pytest.approx(min(expected[stat], 1.0), rel=tolerance), stat


@pytest.mark.parametrize("fraction", [0.1, 0.25])
@pytest.mark.parametrize("name", sorted(DATA["set"].unique()))
def test_agrees_with_maxstat(name, fraction):
    data = DATA[DATA["set"] == name]
    x = data["x"].to_numpy()
    expected = RESULTS[f"{name}.{fraction:g}"]
    cut, row = search(x, data["time"], data["event"], fraction, permutations=4999)
    agrees(cut, row, x, expected)
    profile = cut.search.profile
    inside = (profile["inside"] == "yes").to_numpy()
    assert profile["statistic"].abs()[inside].sum() == pytest.approx(expected["sum_of_statistics"], rel=1e-9)
    spread = 4 * np.sqrt(expected["condMC"] * (1 - expected["condMC"]) / 4999) + 2e-3
    assert row["p_permutation"] == pytest.approx(expected["condMC"], abs=spread)


@pytest.mark.parametrize("cohort", ["GSE51088", "GSE19829.GPL8300", "GSE8842"])
def test_xpo1_of_real_cohorts(shared_data, cohort):
    frozen = pd.read_csv(HERE / "real_reference.tsv", sep="\t", skipinitialspace=True).set_index(["set", "stat"])
    folder = shared_data / "ovarian"
    x = pd.read_csv(folder / f"{cohort}.expression.tsv.gz", sep="\t", index_col=0).loc["XPO1"]
    clinical = pd.read_csv(folder / f"{cohort}.clinical.tsv.gz", sep="\t", index_col=0).loc[x.index]
    time, event = clinical["days_to_death"] / 30.4375, clinical["vital_status"].map({"deceased": 1.0, "living": 0.0})
    kept = (clinical["sample_type"] == "tumor") & x.notna() & time.notna() & event.notna()
    assert kept.sum() == frozen["value"][cohort, "n"]
    x = x[kept].to_numpy()
    agrees(*search(x, time[kept], event[kept], 0.1), x, frozen["value"][cohort], tolerance=1e-6)


ONE = pd.read_csv(HERE / "one_candidate.tsv", sep="\t")


@pytest.mark.parametrize("name", sorted(ONE["set"].unique()))
def test_one_candidate_counts_what_is_as_large(name):
    """`maxstat.test(pmethod = "HL")` with one cutpoint is the permutation test, in which the observed order counts."""
    data = ONE[ONE["set"] == name]
    _, row = search(data["x"].to_numpy(dtype=float), data["time"], data["event"], 0.1)
    assert row["n_candidates"] == 1
    assert row["p_hothorn_lausen"] == pytest.approx(data["p_value"].iloc[0], rel=1e-9)
