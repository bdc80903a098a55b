"""Weighted and adjusted Kaplan-Meier curves against survfit, glm, multinom and coxph (make_weighted_curves.R)."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.survival.cox.inverse_probability import inverse_probability_weights
from prognomics.survival.curves.differences import difference_table
from prognomics.survival.curves.kaplan_meier_analysis import kaplan_meier_analysis

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
FOLDER = Path(__file__).parent / "survival"
DATA = pd.read_csv(FOLDER / "cox_more_data.tsv", sep="\t", float_precision="round_trip")
EXPECTED = pd.read_csv(FOLDER / "weighted_curves_expected.tsv", sep="\t", float_precision="round_trip")
EXPECTED = {case: part.set_index("stat")["value"] for case, part in EXPECTED.groupby("case")}
CASES = {
    "weights": ("marker", {"case_weights": DATA["weight"].to_numpy()}, None),
    "late": ("marker", {"case_weights": DATA["weight"].to_numpy(), "entry_months": "entry"}, None),
    "none": ("marker", {"case_weights": DATA["weight"].to_numpy(), "strata": ["none"]}, None),
    "adjusted": ("marker", {}, ["age", "stage", "gene"]), "three": ("cohort", {"strata": ["none"]}, ["age", "sex"]),
}  # fmt: skip


def close(value):
    return pytest.approx(value, rel=1e-6, abs=1e-9, nan_ok=True)


def analysis(case, conf_type="log"):
    group, options, covariates = CASES[case]
    adjust = None if covariates is None else partial(inverse_probability_weights, DATA, covariates)
    horizon = None if case == "late" else 48.0
    return kaplan_meier_analysis(DATA, "time", "event", group, at=[6, 24, 60], horizon=horizon, conf_type=conf_type,
                                 probabilities=[0.25, 0.5], adjust=adjust, **options)  # fmt: skip


@pytest.mark.parametrize("conf_type", ["log", "log-log", "plain"])
@pytest.mark.parametrize("case", ["weights", "late", "adjusted", "three"])
def test_rates_quantiles_and_means(case, conf_type):
    r, found = EXPECTED[case], analysis(case, conf_type)
    for group in [name for name in dict.fromkeys(found.summary["group"]) if name != "all"]:
        rows = found.summary[found.summary["group"] == group]
        for _, row in rows[rows["statistic"] == "survival"].iterrows():
            key = f"{group} {conf_type} {row['time_months']:g}"
            assert row["estimate"] == close(r[f"{key} survival"])
            for column in ("se", "ci_low", "ci_high", "n_risk"):
                assert row[column] == close(r[f"{key} {column}"]), (key, column)
        for _, row in rows[rows["statistic"] == "quantile"].iterrows():
            assert row["estimate"] == close(r[f"{group} {conf_type} quantile {row['probability']:g}"])
        median = rows[rows["statistic"] == "median"].iloc[0]
        if conf_type == "log":
            assert median["ci_low"] == close(r[f"{group} median low"])
            assert median["ci_high"] == close(r[f"{group} median high"])
        for _, row in rows[rows["statistic"] == "rmst"].iterrows():
            assert row["estimate"] == close(r[f"{group} rmst"])
            assert row["se"] == close(r[f"{group} rmst_se"])


@pytest.mark.parametrize("case", ["weights", "late", "none", "adjusted"])
def test_the_weighted_test_between_groups(case):
    overall = analysis(case).test.query("comparison == 'overall'").iloc[0]
    assert overall["chisq"] == close(EXPECTED[case]["chisq"])
    assert overall["p_value"] == close(EXPECTED[case]["p"])


@pytest.mark.parametrize("case", ["adjusted", "three"])
def test_propensity_and_weights(case):
    table = analysis(case).adjustment.table.set_index("sample_id")
    assert len(table) == DATA["age"].notna().sum()
    rel = 1e-6 if case == "adjusted" else 1e-4  # multinom stops early
    for stat, value in EXPECTED[case].items():
        sample, _, column = stat.partition(" ")
        if column in ("propensity", "weight"):
            assert table.loc[sample, column] == pytest.approx(value, rel=rel)


@pytest.mark.parametrize("case", ["weights", "adjusted"])
def test_differences_at_milestones(case):
    r, found = EXPECTED[case], analysis(case)
    table = difference_table(found.curves, [24.0], 48.0, "bh", {}).set_index("statistic")
    for statistic, keys in (("survival", ("log 24 survival", "log 24 se")), ("rmst", ("rmst", "rmst_se"))):
        row = table.loc[statistic]
        high, low = ([r[f"{group} {key}"] for key in keys] for group in (row["group"], row["versus"]))
        se = np.hypot(high[1], low[1])
        assert (row["group"], row["versus"]) == ("high", "low")
        assert row["estimate"] == close(high[0] - low[0])
        assert row["se"] == close(se)
        assert row["z"] == close((high[0] - low[0]) / se)
        assert row["ci_high"] == close(high[0] - low[0] + 1.959963984540054 * se)
