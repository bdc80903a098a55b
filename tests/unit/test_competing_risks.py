"""Competing risks: identities, tables, refusals and warnings."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.result_table import COMMON
from prognomics.errors import BadInput, Refused, UsageError
from prognomics.stats.multiple_testing import adjust
from prognomics.survival.competing_risks.analysis import (
    CURVE_COLUMNS,
    INCIDENCE_COLUMNS,
    TEST_COLUMNS,
    incidence_analysis,
)
from prognomics.survival.competing_risks.gray import gray_test
from prognomics.survival.competing_risks.incidence import cumulative_incidence, incidence_at
from prognomics.survival.curves.kaplan_meier import kaplan_meier


def a_sheet(n=80, seed=3, cohorts=2):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({
        "sample_id": [f"S{i}" for i in range(n)], "cohort": [f"c{i % cohorts}" for i in range(n)],
        "t": np.ceil(rng.exponential(20, n)), "c": rng.choice([0, 1, 2], n), "g": rng.choice(["low", "high"], n),
        "x": rng.normal(0, 1, n), "stage": rng.choice(["I", "II", "III"], n),
    })  # fmt: skip


def test_both_incidences_and_survival_sum_to_one():
    sheet = a_sheet()
    found = cumulative_incidence(sheet["t"], sheet["c"])
    total = found.causes["event"].estimate + found.causes["competing"].estimate + found.survival
    assert total == pytest.approx(np.ones(len(total)), abs=1e-14)
    curve = kaplan_meier(sheet["t"], sheet["c"] > 0)
    assert found.survival == pytest.approx(curve.survival, abs=1e-14)


def test_without_competing_events_it_is_one_minus_kaplan_meier():
    sheet = a_sheet()
    event = (sheet["c"] == 1).to_numpy()
    found, curve = cumulative_incidence(sheet["t"], event.astype(float)), kaplan_meier(sheet["t"], event, "plain")
    assert found.causes["event"].estimate == pytest.approx(1 - curve.survival, abs=1e-14)
    assert found.naive == pytest.approx(1 - curve.survival, abs=1e-14)
    inner = curve.survival > 0
    assert found.causes["event"].se[inner] == pytest.approx(curve.se[inner], abs=1e-12)
    assert not found.causes["competing"].estimate.any() and not found.causes["competing"].se.any()


def test_one_minus_kaplan_meier_is_never_below():
    sheet = a_sheet(200)
    found = cumulative_incidence(sheet["t"], sheet["c"])
    assert (found.naive >= found.causes["event"].estimate - 1e-15).all()
    assert found.naive[-1] > found.causes["event"].estimate[-1]


def test_order_of_samples_and_near_ties_change_nothing():
    sheet = a_sheet()
    mixed = sheet.sample(frac=1, random_state=1)
    noise = mixed["t"] * (1 + 1e-12 * np.arange(len(mixed)))
    one, other = cumulative_incidence(sheet["t"], sheet["c"]), cumulative_incidence(noise, mixed["c"])
    assert len(one.time) == len(other.time)
    for cause in ("event", "competing"):
        assert one.causes[cause].se == pytest.approx(other.causes[cause].se, abs=1e-14)
    tests = [gray_test(part["t"], part["c"], part["g"], part["cohort"]) for part in (sheet, mixed)]
    assert tests[0].statistic == pytest.approx(tests[1].statistic, rel=1e-12)


def test_names_and_order_of_groups_do_not_change_grays_test():
    sheet = a_sheet(150)
    wanted = gray_test(sheet["t"], sheet["c"], sheet["stage"], sheet["cohort"])
    renamed = sheet["stage"].map({"I": "z", "II": "a", "III": "m"})
    found = gray_test(sheet["t"], sheet["c"], renamed, sheet["cohort"])
    assert (found.statistic, found.df) == (pytest.approx(wanted.statistic, rel=1e-9), 2)


def test_times_before_the_first_and_beyond_the_last():
    sheet = a_sheet()
    curves = cumulative_incidence(sheet["t"], sheet["c"])
    found = incidence_at(curves, "event", [0.0, sheet["t"].max(), sheet["t"].max() + 1])
    assert found.estimate[0] == found.se[0] == found.ci_low[0] == found.ci_high[0] == 0
    assert found.estimate[1] == curves.causes["event"].estimate[-1]
    assert np.isnan(found.estimate[2])


def test_tables():
    sheet = a_sheet()
    sheet.loc[3, "t"], sheet.loc[7, "g"] = np.nan, None
    found = incidence_analysis(sheet, "t", "c", "g", at=[6, 12], endpoint="dss")
    assert list(found.incidence.columns) == [*INCIDENCE_COLUMNS, *[c for c in COMMON if c not in INCIDENCE_COLUMNS]]
    assert list(found.curve.columns) == [*CURVE_COLUMNS, *COMMON]
    assert list(found.test.columns) == [*TEST_COLUMNS, *COMMON]
    assert found.incidence["group"].unique().tolist() == ["all", "low", "high"]
    everyone = found.incidence[found.incidence["group"] == "all"]
    assert (everyone["n"] == 79).all() and (everyone["n_missing"] == 1).all() and len(everyone) == 4
    low = found.incidence[found.incidence["group"] == "low"].iloc[0]
    inside = sheet[(sheet["g"] == "low") & sheet["t"].notna()]
    assert (low["n"], low["events"], low["competing"]) == (len(inside), (inside["c"] == 1).sum(),
                                                            (inside["c"] == 2).sum())  # fmt: skip
    assert low["n_risk"] == (inside["t"] >= 6).sum() and low["n_missing"] == 2
    assert set(found.test["strata"]) == {"cohort"} and found.test["cause"].tolist() == ["event"] * 2 + ["competing"] * 2
    assert set(found.curve["group"]) == {"low", "high"}
    assert found.curve.loc[found.curve["cause"] == "competing", "one_minus_km"].isna().all()


def test_the_default_time_is_each_groups_last():
    sheet = a_sheet()
    found = incidence_analysis(sheet, "t", "c", "g").incidence
    for group in ("low", "high"):
        assert (found.loc[found["group"] == group, "time_months"] == sheet.loc[sheet["g"] == group, "t"].max()).all()


def test_no_competing_events_warn():
    sheet = a_sheet().assign(c=lambda d: (d["c"] == 1).astype(int))
    with pytest.warns(UserWarning, match="equals 1 - Kaplan-Meier"):
        found = incidence_analysis(sheet, "t", "c", "g")
    rows = found.test[found.test["cause"] == "competing"]
    assert rows["p_value"].isna().all() and (rows["note"] == "no sample has a competing event").all()


def test_no_event_of_interest_is_refused():
    sheet = a_sheet().assign(c=lambda d: np.where(d["c"] == 1, 2, d["c"]))
    with pytest.raises(Refused, match="has the event"):
        incidence_analysis(sheet, "t", "c")


def test_one_group_is_refused():
    with pytest.raises(Refused, match="group"):
        incidence_analysis(a_sheet().assign(g="low"), "t", "c", "g")


def test_groups_that_no_stratum_has_together_are_refused():
    sheet = a_sheet().assign(g=lambda d: np.where(d["cohort"] == "c0", "low", "high"))
    with pytest.raises(Refused, match="side by side within a stratum of cohort"):
        incidence_analysis(sheet, "t", "c", "g")


@pytest.mark.parametrize(("change", "error"), [
    ({"at": [-1.0]}, UsageError), ({"at": [float("nan")]}, UsageError), ({"at": [1e6]}, Refused),
    ({"conf_type": "log"}, UsageError), ({"group": "nowhere"}, BadInput), ({"causes": "x"}, BadInput),
])  # fmt: skip
def test_wrong_requests(change, error):
    with pytest.raises(error):
        incidence_analysis(a_sheet(), "t", change.pop("causes", "c"), change.pop("group", "g"), **change)


@pytest.mark.slow
def test_gray_keeps_its_level():
    rng = np.random.default_rng(8)
    rejected, runs = 0, 2000
    for _ in range(runs):
        n, strata = 80, rng.integers(0, 2, 80)
        group = rng.random(n) < 0.3 + 0.3 * strata
        first, second = rng.exponential(np.where(strata, 10, 25)), rng.exponential(np.where(strata, 30, 20))
        end = rng.uniform(5, 40, n)
        time = np.minimum(np.minimum(first, second), end)
        cause = np.where(time == end, 0, np.where(time == first, 1, 2))
        rejected += gray_test(time, cause, group, strata).p_value < 0.05
    assert rejected / runs == pytest.approx(0.05, abs=0.016)


@pytest.mark.slow
@pytest.mark.parametrize("conf_type", ["log-log", "plain"])
def test_intervals_of_the_incidence_cover(conf_type):
    """The true incidence of cause 1 by month 15, with rates 1/25 and 1/30, is covered in about 95 of 100 samples."""
    rng = np.random.default_rng(6)
    first, second, at = 1 / 25, 1 / 30, 15.0
    truth = first / (first + second) * (1 - np.exp(-(first + second) * at))
    covered, runs, n = 0, 2000, 100
    for _ in range(runs):
        one, two, end = rng.exponential(1 / first, n), rng.exponential(1 / second, n), rng.uniform(5, 60, n)
        time = np.minimum(np.minimum(one, two), end)
        cause = np.where(time == end, 0, np.where(time == one, 1, 2))
        found = incidence_at(cumulative_incidence(time, cause, conf_type), "event", [at])
        covered += found.ci_low[0] <= truth <= found.ci_high[0]
    assert covered / runs == pytest.approx(0.95, abs=0.016)


def test_pairs_of_more_than_two_groups():
    rng = np.random.default_rng(12)
    frame = pd.DataFrame(
        {"t": rng.exponential(20, 150), "c": rng.choice([0, 1, 2], 150), "g": rng.choice(list("xyz"), 150)}
    )
    found = incidence_analysis(frame, "t", "c", "g").test
    assert found["comparison"].tolist()[:6] == ["overall"] * 6
    pairs = found[(found["comparison"] != "overall") & (found["cause"] == "event")].set_index("comparison")
    assert list(pairs.index) == ["x vs y", "x vs z", "y vs z"]
    for name, row in pairs.iterrows():
        part = frame[frame["g"].isin(name.split(" vs "))]
        assert row["statistic"] == pytest.approx(gray_test(part["t"], part["c"], part["g"]).statistic, rel=1e-12)
    assert pairs["p_adjusted"].tolist() == pytest.approx(adjust(pairs["p_value"].to_numpy(), "holm").tolist())
    two = incidence_analysis(frame[frame["g"] != "z"], "t", "c", "g").test
    assert set(two["comparison"]) == {"overall"} and two["p_adjusted"].isna().all()
    without = frame.assign(c=np.where((frame["g"] != "x") & (frame["c"] == 1), 0, frame["c"]))
    rows = incidence_analysis(without, "t", "c", "g").test
    row = rows[(rows["cause"] == "event") & (rows["comparison"] == "y vs z")].iloc[0]
    assert np.isnan(row["p_value"]) and row["note"].startswith("no test")
