"""RMA's steps by hand and against their definitions; array quality."""

import numpy as np
import pytest

from prognomics.errors import BadInput
from prognomics.expression.affymetrix import rma as rma_module
from prognomics.expression.affymetrix.array_quality import array_quality, flagged_sentence, flags
from prognomics.expression.affymetrix.background import (
    Background,
    density_mode,
    estimate_background,
    subtract_background,
)
from prognomics.expression.affymetrix.median_polish import column_median, median_polish, row_median
from prognomics.expression.affymetrix.residual_error import relative_standard_error
from prognomics.expression.affymetrix.rma import rma


def polished(values):
    """Tukey's median polish of one table, as its definition says it: probes in rows."""
    z, row, column, overall, last = values.copy(), 0, 0, 0, 0
    for _ in range(10):
        step = np.median(z, axis=1)
        z, row = z - step[:, None], row + step
        shift = np.median(column)
        column, overall = column - shift, overall + shift
        step = np.median(z, axis=0)
        z, column = z - step, column + step
        shift = np.median(row)
        row, overall = row - shift, overall + shift
        total = np.abs(z).sum()
        if total == 0 or abs(total - last) < 0.01 * total:
            break
        last = total
    return overall + column, z


@pytest.mark.parametrize("n_probes", [1, 2, 3, 11, 16, 33])
@pytest.mark.parametrize("n_arrays", [1, 2, 7])
def test_many_probesets_at_once_are_polished_as_each_alone(n_probes, n_arrays):
    values = np.random.default_rng(n_probes).normal(8, 2, (n_probes, 23, n_arrays))
    residuals = values.copy()
    expression, n_iterations = median_polish(residuals)
    for i in range(23):
        one, rest = polished(values[:, i])
        np.testing.assert_allclose(expression[i], one, atol=1e-12)
        np.testing.assert_allclose(residuals[:, i], rest, atol=1e-12)
    assert n_iterations.min() >= 1 and n_iterations.max() <= 10


@pytest.mark.parametrize("n", [*range(1, 35), 257, 300, 301])
def test_medians(n):
    values = np.random.default_rng(n).normal(size=(n, 3, 4)).round(1)
    np.testing.assert_allclose(column_median(values), np.median(values, axis=0), rtol=1e-15)
    turned = np.moveaxis(values, 0, 2)
    np.testing.assert_allclose(row_median(turned), np.median(turned, axis=2), rtol=1e-15)


def test_the_signal_is_positive_and_rises_with_the_intensity():
    model = Background(100, 10, 50)
    intensity = np.linspace(-1e6, 60000, 20001)
    signal = subtract_background(intensity, model)
    assert (signal > 0).all() and (np.diff(signal) > 0).all()
    assert signal[-1] == pytest.approx(60000 - 100 - 100 / 50)


def test_the_expected_signal_is_that_of_the_convolution():
    """By numerical integration over the signal: exponential times normal, given their sum."""
    model, observed = Background(100, 20, 80), 115.0
    signal = np.linspace(0, 1000, 200001)
    weight = np.exp(-signal / 80 - (observed - signal - 100) ** 2 / (2 * 20**2))
    weight[0] /= 2  # trapezoids
    expected = (signal * weight).sum() / weight.sum()
    assert subtract_background(np.array([observed]), model)[0] == pytest.approx(expected, rel=1e-6)


def test_the_background_of_simulated_intensities_is_found():
    """Roughly: the modes are drawn towards the signal, a known trait of these estimates."""
    rng = np.random.default_rng(4)
    ranked = np.sort(rng.normal(200, 15, 200_000) + rng.exponential(300, 200_000))
    model = estimate_background(ranked)
    assert 190 < model.mean < 240 and 10 < model.sd < 40 and model.valid
    assert density_mode(ranked) > model.mean


@pytest.mark.parametrize("values", [[], [3.0], [5.0] * 9, [1.0, 2.0], [1.0, 1.0, 2.0]])
def test_intensities_without_spread_have_no_background(values):
    assert not estimate_background(np.array(values)).valid


def loader(values):
    return lambda i: values[i]


def test_without_spread_the_array_is_named():
    with pytest.raises(BadInput, match="hardly differ") as caught:
        rma(loader(np.array([[5.0] * 30])), ["flat.CEL"], np.array([10, 20]))
    assert "flat.CEL: 1 different values among 30" in str(caught.value)


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(8)
    sizes = np.array([11] * 200 + [5] * 20 + [1] * 3)
    probes = rng.normal(6.5, 1.5, len(sizes)).repeat(sizes) + rng.normal(0, 1, sizes.sum())
    values = 2 ** (probes + rng.normal(0, 0.2, (8, sizes.sum()))) + rng.normal(100, 15, (8, sizes.sum()))
    return sizes, np.round(values.clip(1), 1)


def test_order_threads_and_scratch_change_nothing(arrays, monkeypatch):
    sizes, values = arrays
    names = [f"A{i}" for i in range(8)]
    one = rma(loader(values), names, sizes)
    two = rma(loader(values), names, sizes, threads=3)
    assert (one.expression == two.expression).all() and (one.standard_error == two.standard_error)[:200].all()
    turned = rma(loader(values[::-1]), names, sizes)
    np.testing.assert_allclose(turned.expression[:, ::-1], one.expression, atol=1e-12)
    monkeypatch.setattr(rma_module, "BYTES_IN_MEMORY", 1000)
    assert (rma(loader(values), names, sizes).expression == one.expression).all()


def test_all_arrays_get_one_distribution(arrays):
    """With one probe a probeset, expression is the normalized intensity itself."""
    _, values = arrays
    found = rma(loader(values), list("abcdefgh"), np.ones(values.shape[1], dtype=int)).expression
    ranked = np.sort(found, axis=0)
    np.testing.assert_allclose(np.median(ranked - ranked[:, :1], axis=0), 0, atol=1e-9)


def quality(sizes, values, **shares):
    names = [f"A{i}" for i in range(len(values))]
    none = np.zeros(len(values))
    result = rma(loader(values), names, sizes)
    return array_quality(result, names, **({"masked_percent": none, "outlier_percent": none} | shares))


def test_a_noisy_array_stands_out(arrays):
    sizes, values = arrays
    clean = quality(sizes, values)
    assert set(clean["flags"]) == {"none"} and flagged_sentence(clean) == ""
    noise = np.random.default_rng(1).lognormal(0, 1, values.shape[1])
    spoilt = values.copy()
    spoilt[3] = np.round(values[3] * noise, 1)
    table = quality(sizes, spoilt, outlier_percent=np.array([0, 0, 0, 9.0, 0, 0, 0, 0]))
    assert {"rle_iqr", "nuse_median", "outlier_percent"} <= set(table.loc[3, "flags"].split(";"))
    assert (table["flags"].drop(3) == "none").all()
    assert "A3 (" in flagged_sentence(table)
    assert table.loc[3, "nuse_median"] > 1.1 > table["nuse_median"].drop(3).max()


def test_measures_are_what_they_are_called(arrays):
    sizes, values = arrays
    table = quality(sizes, values)
    result = rma(loader(values), list("abcdefgh"), sizes)
    rle = result.expression - np.median(result.expression, axis=1, keepdims=True)
    np.testing.assert_allclose(table["rle_median"], np.median(rle, axis=0), atol=1e-12)
    np.testing.assert_allclose(table["rle_iqr"], np.subtract(*np.percentile(rle, [75, 25], axis=0)), atol=1e-12)
    np.testing.assert_allclose(table["log2_pm_median"], np.median(np.log2(values), axis=1), atol=1e-2)
    assert np.isnan(quality(sizes, values[:1])["nuse_median"]).all()


def test_flags_need_both_a_limit_and_a_distance():
    import pandas as pd

    table = pd.DataFrame({"rle_median": [0, 0.01, -0.01, 0.09, 0], "rle_iqr": [0.2, 0.2, 0.2, 0.2, 0.31],
                          "nuse_median": [1, 1.06, 1.07, 0.9, 1.06], "log2_pm_median": [7, 7, 7, 8.5, 7],
                          "outlier_percent": [0, 0, 0, 0, 5.1], "masked_percent": [0.0] * 5})  # fmt: skip
    assert flags(table) == ["none", "none", "none", "log2_pm_median", "rle_iqr;outlier_percent"]
    assert flags(table.iloc[1:3]) == ["nuse_median", "nuse_median"]


def test_standard_errors_by_hand():
    """Two probes on two arrays: residuals 1 and 3 on one array, 1 and 1 on the other; the median residual is 1."""
    residuals = np.array([[[1.0, 1.0]], [[-3.0, 1.0]]])
    bend = 1.345 / 0.6745
    found = relative_standard_error(residuals)
    np.testing.assert_allclose(found, [[1 / np.sqrt(1 + bend / 3), 1 / np.sqrt(2)]])
    assert np.isnan(relative_standard_error(np.zeros((3, 1, 4)))).all()
