"""Meta-analysis: by hand, its table, its refusals."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused
from prognomics.meta_analysis.pooled_table import META_COLUMNS, meta_analysis
from prognomics.meta_analysis.pooling import pool


def cohorts(k=6):
    return pd.DataFrame(
        {
            "cohort": [f"C{i}" for i in range(k)],
            "log_hr": np.linspace(-0.2, 1.0, k),
            "se": np.linspace(0.2, 0.4, k),
            "n": 50,
            "events": 20,
        }
    )


def test_fixed_effect_by_hand():
    # weights 4 and 1: (4 * 1 + 1 * 2) / 5, variance 1/5, Q = 4 * 0.04 + 0.64
    result = pool([1.0, 2.0], [0.5, 1.0], tau="fixed", hartung_knapp=False)
    assert (result.effect, result.se**2, result.q) == pytest.approx((1.2, 0.2, 0.8))
    np.testing.assert_allclose(result.weights, [0.8, 0.2])


def test_equal_variances_have_a_closed_form():
    # with equal variances REML's and DerSimonian-Laird's tau2 are both the sample variance minus v
    effects = np.array([0.1, 0.9, 0.4, 1.6])
    for tau in ("reml", "dl"):
        result = pool(effects, np.full(4, 0.3), tau=tau, hartung_knapp=True)
        assert result.tau2 == pytest.approx(effects.var(ddof=1) - 0.09)
        assert result.se == pytest.approx(effects.std(ddof=1) / 2)


@pytest.mark.parametrize("k", [2, 3, 8])
def test_never_narrower_than_fixed(k):
    effects, se = np.full(k, 0.5) + 0.001 * np.arange(k), np.full(k, 0.3)
    result, fixed = (pool(effects, se, tau=tau, hartung_knapp=True) for tau in ("reml", "fixed"))
    assert result.widened
    assert result.ci_high - result.ci_low >= fixed.ci_high - fixed.ci_low - 1e-12


def test_rows_of_the_table():
    table = meta_analysis(
        cohorts(),
        tau="reml",
        hartung_knapp=True,
        unit="high vs low",
        endpoint="os",
        stratified={"log_hr": 0.3, "se": 0.1, "n": 300, "events": 120},
    )
    assert list(table.columns) == list(META_COLUMNS)
    assert list(table["row_type"]) == ["cohort"] * 6 + ["fixed", "random", "stratified"] + ["leave_out"] * 6
    assert table["weight"].iloc[:6].sum() == pytest.approx(100)
    random = table[table["row_type"] == "random"].iloc[0]
    assert (random["n"], random["events"], random["tau2_method"]) == (300, 120, "reml")
    assert random["pi_low"] < random["ci_low"] < random["hr"] < random["ci_high"] < random["pi_high"]
    rest = cohorts().iloc[1:]
    left = table[table["row_type"] == "leave_out"].iloc[0]
    assert left["cohort"] == "C0"
    assert left["log_hr"] == pytest.approx(pool(rest["log_hr"], rest["se"], tau="reml", hartung_knapp=True).effect)


def test_no_prediction_interval_below_five_cohorts():
    table = meta_analysis(cohorts(4), tau="reml", hartung_knapp=True)
    random = table[table["row_type"] == "random"].iloc[0]
    assert np.isnan(random["pi_low"]) and "prediction" in random["note"]


def test_few_events_are_flagged_and_missing_estimates_not_pooled():
    data = cohorts()
    data.loc[1, "events"] = 9
    data.loc[2, "se"] = np.nan
    with pytest.warns(AnalysisWarning) as caught:
        table = meta_analysis(data, tau="dl", hartung_knapp=False)
    assert {w.message.code for w in caught} == {"few-events", "cohort-not-pooled"}
    rows = table.set_index(["row_type", "cohort"])
    assert rows.loc[("cohort", "C1"), "note"] == "fewer than 10 events"
    assert "not pooled" in rows.loc[("cohort", "C2"), "note"] and np.isnan(rows.loc[("cohort", "C2"), "weight"])
    assert rows.loc[("fixed", "all"), "n"] == 250


def test_one_cohort_is_refused():
    with pytest.raises(Refused):
        meta_analysis(cohorts(1), tau="reml", hartung_knapp=True)
    with pytest.raises(BadInput, match="twice"):
        meta_analysis(cohorts().assign(cohort="A"), tau="reml", hartung_knapp=True)
    with pytest.raises(BadInput, match="no column se"):
        meta_analysis(cohorts().drop(columns="se"), tau="reml", hartung_knapp=True)


def test_a_negative_standard_error_is_refused():
    effects = pd.DataFrame({"cohort": ["a", "b"], "log_hr": [0.1, 0.2], "se": [0.1, -0.2]})
    with pytest.raises(BadInput, match="negative"):
        meta_analysis(effects, tau="fixed", hartung_knapp=False)
