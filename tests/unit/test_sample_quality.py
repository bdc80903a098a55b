"""Relative log expression, silhouettes and sex of samples."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from prognomics.errors import AnalysisWarning, UsageError
from prognomics.expression.pca import principal_components
from prognomics.expression.quality import quality_control
from prognomics.expression.sample_quality import relative_log_expression, sample_quality, silhouettes
from prognomics.expression.sex import check_sex
from prognomics.report.figures.rle import RleFigure
from prognomics.report.figures.style import drawing

NAN = np.nan


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_relative_log_expression_by_hand():
    values = np.array([[1.0, 2.0, 6.0, 0.0], [5.0, 5.0, 9.0, 1.0], [NAN, 3.0, 4.0, NAN]])
    q1, median, q3 = relative_log_expression(values, np.array(["a", "a", "a", "b"], dtype=object))
    # deviations from the gene's median in cohort a: (-1, 0, NA), (0, 0, -0.5), (4, 4, 0.5); b has one sample
    np.testing.assert_allclose(median, [-0.5, 0, 4, 0])
    np.testing.assert_allclose(q1, [-0.75, -0.25, 2.25, 0])
    np.testing.assert_allclose(q3, [-0.25, 0, 4, 0])


@pytest.mark.parametrize("sizes", [[20, 12, 9], [30, 1], [2, 2]])
def test_silhouettes_equal_scikit_learn(rng, sizes):
    label = np.repeat([f"c{i}" for i in range(len(sizes))], sizes)
    scores = rng.normal(0, 1, (len(label), 4)) + np.repeat(np.arange(len(sizes)), sizes)[:, None]
    np.testing.assert_allclose(silhouettes(scores, label), silhouette_samples(scores, label), atol=1e-9)


def test_silhouettes_of_one_cohort_and_of_equal_samples():
    assert np.isnan(silhouettes(np.ones((3, 2)), np.array(["a"] * 3))).all()
    np.testing.assert_array_equal(silhouettes(np.ones((4, 2)), np.array(["a", "a", "b", "b"])), 0)


def test_an_outlying_array_is_found_and_small_cohorts_are_not_judged(rng):
    values = rng.normal(8, 0.5, (200, 24))
    values[:, 3] += 1.5
    values[:, 7] = 8 + (values[:, 7] - 8) * 4
    cohort = ["a"] * 20 + ["b"] * 4
    with pytest.warns(AnalysisWarning, match="outlying-arrays.*S3, S7"):
        table = sample_quality(values, [""] * 200, [f"S{i}" for i in range(24)], cohort, rng.normal(0, 1, (24, 2)))
    assert table.loc[table["rle_outlier"] == "yes", "sample_id"].tolist() == ["S3", "S7"]
    assert table["rle_outlier"][20:].isna().all()


def _sexes(rng, n=20):
    female = np.arange(n) % 2 == 0
    values = np.vstack([np.where(female, 9.0, 3.0), np.where(female, 3.0, 9.0), np.full(n, 5.0)])
    return values + rng.normal(0, 0.2, values.shape), np.where(female, "Female", "m").astype(object)


def test_a_swapped_sample_is_found(rng):
    values, sex = _sexes(rng)
    sex[4], sex[6] = "male", "not stated"
    found = check_sex(values, ["XIST", "RPS4Y1", "XPO1"], np.array(["a"] * 20, dtype=object), sex)
    assert found.loc[4].tolist() == ["male", "female", "no"]
    assert found.loc[6, "sex_by_expression"] == "female"
    assert found.loc[6].isna().tolist() == [True, False, True]
    assert (found["sex_agrees"] == "yes").sum() == 18


def test_a_mixture_is_unclear(rng):
    values, sex = _sexes(rng)
    values[:2, 3] = 6.0
    found = check_sex(values, ["XIST", "RPS4Y1", "XPO1"], np.array(["a"] * 20, dtype=object), sex)
    assert found.loc[3, "sex_by_expression"] == "unclear" and found["sex_agrees"].isna()[3]


def test_sex_is_not_guessed_where_it_does_not_show(rng):
    values, sex = _sexes(rng)
    flat = np.array(["a"] * 20, dtype=object)
    for matrix, genes, stated in (
        (values, ["g1", "g2", "g3"], sex),  # not measured
        (rng.normal(5, 1, (3, 20)), ["XIST", "RPS4Y1", "g"], sex),  # no separation
        (values, ["XIST", "RPS4Y1", "g"], np.array(["female"] * 18 + ["male"] * 2, dtype=object)),  # two males
    ):
        with pytest.warns(AnalysisWarning, match="sex-not-checked"):
            assert check_sex(matrix, genes, flat, stated)["sex_by_expression"].isna().all()
    assert check_sex(values, ["XIST", "RPS4Y1", "g"], flat, None).isna().all().all()


def test_shared_axes_are_those_before_merging(rng):
    before = rng.normal(8, 1, (60, 30))
    before[:, 20:] += rng.normal(0, 2, (60, 1))
    cohort = ["a"] * 20 + ["b"] * 10
    after = np.hstack([p - p.mean(axis=1, keepdims=True) for p in (before[:, :20], before[:, 20:])])
    ids = [f"S{i}" for i in range(30)]
    found = quality_control(after, ids, cohort, values_before=before, n_components=3, shared_axes=True)
    axes = principal_components(before, 3)
    mine = found.components[found.components["stage"] == "after"][["PC1", "PC2", "PC3"]].to_numpy()
    np.testing.assert_allclose(mine, (after - after.mean(axis=1, keepdims=True)).T @ axes.loadings, atol=1e-9)
    np.testing.assert_allclose(axes.projected(before).scores, axes.scores, atol=1e-9)
    np.testing.assert_allclose(axes.projected(before).explained_variance_ratio, axes.explained_variance_ratio)
    with pytest.raises(UsageError, match="shared axes"):
        quality_control(after, ids, cohort, shared_axes=True)


def test_the_picture_shows_every_sample_and_rings_outliers(rng):
    values = rng.normal(8, 0.5, (50, 20))
    values[:, 3] += 2
    with pytest.warns(AnalysisWarning, match="outlying"):
        table = sample_quality(values, [""] * 50, [f"S{i}" for i in range(20)], ["a <b>"] * 12 + ["c"] * 8,
                               rng.normal(0, 1, (20, 2)))  # fmt: skip
    with drawing():
        (axes,) = RleFigure(table).draw().axes
    assert sum(len(c.get_segments()) for c in axes.collections if hasattr(c, "get_segments")) == 20
    assert [t.get_text() for t in axes.texts] == ["a <b> (12)", "c (8)"]
