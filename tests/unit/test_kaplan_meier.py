"""Kaplan-Meier curves that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.survival.curves.kaplan_meier import (
    kaplan_meier,
    survival_at,
    survival_quantile,
)
from prognomics.survival.curves.kaplan_meier_analysis import CURVE_COLUMNS, SUMMARY_COLUMNS, kaplan_meier_analysis
from prognomics.survival.curves.logrank_table import TEST_COLUMNS
from prognomics.survival.curves.restricted_mean import restricted_mean

COMMON = ["endpoint", "population", "n_missing", "method", "note"]


def test_five_samples_by_hand():
    curve = kaplan_meier([1, 2, 2, 3, 4], [1, 1, 0, 0, 1])
    assert curve.time.tolist() == [1, 2, 3, 4]
    assert curve.n_risk.tolist() == [5, 4, 2, 1]
    assert curve.n_event.tolist() == [1, 1, 0, 1]
    assert curve.n_censor.tolist() == [0, 1, 1, 0]
    np.testing.assert_allclose(curve.survival, [0.8, 0.6, 0.6, 0])
    np.testing.assert_allclose(curve.se[:2], [0.8 * np.sqrt(1 / 20), 0.6 * np.sqrt(1 / 20 + 1 / 12)])
    assert np.isnan(curve.se[3]) and np.isnan(curve.ci_low[3])
    assert (curve.n, curve.n_events) == (5, 3)


def test_event_at_time_zero_is_in_the_risk_set_at_zero():
    curve = kaplan_meier([0, 0, 5], [1, 0, 1])
    assert curve.time[0] == 0 and curve.n_risk[0] == 3
    assert curve.survival[0] == pytest.approx(2 / 3)
    assert survival_at(curve, [0.0]).survival[0] == pytest.approx(2 / 3)


def test_rounding_noise_makes_no_second_time():
    assert kaplan_meier([0.3, 0.1 + 0.2], [1, 1]).time.tolist() == [0.3]
    assert len(kaplan_meier([0.3, 0.1 + 0.2], [1, 1], timefix=False).time) == 2


def test_survival_between_before_and_beyond():
    curve = kaplan_meier([1, 2, 3], [1, 0, 1])
    values = survival_at(curve, [0.5, 1, 1.5, 3, 3.1])
    np.testing.assert_allclose(values.survival, [1, 2 / 3, 2 / 3, 0, np.nan])
    assert values.n_risk.tolist() == [3, 3, 2, 1, 0]
    assert (values.ci_low[0], values.ci_high[0]) == (1, 1)


def test_flat_at_one_half_gives_the_middle_unless_the_curve_ends_there():
    assert survival_quantile(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])).estimate == 2.5
    assert survival_quantile(kaplan_meier([1, 2, 9, 9], [1, 1, 0, 0])).estimate == 2


def test_median_not_reached():
    value = survival_quantile(kaplan_meier([1, 2, 3], [1, 0, 0]))
    assert np.isnan(value.estimate) and np.isnan(value.ci_high)


def test_restricted_mean_is_the_area():
    curve = kaplan_meier([1, 2], [1, 1])
    mean = restricted_mean(curve, 2)
    assert mean.estimate == pytest.approx(1.5)
    assert restricted_mean(curve, 1).estimate == pytest.approx(1)
    with pytest.raises(Refused):
        restricted_mean(curve, 0)


@pytest.mark.parametrize(
    ("time", "event"), [([-1, 2], [0, 1]), ([1, np.nan], [0, 1]), ([1, 2], [0, 2]), ([1], [0, 1]), ([], [])]
)
def test_wrong_input_is_named(time, event):
    with pytest.raises(BadInput):
        kaplan_meier(time, event)


def test_unknown_interval_type():
    with pytest.raises(UsageError, match="unknown interval type"):
        kaplan_meier([1], [1], "logit")


@pytest.fixture
def sheet():
    generator = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "sample_id": [f"s{i}" for i in range(60)],
            "os_time": np.round(generator.exponential(30, 60), 1),
            "os_event": generator.integers(0, 2, 60).astype(float),
            "marker": np.tile(["high", "low"], 30),
            "grade": np.tile(["3", "1", "2"], 20),
            "cohort": np.repeat(["A", "B"], 30),
        }
    )
    frame.loc[0, "os_time"] = np.nan
    frame.loc[1, "marker"] = None
    return frame


def test_tables_have_the_columns_in_order(sheet):
    tables = kaplan_meier_analysis(sheet, "os_time", "os_event", "marker", at=[12], endpoint="os")
    for table, columns in (
        (tables.summary, SUMMARY_COLUMNS), (tables.curve, CURVE_COLUMNS), (tables.test, TEST_COLUMNS),
    ):  # fmt: skip
        assert list(table.columns) == [*columns, *COMMON]
    assert tables.summary["group"].drop_duplicates().tolist() == ["all", "low", "high"]
    assert set(tables.curve["group"]) == {"low", "high"}
    assert tables.test["strata"].unique().tolist() == ["cohort"]
    assert tables.summary.query("group == 'all'")["n_missing"].unique() == [1]
    assert tables.summary.query("group == 'low'")["n_missing"].unique() == [2]
    low = tables.summary.query("group == 'low' and statistic == 'observed_time'").iloc[0]
    assert low["n"] == 29 and low["min"] <= low["estimate"] <= low["max"]


def test_without_groups_there_is_no_test(sheet):
    tables = kaplan_meier_analysis(sheet, "os_time", "os_event")
    assert set(tables.curve["group"]) == {"all"} and len(tables.test) == 0
    assert list(tables.summary["statistic"]) == ["median", "followup_reverse_km", "observed_time"]


def test_three_ordered_groups_get_trend_and_pairs(sheet):
    test = kaplan_meier_analysis(sheet, "os_time", "os_event", "grade").test
    assert test["comparison"].drop_duplicates().tolist() == ["overall", "trend", "1 vs 2", "1 vs 3", "2 vs 3"]
    pairs = test[test["comparison"].str.contains(" vs ")]
    assert (pairs["p_adjusted"] >= pairs["p_value"]).all()


def test_horizon_beyond_the_follow_up(sheet):
    with pytest.raises(Refused, match="longest follow-up"):
        kaplan_meier_analysis(sheet, "os_time", "os_event", at=[1e4])
    sheet.loc[sheet["marker"] == "low", "os_time"] = sheet["os_time"].clip(upper=5)
    summary = kaplan_meier_analysis(sheet, "os_time", "os_event", "marker", at=[20], horizon=20).summary
    row = summary.query("group == 'low' and statistic == 'survival'").iloc[0]
    assert np.isnan(row["estimate"]) and "beyond the last observed time" in row["note"]
    assert np.isnan(summary.query("group == 'low' and statistic == 'rmst'").iloc[0]["estimate"])


def test_what_is_refused(sheet):
    with pytest.raises(Refused, match="has the event"):
        kaplan_meier_analysis(sheet.assign(os_event=0), "os_time", "os_event")
    with pytest.raises(Refused, match="only one group"):
        kaplan_meier_analysis(sheet.assign(marker="low"), "os_time", "os_event", "marker")
    with pytest.raises(Refused, match="side by side"):
        kaplan_meier_analysis(sheet, "os_time", "os_event", "cohort", strata=["cohort"])
    with pytest.raises(BadInput, match="marker"):
        kaplan_meier_analysis(sheet, "os_time", "os_event", "marke")
    with pytest.raises(BadInput, match="neither 0 nor 1"):
        kaplan_meier_analysis(sheet.assign(os_event=2), "os_time", "os_event")


def test_pooled_cohorts_are_warned_of(sheet):
    with pytest.warns(AnalysisWarning, match="cohorts"):
        kaplan_meier_analysis(sheet, "os_time", "os_event", "marker", strata=["none"])


def test_late_entry_by_hand():
    # at risk: time 2: a, b; time 3: b, c (c entered at 2); time 5: c
    curve = kaplan_meier([2, 3, 5], [1, 1, 0], entry=[0, 1, 2])
    np.testing.assert_array_equal(curve.n_risk, [2, 2, 1])
    np.testing.assert_allclose(curve.survival, [0.5, 0.25, 0.25])


def test_landmark_counts_who_is_left_out(sheet):
    found = kaplan_meier_analysis(sheet, "os_time", "os_event", "marker", landmark=12)
    rows = found.summary.query("statistic == 'landmark'").set_index("group")
    known = sheet["os_time"].notna() & sheet["os_event"].notna()
    assert rows.loc["all", "n"] == known.sum()
    assert rows.loc["all", "n_risk"] == (known & (sheet["os_time"] > 12)).sum()
    assert rows.loc["all", "events"] == (known & (sheet["os_time"] <= 12) & (sheet["os_event"] == 1)).sum()
    assert found.curve["time_months"].max() == sheet["os_time"].max() - 12
    assert set(found.test["population"]) == {"at risk at 12 months"}
    with pytest.raises(Refused, match="at risk at the landmark"):
        kaplan_meier_analysis(sheet, "os_time", "os_event", landmark=1e4)


def test_order_of_groups(sheet):
    order = sorted(sheet["marker"].dropna().unique(), reverse=True)
    found = kaplan_meier_analysis(sheet, "os_time", "os_event", "marker", group_order=order)
    assert list(found.summary["group"].unique()) == ["all", *order]
    with pytest.raises(UsageError, match="each group once"):
        kaplan_meier_analysis(sheet, "os_time", "os_event", "marker", group_order=order[:1])
    with pytest.raises(BadInput, match="nowhere"):
        kaplan_meier_analysis(sheet, "os_time", "os_event", "marker", group_order=[*order, "nowhere"])


def test_difference_of_means_of_groups_and_strata(sheet):
    found = kaplan_meier_analysis(sheet, "os_time", "os_event", "marker", horizon=10, strata=["none"])
    means = found.summary.query("statistic == 'rmst' and group != 'all'").set_index("group")
    row = found.test.query("test == 'rmst_difference'").iloc[0]
    first, second = row["comparison"].split(" vs ")
    assert row["estimate"] == pytest.approx(means.loc[second, "estimate"] - means.loc[first, "estimate"])
    assert row["se"] ** 2 == pytest.approx(means.loc[second, "se"] ** 2 + means.loc[first, "se"] ** 2)
