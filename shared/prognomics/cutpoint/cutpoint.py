"""Cut a continuous marker into low and high.

A policy states how the cutpoint was chosen: `prespecified` (a value given beforehand, or learnt
in other samples), `outcome_blind` (median, quantile, ROC against controls: learnt without
looking at the outcome) or `searched` (by the outcome, see `searched_cut`). A value equal to
the cutpoint is high. The cutpoint is stored as `lowest_high`, the smallest observed value called high,
so it means the same in every program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.errors import BadInput, Refused
from prognomics.stats.roc import DIRECTIONS, Roc, roc

if TYPE_CHECKING:
    from prognomics.cutpoint.cut_search_result import SearchedCut

LOW, MIDDLE, HIGH = "low", "middle", "high"


@dataclass(frozen=True)
class Cut:
    """A cutpoint and the groups it makes.

    Attributes
    ----------
    policy : str
        `prespecified`, `outcome_blind` or `searched`.
    rule, direction, method : str
        The rule in short, the declared direction, and the method in words.
    threshold : float
        The number the rule gave (a quantile may lie between two observed values).
    lowest_high : float
        The smallest observed value called high.
    lowest_not_low : float
        With two quantiles, the smallest observed value above the low group; else NaN.
    groups : ndarray of object, shape (n_samples,)
        "low", "high" ("middle" where kept); NaN for a missing value and for a middle excluded.
    members : ndarray of int
        Positions, in the samples first given, of the samples in `groups`.
    learnt_in : str
        The population or cohort that the cutpoint was derived in.
    n_missing, n_middle : int
        Samples without a value, and samples between the two quantiles.
    roc : Roc or None
        The ROC curve behind the cutpoint.
    search : SearchedCut or None
        The search behind the cutpoint.
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
    search: SearchedCut | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def n_high(self) -> int:
        return int((self.groups == HIGH).sum())

    @property
    def n_low(self) -> int:
        return int((self.groups == LOW).sum())


def apply_cut(
    values: np.ndarray, lowest_high: float, lowest_not_low: float | None = None, *, keep_middle: bool = False
) -> np.ndarray:
    """Group values by a cutpoint that is known.

    Parameters
    ----------
    values : array_like, shape (n_samples,)
    lowest_high : float
        Values at or above it are high.
    lowest_not_low : float, optional
        Values below it are low, those between are excluded (NaN), or "middle" with
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


def median_cut(values: np.ndarray, *, learn: Any = None, direction: str = "high", learnt_in: str = "all") -> Cut:
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
        What to call the samples the cutpoint was derived in.

    Raises
    ------
    BadInput
        For infinite values.
    Refused
        Without values, or when one side would be empty (a constant marker, heavy ties at the minimum).
    """
    cut = quantile_cut(values, [0.5], learn=learn, direction=direction, learnt_in=learnt_in)
    return replace(cut, rule="median", method="median")


def quantile_cut(
    values: np.ndarray,
    quantiles: Sequence[float],
    *,
    keep_middle: bool = False,
    learn: Any = None,
    direction: str = "high",
    learnt_in: str = "all",
) -> Cut:
    """Cut at one quantile, or exclude what lies between two.

    One quantile q: values at or above it are high, the others low. Two quantiles q1 < q2:
    values below q1 are low, values at or above q2 are high, and the middle is excluded
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
        raise BadInput(
            f"cannot cut at the quantiles {', '.join(map(str, quantiles))}",
            hint="give one quantile, or two different ones (low below the first, high from the second on), "
            "each between 0 and 1",
        )
    values, chosen = _values(values, learn)
    ordered = np.sort(values[chosen])
    thresholds = [_type7(ordered, q) for q in wanted]
    rule = "quantile " + ",".join(f"{q:.6g}" for q in wanted)
    return _make(
        values,
        thresholds,
        keep_middle,
        policy="outcome_blind",
        rule=rule,
        direction=direction,
        method="quantile (R type 7)",
        learnt_in=learnt_in,
    )


def tertile_cut(
    values: np.ndarray, *, keep_middle: bool = False, direction: str = "high", learnt_in: str = "all"
) -> Cut:
    """Low below the first tertile, high from the second on; what lies between is excluded or kept as "middle".

    Parameters and refusals are those of :func:`quantile_cut`.
    """
    cut = quantile_cut(values, [1 / 3, 2 / 3], keep_middle=keep_middle, direction=direction, learnt_in=learnt_in)
    return replace(cut, rule="tertiles")


def fixed_cut(values: np.ndarray, value: float, *, direction: str = "high", learnt_in: str = "prespecified") -> Cut:
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
    return _make(
        values,
        [float(value)],
        False,
        policy="prespecified",
        rule="fixed",
        direction=direction,
        method="fixed value",
        learnt_in=learnt_in,
    )


def fitted_cutpoint(
    values: np.ndarray,
    lowest_high: float,
    lowest_not_low: float = np.nan,
    *,
    rule: str = "learnt elsewhere",
    keep_middle: bool = False,
    direction: str = "high",
    learnt_in: str = "elsewhere",
) -> Cut:
    """A cutpoint that other samples gave, put on these: policy `prespecified`, for these samples had no part in it.

    Parameters
    ----------
    values : array_like, shape (n_samples,)
        On the scale on which the cutpoint was derived.
    lowest_high, lowest_not_low : float
        As :class:`Cut` has them; NaN for a cutpoint without a middle.
    rule : str
        By which rule it was derived.
    learnt_in : str
        In which samples.

    Raises
    ------
    Refused
        Without values, or when all of them lie on one side.
    """
    values, _ = _values(values, None)
    two = lowest_not_low == lowest_not_low and lowest_not_low < lowest_high
    return _make(
        values,
        [lowest_not_low, lowest_high] if two else [lowest_high],
        keep_middle,
        policy="prespecified",
        rule=rule,
        direction=direction,
        method="cut learnt in other samples",
        learnt_in=learnt_in,
    )


def roc_cut(
    values: np.ndarray,
    case: np.ndarray,
    control: np.ndarray,
    *,
    direction: str,
    rule: str,
    min_specificity: float | None = None,
    learnt_in: str = "case versus control",
    conf_level: float = 0.95,
) -> Cut:
    """Cut where a ROC rule separates cases from controls; every sample with a value is grouped.

    The parameters and refusals are those of :func:`prognomics.stats.roc.roc`. With
    direction `low` the cases are expected below the cutpoint; the labels stay those of the value.
    """
    values, _ = _values(values, None)
    curve = roc(
        values, case, control, direction=direction, rule=rule, min_specificity=min_specificity, conf_level=conf_level
    )
    label = rule if rule != "min_specificity" else f"min_specificity {min_specificity:.6g}"
    cut = _make(
        values,
        [curve.lowest_high],
        False,
        policy="outcome_blind",
        rule=label,
        direction=direction,
        method="ROC, case versus control",
        learnt_in=learnt_in,
    )
    return replace(cut, roc=curve, notes=cut.notes + curve.notes)


def _values(values: np.ndarray, learn: Any) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(values, dtype=float)
    if np.isinf(values).any():
        raise BadInput("the marker holds infinite values", hint="a logarithm of zero? add an offset before it")
    chosen = ~np.isnan(values)
    if learn is not None:
        chosen &= np.asarray(learn, dtype=bool)
    if not chosen.any():
        raise Refused(
            "the marker has no value to learn a cut from",
            hint="check the marker's name, the subset (--where), and that the platform measures it",
        )
    return values, chosen


def _type7(ordered: np.ndarray, q: float) -> float:
    position = (len(ordered) - 1) * q
    nearest = round(position)
    # (n - 1) q may miss a whole number by rounding; the observed value itself must then be high
    if abs(position - nearest) < 1e-9:
        return float(ordered[nearest])
    below = int(position)
    low, high = ordered[below], ordered[below + 1]
    share = position - below
    return float(low) if low == high else float((1.0 - share) * low + share * high)


def _make(values: np.ndarray, thresholds: list[float], keep_middle: bool, **described: Any) -> Cut:
    if described["direction"] not in DIRECTIONS:
        raise BadInput(f"unknown direction {described['direction']!r}", hint=f"one of {', '.join(DIRECTIONS)}")
    lower, upper = thresholds[0], thresholds[-1]
    groups = apply_cut(values, upper, lower, keep_middle=keep_middle)
    n_high, n_low = int((groups == HIGH).sum()), int((groups == LOW).sum())
    if not (n_high and n_low):
        raise Refused(
            f"the cut at {upper:.6g} leaves the {'high' if not n_high else 'low'} side empty",
            where=f"{n_low} low, {n_high} high of {int((~np.isnan(values)).sum())} values between "
            f"{np.nanmin(values):.6g} and {np.nanmax(values):.6g}",
            hint="choose another cut; a marker with many equal values at one end has no such cut",
        )
    n_middle = int(((values >= lower) & (values < upper)).sum())
    notes = []
    if n_middle:
        notes.append(f"{n_middle} samples between the quantiles " + ("kept as middle" if keep_middle else "excluded"))
    not_low = values[values >= lower]
    return Cut(
        threshold=float(upper),
        lowest_high=float(values[values >= upper].min()),
        lowest_not_low=float(not_low.min()) if len(thresholds) > 1 else np.nan,
        groups=groups,
        members=np.arange(len(values)),
        n_missing=int(np.isnan(values).sum()),
        n_middle=n_middle,
        notes=tuple(notes),
        **described,
    )
