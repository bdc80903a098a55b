"""Effects that change over time: what is refused, and events at a division."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput, Refused, UsageError
from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.locked import locked_cox_model
from prognomics.survival.cox.outputs import further_tables

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.fixture
def frame():
    rng = np.random.default_rng(5)
    n = 120
    return pd.DataFrame({
        "sample_id": [f"S{i}" for i in range(n)], "x": rng.normal(size=n).round(3), "y": rng.normal(size=n).round(3),
        "group": rng.choice(["a", "b"], n), "time": rng.integers(1, 60, n).astype(float),
        "event": (rng.random(n) < 0.6).astype(int),
    })  # fmt: skip


def fit(frame, *terms, function="step", splits=(), covariates=("x", "group"), **options):
    return cox_analysis(frame, "time", "event", list(covariates), model="multivariable", time_varying=list(terms),
                        time_function=function, time_splits=list(splits), **options)  # fmt: skip


@pytest.mark.parametrize(("problem", "error", "options"), [
    ("months", UsageError, {}), ("logarithm", UsageError, {"function": "log", "splits": [12]}),
    ("positive", BadInput, {"splits": [-3]}), ("positive", BadInput, {"splits": [0]}),
    ("positive", BadInput, {"splits": [float("nan")]}), ("900", Refused, {"splits": [900]}),
    ("spline", UsageError, {"splits": [12], "splines": ["x"]}),
    ("interaction", UsageError, {"splits": [12], "interactions": [("x", "group")]}),
    ("penalty", UsageError, {"splits": [12], "penalty": "firth"}),
])  # fmt: skip
def test_what_cannot_be_asked(frame, problem, error, options):
    with pytest.raises(error, match=problem):
        fit(frame, "x", **options)


def test_an_unknown_term_and_months_without_a_term(frame):
    with pytest.raises(BadInput, match="'z'"):
        fit(frame, "z", splits=[12])
    with pytest.raises(UsageError, match="term"):
        fit(frame, splits=[12])


def test_an_event_at_a_division_belongs_to_the_earlier_interval(frame):
    frame.loc[:4, "time"] = 24 * (1 + 1e-12)
    frame.loc[:4, "event"] = 1
    for noise in (0, 1e-12, -1e-12):
        table = fit(frame, "x", splits=[24 * (1 + noise)]).table
        rows = table[(table["term"] == "x") & (table["row_type"] == "level")]
        assert list(rows["interval"]) == ["0-24", "24-"]
        assert rows["events"].iloc[0] == ((frame["time"] <= 24.1) & (frame["event"] == 1)).sum()
        assert rows["n"].tolist() == [len(frame), (frame["time"] > 24.1).sum()]


def test_an_interval_without_events_is_not_estimable(frame):
    frame.loc[frame["time"] > 30, "event"] = 0
    table = fit(frame, "group", splits=[30]).table
    late = table[table["interval"] == "30-"].iloc[0]
    assert (late["estimable"], late["events"]) == ("no", 0)
    assert "no events" in late["note"]
    early = table[(table["interval"] == "0-30") & (table["term"] == "group")].iloc[0]
    constant = cox_analysis(frame, "time", "event", ["x", "group"], model="multivariable").table
    assert early["beta"] == pytest.approx(constant[constant["level"] == "b"]["beta"].iloc[0], rel=1e-6)


def test_two_terms_are_tested_one_at_a_time(frame):
    table = fit(frame, "x", "y", splits=[20], covariates=("x", "y")).table
    assert list(table["row_type"]) == ["level", "level", "omnibus"] * 2
    assert (table[table["row_type"] == "omnibus"]["df"] == 1).all()


def test_other_outputs_need_constant_effects(frame):
    found = fit(frame, "x", splits=[20])
    tables = further_tables(found, "km")
    for name in ("coefficients", "baseline", "residuals", "spline_curve", "subgroups", "added"):
        with pytest.raises(UsageError, match=name):
            tables[name]()
    with pytest.raises(UsageError, match="fitted"):
        locked_cox_model(found)
    fitted = tables["schoenfeld"]().query("term == 'x'")["fitted"]
    assert fitted.nunique() == 2


def test_a_model_without_the_term_stays_as_it_was(frame):
    found = cox_analysis(frame, "time", "event", ["x", "group"], time_varying=["x"], time_splits=[20])
    alone = cox_analysis(frame, "time", "event", ["group"], model="univariable")
    row = found.table.query("model == 'univariable' and level == 'b'").iloc[0]
    assert row["beta"] == alone.table.query("level == 'b'")["beta"].iloc[0]
