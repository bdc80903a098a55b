"""Robust multi-array average: background, quantile normalization and median polish over perfect-match probes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.errors import BadInput
from prognomics.expression.affymetrix.background import Background, estimate_background, subtract_background
from prognomics.expression.affymetrix.median_polish import median_polish
from prognomics.expression.affymetrix.residual_error import relative_standard_error
from prognomics.expression.quantile import mean_rank

BYTES_IN_MEMORY = 1 << 31  # ranks beyond that go to a file that vanishes
_BLOCK_VALUES = 1 << 16  # of a block of probesets: a few copies fit into a core's cache
PERCENTILES = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class Rma:
    """What `rma` gives.

    Attributes
    ----------
    expression : numpy.ndarray, shape=(n_probesets, n_arrays)
        Log2.
    standard_error : numpy.ndarray of float32, shape=(n_probesets, n_arrays)
        Of each value, up to a factor of the probeset (`relative_standard_error`).
    backgrounds : list of Background, one an array
    log2_percentiles : numpy.ndarray, shape=(n_arrays, 5)
        Minimum, quartiles and maximum of log2 raw perfect-match intensities (0 counted as 1).
    """

    expression: np.ndarray
    standard_error: np.ndarray
    backgrounds: list[Background]
    log2_percentiles: np.ndarray


def rma(load: Callable[[int], np.ndarray], names: Sequence[str], n_probes: np.ndarray, *, threads: int = 1) -> Rma:
    """Summarize arrays of one chip type.

    An array's intensities are held as ranks, four bytes each, from which quantile normalization restores every value
    exactly; so 300 arrays of 604,258 probes take 0.7 GB.

    Parameters
    ----------
    load : callable
        Gives the perfect-match intensities of array number i, shape (n_probes.sum(),), probeset after probeset;
        called once for each array, from several threads.
    names : sequence of str, shape=(n_arrays,)
        For messages.
    n_probes : numpy.ndarray of int, shape=(n_probesets,)
    threads : int
        The result is the same for any number.

    Raises
    ------
    BadInput
        The background of an array cannot be estimated, as its intensities hardly differ.

    Notes
    -----
    Equal to `affy::rma`: background as `bg.adjust`, quantile normalization with equal intensities at their mean rank
    (as preprocessCore and limma do), `medpolish` of log2 values with at most 10 iterations. A cell that serves two
    probesets counts twice.

    References
    ----------
    Irizarry et al. 2003, doi 10.1093/biostatistics/4.2.249; Bolstad et al. 2003, doi 10.1093/bioinformatics/19.2.185
    """
    n_arrays, total = len(names), int(n_probes.sum())
    ranks = _scratch((n_arrays, total))

    def prepare(i: int) -> tuple[np.ndarray, Background, np.ndarray]:
        intensity = load(i)
        order = np.argsort(intensity)
        ranked = intensity[order].astype(np.float64)
        model = estimate_background(ranked)
        if not model.valid:
            raise BadInput(
                "the background of an array cannot be estimated: its perfect-match intensities hardly differ",
                where=f"{names[i]}: {np.unique(ranked).size} different values among {total}",
                hint="leave the array out",
            )
        ranks[i, order] = _doubled_ranks(ranked)
        places = [round((total - 1) * p / 100) for p in PERCENTILES]
        return subtract_background(ranked, model), model, np.log2(np.maximum(ranked[places], 1))

    mean, backgrounds, percentiles = np.zeros(total), [], []
    with ThreadPoolExecutor(threads) as pool:
        for signal, model, described in _in_order(pool, prepare, n_arrays, 2 * threads):
            mean += signal
            backgrounds.append(model)
            percentiles.append(described)
        log2_at = _log2_by_rank(mean / n_arrays)
        expression = np.empty((len(n_probes), n_arrays))
        error = np.empty((len(n_probes), n_arrays), dtype=np.float32)
        begins = np.cumsum(n_probes) - n_probes

        def summarize(block: np.ndarray) -> None:
            size = int(n_probes[block[0]])
            probes = begins[block] + np.arange(size)[:, None]
            values = log2_at[np.moveaxis(ranks[:, probes], 0, 2)]
            expression[block], _ = median_polish(values)
            error[block] = relative_standard_error(values)

        list(pool.map(summarize, _blocks(n_probes, n_arrays)))
    return Rma(expression, error, backgrounds, np.array(percentiles))


def _scratch(shape: tuple[int, int]) -> np.ndarray:
    """Room for ranks, in memory or, if it is much, in a file of the temporary folder that has no name."""
    if np.prod(shape) * 4 <= BYTES_IN_MEMORY:
        return np.empty(shape, dtype=np.uint32)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype=np.uint32, mode="w+", shape=shape)


def _in_order(pool: ThreadPoolExecutor, work: Callable[..., Any], n: int, ahead: int) -> Iterator[Any]:
    """Results in order, with no more than `ahead` pieces of work begun beyond the one that is taken."""
    waiting = [pool.submit(work, i) for i in range(min(ahead, n))]
    try:
        for i in range(n):
            result = waiting.pop(0).result()
            if i + ahead < n:
                waiting.append(pool.submit(work, i + ahead))
            yield result
    finally:
        for future in waiting:
            future.cancel()


def _doubled_ranks(ranked: np.ndarray) -> np.ndarray:
    """Twice the rank of ascending values, from 0; equal ones share their mean rank, so that it is whole."""
    mean = mean_rank(ranked)
    doubled = np.arange(ranked.size) * 2 if mean is None else 2 * mean
    return doubled.astype(np.uint32)


def _log2_by_rank(target: np.ndarray) -> np.ndarray:
    """Log2 of the common distribution at each doubled rank; between two ranks lies their mean."""
    table = np.empty(2 * target.size)
    table[::2] = target
    table[1:-1:2] = (target[1:] + target[:-1]) / 2
    table[-1] = target[-1]
    return np.log2(table)


def _blocks(n_probes: np.ndarray, n_arrays: int) -> Iterator[np.ndarray]:
    """Numbers of probesets of one size, in blocks that fit into a cache."""
    for size in np.unique(n_probes):
        same = np.flatnonzero(n_probes == size)
        step = max(1, _BLOCK_VALUES // (int(size) * n_arrays))
        for begin in range(0, same.size, step):
            yield same[begin : begin + step]
