"""Effects of a marker in each cohort: units, cohorts that cannot be fitted, refusals."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.meta_analysis.cohort_effects import PER_SD, cohort_effects

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def samples(n=40, cohorts=("a", "b")):
    rng = np.random.default_rng(5)
    k = n * len(cohorts)
    x = rng.normal(size=k)
    return pd.DataFrame({
        "sample_id": [f"S{i}" for i in range(k)], "cohort": np.repeat(cohorts, n), "x": x,
        "group": np.where(x > 0, "high", "low"), "age": rng.normal(60, 9, k).round(),
        "os_time": np.ceil(rng.exponential(30 / np.exp(0.5 * x))), "os_event": rng.integers(0, 2, k) | (x > 1),
    })  # fmt: skip


def effects(frame, marker="x", **options):
    return cohort_effects(frame, "os_time", "os_event", marker, cohort_column="cohort", **options)


def test_scale_and_shift_of_a_platform_change_nothing():
    frame = samples()
    other = frame.assign(x=np.where(frame["cohort"] == "b", 1000 + 7 * frame["x"], frame["x"]))
    left, right = effects(frame), effects(other)
    np.testing.assert_allclose(left.cohorts["log_hr"], right.cohorts["log_hr"], rtol=1e-8)
    assert left.stratified["log_hr"] == pytest.approx(right.stratified["log_hr"])
    assert left.unit == PER_SD


def test_the_reference_can_be_turned():
    usual, turned = effects(samples(), "group"), effects(samples(), "group", reference_levels={"group": "high"})
    assert (usual.unit, turned.unit) == ("high vs low", "low vs high")
    np.testing.assert_allclose(usual.cohorts["log_hr"], -turned.cohorts["log_hr"])
    assert usual.stratified["log_hr"] == pytest.approx(-turned.stratified["log_hr"])


def test_cohorts_that_cannot_be_fitted_say_why():
    frame = samples(20, ("all_high", "constant", "fine", "no_age", "no_events", "no_times"))
    frame.loc[frame["cohort"] == "all_high", "group"] = "high"
    frame.loc[frame["cohort"] == "constant", "x"] = 3.3
    frame.loc[frame["cohort"] == "no_age", "age"] = np.nan
    frame.loc[frame["cohort"] == "no_events", "os_event"] = 0
    frame.loc[frame["cohort"] == "no_times", "os_time"] = np.nan
    table = effects(frame, covariates=["age"]).cohorts.set_index("cohort")
    assert set(table.index[table["log_hr"].notna()]) == {"all_high", "fine"}
    assert table.loc["constant", "note"] == "the marker does not vary"
    assert table.loc["no_age", "note"] == "not known here: age"
    assert (table.loc["no_events", "note"], table.loc["no_times", "note"]) == ("no events", "no follow-up")
    assert table.loc["no_times", "n_missing"] == 20
    groups = effects(frame, "group").cohorts.set_index("cohort")
    assert "one level only" in groups.loc["all_high", "note"]


def test_a_level_without_events_is_not_pooled():
    frame = samples()
    frame.loc[(frame["cohort"] == "a") & (frame["group"] == "low"), "os_event"] = 0
    row = effects(frame, "group").cohorts.iloc[0]
    assert np.isnan(row["log_hr"]) and "without events" in row["note"]


def test_a_covariate_that_does_not_vary_is_named():
    frame = samples().assign(sex="female")
    frame.loc[frame["cohort"] == "b", "sex"] = np.where(np.arange(40) % 2, "male", "female")
    notes = effects(frame, covariates=["sex"]).cohorts["note"]
    assert "not adjusted for: sex" in notes[0] and notes[1] == ""


def test_samples_without_a_cohort_are_counted():
    frame = samples()
    frame.loc[[0, 50], "cohort"] = np.nan
    with pytest.warns(AnalysisWarning, match="2 samples"):
        found = effects(frame)
    assert found.n_without_cohort == 2 and list(found.cohorts["n"]) == [39, 39]


def test_few_events_for_the_covariates_are_warned_of():
    with pytest.warns(AnalysisWarning, match="per coefficient"):
        effects(samples(15), covariates=["age"])


def test_refusals():
    frame = samples()
    with pytest.raises(BadInput, match="3 levels"):
        effects(frame.assign(group=np.resize(["a", "b", "c"], len(frame))), "group")
    with pytest.raises(BadInput, match="no column 'y'"):
        effects(frame, "y")
    with pytest.raises(BadInput, match="no level 'hi'"):
        effects(frame, "group", reference_levels={"group": "hi"})
    with pytest.raises(UsageError, match="'x' is a covariate"):
        effects(frame, covariates=["x"])
    with pytest.raises(UsageError, match="'age' is neither"):
        effects(frame, factors=["age"])
    with pytest.raises(Refused, match="has the event"):
        effects(frame.assign(os_event=0))


def test_values_are_judged_over_all_cohorts_also_those_without_follow_up():
    frame = samples()
    frame.loc[frame["cohort"] == "b", "os_time"] = np.nan
    with pytest.raises(BadInput, match="infinite") as refused:
        effects(frame.assign(x=frame["x"].where(frame.index != 70, np.inf)))
    assert "S70" in refused.value.where
    text = frame.assign(age=frame["age"].astype(object).where(frame.index % 40 > 1, "old"))
    with pytest.raises(BadInput, match="4 values are text"):
        effects(text, covariates=["age"], numerics=["age"])


def test_an_order_of_cohorts_and_rows_changes_no_row():
    frame = samples(25, ("b", "c", "a"))
    usual, turned = effects(frame, covariates=["age"]), effects(frame.iloc[::-1], covariates=["age"])
    assert list(usual.cohorts["cohort"]) == ["a", "b", "c"]
    pd.testing.assert_frame_equal(usual.cohorts, turned.cohorts, check_dtype=False)
    assert usual.stratified == pytest.approx(turned.stratified)
