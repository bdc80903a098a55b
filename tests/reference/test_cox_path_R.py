"""Elastic-net Cox paths and their cross-validation against glmnet; with strata against coxph and optimality itself."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.learning.cross_validation import CoxSamples, cross_validate
from prognomics.learning.elastic_net import PathProblem, elastic_net_paths
from prognomics.learning.partial_likelihood import order_by_risk
from prognomics.survival.cox.fit import fit_cox

HERE = Path(__file__).parent / "learning"
PATHS = dict(tuple(pd.read_csv(HERE / "paths.tsv.gz", sep="\t").groupby("setting")))
COEFFICIENTS = dict(tuple(pd.read_csv(HERE / "coefficients.tsv.gz", sep="\t").groupby("setting")))
FOLDS = dict(tuple(pd.read_csv(HERE / "cv.tsv", sep="\t").groupby("setting")))
DATA = {name: pd.read_csv(HERE / f"{name}.tsv", sep="\t") for name in ("small", "wide")}


def matrix(data):
    return np.ascontiguousarray(DATA[data].iloc[:, 5:].to_numpy().T)


def factors(kind, n):
    made = {"equal": np.ones(n), "free": np.ones(n), "mixed": np.resize([0.5, 1.0, 2.0], n)}[kind]
    if kind == "free":
        made[[4, 8]] = 0
    return made


@pytest.mark.parametrize("setting", PATHS)
def test_paths_as_glmnet(setting):
    data, alpha, standardize, weighted, kind = setting.split("|")
    frame, x, expected = DATA[data], matrix(data), PATHS[setting]
    risk = order_by_risk(frame["time"], frame["event"], None, frame["weight"] if weighted == "TRUE" else None)
    smallest = 0.01 if data == "small" else 0.15
    # with ridge, glmnet's own sequence does not begin at the fit of the unpenalized columns
    given = expected["lambda"].to_numpy() if alpha == "0" and kind == "free" else None
    problem = PathProblem(np.arange(len(frame)), risk, factors(kind, len(x)), float(alpha), given, smallest=smallest,
                          standardize=standardize == "TRUE")  # fmt: skip
    (path,) = elastic_net_paths(x, [problem])
    assert len(path.penalty) == len(expected)
    np.testing.assert_allclose(path.penalty, expected["lambda"], rtol=1e-6)
    begin = 1 if alpha == "0" else 0  # glmnet takes an infinite lambda for the first step, which matters to ridge
    np.testing.assert_allclose(path.deviance_ratio[begin:], expected["deviance_ratio"][begin:], rtol=1e-6, atol=2e-8)
    assert path.kkt.max() < 1e-9
    dense = path.dense(len(x))
    for step, rows in COEFFICIENTS[setting].groupby("step"):
        beta = np.zeros(len(x))
        beta[rows["column"] - 1] = rows["coefficient"]
        # with more columns than samples glmnet stops a little before the optimum, which ours reaches (kkt above)
        np.testing.assert_allclose(dense[step - 1], beta, atol=1e-6 if data == "small" else 5e-6)


@pytest.mark.parametrize("setting", FOLDS)
def test_cross_validation_as_glmnet(setting):
    data, alpha, weighted = setting.split("|")
    frame, x, expected = DATA[data], matrix(data), FOLDS[setting]
    weights = frame["weight"].to_numpy() if weighted == "TRUE" else None
    outcome = CoxSamples(frame["time"].to_numpy(), frame["event"].to_numpy(), None, weights)
    rows = np.arange(len(frame))
    problem = PathProblem(rows, outcome.order(rows), np.ones(len(x)), float(alpha), expected["lambda"].to_numpy())
    found = cross_validate(x, outcome, frame["fold"].to_numpy(), problem)
    near = 1e-6 if data == "small" else 1e-5  # see above
    np.testing.assert_allclose(found.mean, expected["mean"], rtol=near)
    np.testing.assert_allclose(found.se, expected["se"], rtol=near)
    # the first lambda lets a column in or not by the last digit
    np.testing.assert_array_equal([len(c) for c in found.path.columns][1:], expected["n_nonzero"][1:])
    chosen = expected["chosen"].fillna("").tolist()
    assert "min" in chosen[found.best] and "1se" in chosen[found.one_se]


@pytest.mark.parametrize("data", ["small"])
def test_strata_end_at_coxph(data):
    """Where the penalty vanishes, the path is the stratified model of `fit_cox`, which is compared with coxph."""
    frame, x = DATA[data], matrix(data)[:12]
    risk = order_by_risk(frame["time"], frame["event"], frame["cohort"])
    penalties = np.array([0.1, 0.01, 1e-3, 1e-5, 1e-8])
    (path,) = elastic_net_paths(x, [PathProblem(np.arange(len(frame)), risk, np.ones(len(x)), 1.0, penalties)])
    assert path.kkt[:-1].max() < 1e-9  # of a lambda of 1e-8 a billionth is less than rounding
    fit = fit_cox(frame["time"], frame["event"], x.T, frame["cohort"], "breslow", eps=1e-14)
    np.testing.assert_allclose(path.dense(len(x))[-1], fit.beta, atol=1e-6)


def test_paths_side_by_side_are_the_paths_alone():
    frame, x = DATA["wide"], matrix("wide")
    problems = []
    for fold in (1, 2):
        rows = np.flatnonzero(frame["fold"] != fold)
        part = frame.iloc[rows]
        risk = order_by_risk(part["time"], part["event"], part["cohort"])
        problems.append(PathProblem(rows, risk, np.ones(len(x)), 0.7, smallest=0.2))
    together = elastic_net_paths(x, problems)
    for path, problem in zip(together, problems, strict=True):
        (alone,) = elastic_net_paths(x, [problem])
        np.testing.assert_allclose(path.dense(len(x)), alone.dense(len(x)), atol=1e-9)
