"""Fisher's exact test of a table of counts, with the odds ratio of a 2 x 2 table; Pearson's chi-square."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from prognomics.compiled import compiled_loops
from prognomics.errors import Refused, note
from prognomics.stats.fisher_2x2 import OddsRatio, fisher_2x2
from prognomics.stats.fisher_network import network_p
from prognomics.stats.fisher_sampling import sampled_p
from prognomics.stats.fisher_sum import MOST_PAIRED, exact_p
from prognomics.stats.fisher_tail import tail_p
from prognomics.stats.fisher_two_rows import two_rows_p

QUICK = 15_000_000
"""Half tables that NumPy matches in less than a second; the compiled sum takes what is longer."""


@dataclass(frozen=True)
class FisherTest:
    """Fisher's exact test.

    Attributes
    ----------
    p_value : float
        Two-sided: the probability of all tables with these margins that are no more probable.
    method : str
        `exact`, `monte carlo`, `importance sampling` or `chi-square`.
    odds_ratio : OddsRatio or None
        For a 2 x 2 table.
    simulations : int
        Tables drawn, where p comes from drawing.
    relative_error : float
        Standard error of such a p over it.
    """

    p_value: float
    method: str
    odds_ratio: OddsRatio | None = None
    simulations: int = 0
    relative_error: float = 0.0


@dataclass(frozen=True)
class ChiSquare:
    """Pearson's chi-square, with Cramer's V (of the statistic without correction).

    `corrected` is true where Yates' continuity correction entered `statistic` and `p_value`, `two_by_two` where it
    could.
    """

    statistic: float
    df: int
    p_value: float
    cramers_v: float
    smallest_expected: float
    corrected: bool = False
    two_by_two: bool = False


def _without_empty(table: np.ndarray) -> np.ndarray:
    table = np.asarray(table)
    if table.ndim != 2 or (table < 0).any() or not np.array_equal(table, np.rint(table)):
        raise ValueError("a table of counts holds whole numbers from zero up")
    table = np.rint(table).astype(np.int64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape, default=0) < 2:
        raise Refused(
            "a test of association needs two levels of both variables",
            where=f"levels with samples: {table.shape[0]} and {table.shape[1]}",
            hint="the variable or the group is constant among samples that have both",
        )
    return table


def chi_square(table: np.ndarray, *, yates: bool = False) -> ChiSquare:
    """Pearson's chi-square, as `chisq.test(correct = yates)`; levels without samples are dropped.

    Parameters
    ----------
    table : array_like of int, shape (n_rows, n_columns)
    yates : bool
        Yates' continuity correction (doi:10.2307/2983604) of a 2 x 2 table, R's default; larger tables have none.

    Raises
    ------
    Refused
        With fewer than two levels of either variable.
    """
    table = _without_empty(table)
    total = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    away = np.abs(table - expected)
    plain = float((away**2 / expected).sum())
    two_by_two = table.shape == (2, 2)
    corrected = yates and two_by_two
    statistic = float(((away - min(0.5, away.min())) ** 2 / expected).sum()) if corrected else plain
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    v = np.sqrt(plain / (total * (min(table.shape) - 1)))
    p_value = float(chdtrc(df, statistic))
    return ChiSquare(statistic, df, p_value, float(v), float(expected.min()), corrected, two_by_two)


def _summed(table: np.ndarray) -> float | None:
    """The exact p by whichever sum is short enough; None where none is."""
    network = two_rows_p if 2 in table.shape else network_p
    compiled = compiled_loops() is not None and 2 not in table.shape
    p_value = exact_p(table, QUICK if compiled else MOST_PAIRED)
    if p_value is None and compiled:
        p_value = tail_p(table)
        p_value = exact_p(table) if p_value is None else p_value
    if p_value is None:
        note("long-fisher-sum", f"Fisher's exact test of a table of {table.shape[0]} x {table.shape[1]} levels and "
             f"{table.sum()} samples may take some seconds")  # fmt: skip
        p_value = network(table)
    return p_value


def fisher_exact(
    table: np.ndarray, *, rng: np.random.Generator | None = None, simulations: int = 100_000, conf_level: float = 0.95
) -> FisherTest:
    """Fisher's exact test of an r x c table, two-sided.

    Parameters
    ----------
    table : array_like of int, shape (n_rows, n_columns)
        Levels without samples are dropped.
    rng : numpy.random.Generator, optional
        For tables too large to sum over: p from drawn tables, as
        `fisher.test(simulate.p.value = TRUE)`, and from importance sampling where that is too coarse (see
        :mod:`prognomics.stats.fisher_sampling`). Without it the chi-square p is given, and named so.
    simulations : int
    conf_level : float
        Of the odds ratio's interval.

    Returns
    -------
    FisherTest

    Raises
    ------
    Refused
        With fewer than two levels of either variable.

    Notes
    -----
    The sum over tables is exact (:mod:`prognomics.stats.fisher_tail`, `fisher_sum`, `fisher_network`,
    `fisher_two_rows`) and agrees with `fisher.test(workspace = 2e8)`. Freeman and Halton 1951,
    doi:10.1093/biomet/38.1-2.141.
    """
    table = _without_empty(table)
    if table.shape == (2, 2):
        p_value, odds = fisher_2x2(table, conf_level)
        return FisherTest(p_value, "exact", odds)
    p_value = _summed(table)
    if p_value is not None:
        return FisherTest(p_value, "exact")
    if rng is None:
        return FisherTest(chi_square(table).p_value, "chi-square")
    drawn = sampled_p(table, rng, simulations)
    method = "importance sampling" if drawn.weighted else "monte carlo"
    return FisherTest(drawn.p_value, method, simulations=simulations, relative_error=drawn.relative_error)
