"""Log-rank tests of two or more survival curves: plain and weighted, stratified, pairwise, trend.

Mantel (1966); weights of Gehan (1965), doi 10.1093/biomet/52.1-2.203, Peto and Peto (1972),
doi 10.2307/2344317, Tarone and Ware (1977), doi 10.1093/biomet/64.1.156, and Fleming and Harrington
(Harrington and Fleming 1982, doi 10.1093/biomet/69.3.553). Numbers are those of R's `survival::survdiff`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import chdtrc

from prognomics.data.strata import encode_levels
from prognomics.errors import BadInput, Refused, UsageError
from prognomics.stats.multiple_testing import adjust
from prognomics.survival.curves.logrank_clustered import clustered_covariance, score_residuals
from prognomics.survival.event_times import check_entry, check_event_times, merge_near_ties

WEIGHTS = ("logrank", "wilcoxon", "peto", "tarone_ware", "fleming_harrington")
SINGULAR = 1e-10


@dataclass(frozen=True)
class LogrankTest:
    """Observed against expected events by group, and the test of equal hazards.

    Attributes
    ----------
    levels : tuple
        Group labels, in the order of the arrays.
    n : numpy.ndarray of int, shape (n_groups,)
        Samples by group.
    observed, expected : numpy.ndarray, shape (n_groups,)
        Summed over strata; weighted where the test is (as `survdiff` prints them).
    covariance : numpy.ndarray, shape (n_groups, n_groups)
        Of observed minus expected.
    chisq, p_value : float
        NaN where the groups are never at risk together.
    df : int
    weights : str
    p_adjusted : float
        Of pairwise comparisons; NaN otherwise.
    """

    levels: tuple[Any, ...]
    n: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    covariance: np.ndarray
    chisq: float
    df: float
    p_value: float
    weights: str
    p_adjusted: float = float("nan")
    note: str = ""


def logrank(
    time: np.ndarray,
    event: np.ndarray,
    group: np.ndarray,
    strata: np.ndarray | None = None,
    weights: str = "logrank",
    levels: tuple[Any, ...] | None = None,
    timefix: bool = True,
    entry: np.ndarray | None = None,
    powers: tuple[float, ...] = (0.0, 0.0),
    cluster: np.ndarray | None = None,
    case_weights: np.ndarray | None = None,
) -> LogrankTest:
    """Compare the survival of two or more groups.

    Parameters
    ----------
    time, event : array_like, shape (n_samples,)
        Follow-up time and 0/1 flag.
    group : array_like, shape (n_samples,)
        Labels, none missing.
    strata : array_like, shape (n_samples,), optional
        Labels of strata; expected events and variances are summed over them.
    weights : {"logrank", "wilcoxon", "peto", "tarone_ware", "fleming_harrington"}
        Weight of each event time: 1 (`survdiff(rho = 0)`); the number at risk n in the stratum
        (Gehan-Breslow); Kaplan-Meier survival S of the stratum just before the time
        (`survdiff(rho = 1)`, Peto-Peto); the square root of n; S^p (1 - S)^q.
    levels : tuple, optional
        The groups in the order wanted; by default sorted.
    timefix : bool
        Merge near ties first.
    entry : array_like, shape (n_samples,), optional
        Times of late entry (left truncation), before `time`.
    powers : tuple of float
        p and q of Fleming and Harrington's weights, not negative: (1, 0) is "peto", (0, 1) weighs late events. Several
        pairs one after the other represent the sum of their weights.
    cluster : array_like, shape (n_samples,), optional
        Labels of samples that belong together, such as those of a patient: the variance is the robust one.
    case_weights : array_like, shape (n_samples,), optional
        Observed and expected events are sums of weights; the variance is robust, each sample a cluster if there are
        none: the robust score test of `coxph(weights =, ties = "breslow")`.

    Returns
    -------
    LogrankTest

    Raises
    ------
    Refused
        Fewer than two groups, or no events.
    BadInput
        As `check_event_times`; a level that no sample has.
    UsageError
        Unknown weights, negative powers.
    """
    if weights not in WEIGHTS:
        raise UsageError(f"unknown log-rank weights {weights!r}", hint=f"one of {', '.join(WEIGHTS)}")
    if not min(powers) >= 0:
        raise UsageError(f"the powers of Fleming and Harrington's weights are {powers}; they are 0 or more")
    time, event = check_event_times(time, event)
    entry = check_entry(entry, time)
    if timefix:
        time, entry = (merge_near_ties(time), None) if entry is None else merge_near_ties(time, entry)
    code, levels = _group_codes(group, len(time), levels)
    if len(levels) < 2:
        raise Refused("a log-rank test needs at least two groups", where=f"only group: {levels[0]}")
    if not event.any():
        raise Refused(
            f"there are no events among {len(time)} samples: groups cannot be compared",
            hint="check the event column and the subset",
        )
    stratum, _ = encode_levels(strata, len(time), "stratum")
    clusters = None if cluster is None else np.asarray(cluster)
    if case_weights is not None and clusters is None:
        clusters = np.arange(len(time))
    observed, expected, covariance = _sums(
        time, event, code, stratum, len(levels), weights, entry, powers, clusters,
        np.ones(len(time)) if case_weights is None else np.asarray(case_weights, dtype=float),
    )  # fmt: skip
    chisq, df = _quadratic_form(observed - expected, covariance, expected)
    n = np.bincount(code, minlength=len(levels))
    return LogrankTest(
        tuple(levels), n, observed, expected, covariance, chisq, df, float(chdtrc(max(df, 1), chisq)), weights
    )


def _group_codes(group: np.ndarray, n_samples: int, levels: tuple[Any, ...] | None) -> tuple[Any, ...]:
    code, distinct = encode_levels(group, n_samples, "group")
    if levels is None:
        return code, [label.item() if hasattr(label, "item") else label for label in distinct]
    position = {str(label): at for at, label in enumerate(levels)}
    missing = [str(label) for label in distinct if str(label) not in position]
    if missing or len(position) != len(distinct):
        raise BadInput(f"the levels {list(levels)} do not match the groups {[str(v) for v in distinct]}")
    return np.array([position[str(label)] for label in distinct])[code], list(levels)


def _sums(
    time: np.ndarray,
    event: np.ndarray,
    code: np.ndarray,
    stratum: np.ndarray,
    n_groups: int,
    weights: str,
    entry: Any,
    powers: tuple[Any, ...],
    cluster: np.ndarray | None,
    case_weight: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted observed and expected events by group, and their covariance, over all strata."""
    order = np.lexsort((time, stratum))
    late = entry is not None
    entry = entry[order] if late else None
    time, event, code, stratum, own = time[order], event[order], code[order], stratum[order], case_weight[order]
    new_stratum = np.concatenate(([True], stratum[1:] != stratum[:-1]))
    new_cell = new_stratum | np.concatenate(([True], time[1:] != time[:-1]))
    cell = np.cumsum(new_cell) - 1
    n_cells = cell[-1] + 1
    deaths = np.bincount(cell[event] * n_groups + code[event], own[event], n_cells * n_groups)
    deaths = deaths.reshape(n_cells, n_groups).astype(float)
    # Samples at risk: those of the stratum whose rows come at or after the first row of the cell.
    member = np.zeros((len(time) + 1, n_groups))
    member[np.arange(len(time)), code] = own
    remaining = np.cumsum(member[::-1], axis=0)[::-1]
    first = np.flatnonzero(new_cell)
    begins = np.flatnonzero(new_stratum)
    ends = np.append(begins[1:], len(time))
    end_of_cell = ends[np.cumsum(new_stratum)[first] - 1]
    at_risk = remaining[first] - remaining[end_of_cell]
    if late:
        at_risk -= _waiting(time, entry, code, stratum, first, n_groups, own)

    d, n = deaths.sum(axis=1), at_risk.sum(axis=1)
    weight = _weights(d, n, new_stratum[first], weights, powers)
    keep = d > 0
    robust = None
    if cluster is not None:
        residuals = score_residuals(time, event, code, stratum, cell, first, deaths, at_risk, weight, entry)
        robust = clustered_covariance(residuals * own[:, None], cluster[order])
    deaths, at_risk, d, n, weight = deaths[keep], at_risk[keep], d[keep], n[keep], weight[keep]
    share = at_risk / n[:, None]
    observed = weight @ deaths
    expected = (weight * d) @ share
    spread = np.divide(weight**2 * d * (n - d), n - 1, out=np.zeros(len(n)), where=n > 1)
    covariance = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    return observed, expected, covariance if robust is None else robust


def _waiting(time: Any, entry: Any, code: Any, stratum: Any, first: Any, n_groups: Any, own: Any) -> Any:
    """Weight of the samples of each cell's stratum that have not entered before its time, shape (n_cells, n_groups)."""
    clock = np.unique(np.concatenate((time, entry)))
    key = stratum * (len(clock) + 1) + np.searchsorted(clock, entry)
    cell = stratum[first] * (len(clock) + 1) + np.searchsorted(clock, time[first])
    end = (stratum[first] + 1) * (len(clock) + 1)
    waiting = np.empty((len(first), n_groups))
    for group in range(n_groups):
        chosen = np.flatnonzero(code == group)
        chosen = chosen[np.argsort(key[chosen], kind="stable")]
        keys, sums = key[chosen], np.concatenate(([0.0], np.cumsum(own[chosen])))
        waiting[:, group] = sums[np.searchsorted(keys, end)] - sums[np.searchsorted(keys, cell)]
    return waiting


def _weights(d: np.ndarray, n: np.ndarray, starts: np.ndarray, weights: str, powers: tuple[Any, ...]) -> np.ndarray:
    if weights == "logrank":
        return np.ones(len(d))
    if weights == "wilcoxon":
        return n
    if weights == "tarone_ware":
        result: np.ndarray = np.sqrt(n)
        return result
    survival = np.empty(len(d))
    begins = np.flatnonzero(starts)
    for begin, end in zip(begins, np.append(begins[1:], len(d)), strict=True):
        survival[begin:end] = np.concatenate(([1.0], np.cumprod(1 - d[begin:end] / n[begin:end])[:-1]))
    if weights == "peto":
        return survival
    result = sum(survival**p * (1 - survival) ** q for p, q in zip(powers[::2], powers[1::2], strict=True))
    return result


def _quadratic_form(difference: np.ndarray, covariance: np.ndarray, expected: np.ndarray) -> tuple[float, int]:
    """Chi-square of the differences, on the groups that were ever at risk at an event.

    One group is redundant; more are where groups fall into sets that are never at risk side
    by side, and each such set costs a degree of freedom.
    """
    used = expected > 0
    if used.sum() < 2:
        return float("nan"), 0
    difference, covariance = difference[used], covariance[np.ix_(used, used)]
    size = np.sqrt(np.maximum(np.diag(covariance), 0))
    size[size == 0] = 1
    values, vectors = np.linalg.eigh(covariance / np.outer(size, size))
    known = values > SINGULAR
    if not known.any():
        return float("nan"), 0
    scores = vectors[:, known].T @ (difference / size)
    return float(np.sum(scores**2 / values[known])), int(known.sum())


def pairwise_logrank(
    time: np.ndarray,
    event: np.ndarray,
    group: np.ndarray,
    strata: np.ndarray | None = None,
    weights: str = "logrank",
    levels: tuple[Any, ...] | None = None,
    p_adjust: str = "bh",
    entry: np.ndarray | None = None,
    powers: tuple[float, float] = (0.0, 0.0),
    cluster: np.ndarray | None = None,
    case_weights: np.ndarray | None = None,
) -> list[LogrankTest]:
    """Log-rank test of each pair of groups, each on the samples of the two groups alone.

    Parameters are those of `logrank`; `p_adjust` is "bh", "holm" or "none" (see `adjust_p`).
    As `survminer::pairwise_survdiff`. A pair without events gets NaN.

    Returns
    -------
    list of LogrankTest
        In the order of `itertools.combinations(levels, 2)`, `p_adjusted` filled in.
    """
    time, event = check_event_times(time, event)
    time, entry = (merge_near_ties(time), None) if entry is None else merge_near_ties(time, np.asarray(entry))
    code, levels = _group_codes(group, len(time), levels)
    strata = None if strata is None else np.asarray(strata)
    tests = []
    for first, second in combinations(range(len(levels)), 2):
        rows = (code == first) | (code == second)
        pair = (levels[first], levels[second])
        if not event[rows].any():
            n = np.array([(code == first).sum(), (code == second).sum()])
            nothing = float("nan")
            tests.append(LogrankTest(pair, n, np.zeros(2), np.zeros(2), np.zeros((2, 2)), nothing, 1, nothing, weights))
            continue
        tests.append(
            logrank(
                time[rows], event[rows], code[rows], None if strata is None else strata[rows],
                weights, (first, second), False, None if entry is None else entry[rows], powers,
                None if cluster is None else np.asarray(cluster)[rows],
                None if case_weights is None else np.asarray(case_weights)[rows],
            )
        )  # fmt: skip
        tests[-1] = replace(tests[-1], levels=pair)
    adjusted = adjust(np.array([test.p_value for test in tests]), p_adjust)
    return [replace(test, p_adjusted=float(p)) for test, p in zip(tests, adjusted, strict=True)]


def logrank_trend(test: LogrankTest, scores: np.ndarray | None = None) -> LogrankTest:
    """Test for trend over ordered groups, from the sums of a log-rank test (one degree of freedom).

    The score test of Tarone (1975), doi 10.1093/biomet/62.3.679: the score-weighted sum of
    observed minus expected events, squared, over its variance.

    Parameters
    ----------
    test : LogrankTest
        Over all groups, in their order.
    scores : array_like, shape (n_groups,), optional
        By default 0, 1, 2, …; only their spacing matters.
    """
    scores = np.arange(len(test.levels), dtype=float) if scores is None else np.asarray(scores, dtype=float)
    if scores.shape != (len(test.levels),):
        raise BadInput(f"{len(test.levels)} groups need as many scores, not {scores.size}")
    variance = float(scores @ test.covariance @ scores)
    difference = float(scores @ (test.observed - test.expected))
    chisq = difference**2 / variance if variance > 0 else float("nan")
    return replace(test, chisq=chisq, df=1, p_value=float(chdtrc(1, chisq)))
