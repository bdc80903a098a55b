"""Receiver operating characteristic of a marker between cases and controls.

Cases are the positives and the direction is declared, never chosen by the data.
A threshold is an observed value: a sample is called high when its value is at
least the threshold, so a value equal to it is high. pROC reports midpoints
between observed values instead; the calls are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betaincinv, ndtri

from prognomics.data.registry import table_columns
from prognomics.errors import BadInput, Refused, first_few, warn

RULES = ("youden", "closest_topleft", "min_specificity")
DIRECTIONS = ("high", "low")
FEWEST_FOR_DELONG = 10

ROC_COLUMNS = tuple(c for c in table_columns("roc_table") if c != "learnt_in")


@dataclass(frozen=True)
class Roc:
    """A ROC curve, its area and the operating point that a rule chose.

    Attributes
    ----------
    thresholds : ndarray, shape (n_thresholds,)
        The distinct values observed in cases or controls, ascending.
    n_high_case, n_high_control : ndarray of int, shape (n_thresholds,)
        Samples with a value at or above each threshold.
    sensitivity, specificity : ndarray, shape (n_thresholds,)
        Fraction of cases called positive and of controls called negative. Positive means
        high with direction `high`, low (below the threshold) with direction `low`.
    optimum : ndarray of bool, shape (n_thresholds,)
        Every threshold that ties for the optimum of the rule.
    chosen : int
        Position of the one taken: among ties, the one with the highest specificity.
    auc, auc_low, auc_high, auc_ci_method
        Area and its interval (`delong`, or `none` where cases or controls are fewer than ten).
    sensitivity_ci, specificity_ci : tuple of float
        Clopper-Pearson intervals at the chosen threshold.
    control_values : ndarray
        Values of the controls, ascending.
    n_case, n_control, n_missing : int
        Samples with a value, and cases or controls without.
    """

    direction: str
    rule: str
    thresholds: np.ndarray
    n_high_case: np.ndarray
    n_high_control: np.ndarray
    sensitivity: np.ndarray
    specificity: np.ndarray
    optimum: np.ndarray
    chosen: int
    auc: float
    auc_low: float
    auc_high: float
    auc_ci_method: str
    sensitivity_ci: tuple[float, float]
    specificity_ci: tuple[float, float]
    control_values: np.ndarray
    n_case: int
    n_control: int
    n_missing: int
    notes: tuple[str, ...]

    @property
    def lowest_high(self) -> float:
        """The smallest observed value called high."""
        return float(self.thresholds[self.chosen])

    @property
    def n_tied_optima(self) -> int:
        return int(self.optimum.sum())

    @property
    def n_candidates(self) -> int:
        """Thresholds that leave neither side empty."""
        return len(self.thresholds) - 1

    def table(self, marker: str = "marker") -> pd.DataFrame:
        """The curve, one row per threshold; the last row (threshold NA) calls nothing high."""
        none_high = 0.0 if self.direction == "high" else 1.0
        sensitivity = np.append(self.sensitivity, none_high)
        specificity = np.append(self.specificity, 1.0 - none_high)
        positions = np.arange(len(sensitivity))
        return pd.DataFrame(
            {
                "marker": marker,
                "threshold": np.append(self.thresholds, np.nan),
                "sensitivity": sensitivity,
                "specificity": specificity,
                "n_high_case": np.append(self.n_high_case, 0),
                "n_high_control": np.append(self.n_high_control, 0),
                "n_case": self.n_case,
                "n_control": self.n_control,
                "youden": sensitivity + specificity - 1.0,
                "distance_topleft": np.hypot(1.0 - sensitivity, 1.0 - specificity),
                "optimum": np.where(np.append(self.optimum, False), "yes", "no"),
                "chosen": np.where(positions == self.chosen, "yes", "no"),
            },
            columns=list(ROC_COLUMNS),
        )


def roc(
    values: np.ndarray,
    case: np.ndarray,
    control: np.ndarray,
    *,
    direction: str,
    rule: str,
    min_specificity: float | None = None,
    conf_level: float = 0.95,
) -> Roc:
    """ROC curve of cases against controls and the threshold a rule chooses.

    Parameters
    ----------
    values : array_like, shape (n_samples,)
        Marker; NaN is excluded and counted.
    case, control : array_like of bool, shape (n_samples,)
        The positives and the negatives. Samples in neither are ignored.
    direction : {"high", "low"}
        Whether cases are expected to have high or low values. Declared by the user.
    rule : {"youden", "closest_topleft", "min_specificity"}
        Largest sensitivity + specificity; smallest distance to (sensitivity 1, specificity 1);
        or largest sensitivity among thresholds with at least `min_specificity`.
        Ties are found in integer arithmetic; all are reported, and the one with the highest
        specificity is taken.
    min_specificity : float, optional
        Between 0 and 1; needed by the rule of that name.
    conf_level : float
        Level of all intervals.

    Returns
    -------
    Roc

    Raises
    ------
    BadInput
        For samples that are both case and control, infinite values, or an unknown rule or direction.
    Refused
        Without controls or without cases, with a constant marker, or when the best threshold
        would leave one side empty.

    Notes
    -----
    The area counts ties as one half. Its interval is DeLong's [1]_ and as `pROC::ci.auc`; it is
    given from ten cases and ten controls up. The intervals of sensitivity and specificity are
    Clopper-Pearson's, as `binom.test`. Thresholds agree with `pROC::coords` after its midpoints
    are moved up to the next observed value.

    References
    ----------
    .. [1] DeLong, DeLong and Clarke-Pearson 1988, doi:10.2307/2531595.
    .. [2] Youden 1950, doi:10.1002/1097-0142(1950)3:1<32::aid-cncr2820030106>3.0.co;2-3.
    """
    _check_options(direction, rule, min_specificity)
    cases, controls, n_missing = _split(values, case, control)
    thresholds = np.unique(np.concatenate([cases, controls]))
    if len(thresholds) < 2:
        raise Refused(
            "the marker has one value only in cases and controls, so no cut separates them",
            hint="choose another marker, or check that the values were not rounded away",
        )
    n_case, n_control = len(cases), len(controls)
    high_case = n_case - np.searchsorted(np.sort(cases), thresholds, side="left")
    high_control = n_control - np.searchsorted(np.sort(controls), thresholds, side="left")
    positives = (high_case, high_control) if direction == "high" else (n_case - high_case, n_control - high_control)
    optimum, chosen = _optimum(*positives, n_case, n_control, rule, min_specificity, direction)
    auc, half_width = _area(cases, controls, direction, conf_level)
    notes = []
    delong = min(n_case, n_control) >= FEWEST_FOR_DELONG
    low, high = (max(0.0, auc - half_width), min(1.0, auc + half_width)) if delong else (np.nan, np.nan)
    if delong and half_width == 0.0:
        notes.append("no spread in the placement values: DeLong's interval has no width and says nothing")
        warn("auc-interval-degenerate", "cases and controls do not overlap: the DeLong interval has no width")
    if n_control < FEWEST_FOR_DELONG:
        shown = " ".join(f"{v:.6g}" for v in np.sort(controls))
        notes.append(f"{n_control} controls, all shown: {shown}")
        warn(
            "few-controls",
            f"only {n_control} controls: the cut hangs on single values ({shown}); no interval for "
            "the AUC is given, and the exact interval of the specificity is wide",
        )
    if n_case < FEWEST_FOR_DELONG:
        notes.append(f"only {n_case} cases")
        warn("few-cases", f"only {n_case} cases: no interval for the AUC is given")
    if auc < 0.5:
        notes.append(f"AUC below 0.5 with direction {direction}")
        warn("auc-below-half", f"the AUC is {auc:.3g}: cases tend away from the declared direction {direction}")
    if optimum.sum() > 1:
        notes.append("tied optima at " + " ".join(f"{t:.6g}" for t in thresholds[optimum]))
    sensitivity = positives[0] / n_case
    specificity = 1.0 - positives[1] / n_control
    return Roc(
        direction=direction,
        rule=rule,
        thresholds=thresholds,
        n_high_case=high_case,
        n_high_control=high_control,
        sensitivity=sensitivity,
        specificity=specificity,
        optimum=optimum,
        chosen=chosen,
        auc=auc,
        auc_low=low,
        auc_high=high,
        auc_ci_method="delong" if delong else "none",
        sensitivity_ci=clopper_pearson(int(positives[0][chosen]), n_case, conf_level),
        specificity_ci=clopper_pearson(int(n_control - positives[1][chosen]), n_control, conf_level),
        control_values=np.sort(controls),
        n_case=n_case,
        n_control=n_control,
        n_missing=n_missing,
        notes=tuple(notes),
    )


def _check_options(direction: str, rule: str, min_specificity: float | None) -> None:
    if direction not in DIRECTIONS:
        raise BadInput(f"unknown direction {direction!r}", hint=f"one of {', '.join(DIRECTIONS)}")
    if rule not in RULES:
        raise BadInput(f"unknown ROC rule {rule!r}", hint=f"one of {', '.join(RULES)}")
    if rule == "min_specificity" and not (min_specificity is not None and 0.0 <= min_specificity <= 1.0):
        raise BadInput("the rule min_specificity needs a specificity between 0 and 1", hint="give --min-specificity")


def _split(values: np.ndarray, case: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, np.ndarray, int] | None:
    values = np.asarray(values, dtype=float)
    case, control = np.asarray(case, dtype=bool), np.asarray(control, dtype=bool)
    both = np.flatnonzero(case & control)
    if len(both):
        raise BadInput(
            f"{len(both)} samples are both case and control",
            where=f"positions {first_few(both)}",
            hint="make the two conditions exclude one another",
        )
    if np.isinf(values[case | control]).any():
        raise BadInput("the marker holds infinite values", hint="a logarithm of zero? add an offset before it")
    known = ~np.isnan(values)
    cases, controls = values[case & known], values[control & known]
    for what, part, option in (("control", controls, "--control"), ("case", cases, "--case")):
        if not len(part):
            raise Refused(
                f"there is no {what} with a value, so there is no ROC curve",
                hint=f"check {option} against the column's values, or use a cut that needs none (median)",
            )
    return cases, controls, int(((case | control) & ~known).sum())


def _optimum(
    positive_case: np.ndarray,
    positive_control: np.ndarray,
    n_case: int,
    n_control: int,
    rule: str,
    min_specificity: float | None,
    direction: str,
) -> tuple[np.ndarray, int] | None:
    """All thresholds that tie for the optimum and the chosen one; exact, in integers."""
    tp, fp = positive_case.astype(object), positive_control.astype(object)
    if rule == "youden":
        loss, trivial = -(tp * n_control - fp * n_case), 0
    elif rule == "closest_topleft":
        loss, trivial = ((n_case - tp) * n_control) ** 2 + (fp * n_case) ** 2, (n_case * n_control) ** 2
    else:
        allowed = 1.0 - positive_control / n_control >= min_specificity - 1e-12
        loss, trivial = np.where(allowed, -tp, 1), 0
    # the lowest threshold calls everything high and belongs to the curve, not to the candidates
    best = min(loss[1:])
    if best >= trivial:
        raise Refused(
            "no threshold does better than calling all samples the same: one side of the cut would be empty",
            where=f"rule {rule}, direction {direction}",
            hint="check that --direction says on which side the cases are expected",
        )
    optimum = np.zeros(len(loss), dtype=bool)
    optimum[1:] = loss[1:] == best
    tied = np.flatnonzero(optimum)
    # positives grow towards one end only, so fewest false positives is unique up to equal calls
    return optimum, int(tied[np.argmin(positive_control[tied])])


def _area(cases: np.ndarray, controls: np.ndarray, direction: str, conf_level: float) -> tuple[float, float]:
    """AUC and the half width of DeLong's interval."""
    sign = 1.0 if direction == "high" else -1.0
    auc, se = delong(sign * cases, sign * controls)
    return auc, float(ndtri(0.5 + conf_level / 2) * se)


def delong(cases: np.ndarray, controls: np.ndarray) -> tuple[float, float]:
    """AUC where cases are higher, and its standard error, from midranks.

    DeLong et al. (1988), doi:10.2307/2531595; Sun and Xu (2014), doi:10.1109/LSP.2014.2337313. As `pROC::var`; the
    error is NaN with fewer than two cases or controls.
    """
    m, n = len(cases), len(controls)
    below_case = _placement(cases, controls)
    above_control = 1.0 - _placement(controls, cases)
    auc = float(below_case.mean())
    if min(m, n) < 2:
        return auc, np.nan
    return auc, float(np.sqrt(below_case.var(ddof=1) / m + above_control.var(ddof=1) / n))


def _placement(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """For each x, the fraction of y below it, ties counted half."""
    y = np.sort(y)
    return (np.searchsorted(y, x, side="left") + np.searchsorted(y, x, side="right")) / (2.0 * len(y))


def clopper_pearson(successes: int, trials: int, conf_level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a proportion, as R's `binom.test` (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404)."""
    if trials == 0:
        return np.nan, np.nan
    tail = (1.0 - conf_level) / 2.0
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1.0 - tail))
    return low, high
