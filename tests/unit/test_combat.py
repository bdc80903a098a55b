"""ComBat: what it removes, keeps, leaves and refuses."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused
from prognomics.expression.combat import combat
from prognomics.expression.combat_prior import shrink_mean_only, shrink_nonparametric
from prognomics.expression.design_matrix import covariate_columns
from prognomics.expression.variance import variance_share

BATCH = np.repeat(["a", "b", "c"], [15, 10, 12])


@pytest.fixture
def values():
    rng = np.random.default_rng(4)
    x = rng.normal(rng.normal(8, 2, 200)[:, None], 1, (200, 37))
    for name in "abc":
        x[:, BATCH == name] = x[:, BATCH == name] * rng.uniform(0.8, 1.5) + rng.normal(0, 1, 200)[:, None]
    return x


@pytest.mark.parametrize("parametric", [True, False])
@pytest.mark.parametrize("mean_only", [True, False])
def test_batch_variance_falls(values, parametric, mean_only):
    found = combat(values, BATCH, parametric=parametric, mean_only=mean_only)
    before, after = variance_share(values, BATCH), variance_share(found.values, BATCH)
    assert before > 0.4
    # the mean-only parametric form takes n as 1, so it shrinks much: that is sva's definition
    assert after < (0.5 * before if parametric and mean_only else 0.05)
    assert found.batches == ["a", "b", "c"]
    assert not found.untouched.any()


def test_the_reference_cohort_stays(values):
    found = combat(values, BATCH, reference="b")
    np.testing.assert_array_equal(found.values[:, BATCH == "b"], values[:, BATCH == "b"])
    assert (found.gamma[:, 1] == 0).all() and (found.delta[:, 1] == 1).all()


def test_order_of_samples_and_threads_do_not_matter(values):
    order = np.random.default_rng(0).permutation(37)
    straight = combat(values, BATCH).values
    np.testing.assert_allclose(combat(values[:, order], BATCH[order], threads=2).values, straight[:, order], rtol=1e-12)


def test_a_gene_flat_within_a_cohort_is_left(values):
    values[3, BATCH == "b"] = 0.0
    with pytest.warns(AnalysisWarning, match="combat-untouched-genes.*G3"):
        found = combat(values, BATCH, gene_ids=[f"G{i}" for i in range(200)])
    assert np.flatnonzero(found.untouched).tolist() == [3]
    np.testing.assert_array_equal(found.values[3], values[3])


def test_a_gene_with_too_few_values_becomes_missing(values):
    values[5, BATCH == "b"] = np.nan
    values[6, np.flatnonzero(BATCH == "c")[1:]] = np.nan
    values[7, 0] = np.nan
    with pytest.warns(AnalysisWarning, match="combat-unestimable-genes"):
        found = combat(values, BATCH)
    assert np.flatnonzero(found.unestimable).tolist() == [5, 6]
    assert np.isnan(found.values[5]).all()
    assert np.isnan(found.values[7]).tolist() == [True] + [False] * 36


def test_one_sample_alone_makes_all_mean_only(values):
    batch = BATCH.astype(object)
    batch[2] = "alone"
    with pytest.warns(AnalysisWarning, match="single-sample-batch"):
        found = combat(values, batch)
    assert found.mean_only
    assert (found.delta == 1).all()


def test_a_kept_difference_survives(values):
    cancer = np.arange(37) % 2
    values[:40] += 2.0 * cancer
    with pytest.warns(AnalysisWarning, match="combat-covariates"):
        found = combat(values, BATCH, covariates=pd.DataFrame({"cancer": np.where(cancer, "yes", "no")})).values
    before = values[:40, cancer == 1].mean() - values[:40, cancer == 0].mean()
    after = found[:40, cancer == 1].mean() - found[:40, cancer == 0].mean()
    assert after == pytest.approx(before, rel=0.1)


def test_confounded_covariates_are_refused_with_the_table(values):
    cancer = np.where(BATCH == "a", "yes", "no")
    with pytest.raises(Refused, match="confounded with cohort") as raised:
        combat(values, BATCH, covariates=pd.DataFrame({"cancer": cancer}))
    assert "15" in str(raised.value)
    age = np.random.default_rng(1).normal(size=37)
    with pytest.raises(Refused, match="confounded with each other"):
        combat(values, BATCH, covariates=pd.DataFrame({"age": age, "twice": 2 * age + 1}))


def test_other_refusals(values):
    with pytest.raises(Refused, match="two cohorts"):
        combat(values, ["a"] * 37)
    with pytest.raises(BadInput, match="reference cohort 'd'"):
        combat(values, BATCH, reference="d")
    with pytest.raises(BadInput, match="age is missing for 1 samples") as raised:
        combat(
            values,
            BATCH,
            covariates=pd.DataFrame({"age": [np.nan, *range(36)]}),
            sample_ids=[f"S{i}" for i in range(37)],
        )
    assert "S0" in str(raised.value)
    with pytest.raises(Refused, match="one sample"):
        combat(values[:, :2], ["a", "b"])
    with pytest.raises(Refused, match="at least two genes"):
        combat(np.ones((5, 37)), BATCH)


def test_covariate_columns_as_r_codes_them():
    frame = pd.DataFrame(
        {"stage": ["II", "I", "III"], "age": [50, 60, 70], "one": [1, 1, 1], "drug": [True, False, True]}
    )
    with pytest.warns(AnalysisWarning, match="constant-covariate"):
        columns, names = covariate_columns(frame)
    assert names == ["stage=II", "stage=III", "age", "drug=True"]
    np.testing.assert_array_equal(columns, [[1, 0, 50, 1], [0, 0, 60, 0], [0, 1, 70, 1]])


def test_mean_only_shrinkage_by_hand():
    location, scale = shrink_mean_only(np.array([1.0, 3.0]))  # prior mean 2, variance 2
    np.testing.assert_allclose(location, [4 / 3, 8 / 3])
    assert (scale == 1).all()


def test_nonparametric_weights_by_hand():
    mean, variance = np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 0.5])
    squares, n = np.array([4.0, 6.0, 2.0]), np.array([5.0, 5.0, 5.0])
    location, scale = shrink_nonparametric(mean, variance, squares, n)
    weight = [(2 * np.pi * d) ** -2.5 * np.exp(-(4 + 5 * g**2) / (2 * d)) for g, d in ((1, 2), (3, 0.5))]
    assert location[0] == pytest.approx((weight[0] * 1 + weight[1] * 3) / sum(weight))
    assert scale[0] == pytest.approx((weight[0] * 2 + weight[1] * 0.5) / sum(weight))


def test_nonparametric_weights_do_not_underflow():
    rng = np.random.default_rng(2)
    location, scale = shrink_nonparametric(
        rng.normal(size=50), rng.uniform(0.8, 1.2, 50), np.full(50, 5000.0), np.full(50, 5000.0)
    )
    assert np.isfinite(location).all() and np.isfinite(scale).all()
