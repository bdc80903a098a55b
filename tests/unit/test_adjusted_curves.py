"""Curves adjusted by inverse probability of group: what is refused and said."""

import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, Refused, UsageError
from prognomics.stats.multinomial import fit_multinomial
from prognomics.survival.cox.inverse_probability import inverse_probability_weights, weights_table
from prognomics.survival.curves.differences import difference_table
from prognomics.survival.curves.kaplan_meier import kaplan_meier
from prognomics.survival.curves.kaplan_meier_analysis import kaplan_meier_analysis


@pytest.fixture
def frame():
    rng = np.random.default_rng(3)
    n = 200
    x = rng.normal(size=n)
    return pd.DataFrame({
        "sample_id": [f"S{i}" for i in range(n)], "x": x,
        "group": np.where(rng.random(n) < 1 / (1 + np.exp(-x)), "b", "a"),
        "time": rng.integers(1, 60, n).astype(float), "event": (rng.random(n) < 0.6).astype(int),
    })  # fmt: skip


def weigh(frame, *covariates, **options):
    groups = frame["group"]
    return inverse_probability_weights(frame, covariates, np.ones(len(frame), bool), groups, ["a", "b"], **options)


def test_weights_balance_the_covariate(frame):
    found = weigh(frame, "x")
    means = [np.average(frame["x"][frame["group"] == g], weights=found.weight[frame["group"] == g]) for g in "ab"]
    raw = frame.groupby("group")["x"].mean()
    assert abs(means[1] - means[0]) < 0.3 * abs(raw["b"] - raw["a"])
    assert list(found.table.columns) == ["sample_id", "propensity", "weight", "group", "note"]


def test_separated_groups_and_the_group_itself(frame):
    with pytest.raises(Refused, match="separate"):
        weigh(frame.assign(x=(frame["group"] == "b").astype(float) + 0.01 * frame["x"].clip(-1, 1)), "x")
    with pytest.raises(UsageError, match="group"):
        weigh(frame, "group", group_column="group")


def test_samples_without_the_covariate_are_left_out(frame):
    frame.loc[:9, "x"] = np.nan
    found = weigh(frame, "x")
    assert np.isnan(found.weight[:10]).all()
    assert len(found.table) == len(frame) - 10
    adjusted = kaplan_meier_analysis(frame, "time", "event", "group", adjust=partial(
        inverse_probability_weights, frame, ["x"]))  # fmt: skip
    counts = adjusted.summary.query("statistic == 'median'").set_index("group")["n"]
    assert counts["a"] + counts["b"] == len(frame) - 10
    assert counts["all"] == len(frame)


def test_extreme_weights_are_named(frame):
    frame["x"] = np.where(frame["group"] == "b", frame["x"] + 3, frame["x"])
    far = frame.index[frame["group"] == "a"][0]
    frame.loc[far, "x"] = 6
    with pytest.warns(AnalysisWarning, match=str(frame["sample_id"][far])):
        found = weigh(frame, "x")
    assert found.table.set_index("sample_id").loc[frame["sample_id"][far], "note"]


def test_equal_weights_change_no_estimate(frame):
    time, event = frame["time"].to_numpy(), frame["event"].to_numpy()
    plain, weighted = kaplan_meier(time, event), kaplan_meier(time, event, weights=np.full(len(time), 2.0))
    np.testing.assert_allclose(weighted.survival, plain.survival, rtol=1e-12)
    np.testing.assert_allclose(weighted.n_risk, 2.0 * plain.n_risk, rtol=1e-12)
    known = plain.survival > 0
    np.testing.assert_allclose(weighted.se[known], plain.se[known], rtol=0.1)
    assert (weighted.se[~known] == 0).all()


def test_nothing_to_compare(frame):
    found = kaplan_meier_analysis(frame, "time", "event", "group")
    with pytest.raises(UsageError, match="--at"):
        difference_table(found.curves, [], None, "bh", {})
    with pytest.raises(UsageError, match="groups"):
        difference_table(dict(list(found.curves.items())[:1]), [24], None, "bh", {})
    with pytest.raises(UsageError, match="--adjust-for"):
        weights_table(found.adjustment)
    with pytest.raises(UsageError, match="between 0 and 1"):
        kaplan_meier_analysis(frame, "time", "event", "group", probabilities=[1.0])


def test_collinear_columns_change_no_probability():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(100, 1))
    code = rng.integers(0, 3, 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = fit_multinomial(x, code, 3)
        two = fit_multinomial(np.column_stack([x, 2 * x + 1, np.ones(100)]), code, 3)
    np.testing.assert_allclose(one.probability, two.probability, atol=1e-9)
