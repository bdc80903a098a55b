"""Permutations of a screen: all at once gives what one gene and one permutation at a time give."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.matrix import ExpressionMatrix
from prognomics.errors import UsageError
from prognomics.screen.analysis import screen_analysis
from prognomics.screen.eligible import eligible_samples
from prognomics.screen.null_model import null_model
from prognomics.screen.permutation import Permutations, step_down_max_t, step_down_min_p

N, GENES, COUNT = 80, 12, 60


def a_study(seed=3):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"sample_id": [f"S{i}" for i in range(N)], "cohort": rng.choice(list("abc"), N),
                          "age": rng.normal(60, 9, N).round(), "stage": rng.integers(1, 4, N)})  # fmt: skip
    values = rng.normal(size=(GENES, N)) + 0.05 * frame["age"].to_numpy()
    values[1, rng.random(N) < 0.2] = np.nan
    values[2] = values[2] > 3
    values[3] = 7.0
    time = np.ceil(rng.exponential(30 * np.exp(-0.5 * values[0] + 1.5)))
    return (
        frame,
        time,
        (rng.random(N) < 0.6) * 1.0,
        ExpressionMatrix(values, [f"G{i}" for i in range(GENES)], list(frame["sample_id"])),
    )


def _one_by_one(matrix, null, seed):
    """Statistics of each gene in each arrangement by least squares with a column for each stratum."""
    f, rng = null.follow_up, np.random.default_rng(seed)
    dummies = (f.stratum[:, None] == np.arange(f.n_strata)).astype(float)
    design = np.hstack([dummies, null.covariates])
    arrangements = [null.residual]
    for _ in range(COUNT):
        parts = zip(f.stratum_bounds[:-1], f.stratum_bounds[1:], strict=True)
        arrangements.append(np.concatenate([rng.permutation(null.residual[begin:end]) for begin, end in parts]))
    statistics = np.full((len(matrix.values), COUNT + 1), np.nan)
    for gene, row in enumerate(matrix.values):
        x = row[f.columns].copy()
        for stratum in range(f.n_strata):
            own = f.stratum == stratum
            x[own & np.isnan(x)] = np.nanmean(x[own])
        if np.ptp(x) == 0:
            continue
        rest = x - design @ np.linalg.lstsq(design, x, rcond=None)[0]
        variance = sum(np.var(null.residual[f.stratum == s], ddof=1) * (rest[f.stratum == s] ** 2).sum()
                       for s in range(f.n_strata))  # fmt: skip
        for j, residual in enumerate(arrangements):
            statistics[gene, j] = abs(rest @ residual) / np.sqrt(variance)
        if null.covariates.shape[1]:
            statistics[gene, 0] = abs(null.score_tests(x[:, None])[0])
    return statistics


def _by_definition(strength):
    """Step-down p-values: of each gene, the arrangements in which it or a weaker gene reaches it."""
    p, known = np.full(len(strength), np.nan), np.flatnonzero(~np.isnan(strength[:, 0]))
    order = sorted(known, key=lambda gene: -strength[gene, 0])
    for place, gene in enumerate(order):
        reached = [strength[order[place:], j].max() >= strength[gene, 0] for j in range(strength.shape[1])]
        p[gene] = max(np.mean(reached), *p[order[:place]], 0.0)
    return p


@pytest.mark.parametrize("covariates", [[], ["age", "stage"]])
@pytest.mark.parametrize("strata", ["none", "cohort"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_same_as_one_by_one(ties, strata, covariates):
    frame, time, event, matrix = a_study()
    null = null_model(eligible_samples(frame, time, event, matrix.sample_ids, strata=[strata], covariates=covariates,
                                       factors=[], numerics=covariates), ties)  # fmt: skip
    found = Permutations(null, GENES, COUNT, np.random.default_rng(9))
    for begin in (0, 5, 6):  # in blocks
        found.add(matrix.values[begin : {0: 5, 5: 6, 6: GENES}[begin]])
    wanted = _one_by_one(matrix, null, 9)
    np.testing.assert_allclose(found.statistics, wanted, rtol=1e-5, atol=1e-5)
    rounded = found.statistics.astype(float)
    np.testing.assert_array_equal(found.p_values("max_t"), _by_definition(rounded))
    own = np.array([[-np.mean(row >= value) for value in row] for row in rounded])
    own[np.isnan(rounded)] = np.nan
    by_statistic = np.lexsort((rounded[:, 0], own[:, 0]))  # of equal p-values the larger statistic comes first
    back = np.argsort(by_statistic[::-1])
    np.testing.assert_array_equal(found.p_values("min_p"), _by_definition(own[by_statistic[::-1]])[back])


def test_min_p_by_hand():
    statistics = np.array([[9.0, 1, 2, 10], [2.0, 3, 1, 1], [np.nan] * 4, [1.0, 0, 2, 0]])
    # each own p-value is 2/4; the gene with the largest statistic comes first, and all four arrangements reach its 2/4
    np.testing.assert_allclose(step_down_min_p(statistics), [1.0, 1.0, np.nan, 1.0])
    assert step_down_max_t(statistics)[0] == 0.5


def test_min_p_with_few_permutations_warns():
    frame, time, event, matrix = a_study()
    with pytest.warns(UserWarning, match="min_p"):
        few = screen_analysis(frame, time, event, matrix, method="cox", permutations=99, family="min_p")
    many = screen_analysis(frame, time, event, matrix, method="cox", permutations=999, family="min_p")
    assert few.table["p_family"].min() >= 0.01
    assert many.table["p_family"].min() < 0.05
    with pytest.raises(UsageError, match="family"):
        screen_analysis(frame, time, event, matrix, method="cox", permutations=9, family="max_p")
