"""What is checked wherever an endpoint enters: coding, unit, competing events."""

import json

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.cli import main
from prognomics.curation.suggest import suggest
from prognomics.data.endpoint import Endpoint
from prognomics.data.sheet import as_sheet
from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
TIMES = np.arange(1.0, 41.0) * 3


def sheet(**columns):
    frame = pd.DataFrame({"sample_id": [f"s{i}" for i in range(40)], "os_time": TIMES, "os_event": [0.0, 1.0] * 20})
    return frame.assign(**columns)


def codes(result):
    return [warning.code for warning in result.warnings]


def test_times_in_days_are_doubted_by_every_survival_tool():
    days = sheet(os_time=TIMES * 30.4375, x=np.sin(TIMES))
    for result in (
        tools.kaplan_meier(samples=days, endpoint="os", at=[60]),
        tools.cox(samples=days, endpoint="os", covariate=["x"]),
        tools.evaluate_model(samples=days, endpoint="os", covariate=["x"], at=[60]),
    ):
        assert "time-unit-suspect" in codes(result)
    assert "time-unit-suspect" not in codes(tools.kaplan_meier(samples=sheet(), endpoint="os"))


def test_the_heading_of_a_time_column_is_read():
    named = sheet(days_to_death=TIMES)
    with pytest.warns(AnalysisWarning, match="named as days"):
        as_sheet(named).endpoint(None, "days_to_death", "os_event")


def test_each_cohort_is_looked_at_by_itself():
    one = np.where(np.arange(40) < 20, TIMES, TIMES * 4.9)
    cohort = ["A"] * 20 + ["B"] * 20
    with pytest.warns(AnalysisWarning, match="in cohort B, half of the times exceed"):
        as_sheet(sheet(os_time=one, cohort=cohort)).endpoint("os")


def test_competing_events_are_censored_with_a_warning():
    causes = np.array([0.0, 1.0, 2.0, 0.0] * 10)
    coded = sheet(os_event=causes, x=np.sin(TIMES))
    censored = sheet(os_event=np.where(causes == 2, 0.0, causes), x=np.sin(TIMES))
    for tool, table, options in (
        (tools.cox, "table", {"covariate": ["x"]}),
        (tools.kaplan_meier, "summary", {"at": [60]}),
    ):
        competing, plain = (tool(samples=s, endpoint="os", **options) for s in (coded, censored))
        assert "competing-events" in codes(competing) and "competing-events" not in codes(plain)
        ours, theirs = (getattr(result, table).drop(columns="note") for result in (competing, plain))
        pd.testing.assert_frame_equal(ours, theirs)


def test_a_curve_that_censors_competing_events_says_that_it_is_no_probability():
    result = tools.kaplan_meier(samples=sheet(os_event=np.array([0.0, 1.0, 2.0, 0.0] * 10)), endpoint="os", at=[60])
    texts = [w.text for w in result.warnings if w.code == "competing-events"]
    assert any(text.startswith("10 samples") for text in texts) and any("not the probability" in t for t in texts)
    noted = result.summary.set_index("statistic")["note"]
    assert "not a probability" in noted["survival"] and pd.isna(noted["observed_time"])


def test_competing_events_after_the_cut_are_censored():
    found = Endpoint.of_causes("e", np.array([5.0, 20.0, 30.0, np.nan]), np.array([2.0, 2.0, 1.0, 2.0]))
    cut = found.censored_at(10)
    assert (found.n_competing, cut.n_competing, cut.n_events) == (2, 1, 0)
    assert found.take(np.array([False, False, True, False])).causes.tolist() == [1]
    assert Endpoint("e", found.time_months, np.array([0.0, 1, 1, 0])).causes.tolist() == [0, 1, 1, 0]


def test_a_coding_by_one_and_two_is_refused():
    with pytest.raises(BadInput, match="contains 1 and 2 but not 0"):
        as_sheet(sheet(os_event=[1.0, 2.0] * 20)).endpoint("os")
    with pytest.raises(BadInput, match="contains 3"):
        as_sheet(sheet(os_event=[0.0, 3.0] * 20)).endpoint("os")


def test_complete_follow_up_is_allowed_where_competing_events_are_modeled():
    complete = sheet(os_event=[1.0, 2.0] * 20, x=np.sin(TIMES))
    found = tools.competing_risks(samples=complete, endpoint="os", covariate=["x"], at=[60])
    assert "event-codes-suspect" in codes(found)
    assert found.incidence.loc[found.incidence["cause"] == "competing", "estimate"].between(0.2, 0.4).all()
    assert "event-codes-suspect" in codes(tools.screen(samples=complete, endpoint="os", score_column=["x"],
                                                       method="fine_gray"))  # fmt: skip
    with pytest.raises(BadInput, match="contains 1 and 2 but not 0"):
        tools.screen(samples=complete, endpoint="os", score_column=["x"], method="cox")


def test_only_screens_without_competing_events_warn_of_them():
    coded = sheet(os_event=[0.0, 1.0, 2.0, 1.0] * 10, x=np.sin(TIMES))
    for method, warned in (("cox", True), ("logrank", True), ("fine_gray", False), ("cause_specific", False)):
        found = tools.screen(samples=coded, endpoint="os", score_column=["x"], method=method)
        assert ("competing-events" in codes(found)) == warned
    assert "competing-events" not in codes(tools.competing_risks(samples=coded, endpoint="os"))


def test_samples_without_the_outcome_are_counted_and_named(tmp_path):
    gaps = sheet(x=np.sin(TIMES))
    gaps.loc[[3, 7], ["os_time", "os_event"]] = np.nan
    gaps.loc[9, "os_event"] = np.nan
    with pytest.warns(AnalysisNote, match=r"3 of 40 samples .* excluded: s3, s7, s9; 1 of them have one of the two"):
        as_sheet(gaps).endpoint("os")
    gaps.to_csv(tmp_path / "gaps.tsv", sep="\t", index=False)
    for tool, options in (("cox", ["--covariate", "x", "--out-table"]), ("kaplan_meier", ["--out-summary"])):
        record = tmp_path / f"{tool}.json"
        files = ["--samples", str(tmp_path / "gaps.tsv"), *options, str(tmp_path / "out.tsv")]
        with pytest.raises(SystemExit, match="0"):
            main([tool, "--endpoint", "os", *files, "--out-record", str(record)])
        notes = [note["text"] for note in json.loads(record.read_text())["notes"]]
        assert sum("3 of 40 samples" in text for text in notes) == 1


def left_out(**columns):
    with pytest.warns(AnalysisNote, match="no time or no event") as seen:
        as_sheet(sheet(**columns)).endpoint("os")
    return str(next(w.message for w in seen if w.message.code == "samples-without-outcome"))


def test_cohorts_that_drop_out_as_a_whole_are_named():
    cohort = np.array(["A", "B", "C", "D"]).repeat(10)
    gone = [np.nan if name in "BD" else 1.0 for name in cohort]
    text = left_out(cohort=cohort, os_event=gone)
    assert "20 of 40 samples" in text
    assert "all 10 samples of cohort B, all 10 samples of cohort D (2 of 4 cohorts are left)" in text
    gone[0] = np.nan
    assert "cohort A" not in left_out(cohort=cohort, os_event=gone)
    assert "Whole cohorts" not in left_out(cohort=cohort, os_event=[np.nan] * 3 + [1.0] * 37)
    assert "Whole cohorts" not in left_out(os_event=gone)


def test_cohorts_of_one_sample_unnamed_ones_and_many_that_drop_out():
    last = [1.0] * 39 + [np.nan]
    assert "the only sample of cohort Z (1 of 2 cohorts are left)" in left_out(cohort=["A"] * 39 + ["Z"], os_event=last)
    assert "Whole cohorts" not in left_out(cohort=["A"] * 39 + [None], os_event=last)
    many = left_out(cohort=[f"c{i // 4}" for i in range(40)], os_event=[1.0] * 4 + [np.nan] * 36)
    assert "(9 in all) (1 of 10 cohorts are left)" in many


def test_nobody_is_followed_to_an_age_of_150():
    """Weeks that are taken as months are credible in themselves (at most 45 years), but not at these ages."""
    weeks = TIMES / 2 * 52.18 / 12
    old, young = sheet(os_time=weeks, age_years=95.0), sheet(os_time=weeks, age_years=30.0)
    result = tools.kaplan_meier(samples=old, endpoint="os")
    assert "time-unit-suspect" in codes(result)
    (text,) = [w.text for w in result.warnings if w.code == "time-unit-suspect"]
    assert "13 patients would be older than 110 years" in text and "s27 (95 years and 182.6 months)" in text
    for plain in (young, sheet(os_time=weeks), sheet(age_years=95.0), sheet(age_years=500.0)):
        assert "time-unit-suspect" not in codes(tools.kaplan_meier(samples=plain, endpoint="os"))


def test_drafts_doubt_weeks_under_a_heading_of_months():
    raw = sheet(os_months=TIMES / 2 * 52.18 / 12, os_status=["dead", "alive"] * 20, age=list(range(55, 95)))
    draft = suggest(raw.drop(columns=["os_time", "os_event"]).astype(str))
    assert any(code == "time-unit-suspect" and "110 years" in text for code, text in draft.unsure)
