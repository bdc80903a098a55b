"""The effect of one marker in each cohort, by Cox models of each, and in one model stratified by cohort."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.levels import ordered_levels
from prognomics.data.sheet import sample_names
from prognomics.errors import BadInput, Refused, UsageError, first_few, unknown_name, warn
from prognomics.modeling.design_matrix import (
    build_design,
    check_stray_text,
    number_values,
    numeric_values,
    put_first,
    text_values,
)
from prognomics.modeling.fitted import ENOUGH_EVENTS, why_not_estimable
from prognomics.modeling.influential import far_values, warn_influential
from prognomics.survival.clusters import cluster_labels
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.endpoint_arrays import endpoint_arrays

EFFECT_COLUMNS = ("cohort", "n", "events", "n_missing", "log_hr", "se", "note")
PER_SD = "1 SD within cohort"


@dataclass(frozen=True)
class CohortEffects:
    """What a meta-analysis of one marker starts from.

    Attributes
    ----------
    cohorts : DataFrame
        Columns `EFFECT_COLUMNS`, one row per cohort in order of its name; log_hr and se are NaN where the cohort's
        model cannot be fitted or the marker's effect is not estimable, and the note states why.
    stratified : dict or None
        `log_hr, se, n, events` of one Cox model of all cohorts, stratified by cohort; None where not estimable.
    unit : str
        What the hazard ratio is per: "1 SD within cohort", or "high vs low".
    n_without_cohort : int
        Samples excluded because their cohort is not known.
    """

    cohorts: pd.DataFrame
    stratified: dict[str, Any] | None
    unit: str
    n_without_cohort: int


def cohort_effects(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    marker: str,
    *,
    cohort_column: str,
    covariates: Sequence[str] = (),
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
    ties: str = "efron",
    cluster: str | None = None,
) -> CohortEffects:
    """Fit the marker in each cohort, adjusted by the covariates if there are any.

    Parameters
    ----------
    frame : DataFrame
        One row per sample: marker, cohort, covariates.
    time_months, event : array_like of shape (n_samples,), or names of columns
        Missing values are excluded and counted.
    marker : str
        Column of numbers, whose hazard ratio is given per standard deviation (n - 1) of the samples in the cohort's
        model; or a factor of two levels, the second against the reference.
    cohort_column : str
    covariates : sequence of str
        Each cohort's model holds them all: a cohort where one is not known cannot be fitted, one in which a covariate
        does not vary is fitted without it.
    factors, numerics, reference_levels
        See `build_design`; what is a number is judged over all samples. The reference of a covariate changes
        nothing here.
    ties : {"efron", "breslow"}
    cluster : str, optional
        Column of samples that belong together: standard errors are the robust ones, in each cohort and in the
        stratified model.

    Returns
    -------
    CohortEffects

    Raises
    ------
    BadInput
        Unknown columns, a marker with one level or more than two, wrong values.
    Refused
        No sample has the endpoint, or none the event.
    UsageError
        The marker or the cohort is also a covariate.

    Notes
    -----
    Estimates are those of `survival::coxph` with `scale(marker)` in each cohort. The stratified model uses the same
    samples and the same scaling, with `strata(cohort)` and common coefficients of covariates. A standard deviation
    within the cohort makes platforms of different spread comparable; cohorts of different make-up it does not.
    """
    covariates = list(dict.fromkeys(covariates))
    for name in (marker, cohort_column):
        if name not in frame.columns:
            raise unknown_name("column", name, map(str, frame.columns), where="samples and annotations")
        if name in covariates:
            raise UsageError(f"{name!r} is a covariate and also the marker or the cohort", hint="leave it out")
    time, happened, known = endpoint_arrays(frame, time_months, event)
    labels = text_values(frame[cohort_column])
    has_cohort = labels.notna().to_numpy()
    if not has_cohort.all():
        warn("cohort-unknown", f"{int((~has_cohort).sum())} samples have no value of {cohort_column!r}: excluded")
    coding = _Coding(frame, marker, covariates, set(factors), set(numerics), dict(reference_levels or {}))
    clusters = cluster_labels(frame, cluster)
    rows, used, scaled = [], np.zeros(len(frame), dtype=bool), np.full(len(frame), np.nan)
    crowded, far = [], []
    of_cohort, cohorts = pd.factorize(labels, sort=True)
    for code, cohort in enumerate(cohorts):
        inside = of_cohort == code
        design = coding.design(inside & known, happened)
        complete = design.complete
        events = int((happened[complete] == 1).sum())
        row = {"cohort": cohort, "n": int(complete.sum()), "events": events, "log_hr": np.nan, "se": np.nan,
               "n_missing": int(inside.sum() - complete.sum())}  # fmt: skip
        x, why = _scaled(design) if coding.numeric else (design.x, design.terms[0].note)
        why = _without(frame, inside & known, happened, covariates, row) or why
        if clusters is not None and not why and len(np.unique(clusters[complete])) < 2:
            why = f"all samples are of one {cluster}"
        if not why:
            used |= complete
            scaled[complete] = x[:, 0] if coding.numeric else np.nan
            for number in (t for t in design.terms if t.kind == "numeric" and t.columns):
                for i in far_values(design.x[:, number.columns[0]])[:1]:
                    sample, value = sample_names(frame)[complete][i], design.x[i, number.columns[0]]
                    far.append(f"{number.name} in {cohort}: sample {sample} ({value:.6g})")
            within = None if clusters is None else clusters[complete]
            fit = fit_cox(time[complete], happened[complete], x, ties=ties, columns=design.columns, cluster=within)
            term = design.terms[0]
            why = why_not_estimable(term, fit) or ("" if fit.converged else "the fit did not converge")
            if not why:
                beta = coding.sign(design) * float(fit.beta[term.columns[0]])
                row |= {"log_hr": beta, "se": float(fit.se[term.columns[0]])}
                if fit.df > 1 and events < ENOUGH_EVENTS * fit.df:
                    crowded.append(f"{cohort} ({events} events, {fit.df} coefficients)")
        rows.append(row | {"note": why or _unvarying(design)})
    if crowded:
        warn("few-events-per-variable", f"fewer than {ENOUGH_EVENTS} events per coefficient in: {first_few(crowded)}")
    warn_influential(far, f"{len(far)} variables")
    stratified = _stratified(coding, used, scaled, time, happened, labels, ties, clusters)
    table = pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))
    return CohortEffects(table, stratified, coding.unit, int((~has_cohort).sum()))


class _Coding:
    """How marker and covariates enter each model: a number or a factor, alike in every cohort."""

    def __init__(
        self,
        frame: pd.DataFrame,
        marker: str,
        covariates: list[str],
        factors: set[str],
        numerics: set[str],
        references: dict[str, str],
    ) -> None:
        self.frame, self.terms = frame, [marker, *covariates]
        strange = sorted((factors | numerics | set(references)) - set(self.terms))
        if strange:
            raise UsageError(f"{strange[0]!r} is neither the marker nor a covariate", hint="name it as a covariate too")
        for name in covariates:
            if name not in frame.columns:
                raise unknown_name("covariate", name, map(str, frame.columns), where="samples and annotations")
        text = factors | set(references)
        guessed = {n for n in self.terms if n not in text and number_values(frame[n]) is not None}
        for name in set(covariates) - text - guessed - numerics:
            check_stray_text(frame, name)
        self.numerics = guessed | numerics
        self.factors = set(self.terms) - numerics - guessed
        self.frame = frame.assign(**{name: numeric_values(frame, name) for name in self.numerics})
        for name, level in references.items():
            levels = ordered_levels(text_values(frame[name]).dropna())
            if level not in levels:
                raise unknown_name("level", level, levels, where=f"column {name}")
        self.numeric, self.unit, self.levels = marker in self.numerics, PER_SD, []
        if not self.numeric:
            levels = put_first(ordered_levels(text_values(frame[marker]).dropna()), references.get(marker))
            if len(levels) != 2:
                raise BadInput(
                    f"the marker {marker!r} has {len(levels)} level{'s' * (len(levels) != 1)} where two are compared",
                    where=first_few(levels),
                    hint="choose two by --where, or give a marker of numbers",
                )
            self.levels, self.unit = levels, f"{levels[1]} vs {levels[0]}"

    def design(self, eligible: np.ndarray, event: np.ndarray, marker: np.ndarray | None = None) -> Any:
        """The design of the eligible samples, which alone are looked at; `marker` in place of its own values."""
        rows = np.flatnonzero(eligible)
        frame = self.frame.iloc[rows]
        if marker is not None:
            frame = frame.assign(**{self.terms[0]: marker[rows]})
        own = build_design(frame, self.terms, event[rows], None, self.factors, self.numerics)
        complete = np.zeros(len(self.frame), dtype=bool)
        complete[rows[own.complete]] = True
        return replace(own, complete=complete)

    def sign(self, design: Any) -> float:
        """-1 where the order of a factor's levels puts the wanted reference second."""
        return -1.0 if self.levels and design.terms[0].reference != self.levels[0] else 1.0


def _scaled(design: Any) -> tuple[np.ndarray, str]:
    """The design with the marker, its first column, in standard deviations; or why that cannot be."""
    x = design.x.copy()
    if len(x) < 2:
        return x, "fewer than two complete cases"
    spread = float(np.std(x[:, 0], ddof=1))
    if not spread > 1e-12 * max(1.0, float(np.abs(x[:, 0]).max())):
        return x, "the marker does not vary"
    x[:, 0] /= spread
    return x, ""


def _without(
    frame: pd.DataFrame, eligible: np.ndarray, event: np.ndarray, covariates: list[str], row: dict[str, Any]
) -> str:
    """Why a cohort has no model: no follow-up, no events, or a covariate that nobody there has."""
    if not eligible.any():
        return "no follow-up"
    if not (event[eligible] == 1).any():
        return "no events"
    if row["events"]:
        return ""
    unknown = [c for c in covariates if text_values(frame[c])[eligible].isna().all()]
    return f"not known here: {first_few(unknown)}" if unknown else "no events among complete cases"


def _unvarying(design: Any) -> str:
    constant = [term.name for term in design.terms[1:] if term.kind == "factor" and len(term.levels) == 1]
    constant += [t.name for t in design.terms[1:] if t.kind == "numeric" and np.ptp(design.x[:, t.columns[0]]) == 0]
    return f"does not vary here, so not adjusted for: {first_few(constant)}" if constant else ""


def _no_stratified(why: Any) -> None:
    warn("stratified-model-left-out", f"there is no row of the model stratified by cohort: {why}")


def _stratified(
    coding: _Coding,
    used: np.ndarray,
    scaled: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    labels: pd.Series,
    ties: str,
    clusters: np.ndarray | None,
) -> dict[str, Any] | None:
    """One model of the same samples, stratified by cohort; None where it cannot be fitted."""
    if not used.any():
        return None
    design = coding.design(used, event, scaled if coding.numeric else None)
    rows = design.complete
    try:
        fit = fit_cox(time[rows], event[rows], design.x, labels.to_numpy(dtype=object)[rows].astype(str), ties,
                      columns=design.columns, cluster=None if clusters is None else clusters[rows])  # fmt: skip
    except Refused as refusal:
        _no_stratified(refusal.what)
        return None
    term = design.terms[0]
    if why := why_not_estimable(term, fit) or ("" if fit.converged else "the fit did not converge"):
        _no_stratified(why)
        return None
    place = term.columns[0]
    beta = coding.sign(design) * float(fit.beta[place])
    return {"log_hr": beta, "se": float(fit.se[place]), "n": fit.n, "events": fit.n_events}
