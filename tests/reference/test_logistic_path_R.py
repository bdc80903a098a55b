"""Elastic-net logistic paths against glmnet, and with strata against the model with a column for each stratum."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput, Refused
from prognomics.learning.cross_validation import cross_validate_orders
from prognomics.learning.elastic_net import PathProblem, elastic_net_paths
from prognomics.regression.logistic_likelihood import order_by_outcome

HERE = Path(__file__).parent / "learning"
FRAME = pd.read_csv(HERE / "small.tsv", sep="\t")
X = np.ascontiguousarray(FRAME.iloc[:, 5:].to_numpy().T)
CV = pd.read_csv(HERE / "logistic_cv.tsv", sep="\t")
REFERENCE = dict(tuple(pd.read_csv(HERE / "logistic.tsv", sep="\t", comment="#").groupby(["alpha", "weighted"])))


@pytest.mark.parametrize("setting", REFERENCE)
def test_as_glmnet(setting):
    alpha, weighted = setting
    risk = order_by_outcome(FRAME["event"], None, FRAME["weight"] if weighted else None)
    steps = dict(tuple(REFERENCE[setting].groupby("step")))
    penalties = np.array([rows["lambda"].iloc[0] for rows in steps.values()])
    (path,) = elastic_net_paths(X, [PathProblem(np.arange(len(FRAME)), risk, np.ones(len(X)), alpha, penalties)])
    assert path.kkt.max() < 1e-9
    for k, rows in enumerate(steps.values()):
        np.testing.assert_allclose(path.dense(len(X))[k], rows["coefficient"], atol=1e-6)
        assert path.deviance_ratio[k] == pytest.approx(rows["deviance_ratio"].iloc[0], rel=1e-6)
        intercept = risk.evaluate(path.dense(len(X))[k] @ X).intercept[0]
        assert intercept == pytest.approx(rows["intercept"].iloc[0], abs=2e-6)


@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_cross_validation_as_glmnet(alpha):
    """The deviance of held-out samples, with the intercept of the others."""
    wanted = CV[CV["alpha"] == alpha]
    rows = np.arange(len(FRAME))
    problem = PathProblem(rows, order_by_outcome(FRAME["event"]), np.ones(len(X)), alpha, wanted["lambda"].to_numpy())
    event = FRAME["event"].to_numpy(float)
    found = cross_validate_orders(X, lambda part: order_by_outcome(event[part]), FRAME["fold"], problem, event)
    np.testing.assert_allclose(found.mean, wanted["mean"], rtol=1e-6)
    np.testing.assert_allclose(found.se, wanted["se"], rtol=1e-5)
    assert wanted["min"].tolist()[found.best] and wanted["one_se"].tolist()[found.one_se]


def test_cross_validation_with_strata_takes_the_intercepts_of_the_training_samples():
    event, strata = FRAME["event"].to_numpy(float), FRAME["cohort"].to_numpy()
    fold = FRAME["fold"].to_numpy()
    rows = np.arange(len(FRAME))
    problem = PathProblem(rows, order_by_outcome(event, strata), np.ones(len(X)), 1.0, np.array([10.0]))
    found = cross_validate_orders(X, lambda part: order_by_outcome(event[part], strata[part]), fold, problem, event)
    loss, size = [], []
    for one in np.unique(fold):
        rate = {s: event[(fold != one) & (strata == s)].mean() for s in np.unique(strata)}
        p = np.array([rate[s] for s in strata[fold == one]])
        y = event[fold == one]
        loss.append(-2 * (y * np.log(p) + (1 - y) * np.log(1 - p)).mean())
        size.append(len(y))
    assert found.mean[0] == pytest.approx(np.average(loss, weights=size), rel=1e-9)


def test_strata_are_free_columns():
    """An intercept per stratum is the same as unpenalized 0/1 columns."""
    strata = FRAME["cohort"].to_numpy()
    columns = np.vstack([X, (strata == 1) * 1.0, (strata == 2) * 1.0])
    rows, penalties = np.arange(len(FRAME)), np.array([0.1, 0.03])
    free = np.append(np.full(len(X), len(columns) / len(X)), [0, 0])
    (wide,) = elastic_net_paths(columns, [PathProblem(rows, order_by_outcome(FRAME["event"]), free, 0.8, penalties)])
    risk = order_by_outcome(FRAME["event"], strata)
    (path,) = elastic_net_paths(X, [PathProblem(rows, risk, np.ones(len(X)), 0.8, penalties * len(columns) / len(X))])
    np.testing.assert_allclose(path.dense(len(X)), wide.dense(len(columns))[:, : len(X)], atol=1e-9)


def test_one_outcome_only_is_refused():
    with pytest.raises(Refused, match="same outcome"):
        order_by_outcome(np.ones(10))
    with pytest.raises(BadInput, match="0 or 1"):
        order_by_outcome(np.array([0, 1, 2]))
