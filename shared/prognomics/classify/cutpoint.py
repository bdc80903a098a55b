"""Cut a continuous marker into low and high.

A policy says how the cut came about: `prespecified` (a value given beforehand) or
`outcome_blind` (median, quantile, ROC against controls: learnt without looking at
the outcome). A value equal to the cut is high. The cut is stored as `lowest_high`,
the smallest observed value called high, so it means the same in every program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from prognomics.classify.roc import DIRECTIONS, Roc, roc
from prognomics.errors import BadInput, Refused, warn

LOW, MIDDLE, HIGH = "low", "middle", "high"

CUTPOINT_COLUMNS = (
    "marker", "policy", "rule", "direction", "lowest_high", "n_high", "n_low", "events_high", "events_low",
    "auc", "auc_low", "auc_high", "auc_ci_method", "sensitivity", "sensitivity_low", "sensitivity_high",
    "specificity", "specificity_low", "specificity_high", "n_case", "n_control", "n_tied_optima", "n_candidates",
    "window_low", "window_high", "statistic", "p_naive", "p_corrected", "correction", "learnt_in",
    "endpoint", "population", "n", "events", "n_missing", "method", "note",
    "threshold", "lowest_not_low", "n_middle", "n_high_case", "n_high_control")


@dataclass(frozen=True)
class Cut:
    """A cut and the groups it makes.

    Attributes
    ----------
    policy : str
        `prespecified` or `outcome_blind`.
    rule, direction, method : str
        The rule in short, the declared direction, and the method in words.
    threshold : float
        The number the rule gave (a quantile may lie between two observed values).
    lowest_high : float
        The smallest observed value called high.
    lowest_not_low : float
        With two quantiles, the smallest observed value above the low group; else NaN.
    groups : ndarray of object, shape (n_samples,)
        "low", "high" ("middle" where kept); NaN for a missing value and for a middle left out.
    members : ndarray of int
        Positions, in the samples first given, of the samples in `groups`.
    learnt_in : str
        The population or cohort that the cut was learnt in.
    n_missing, n_middle : int
        Samples without a value, and samples between the two quantiles.
    roc : Roc or None
        The ROC curve behind the cut.
    notes : tuple of str
    """

    policy: str
    rule: str
    direction: str
    method: str
    threshold: float
    lowest_high: float
    lowest_not_low: float
    groups: np.ndarray
    members: np.ndarray
    learnt_in: str = "all"
    n_missing: int = 0
    n_middle: int = 0
    roc: Roc | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def n_high(self) -> int:
        return int((self.groups == HIGH).sum())

    @property
    def n_low(self) -> int:
        return int((self.groups == LOW).sum())


def apply_cut(values, lowest_high: float, lowest_not_low: float | None = None, *,
              keep_middle: bool = False) -> np.ndarray:
    """Group values by a cut that is known.

    Parameters
    ----------
    values : array_like, shape (n_samples,)
    lowest_high : float
        Values at or above it are high.
    lowest_not_low : float, optional
        Values below it are low, those between are left out (NaN), or "middle" with
        `keep_middle`. By default everything below `lowest_high` is low.

    Returns
    -------
    ndarray of object, shape (n_samples,)
        "low", "high", and NaN where the value is missing.
    """
    values = np.asarray(values, dtype=float)
    lower = lowest_high if lowest_not_low is None or np.isnan(lowest_not_low) else lowest_not_low
    groups = np.full(values.shape, np.nan, dtype=object)
    if keep_middle:
        groups[(values >= lower) & (values < lowest_high)] = MIDDLE
    groups[values < lower] = LOW
    groups[values >= lowest_high] = HIGH
    return groups


def median_cut(values, *, learn=None, direction: str = "high", learnt_in: str = "all") -> Cut:
    """Cut at the median: values at or above it are high.

    Parameters
    ----------
    values : array_like, shape (n_samples,)
        Marker; NaN makes a missing group and is counted.
    learn : array_like of bool, optional
        Samples the median is taken over (default all); every sample is grouped.
    direction : {"high", "low"}
        Declared side of the bad prognosis; recorded, it does not change the labels.
    learnt_in : str
        What to call the samples the cut was learnt in.

    Raises
    ------
    BadInput
        For infinite values.
    Refused
        Without values, or when one side would be empty (a constant marker, heavy ties at the minimum).
    """
    cut = quantile_cut(values, [0.5], learn=learn, direction=direction, learnt_in=learnt_in)
    return replace(cut, rule="median", method="median")


def quantile_cut(values, quantiles: Sequence[float], *, keep_middle: bool = False, learn=None,
                 direction: str = "high", learnt_in: str = "all") -> Cut:
    """Cut at one quantile, or leave out what lies between two.

    One quantile q: values at or above it are high, the others low. Two quantiles q1 < q2:
    values below q1 are low, values at or above q2 are high, and the middle is left out
    (NaN; `keep_middle` labels it "middle"). Quartiles first against last are 0.25 and 0.75,
    tertiles 1/3 and 2/3.

    Parameters
    ----------
    values, learn, direction, learnt_in
        As in :func:`median_cut`.
    quantiles : sequence of one or two floats
        Strictly between 0 and 1. R's type 7 (Hyndman and Fan 1996, doi:10.2307/2684934), as `quantile`.

    Raises
    ------
    BadInput
        For quantiles outside (0, 1), equal ones, more than two, or infinite values.
    Refused
        Without values, or when one side would be empty.
    """
    wanted = sorted(float(q) for q in quantiles)
    if not 1 <= len(wanted) <= 2 or len(set(wanted)) != len(wanted) or not all(0.0 < q < 1.0 for q in wanted):
        raise BadInput(f"cannot cut at the quantiles {', '.join(map(str, quantiles))}",
                       hint="give one quantile, or two different ones (low below the first, high from the second on), "
                            "each between 0 and 1")
    values, chosen = _values(values, learn)
    ordered = np.sort(values[chosen])
    thresholds = [_type7(ordered, q) for q in wanted]
    rule = "quantile " + ",".join(f"{q:.6g}" for q in wanted)
    return _make(values, thresholds, keep_middle, policy="outcome_blind", rule=rule, direction=direction,
                 method="quantile (R type 7)", learnt_in=learnt_in)


def fixed_cut(values, value: float, *, direction: str = "high", learnt_in: str = "prespecified") -> Cut:
    """Cut at a value given beforehand: values at or above it are high (policy `prespecified`).

    Raises
    ------
    BadInput
        When the value is not finite.
    Refused
        Without values, or when all of them lie on one side.
    """
    if not np.isfinite(value):
        raise BadInput(f"{value} is no value to cut at", hint="give --value a finite number")
    values, _ = _values(values, None)
    return _make(values, [float(value)], False, policy="prespecified", rule="fixed", direction=direction,
                 method="fixed value", learnt_in=learnt_in)


def roc_cut(values, case, control, *, direction: str, rule: str, min_specificity: float | None = None,
            learnt_in: str = "case versus control", conf_level: float = 0.95) -> Cut:
    """Cut where a ROC rule separates cases from controls; every sample with a value is grouped.

    The parameters and refusals are those of :func:`prognomics.classify.roc.roc`. With
    direction `low` the cases are expected below the cut; the labels stay those of the value.
    """
    values, _ = _values(values, None)
    curve = roc(values, case, control, direction=direction, rule=rule, min_specificity=min_specificity,
                conf_level=conf_level)
    label = rule if rule != "min_specificity" else f"min_specificity {min_specificity:.6g}"
    cut = _make(values, [curve.lowest_high], False, policy="outcome_blind", rule=label, direction=direction,
                method="ROC, case versus control", learnt_in=learnt_in)
    return replace(cut, roc=curve, notes=cut.notes + curve.notes)


def cut_within(learner: Callable[..., Cut], values, within, *, arrays: dict[str, np.ndarray] | None = None,
               **options) -> list[Cut]:
    """Learn one cut in each cohort.

    Parameters
    ----------
    learner : callable
        One of the functions above, called as ``learner(values_of_cohort, **arrays_of_cohort, **options)``.
    values : array_like, shape (n_samples,)
    within : array_like of str, shape (n_samples,)
        The cohort of each sample; samples without one get no group.
    arrays : dict of array_like, optional
        Arguments that go along the samples (`case`, `control`, `learn`).

    Returns
    -------
    list of Cut
        One per cohort, by name; `learnt_in` is the cohort. A cohort without any value is
        left out with a warning.

    Raises
    ------
    Refused
        When a cohort's cut leaves one side empty (the message names the cohort), or no cohort has values.
    """
    values = np.asarray(values, dtype=float)
    labels = pd.Series(np.asarray(within, dtype=object))
    arrays = {name: np.asarray(array) for name, array in (arrays or {}).items()}
    cuts, empty = [], []
    for cohort in sorted(labels.dropna().unique(), key=str):
        members = np.flatnonzero((labels == cohort).to_numpy())
        if np.isnan(values[members]).all():
            empty.append(str(cohort))
            continue
        try:
            cut = learner(values[members], **{k: a[members] for k, a in arrays.items()}, **options)
        except Refused as refusal:
            raise Refused(refusal.what, where=f"cohort {cohort}" + (f"; {refusal.where}" if refusal.where else ""),
                          hint=refusal.hint or "leave the cohort out, or learn the cut over all cohorts") from refusal
        cuts.append(replace(cut, members=members, learnt_in=str(cohort)))
    if not cuts:
        raise Refused("no cohort has a value of the marker", hint="check the marker's name and the cohort column")
    if empty:
        warn("cut-not-learnt", f"no value of the marker, so no group, in: {', '.join(empty)}")
    return cuts


def join_groups(cuts: Sequence[Cut], n_samples: int) -> np.ndarray:
    """The groups of all samples, in the order first given; NaN for samples of no cut."""
    groups = np.full(n_samples, np.nan, dtype=object)
    for cut in cuts:
        groups[cut.members] = cut.groups
    return groups


def cutpoint_table(cuts: Cut | Sequence[Cut], *, marker: str, event=None, endpoint: str | None = None,
                   population: str | None = None) -> pd.DataFrame:
    """The cut-point table, one row a cut, with the columns `CUTPOINT_COLUMNS`.

    Parameters
    ----------
    cuts : Cut or sequence of Cut
    marker : str
    event : array_like of float, shape (n_samples,), optional
        1 event, 0 none, NaN unknown, of the samples first given; fills the event counts.
    endpoint, population : str, optional
        As the table shows them.
    """
    rows = [_row(cut, marker, event, endpoint, population) for cut in ([cuts] if isinstance(cuts, Cut) else cuts)]
    return pd.DataFrame(rows, columns=list(CUTPOINT_COLUMNS))


def roc_table(cuts: Sequence[Cut], marker: str) -> pd.DataFrame | None:
    """The ROC curves behind cuts, one below the other, with `learnt_in`; None where a cut has none."""
    if any(cut.roc is None for cut in cuts):
        return None
    return pd.concat([cut.roc.table(marker).assign(learnt_in=cut.learnt_in) for cut in cuts], ignore_index=True)


def _row(cut, marker, event, endpoint, population):
    row = dict.fromkeys(CUTPOINT_COLUMNS, np.nan)
    row.update(
        marker=marker, policy=cut.policy, rule=cut.rule, direction=cut.direction, lowest_high=cut.lowest_high,
        n_high=cut.n_high, n_low=cut.n_low, learnt_in=cut.learnt_in, n=cut.n_high + cut.n_low,
        n_missing=cut.n_missing, method=cut.method, threshold=cut.threshold, lowest_not_low=cut.lowest_not_low,
        n_middle=cut.n_middle)
    named = {"endpoint": endpoint, "population": population}
    row.update({name: value for name, value in named.items() if value is not None})
    if event is not None:
        happened = np.asarray(event, dtype=float)[cut.members] == 1
        high, low = int((happened & (cut.groups == HIGH)).sum()), int((happened & (cut.groups == LOW)).sum())
        row.update(events_high=high, events_low=low, events=high + low)
    if cut.notes:
        row["note"] = "; ".join(cut.notes)
    curve = cut.roc
    if curve is not None:
        at = curve.chosen
        row.update(
            auc=curve.auc, auc_low=curve.auc_low, auc_high=curve.auc_high, auc_ci_method=curve.auc_ci_method,
            sensitivity=curve.sensitivity[at], specificity=curve.specificity[at],
            sensitivity_low=curve.sensitivity_ci[0], sensitivity_high=curve.sensitivity_ci[1],
            specificity_low=curve.specificity_ci[0], specificity_high=curve.specificity_ci[1],
            n_case=curve.n_case, n_control=curve.n_control, n_tied_optima=curve.n_tied_optima,
            n_candidates=curve.n_candidates, n_high_case=int(curve.n_high_case[at]),
            n_high_control=int(curve.n_high_control[at]))
    return row


def _values(values, learn):
    values = np.asarray(values, dtype=float)
    if np.isinf(values).any():
        raise BadInput("the marker holds infinite values", hint="a logarithm of zero? add an offset before it")
    chosen = ~np.isnan(values)
    if learn is not None:
        chosen &= np.asarray(learn, dtype=bool)
    if not chosen.any():
        raise Refused("the marker has no value to learn a cut from",
                      hint="check the marker's name, the subset (--where), and that the platform measures it")
    return values, chosen


def _type7(ordered, q):
    position = (len(ordered) - 1) * q
    nearest = round(position)
    # (n - 1) q may miss a whole number by rounding; the observed value itself must then be high
    if abs(position - nearest) < 1e-9:
        return float(ordered[nearest])
    below = int(position)
    low, high = ordered[below], ordered[below + 1]
    share = position - below
    return float(low) if low == high else float((1.0 - share) * low + share * high)


def _make(values, thresholds, keep_middle, **described):
    if described["direction"] not in DIRECTIONS:
        raise BadInput(f"unknown direction {described['direction']!r}", hint=f"one of {', '.join(DIRECTIONS)}")
    lower, upper = thresholds[0], thresholds[-1]
    groups = apply_cut(values, upper, lower, keep_middle=keep_middle)
    n_high, n_low = int((groups == HIGH).sum()), int((groups == LOW).sum())
    if not (n_high and n_low):
        raise Refused(f"the cut at {upper:.6g} leaves the {'high' if not n_high else 'low'} side empty",
                      where=f"{n_low} low, {n_high} high of {int((~np.isnan(values)).sum())} values between "
                            f"{np.nanmin(values):.6g} and {np.nanmax(values):.6g}",
                      hint="choose another cut; a marker with many equal values at one end has no such cut")
    n_middle = int(((values >= lower) & (values < upper)).sum())
    notes = []
    if n_middle:
        notes.append(f"{n_middle} samples between the quantiles " + ("kept as middle" if keep_middle else "left out"))
    not_low = values[values >= lower]
    return Cut(threshold=float(upper), lowest_high=float(values[values >= upper].min()),
               lowest_not_low=float(not_low.min()) if len(thresholds) > 1 else np.nan, groups=groups,
               members=np.arange(len(values)), n_missing=int(np.isnan(values).sum()), n_middle=n_middle,
               notes=tuple(notes), **described)
