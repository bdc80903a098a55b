"""Measures of models against R: survival, riskRegression, pec. Script, data and versions in `evaluation/`."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.survival.evaluation.accuracy import integration_grid
from prognomics.survival.evaluation.analysis import evaluate_models
from prognomics.survival.evaluation.optimism import bootstrap_optimism
from prognomics.survival.evaluation.prediction import fit_risk_model
from prognomics.survival.evaluation.scoring import ALWAYS

HERE = Path(__file__).parent / "evaluation"
SAMPLES = pd.read_csv(HERE / "samples.tsv", sep="\t")
WANTED = pd.read_csv(HERE / "reference.tsv", sep="\t", dtype={"model": str}, keep_default_na=False)
WANTED = {(row.case, row.model, row.stat, str(row.at)): row.value for row in WANTED.itertuples()}
MODELS = ("covariates", "marker", "covariates+marker")
DIFFERENCE = "covariates+marker minus covariates"
pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def wanted(case, model, stat, at=np.nan):
    return WANTED[case, model, stat, "NA" if np.isnan(at) else f"{at:g}"]


@cache
def evaluation(strata):
    return evaluate_models(SAMPLES, "os_time", "os_event", ["age", "grade"], "marker", at=[60, 36], strata=[strata],
                           factors=["grade"], bootstraps=0)  # fmt: skip


def cell(strata, model, metric, at=np.nan, column="estimate", cohort=None):
    table = evaluation(strata).table
    table = table[(table["model"] == model) & (table["metric"] == metric)]
    table = table[table["cohort"].isna() if cohort is None else table["cohort"] == cohort]
    table = table[table["time_months"].isna() if np.isnan(at) else table["time_months"] == at]
    assert len(table) == 1
    return table.iloc[0][column]


@pytest.mark.parametrize("model", MODELS)
def test_concordance(model):
    for metric, at in (("harrell_c", np.nan), ("uno_c", np.nan), ("uno_c", 36), ("uno_c", 60)):
        assert cell("none", model, metric, at) == pytest.approx(wanted("plain", model, metric, at), rel=1e-9)
        se = wanted("plain", model, metric[:-2] + "_se", at)
        assert cell("none", model, metric, at, "se") == pytest.approx(se, rel=1e-8)


@pytest.mark.parametrize("at", [36, 60])
@pytest.mark.parametrize("model", MODELS)
def test_auc_and_brier_score(model, at):
    for metric in ("auc", "brier"):
        assert cell("none", model, metric, at) == pytest.approx(wanted("plain", model, metric, at), rel=1e-9)
        se = wanted("plain", model, metric + "_se", at)
        assert cell("none", model, metric, at, "se") == pytest.approx(se, rel=1e-8)
    assert cell("none", model, "scaled_brier", at) == pytest.approx(wanted("plain", model, "ipa", at), rel=1e-8)
    assert cell("none", "null", "brier", at) == pytest.approx(wanted("plain", "null", "brier", at), rel=1e-9)


@pytest.mark.parametrize("model", ["null", *MODELS])
def test_integrated_brier_score(model):
    found = cell("none", model, "integrated_brier", 60)
    assert found == pytest.approx(wanted("plain", model, "integrated_brier", 60), rel=1e-8)


def test_what_the_marker_adds():
    for metric, at in (("auc", 36), ("auc", 60), ("brier", 36), ("brier", 60)):
        found = [cell("none", DIFFERENCE, metric, at, column) for column in ("estimate", "se")]
        values = [wanted("plain", "difference", stat, at) for stat in (metric, metric + "_se")]
        assert found == pytest.approx(values, rel=1e-8)
    for metric in ("harrell", "uno"):
        found = cell("none", DIFFERENCE, metric + "_c", column="se")
        assert found == pytest.approx(wanted("plain", "difference", metric + "_se"), rel=1e-8)
    assert cell("none", DIFFERENCE, "likelihood_ratio", column="p_value") == pytest.approx(
        wanted("plain", "difference", "p_lr"), rel=1e-7
    )
    assert cell("none", "marker", "likelihood_ratio") == pytest.approx(wanted("plain", "marker", "lr"), rel=1e-9)


@pytest.mark.parametrize("at", [36, 60])
def test_calibration(at):
    table = evaluation("none").calibration
    table = table[(table["model"] == "covariates+marker") & (table["time_months"] == at)]
    assert len(table) == 5
    for _, row in table.iterrows():
        for column in ("predicted", "observed", "se", "ci_low", "ci_high"):
            value = wanted("calibration", str(row["group"]), column, at)
            assert row[column] == pytest.approx(value, rel=1e-8), (row["group"], column)
    for column, stat in (("estimate", "observed_expected"), ("se", "observed_expected_se")):
        found = cell("none", "covariates+marker", "observed_expected", at, column)
        assert found == pytest.approx(wanted("plain", "covariates+marker", stat, at), rel=1e-8)


@pytest.mark.parametrize("at", [36, 60])
def test_net_benefit(at):
    table = evaluation("none").decision
    table = table[(table["model"] == "covariates+marker") & (table["time_months"] == at)].set_index("threshold")
    for threshold in (0.2, 0.4, 0.6):
        for column in ("net_benefit", "n_high"):
            value = wanted("decision", f"{threshold:g}", column, at)
            assert table.loc[threshold, column] == pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize("model", MODELS)
def test_within_cohorts(model):
    for metric in ("harrell_c", "uno_c"):
        assert cell("auto", model, metric) == pytest.approx(wanted("strata", model, metric), rel=1e-8)
        se = wanted("strata", model, metric[:-2] + "_se")
        assert cell("auto", model, metric, column="se") == pytest.approx(se, rel=1e-8)
    for at in (36, 60):
        for metric, stat in (("auc", "auc"), ("brier", "brier"), ("scaled_brier", "ipa")):
            assert cell("auto", model, metric, at) == pytest.approx(wanted("strata", model, stat, at), rel=1e-7), metric


@pytest.mark.parametrize("cohort", ["a", "b", "c"])
def test_a_cohort_left_out(cohort):
    model = "covariates+marker"
    for metric, stat in (("harrell_c", "harrell_se"), ("calibration_slope", "slope_se")):
        value = wanted("left_out", cohort, "slope" if metric == "calibration_slope" else metric)
        assert cell("auto", model, metric, cohort=cohort) == pytest.approx(value, rel=1e-6)
        assert cell("auto", model, metric, column="se", cohort=cohort) == pytest.approx(
            wanted("left_out", cohort, stat), rel=1e-6
        )
    for at in (36, 60):
        for metric in ("auc", "brier"):
            for column, stat in (("estimate", metric), ("se", metric + "_se")):
                found = cell("auto", model, metric, at, column, cohort)
                assert found == pytest.approx(wanted("left_out", cohort, stat, at), rel=1e-6), (metric, column)
        found = cell("auto", model, "observed_expected", at, cohort=cohort)
        assert found == pytest.approx(wanted("left_out", cohort, "observed_expected", at), rel=1e-6)


def test_optimism_of_the_same_bootstrap_samples():
    rows = np.loadtxt(HERE / "resamples.tsv", dtype=int)
    x = np.column_stack([SAMPLES["age"], SAMPLES["grade"] == 2, SAMPLES["grade"] == 3, SAMPLES["marker"]]).astype(float)
    time, event = SAMPLES["os_time"].to_numpy(float), SAMPLES["os_event"].to_numpy() == 1
    stratum = np.zeros(len(time), dtype=int)
    grid = integration_grid(time, 36, 10)
    found = bootstrap_optimism({"m": x}, time, event, stratum, [36.0], grid, "efron", rows)["m"]
    assert found.n_fits == len(rows)
    for key, stat in ((("harrell_c", ALWAYS), "harrell_c"), (("uno_c", ALWAYS), "uno_c"), (("auc", 36.0), "auc"),
                      (("brier", 36.0), "brier"), (("calibration_slope", ALWAYS), "slope")):  # fmt: skip
        assert found.mean[key] == pytest.approx(wanted("optimism", "covariates+marker", stat), rel=1e-6), stat


def test_predicted_risk_is_that_of_one_baseline():
    time, event = SAMPLES["os_time"].to_numpy(float), SAMPLES["os_event"].to_numpy() == 1
    x = SAMPLES[["marker"]].to_numpy(float)
    model = fit_risk_model(time, event, x, np.zeros(len(time), dtype=int), "breslow")
    risk = model.risk(x, np.zeros(len(time), dtype=int), [36.0])[0]
    # Breslow's estimate: the sum of the risks' hazards up to follow-up equals the events
    hazard = model.baseline[0].at(time) * np.exp(model.linear_predictor(x))
    assert hazard.sum() == pytest.approx(event.sum(), rel=1e-6)
    assert ((risk > 0) & (risk < 1)).all()
