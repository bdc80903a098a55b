"""ROC cut-points against pROC, and nearest centroids against their definition in R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.cutpoint.cutpoint import quantile_cut, roc_cut
from prognomics.cutpoint.cutpoint_table import cutpoint_table
from prognomics.signature.centroid import classify_centroid

HERE = Path(__file__).parent / "classify"
REFERENCE = pd.read_csv(HERE / "reference.tsv", sep="\t", skipinitialspace=True)
REFERENCE = REFERENCE.set_index(["case", "stat"])["value"]
ROC_DATA = pd.read_csv(HERE / "roc_data.tsv", sep="\t")
RULES = {"youden": "youden", "closest_topleft": "closest.topleft"}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["untied", "tied", "ten", "low"])
def test_roc_cut_agrees_with_pROC(name, rule):
    data = ROC_DATA[ROC_DATA["set"] == name]
    case = (data["status"] == "case").to_numpy()
    cut = roc_cut(data["value"], case, ~case, direction="low" if name == "low" else "high", rule=rule)
    row = cutpoint_table(cut, marker="m").iloc[0]
    for stat in ("auc", "auc_low", "auc_high"):
        assert row[stat] == pytest.approx(REFERENCE[name, stat], rel=1e-12)
    assert row["n_tied_optima"] == REFERENCE[name, f"{RULES[rule]}.n"]
    for stat in (
        "lowest_high",
        "sensitivity",
        "specificity",
        "sensitivity_low",
        "sensitivity_high",
        "specificity_low",
        "specificity_high",
    ):
        assert row[stat] == pytest.approx(REFERENCE[name, f"{RULES[rule]}.{stat}"], rel=1e-10), stat


@pytest.mark.parametrize("name", ["untied", "tied", "ten", "low"])
def test_quantiles_are_of_type_seven(name):
    values = ROC_DATA.loc[ROC_DATA["set"] == name, "value"]
    for i, q in enumerate([0.1, 0.25, 1 / 3, 0.5, 0.75], start=1):
        expected = REFERENCE[name, f"quantile{i}"]
        cut = quantile_cut(values, [q])
        assert cut.threshold == pytest.approx(expected, rel=1e-12, abs=1e-15)
        assert cut.n_high == int((values >= expected - 1e-12).sum())


@pytest.mark.parametrize("mode", ["loocv", "train"])
def test_distances_to_centroids(mode):
    data = pd.read_csv(HERE / "centroid_data.tsv", sep="\t", index_col=0)
    labels = pd.read_csv(HERE / "centroid_labels.tsv", sep="\t")["label"]
    result = classify_centroid(data.to_numpy(), list(data.index), mode=mode, signature=list(data.index), labels=labels)
    for i, sample in enumerate(data.columns):
        for name in ("event", "event_free"):
            expected = REFERENCE[f"{mode}.{sample}", name]
            assert result.distances[name][i] == pytest.approx(expected, rel=1e-10)
        first, second = (REFERENCE[f"{mode}.{sample}", name] for name in ("event", "event_free"))
        assert result.classes[i] == ("event" if first <= second else "event_free")
        assert result.margin[i] == pytest.approx(abs(first - second), abs=1e-10)


def real(shared_data, cohort):
    if cohort == "TCGA-CHOL":
        matrix = pd.read_csv(shared_data / "tcga" / "TCGA-CHOL.rsem.tsv.gz", sep="\t", index_col=0)
        values = np.log2(matrix.loc["XPO1|7514"].astype(float) + 1)
        tumour = values.index.str.endswith("-01")
        return values.to_numpy(), tumour, ~tumour, "tumor_vs_normal"
    values = pd.read_csv(shared_data / "ovarian" / f"{cohort}.expression.tsv.gz", sep="\t", index_col=0).loc["XPO1"]
    clinical = pd.read_csv(shared_data / "ovarian" / f"{cohort}.clinical.tsv.gz", sep="\t", index_col=0)
    kind = clinical.loc[values.index, "sample_type"]
    return values.to_numpy(), (kind == "tumor").to_numpy(), (kind == "healthy").to_numpy(), "tumor_vs_healthy"


@pytest.mark.parametrize("cohort", ["GSE51088", "GSE12470", "TCGA-CHOL"])
@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_xpo1_of_real_cohorts(shared_data, cohort):
    values, case, control, contrast = real(shared_data, cohort)
    frozen = pd.read_csv(shared_data / "reference_R.tsv", sep="\t", comment="#").set_index(["key", "stat"])["value"]
    key = f"{cohort}.XPO1.{contrast}"
    row = cutpoint_table(roc_cut(values, case, control, direction="high", rule="youden"), marker="XPO1").iloc[0]
    assert (row["n_case"], row["n_control"]) == (frozen[key, "nT"], frozen[key, "nN"])
    assert row["auc"] == pytest.approx(frozen[key, "AUC"], rel=2e-6)
    if (key, "youden") in frozen.index:
        assert row["sensitivity"] + row["specificity"] - 1 == pytest.approx(frozen[key, "youden"], rel=2e-6)
        assert row["lowest_high"] == pytest.approx(frozen[key, "cut_ge"], rel=2e-6)
        assert row["n_tied_optima"] == frozen[key, "n_ties_at_max"]
