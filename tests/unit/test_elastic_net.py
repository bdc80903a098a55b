"""The elastic-net path at its edges, and against an independent slow solver."""

import numpy as np
import pytest
from scipy.optimize import minimize

from prognomics.compiled import compiled_loops
from prognomics.errors import Refused
from prognomics.learning.active_columns import ActiveColumns
from prognomics.learning.elastic_net import PathProblem, elastic_net_paths
from prognomics.learning.local_model import LocalModel
from prognomics.learning.partial_likelihood import order_by_risk
from prognomics.learning.ridge_columns import RidgeColumns
from prognomics.regression.logistic_likelihood import order_by_outcome


def cohort(n, p, seed, strata=2):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(p, n))
    time = np.ceil(rng.exponential(np.exp(-0.5 * x[0] + 0.4 * x[1])) * 12)
    return x, time, rng.random(n) < 0.7, rng.integers(0, strata, n)


def loss(beta, x, time, event, strata, weights):
    """The mean log partial likelihood as its definition has it."""
    linear, total = beta @ x, 0.0
    for i in np.flatnonzero(event):
        risk = (strata == strata[i]) & (time >= time[i])
        total += weights[i] * (linear[i] - np.log((weights[risk] * np.exp(linear[risk])).sum()))
    return -total / weights.sum()


@pytest.mark.parametrize("alpha", [0.3, 1.0])
def test_against_a_general_optimizer(alpha):
    x, time, event, strata = cohort(60, 5, 3)
    weights = np.random.default_rng(4).uniform(0.5, 2, 60)
    scale = np.sqrt(np.average((x - np.average(x, axis=1, weights=weights)[:, None]) ** 2, axis=1, weights=weights))
    risk = order_by_risk(time, event, strata, weights)
    penalties = np.array([0.08, 0.03])
    (path,) = elastic_net_paths(x, [PathProblem(np.arange(60), risk, np.ones(5), alpha, penalties)])
    for step, penalty in enumerate(penalties):

        def objective(both, penalty=penalty):  # beta = positive part - negative part, each at least 0: smooth
            beta = both[:5] - both[5:]
            ridge = (1 - alpha) / 2 * (beta**2).sum()
            return loss(beta / scale, x, time, event, strata, weights) + penalty * (alpha * both.sum() + ridge)

        best = minimize(objective, np.full(10, 0.01), bounds=[(0, None)] * 10, method="L-BFGS-B",
                        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5000})  # fmt: skip
        ours = path.dense(5)[step] * scale
        assert objective(np.concatenate([np.maximum(ours, 0), np.maximum(-ours, 0)])) <= best.fun + 1e-12
        np.testing.assert_allclose(ours, best.x[:5] - best.x[5:], atol=2e-5)


def test_gradient_and_curvature_are_derivatives():
    x, time, event, strata = cohort(40, 3, 5)
    risk = order_by_risk(time, event, strata)
    columns = x.T[risk.order]
    beta = np.array([0.3, -0.2, 0.1])

    def at(b):
        return risk.evaluate(columns @ b)

    gradient = columns.T @ at(beta).gradient
    information = risk.curvature(at(beta), columns)
    for j in range(3):
        step = np.eye(3)[j] * 1e-5
        assert gradient[j] == pytest.approx((at(beta + step).value - at(beta - step).value) / 2e-5, abs=1e-9)
        slope = columns.T @ (at(beta + step).gradient - at(beta - step).gradient) / 2e-5
        np.testing.assert_allclose(information[j], -slope, atol=1e-8)
    sample = (x, time, event, strata, np.ones(40))
    rise = loss(np.zeros(3), *sample) - loss(beta, *sample)
    assert at(beta).value - at(np.zeros(3)).value == pytest.approx(rise, abs=1e-12)


def test_a_constant_column_never_enters():
    x, time, event, strata = cohort(50, 4, 6)
    x[2] = 7.0
    (path,) = elastic_net_paths(x, [PathProblem(np.arange(50), order_by_risk(time, event, strata), np.ones(4))])
    assert all(2 not in columns for columns in path.columns)


def test_a_repeated_column_shares_the_optimum():
    x, time, event, strata = cohort(50, 3, 7)
    x = np.vstack([x, x[:1]])
    (path,) = elastic_net_paths(x, [PathProblem(np.arange(50), order_by_risk(time, event, strata), np.ones(4))])
    assert path.kkt.max() < 1e-9


def test_the_order_of_samples_changes_nothing():
    x, time, event, strata = cohort(80, 6, 8)
    (one,) = elastic_net_paths(x, [PathProblem(np.arange(80), order_by_risk(time, event, strata), np.ones(6))])
    turn = np.random.default_rng(1).permutation(80)
    risk = order_by_risk(time[turn], event[turn], strata[turn])
    (two,) = elastic_net_paths(np.ascontiguousarray(x[:, turn]), [PathProblem(np.arange(80), risk, np.ones(6))])
    np.testing.assert_allclose(one.dense(6), two.dense(6), atol=1e-9)


def test_no_events_and_no_variation_are_refused():
    x, time, event, strata = cohort(20, 2, 9)
    with pytest.raises(Refused, match="no events"):
        order_by_risk(time, np.zeros(20, bool), strata)
    with pytest.raises(Refused, match="no column varies"):
        elastic_net_paths(np.ones((2, 20)), [PathProblem(np.arange(20), order_by_risk(time, event), np.ones(2))])


@pytest.fixture(params=["1", "0"])
def loops(request, monkeypatch):
    from prognomics import compiled

    monkeypatch.setenv("PROGNOMICS_COMPILED", request.param)
    compiled.compiled_loops.cache_clear()
    yield
    compiled.compiled_loops.cache_clear()


def test_minimum_of_correlated_columns_that_come_and_go(loops):
    rng = np.random.default_rng(10)
    block = rng.normal(size=(60, 90)) + 5 * rng.normal(size=(1, 90))
    outcome = rng.random(90) < 0.5
    risk = order_by_outcome(outcome)
    at = risk.evaluate(np.zeros(90))
    ridge, bar = np.full(60, 0.01), np.full(60, 0.02)
    model = LocalModel(risk, at, block, np.arange(30), ridge)
    for columns in (np.arange(30), np.arange(60)):
        model.include(block, columns, ridge)
        for size in (0.2, 2.0, 0.1):  # the support grows, and shrinks again
            slope = (size * np.random.default_rng(11).normal(size=60))[model.members]
            beta = np.zeros(len(slope))
            found = model.minimize(slope, beta, bar[: len(slope)], 1e-12)
            information = risk.curvature(at, block[model.members].T) + 0.01 * np.eye(len(slope))
            np.testing.assert_allclose(model.matrix, information, atol=1e-6 * information.max())  # it is damped
            left = slope - model.matrix @ found
            assert np.abs(left[found != 0] - 0.02 * np.sign(found[found != 0])).max(initial=0) < 1e-10
            assert np.abs(left[found == 0]).max(initial=0) <= 0.02 + 1e-10


def test_slow_twins_agree():
    x, time, event, strata = cohort(70, 4, 11, strata=4)
    event[strata == 2] = False
    risk = order_by_risk(time, event, strata, np.random.default_rng(12).uniform(0.5, 2, 70))
    linear = x[:, risk.order].T @ np.array([3.0, -200.0, 0.1, 0.0])
    fast, slow = risk.evaluate(linear), risk.evaluate_slowly(linear)
    assert fast.value == pytest.approx(slow.value, rel=1e-14)
    for part in ("gradient", "hazard", "total", "exposure"):
        np.testing.assert_allclose(getattr(fast, part), getattr(slow, part), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("alpha", [0.0, 0.05, 1.0])
def test_copies_of_columns_and_far_penalties(alpha):
    x, time, event, strata = cohort(60, 80, 13)
    x = np.vstack([x, x[:40]]) + 3 * x[:1]
    risk = order_by_risk(time, event, strata)
    penalties = np.array([0.3, 0.002])
    (path,) = elastic_net_paths(x, [PathProblem(np.arange(60), risk, np.ones(120), alpha, penalties)])
    assert path.kkt.max() < 1e-9


def test_loops_refuse_arrays_that_do_not_belong_together():
    loops = compiled_loops()
    if loops is None:
        pytest.skip("the loops were not compiled")
    _, time, event, strata = cohort(20, 2, 14)
    risk = order_by_risk(time, event, strata)
    made = [np.zeros(20), risk.weight, risk.end, risk.deaths, risk.first_time, risk.bounds, np.zeros(20),
            np.zeros(len(risk.deaths)), np.zeros(20)]  # fmt: skip
    for place, wrong in ((1, np.zeros(19)), (2, risk.end + 20), (5, risk.bounds * 2), (7, np.zeros(0))):
        with pytest.raises(ValueError, match="elements|divide|size|shape|has"):
            loops.breslow(*made[:place], wrong, *made[place + 1 :])
    with pytest.raises(ValueError, match="longer"):
        loops.rank_one(np.zeros((2, 2)), np.zeros(3), 1.0)


@pytest.mark.parametrize("outcome", ["survival", "binary"])
def test_ridge_of_more_columns_than_samples_is_that_of_all_columns(outcome):
    """By one column per sample, or by all columns with their curvature: strata, weights, factors, free columns."""
    rng = np.random.default_rng(12)
    n, p = 60, 90
    values = rng.normal(size=(p, n)) + rng.normal(size=(p, 1)) * 5
    values[7] = 3.0
    values[9] = values[8]
    risk_of = 0.5 * (values[0] - values[0].mean()) + 0.4 * (values[1] - values[1].mean())
    time, event = np.round(rng.exponential(np.exp(-risk_of)) * 20 + 1), (rng.random(n) < 0.7).astype(float)
    strata, weights = rng.integers(0, 3, n), rng.uniform(0.5, 2, n)
    risk = order_by_risk(time, event, strata, weights)
    if outcome == "binary":
        risk = order_by_outcome(event, strata, weights)
    factor = rng.choice([0.5, 1.0, 2.0], p)
    factor[[3, 4]] = 0.0
    problem = PathProblem(np.arange(n), risk, factor, 0.0, n_penalties=15, smallest=0.02)
    (path,) = elastic_net_paths(values, [problem])
    assert path.kkt.max() < 1e-9
    where = problem.samples[risk.order]
    scaled = factor * p / factor.sum()
    weight = np.zeros(n)
    weight[where] = risk.weight
    center = values @ weight
    sd = np.sqrt(np.maximum((values - center[:, None]) ** 2 @ weight, 0))
    vary = np.flatnonzero(np.arange(p) != 7)
    slow = ActiveColumns(risk, 0.0, risk.evaluate(np.zeros(n)))
    slow.join(vary, (values[np.ix_(vary, where)] - center[vary, None]) / sd[vary, None], scaled[vary])
    for penalty, columns, coefficients in zip(path.penalty, path.columns, path.coefficients, strict=True):
        slow.optimize(penalty)
        rows, beta = slow.solution()
        order = np.argsort(rows)
        np.testing.assert_array_equal(columns, rows[order])
        np.testing.assert_allclose(coefficients * sd[columns], beta[order], rtol=0, atol=5e-8)
    fast = RidgeColumns(values, where, center, np.where(np.arange(p) == 7, np.inf, sd), scaled, risk,
                        risk.evaluate(np.zeros(n)))  # fmt: skip
    assert fast._columns.shape[0] <= n + 2


def test_the_curvature_times_a_vector_is_that_of_the_matrix():
    rng = np.random.default_rng(13)
    n = 40
    risk = order_by_risk(np.round(rng.exponential(10, n)) + 1, rng.random(n) < 0.6, rng.integers(0, 2, n))
    at = risk.evaluate(rng.normal(size=n))
    whole = risk.curvature(at, np.eye(n))
    np.testing.assert_allclose([risk.curvature_product(at, one) for one in np.eye(n)], whole, atol=1e-14)
    assert (risk.curvature_diagonal(at) >= np.diag(whole) - 1e-15).all()
