"""Cohorts on their common genes, and whether a contrast can be told from cohort."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.expression.confounding import warn_if_nested
from prognomics.expression.merge import Cohort, merge_cohorts
from prognomics.expression.variance import variance_share


def cohort(name, genes, n=12, seed=0, **more):
    rng = np.random.default_rng(seed)
    values = rng.normal(8, 2, (len(genes), n))
    return Cohort(name, values, genes, [f"{name}{i}" for i in range(n)], **more)


A = cohort("a", ["g1", "g2", "g3", "g4"], seed=1)
B = cohort("b", ["g4", "g9", "g1", "g2"], n=10, seed=2)


def test_none_keeps_values_on_common_genes_in_the_first_ones_order():
    merged = merge_cohorts([A, B], "none")
    assert merged.gene_ids == ["g1", "g2", "g4"]
    assert merged.sample_ids == list(A.sample_ids) + list(B.sample_ids)
    assert merged.cohort.tolist() == ["a"] * 12 + ["b"] * 10
    np.testing.assert_array_equal(merged.values, np.hstack([A.values[[0, 1, 3]], B.values[[2, 3, 0]]]))
    report = merged.report.set_index("cohort")
    assert report.loc[["a", "b", "all"], "n_genes"].tolist() == [4, 4, 5]
    assert report.loc["all", "n_genes_common"] == 3
    assert report.loc["all", "batch_variance_before"] == report.loc["all", "batch_variance_after"]
    assert np.isnan(report.loc["a", "batch_variance_before"])


def test_zscore_uses_each_cohorts_reference():
    reference = np.arange(12) < 10
    merged = merge_cohorts([cohort("a", A.gene_ids, seed=1, reference=reference), B], "zscore")
    g1 = A.values[0]
    np.testing.assert_allclose(merged.values[0, :12], (g1 - g1[:10].mean()) / g1[:10].std(ddof=1))
    np.testing.assert_allclose(merged.values[:, 12:].mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(merged.values[:, 12:].std(axis=1, ddof=1), 1)
    assert merged.report["n_reference"].tolist() == [10, 10, 20]


def test_a_small_reference_is_refused():
    small = cohort("a", A.gene_ids, reference=np.arange(12) < 9)
    with pytest.raises(Refused, match="fewer than 10") as raised:
        merge_cohorts([small, B], "zscore")
    assert "a (9)" in str(raised.value)
    assert merge_cohorts([small, B], "none").values.shape == (3, 22)


def test_a_gene_constant_in_the_reference_is_missing_there_only():
    values = A.values.copy()
    values[1, :10] = 3.3
    flat = Cohort("a", values, A.gene_ids, A.sample_ids, np.arange(12) < 10)
    with pytest.warns(AnalysisWarning, match="constant-in-reference.*g2"):
        merged = merge_cohorts([flat, B], "zscore")
    assert np.isnan(merged.values[1, :12]).all()
    assert np.isfinite(merged.values[1, 12:]).all()
    assert merged.report["n_undefined"].tolist() == [1, 0, 1]


def test_quantile_and_combat_take_the_batch_away():
    shifted = Cohort("b", B.values * 1.5 + 4, B.gene_ids, B.sample_ids)
    genes = [f"g{i}" for i in range(60)]
    far = cohort("d", genes, seed=5)
    far = Cohort("d", far.values + 3, far.gene_ids, far.sample_ids)
    for method in ("quantile", "combat"):
        report = merge_cohorts([cohort("c", genes, seed=4), far], method).report.set_index("cohort")
        assert report.loc["all", "batch_variance_before"] > 0.25
        assert report.loc["all", "batch_variance_after"] < 0.06
    equal = merge_cohorts([A, shifted], "quantile").values
    np.testing.assert_allclose(np.sort(equal, axis=0), np.sort(equal, axis=0)[:, :1] @ np.ones((1, 22)))


def test_faults_are_named():
    with pytest.raises(BadInput, match="no gene in common") as raised:
        merge_cohorts([A, cohort("b", ["1007_s_at", "1053_at"])], "none")
    assert "g1" in str(raised.value) and "1007_s_at" in str(raised.value)
    with pytest.raises(BadInput, match="sample id stands more than once") as raised:
        merge_cohorts([A, Cohort("b", B.values, B.gene_ids, ["a3", *B.sample_ids[1:]])], "none")
    assert "a3 (a, b)" in str(raised.value)
    with pytest.raises(BadInput, match="given twice"):
        merge_cohorts([A, A], "none")
    with pytest.raises(BadInput, match="gene id stands more than once"):
        merge_cohorts([A, cohort("b", ["g1", "g1"])], "none")
    with pytest.raises(UsageError):
        merge_cohorts([A, B], "mean")
    with pytest.warns(AnalysisWarning, match="few-common-genes"):
        merge_cohorts([A, cohort("b", ["g1", "x", "y"])], "none")
    with pytest.warns(AnalysisWarning, match="single-cohort"):
        merge_cohorts([A], "none")


def test_nested_biology_is_warned_of():
    tissue = ["primary"] * 12 + ["normal"] * 10
    with pytest.warns(AnalysisWarning, match="does not vary within any cohort"):
        merge_cohorts([A, B], "zscore", biology={"tissue_type": tissue})
    with pytest.warns(AnalysisWarning, match="one level only in cohort b"):
        warn_if_nested(["a"] * 4 + ["b"] * 2, ["x", "y", "x", "y", "x", "x"], name="grade")


def test_biology_is_judged_over_the_reference_samples(recwarn):
    """Each cohort is brought to its primaries: that only one of them holds normals takes nothing away."""
    tissue = ["primary"] * 10 + ["normal"] * 2 + ["primary"] * 10
    primaries = Cohort("a", A.values, A.gene_ids, A.sample_ids, np.arange(12) < 10)
    merge_cohorts([primaries, B], "zscore", biology={"tissue_type": tissue})
    assert not recwarn.list
    with pytest.warns(AnalysisWarning, match="one level only in cohort b"):
        merge_cohorts([A, B], "zscore", biology={"tissue_type": tissue})


def test_combat_warns_of_biology_that_it_is_not_told_to_keep():
    genes = [f"g{i}" for i in range(30)]
    cohorts = [cohort("a", genes, seed=7), cohort("b", genes, n=10, seed=8)]
    tissue = ["primary"] * 10 + ["normal"] * 2 + ["primary"] * 10
    with pytest.warns(AnalysisWarning, match="biology-nested-in-cohorts"):
        merge_cohorts(cohorts, "combat", biology={"tissue_type": tissue})
    with pytest.warns(AnalysisWarning) as said:
        merge_cohorts(
            cohorts, "combat", biology={"tissue_type": tissue}, covariates=pd.DataFrame({"tissue_type": tissue})
        )
    assert {warning.message.code for warning in said} == {"combat-covariates"}


def test_variance_share_by_hand():
    values = np.array([[1.0, 1, 3, 3], [0.0, 2, 0, 2]])
    # gene 1: all 4 of 4 between; gene 2: none of 4
    assert variance_share(values, ["a", "a", "b", "b"]) == pytest.approx(0.5)
    assert variance_share(values[:1], [0.0, 0.0, 1.0, 1.0]) == pytest.approx(1.0)
    assert variance_share(values, ["a", "a", "b", None]) == pytest.approx((8 / 3 + 2 / 3) / (8 / 3 + 8 / 3))
    assert np.isnan(variance_share(values, ["a"] * 4))


def test_combat_options_pass_through():
    genes = [f"g{i}" for i in range(30)]
    first, second = cohort("a", genes, seed=7), cohort("b", genes, seed=8)
    merged = merge_cohorts([first, second], "combat", reference_cohort="a")
    np.testing.assert_array_equal(merged.values[:, :12], first.values)
    covariates = pd.DataFrame({"tissue_type": ["t"] * 12 + ["n"] * 12})
    with pytest.raises(Refused, match="confounded with cohort"):
        merge_cohorts([first, second], "combat", covariates=covariates)


def test_a_gene_that_enough_cohorts_hold_is_kept():
    third = cohort("c", ["g1", "g9"], seed=3)
    merged = merge_cohorts([A, B, third], "zscore", min_presence=0.67)
    assert merged.gene_ids == ["g1", "g2", "g4", "g9"]
    assert np.isnan(merged.values[3, :12]).all()  # the first cohort does not measure g9
    np.testing.assert_allclose(merged.values[3, 12:22].mean(), 0, atol=1e-12)
    assert merged.report["n_undefined"].tolist() == [0, 0, 0, 0]
    with pytest.raises(UsageError, match="ComBat needs genes that all cohorts hold"):
        merge_cohorts([A, B], "combat", min_presence=0.5)


def test_all_cohorts_get_the_distribution_of_one():
    merged = merge_cohorts([A, B], "quantile", reference_cohort="a")
    target = np.sort(A.values[[0, 1, 3]], axis=0).mean(axis=1)
    np.testing.assert_allclose(np.sort(merged.values, axis=0), np.repeat(target[:, None], 22, axis=1))
    with pytest.raises(BadInput, match="reference cohort"):
        merge_cohorts([A, B], "quantile", reference_cohort="z")
