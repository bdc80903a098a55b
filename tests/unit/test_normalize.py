"""Scale recognition and normalization within a cohort, on numbers checkable by hand."""

import numpy as np
import pytest

from prognomics.data.matrix import read_matrix
from prognomics.errors import AnalysisWarning, BadInput, UsageError
from prognomics.expression.counts import log_cpm, tmm_factors
from prognomics.expression.normalize import log2_with_offset, normalize, recognize_scale, standardize
from prognomics.expression.quantile import mean_distribution, normalize_quantiles

NAN = np.nan


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[7.1, 8.2], [9.3, 12.5]], "log2"),
        ([[-1.2, 0.4], [0.3, NAN]], "log2"),
        ([[0, 12], [350, 3]], "counts"),
        ([[0, 1], [3, 2]], "counts"),
        ([[8, 9], [7, 12]], "log2"),
        ([[120, 3000], [45, 77]], "linear"),
        ([[0.0, 12.5], [350.1, 3.2]], "linear"),
        ([[-40.0, 12.5], [350.1, 3.2]], "linear"),
    ],
)
def test_scale_of_small_matrices(values, expected):
    scale = recognize_scale(np.array(values, dtype=float))
    assert scale.name == expected
    assert "values" in scale.reason


def test_scale_of_z_scores_and_of_log_ratios(rng):
    log_ratios = rng.normal(0, 1, (200, 30)) * rng.uniform(0.2, 1.5, 200)[:, None]
    assert recognize_scale(log_ratios).name == "log2"
    assert recognize_scale(standardize(log_ratios)[0]).name == "z"


@pytest.mark.parametrize("values", [[[NAN, NAN]], [[1.0, -np.inf]], np.empty((0, 3))])
def test_scale_refuses_nothing_and_infinity(values):
    with pytest.raises(BadInput):
        recognize_scale(np.array(values, dtype=float))


def test_log2_offset_is_0_or_1_and_negatives_are_refused():
    logs, offset = log2_with_offset(np.array([[1.0, 4.0], [NAN, 8.0]]))
    assert offset == 0
    np.testing.assert_array_equal(logs, [[0, 2], [NAN, 3]])
    logs, offset = log2_with_offset(np.array([[0.0, 3.0]]))
    assert offset == 1
    np.testing.assert_array_equal(logs, [[0, 2]])
    with pytest.raises(BadInput, match="negative values") as raised:
        normalize(np.array([[-1.0, 300.0], [2.0, 4.0]]), "log2")
    assert "smallest -1" in str(raised.value)


def test_quantiles_by_hand():
    found = normalize_quantiles(np.array([[5.0, 4, 3], [2, 1, 4], [3, 4, 6], [4, 2, 8]]))
    # sorted rows: 2 1 3 / 3 2 4 / 4 4 6 / 5 4 8, means 2, 3, 14/3, 17/3; the tied 4s share 31/6
    expected = [[17 / 3, 31 / 6, 2], [2, 2, 3], [3, 31 / 6, 14 / 3], [14 / 3, 3, 17 / 3]]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_quantiles_keep_missing_and_refuse_poor_samples():
    values = np.array([[1.0, 2.0], [3.0, NAN], [5.0, 6.0]])
    found = normalize_quantiles(values)
    # the second sample's quantiles are 2, 4, 6; the means 1.5, 3.5, 5.5
    np.testing.assert_allclose(found, [[1.5, 1.5], [3.5, NAN], [5.5, 5.5]])
    with pytest.raises(BadInput, match="two observed values") as raised:
        normalize_quantiles(np.array([[1.0, NAN], [3.0, NAN], [5.0, 6.0]]))
    assert "sample number 2" in str(raised.value)


def test_quantiles_do_not_depend_on_threads(rng):
    values = rng.normal(size=(50, 40))
    np.testing.assert_array_equal(normalize_quantiles(values), normalize_quantiles(values, threads=3))


def test_auto_on_logs_is_quantile(rng):
    values = rng.normal(8, 2, (40, 5))
    done = normalize(values, "auto")
    assert (done.scale_found, done.method_applied) == ("log2", "quantile")
    assert np.isnan(done.offset)
    np.testing.assert_array_equal(done.values, normalize_quantiles(values))


def test_auto_on_linear_arrays_is_log2_then_quantile(rng):
    values = 2 ** rng.normal(8, 2, (400, 5))
    done = normalize(values, "auto")
    assert (done.scale_found, done.method_applied, done.offset) == ("linear", "log2 + quantile", 0.0)
    np.testing.assert_array_equal(done.values, normalize_quantiles(np.log2(values)))


def test_auto_on_sequencing_is_log2_of_x_plus_1(rng):
    values = 2 ** rng.normal(5, 2, (100, 5))
    values[:20] = 0
    done = normalize(values, "auto")
    assert (done.scale_found, done.method_applied, done.offset) == ("linear", "log2(x + 1)", 1.0)
    np.testing.assert_array_equal(done.values, np.log2(values + 1))
    assert "20.0% zeros" in done.reason


def test_auto_on_counts_is_log2_cpm(rng):
    counts = rng.poisson(30, (60, 4)).astype(float)
    counts[0] = 0
    done = normalize(counts, "auto")
    assert (done.scale_found, done.method_applied) == ("counts", "log2 cpm")
    np.testing.assert_array_equal(done.values, log_cpm(counts))


def test_auto_leaves_z_scores_with_a_warning(rng):
    z = standardize(rng.normal(size=(50, 30)))[0]
    with pytest.warns(AnalysisWarning, match="already-z"):
        done = normalize(z, "auto")
    assert done.method_applied == "none"
    np.testing.assert_array_equal(done.values, z)


def test_zscore_has_ddof_1_and_counts_constant_genes():
    values = np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0], [0.1, NAN, NAN], [1.0, NAN, 3.0]])
    with pytest.warns(AnalysisWarning, match="constant-genes"):
        done = normalize(values, "zscore")
    root = np.sqrt(0.5)
    np.testing.assert_allclose(done.values, [[-1, 0, 1], [NAN] * 3, [NAN] * 3, [-root, NAN, root]])
    assert done.n_constant == 2


def test_a_second_logarithm_is_warned_of():
    with pytest.warns(AnalysisWarning, match="already-log2"):
        assert normalize(np.array([[7.5, 8.0], [9.0, 4.0]]), "log2").offset == 0


def test_none_copies_and_unknown_is_a_usage_error():
    values = np.array([[7.5, 8.0]])
    done = normalize(values, "none")
    assert done.values is not values
    np.testing.assert_array_equal(done.values, values)
    with pytest.raises(UsageError, match="quantil"):
        normalize(values, "quantil")


def test_log_cpm_by_hand():
    # libraries of 10 and 30, mean 20: priors 1 and 3
    found = log_cpm(np.array([[4.0, 0.0], [6.0, 30.0]]))
    np.testing.assert_allclose(found, np.log2(np.array([[5 / 12, 3 / 36], [7 / 12, 33 / 36]]) * 1e6))


@pytest.mark.parametrize("bad", [[[1.0, NAN], [2.0, 2.0]], [[1.0, -2.0], [2.0, 5.0]], [[0.0, 2.0], [0.0, 5.0]]])
def test_counts_are_checked(bad):
    with pytest.raises(BadInput):
        log_cpm(np.array(bad))


def test_tmm_ignores_one_runaway_gene():
    counts = np.tile(np.arange(10.0, 210.0)[:, None], 3)
    counts[0, 2] = 1e6
    factors = tmm_factors(counts)
    sizes = counts.sum(axis=0) * factors
    np.testing.assert_allclose(sizes / sizes[0], 1, rtol=0.01)
    assert np.prod(factors) == pytest.approx(1)


def test_a_reference_is_the_mean_of_another_set(rng):
    """Fitted on a set and applied to it, the reference changes nothing of the usual result."""
    values = rng.normal(8, 2, (50, 6))
    values[3, 2] = NAN
    fitted = mean_distribution(values)
    np.testing.assert_allclose(normalize_quantiles(values, reference=fitted), normalize_quantiles(values), rtol=1e-12)


def test_a_single_sample_follows_the_reference(rng):
    values = rng.normal(8, 2, (50, 6))
    fitted = mean_distribution(values)
    new = rng.normal(20, 5, (50, 3))
    together = normalize_quantiles(new, reference=fitted)
    alone = np.hstack([normalize_quantiles(new[:, [i]], reference=fitted) for i in range(3)])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(np.sort(alone, axis=0), np.repeat(fitted[:, None], 3, axis=1))


@pytest.mark.parametrize("reference", [[1.0], [2.0, 1.0], [1.0, NAN]])
def test_what_is_no_reference_is_refused(reference):
    with pytest.raises(BadInput, match="ascending"):
        normalize_quantiles(np.ones((3, 2)), reference=np.array(reference))


def test_the_offset_of_a_logarithm():
    values = np.array([[0.0, 3.0], [1.0, 100.0]])
    assert log2_with_offset(values)[1] == 1
    np.testing.assert_allclose(log2_with_offset(values, 0.5)[0], np.log2(values + 0.5))
    with pytest.raises(BadInput, match="zero has no logarithm"):
        log2_with_offset(values, 0.0)


def test_a_reference_without_use_is_said():
    counts = np.random.default_rng(1).poisson(50, (40, 4)) * np.arange(40.0)[:, None]
    with pytest.warns(AnalysisWarning, match="reference-not-used"):
        normalize(counts, "auto", reference=np.array([1.0, 2.0]))


def test_the_scale_of_a_few_columns_does_not_decide():
    """A column of gene lengths among logarithms: the logarithm would be taken twice."""
    rng = np.random.default_rng(4)
    logs = rng.normal(8, 1.5, (60, 8))
    lengths = rng.integers(300, 9000, (60, 1)).astype(float)
    names = [f"S{i}" for i in range(8)] + ["bp"]
    with pytest.raises(BadInput, match="1 of 9 columns go beyond 50") as caught:
        normalize(np.hstack([logs, lengths]), "auto", samples=names)
    assert caught.value.where == "bp"
    assert normalize(np.hstack([logs, lengths]), "none").method_applied == "none"
    assert normalize(2**logs, "auto").method_applied == "log2 + quantile"


def _counts(rng, low, high):
    return rng.integers(low, high, (40, 6)).astype(float)


def test_whole_numbers_of_a_file_with_tally_rows_are_counts_whatever_their_range(rng, tmp_path):
    counts = _counts(rng, 15, 9000)
    rows = ["\t".join([f"ENSG{i:011d}", *(f"{v:g}" for v in row)]) for i, row in enumerate(counts)]
    path = tmp_path / "htseq.tsv"
    path.write_text("\n".join(["gene\tA\tB\tC\tD\tE\tF", *rows, "__no_feature" + "\t700000" * 6, ""]))
    with pytest.warns(AnalysisWarning, match="tally-rows"):
        matrix = read_matrix(path)
    assert matrix.tallied
    done = normalize(matrix.values, "auto", tallied=matrix.tallied)
    assert (done.scale_found, done.method_applied) == ("counts", "log2 cpm")
    np.testing.assert_array_equal(done.values, log_cpm(counts))
    assert recognize_scale(counts + 0.5, tallied=True).name == "linear"  # tallies do not make fractions counts


def test_whole_numbers_beyond_any_scanner_are_counts(rng):
    counts = _counts(rng, 15, 9000)
    counts[3, 2] = 65536
    assert normalize(counts, "auto").method_applied == "log2 cpm"


def test_whole_numbers_that_may_be_either_are_warned_of(rng):
    counts = _counts(rng, 15, 9000)
    with pytest.warns(AnalysisWarning, match="whole-numbers.*--method cpm or tmm"):
        done = normalize(counts, "auto")
    assert done.method_applied == "log2 + quantile"


def test_intensities_with_decimals_are_not_warned_of(rng, recwarn):
    assert normalize(_counts(rng, 15, 90000) + 0.25, "auto").method_applied == "log2 + quantile"
    assert not [w for w in recwarn if isinstance(w.message, AnalysisWarning)]
