"""How well the probes of a probeset agree on each array, from the residuals of median polish."""

from __future__ import annotations

import numpy as np

HUBER = 1.345  # the bend of Huber's weights at which 95% efficiency remain with normal residuals
NORMAL_MAD = 0.6745


def relative_standard_error(residuals: np.ndarray) -> np.ndarray:
    """Standard error of each array effect, up to a factor of the probeset.

    The fraction of a standard error that differs between arrays: the inverse root of the sum of Huber weights of the
    array's probes, with the median absolute residual of the probeset as scale. As the unscaled standard error of
    affyPLM, but at the residuals of median polish instead of an iterated M-fit.

    Parameters
    ----------
    residuals : numpy.ndarray, shape=(n_probes, n_probesets, n_arrays)

    Returns
    -------
    numpy.ndarray, shape=(n_probesets, n_arrays)
        NaN for probesets without residuals (a single probe, or a perfect fit of most).

    References
    ----------
    Bolstad et al. 2005, Quality assessment of Affymetrix GeneChip data, doi 10.1007/0-387-29362-0_3
    """
    size = np.abs(residuals)
    n_probes, n_sets, n_arrays = size.shape
    every = np.moveaxis(size, 1, 0).reshape(n_sets, n_probes * n_arrays)
    middle = (n_probes * n_arrays) // 2
    scale = np.partition(every, middle, axis=1)[:, middle] / NORMAL_MAD
    bend = (HUBER * scale)[:, None]
    with np.errstate(invalid="ignore"):
        weight = bend / np.maximum(size, bend, out=size)
        return np.where(scale[:, None] > 0, 1 / np.sqrt(weight.sum(axis=0)), np.nan)
