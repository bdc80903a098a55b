"""The data of a Cox analysis, made once, and the models that are fitted to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import number_values, text_values
from prognomics.data.strata import stratum_labels
from prognomics.errors import BadInput, Refused, UsageError, first_few, unknown_name, warn
from prognomics.modeling.design_matrix import Design, Term, build_design
from prognomics.modeling.design_terms import expand_design
from prognomics.modeling.splines import harrell_knots
from prognomics.modeling.stratum_interactions import strata_that_interact, without_main_effects
from prognomics.survival.clusters import cluster_labels
from prognomics.survival.cox.firth import fit_firth
from prognomics.survival.cox.fit import CoxFit, fit_cox
from prognomics.survival.cox.model_tests import likelihood_ratio_test
from prognomics.survival.cox.notes import FittedModel, why_not_estimable
from prognomics.survival.curves.follow_up import late_entry
from prognomics.survival.result_table import endpoint_arrays, parse_numeric, sample_names

PENALTIES = ("none", "firth")


@dataclass(frozen=True)
class Coding:
    """How columns become terms: see `build_design` and `expand_design`; `splines` lists columns, `n_knots` of each."""

    factors: Collection[str] = ()
    numerics: Collection[str] = ()
    reference_levels: Mapping[str, str] = field(default_factory=dict)
    splines: Sequence[str] = ()
    n_knots: int = 4
    interactions: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class ModelData(ABC):
    """What every model of an analysis starts from; arrays of shape (n_samples,).

    Attributes
    ----------
    frame : pandas.DataFrame
    event : numpy.ndarray of float
        1 or 0; NaN where missing.
    eligible : numpy.ndarray of bool
        Samples with the outcome and all strata.
    coding : Coding
    knots : dict of column to numpy.ndarray
    conf_level : float
    interacting : sequence of str
        Strata that are a part of an interaction.
    """

    frame: pd.DataFrame
    event: np.ndarray
    eligible: np.ndarray
    coding: Coding
    conf_level: float
    knots: dict[str, Any] = field(default_factory=dict[str, Any])
    interacting: Sequence[str] = ()

    def fit(self, names: Sequence[str], kind: str, selected_by: str | Mapping[str, str] = "") -> FittedModel:
        """A model of some covariates on its complete cases; Refused where these do not allow one."""
        coding = self.coding
        pairs = [set(pair) for pair in coding.interactions]
        strata = [name for name in self.interacting if any({name} < pair <= {name, *names} for pair in pairs)]
        design = build_design(
            self.frame, [*names, *strata], self.event, self.eligible, [*coding.factors, *strata], coding.numerics,
            coding.reference_levels,
        )  # fmt: skip
        design = without_main_effects(expand_design(design, self.knots, coding.interactions), strata)
        self.require_events(design.complete, f"the {kind} model of {' + '.join(names)}")
        return self.fit_design(design, kind, selected_by)

    def stratum_values(self, name: str) -> np.ndarray:
        """The levels of a stratum's column, shape (n_samples,)."""
        return text_values(self.frame[name]).fillna("").to_numpy(dtype=str)

    def modifier(self, term: Term, terms: Mapping[str, Term]) -> str | None:
        """The part of an interaction in whose levels the other part's effect is reported; None for no such rows."""
        return next((part for part in term.parts if part in self.interacting), None)

    @abstractmethod
    def require_events(self, rows: np.ndarray, what: str) -> None:
        """Refuse samples (bool, shape (n_samples,)) in which the outcome does not vary."""

    @abstractmethod
    def fit_design(self, design: Design, kind: str, selected_by: str | Mapping[str, str] = "") -> FittedModel:
        """A model of a design that `require_events` accepts."""


@dataclass(frozen=True, kw_only=True)
class CoxData(ModelData):
    """What every Cox model of an analysis starts from; arrays of shape (n_samples,).

    Attributes
    ----------
    time : numpy.ndarray of float
        NaN where missing.
    strata : numpy.ndarray of int or None
    stratum_names : dict of int to str
    late : numpy.ndarray of float or None
    cluster : numpy.ndarray or None
        Where weights are not integers each sample is a cluster, unless there are clusters: robust standard
        errors, as coxph.
    weights : numpy.ndarray of float or None
    ties, penalty : str
    eps : float
    """

    time: np.ndarray
    strata: np.ndarray | None
    stratum_names: dict[int, str]
    late: np.ndarray | None
    cluster: np.ndarray | None
    weights: np.ndarray | None
    ties: str
    penalty: str
    eps: float

    def require_events(self, rows: np.ndarray, what: str) -> None:
        if not (self.event[rows] == 1).any():
            raise Refused(
                f"{what} has no events in {int(rows.sum())} complete cases",
                hint="check the missing values of the covariates, the subset and the endpoint",
            )

    def fit_design(self, design: Design, kind: str, selected_by: str | Mapping[str, str] = "") -> FittedModel:
        """A model of a design that has events."""
        rows = design.complete
        cluster = None if self.cluster is None else self.cluster[rows]
        fit = plain = self._fit(rows, design.x, design.columns, cluster)
        firth = None
        if self.penalty == "firth":
            firth = fit_firth(plain, design.x, self.conf_level)
            fit = firth.fit
        return FittedModel(
            kind, design, fit, cluster, len(self.frame) - int(rows.sum()), selected_by, plain=plain, firth=firth
        )

    def _fit(self, rows, x, columns, cluster=None):
        def of(values):
            return None if values is None else values[rows]

        return fit_cox(
            self.time[rows], self.event[rows], x, of(self.strata), self.ties, of(self.weights), of(self.late),
            cluster, columns, self.eps,
        )  # fmt: skip

    def lr_p(self, model: FittedModel, columns: Collection[int]) -> float:
        """Likelihood-ratio p of leaving some columns out of a model (penalized where the model is)."""
        if model.firth is not None:
            return model.firth.test(columns).p_value
        left = model.design.without(columns)
        return likelihood_ratio_test(model.fit, self.refit(model, left) if left else None).p_value

    def refit(self, model: FittedModel, columns: Sequence[int]) -> CoxFit:
        """The model with some of its columns only, on its samples, without penalty and clusters."""
        names = [model.fit.columns[j] for j in columns]
        return self._fit(model.design.complete, model.design.x[:, columns], names)


def cox_data(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    covariates: Sequence[str],
    coding: Coding,
    *,
    stratifying: Sequence[str],
    cluster: str | None,
    weights: object | None,
    entry_months: object | None,
    ties: str,
    penalty: str,
    eps: float,
    conf_level: float,
) -> CoxData:
    """Check the columns and arrays of an analysis; see `cox_analysis` for parameters and what is raised."""
    time, event, known = endpoint_arrays(frame, time_months, event)
    labels, stratum_known = stratum_labels(frame, stratifying)
    late, known = late_entry(frame, entry_months, time, known)
    clusters = cluster_labels(frame, cluster)
    own_weights, weighted = case_weights(frame, weights)
    eligible = known & stratum_known & weighted
    if clusters is None and own_weights is not None and (own_weights[eligible] % 1 != 0).any():
        clusters = np.arange(len(frame))
    names = {}
    if labels is not None:
        texts = [text_values(frame[column]) for column in stratifying]
        for row in np.flatnonzero(stratum_known):
            if labels[row] not in names:
                names[int(labels[row])] = ", ".join(str(text.iloc[row]) for text in texts)
    return CoxData(
        frame=frame, time=time, event=event, eligible=eligible, strata=labels, stratum_names=names, late=late,
        cluster=clusters, weights=own_weights, coding=coding, knots=_knots(frame, covariates, coding, eligible),
        ties=ties, penalty=penalty, eps=eps, conf_level=conf_level,
        interacting=strata_that_interact(coding.interactions, stratifying),
    )  # fmt: skip


def _knots(frame, covariates, coding, eligible):
    """Knots of each spline, from all samples with an endpoint that have the variable: the same in every model."""
    knots = {}
    for name in coding.splines:
        if name not in covariates:
            raise unknown_name("covariate", name, covariates, where="splines")
        numbers = None if name in coding.factors else number_values(frame[name])
        if numbers is None:
            raise BadInput(f"the column {name!r} is no variable of numbers: a spline needs them", where="splines")
        values = numbers.to_numpy(dtype=float)[eligible]
        try:
            knots[name] = harrell_knots(values[np.isfinite(values)], coding.n_knots)
        except Refused as refusal:
            raise Refused(f"no spline of {name!r}: {refusal.what}", hint=refusal.hint) from None
    return knots


def case_weights(frame: pd.DataFrame, weights: object | None) -> tuple[np.ndarray | None, np.ndarray]:
    """Case weights (an array or a column's name; None without), and which samples have a positive one.

    Both have shape (n_samples,). Samples of weight 0 are excluded with a warning; BadInput for negative ones.
    """
    if weights is None:
        return None, np.ones(len(frame), dtype=bool)
    values = parse_numeric(frame, weights)
    ids = sample_names(frame)
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        raise BadInput("case weights are negative or infinite", where=f"samples {first_few(ids[wrong])}")
    if (values == 0).any():
        warn("zero-weights", f"{int((values == 0).sum())} samples have weight 0 and are left out")
    return values, values > 0


def check_penalty(penalty: str, cluster: str | None) -> None:
    """Raises UsageError for an unknown penalty, or one that the request does not allow."""
    if penalty not in PENALTIES:
        raise UsageError(f"unknown penalty {penalty!r}", hint=f"one of {', '.join(PENALTIES)}")
    if penalty == "firth" and cluster is not None:
        raise UsageError("there are no robust standard errors under Firth's penalty", hint="leave out the cluster")


def nothing_estimable(models: Mapping[str, FittedModel | None], covariates: Sequence[str]) -> Refused:
    """The refusal of models without a single estimable coefficient, with the reasons."""
    reasons = []
    for one in models.values():
        if one is None:
            continue
        for term in one.design.terms:
            reasons.append(f"{term.name}: {why_not_estimable(term, one.fit)}")
    return Refused(
        f"nothing can be estimated for {' + '.join(covariates)}",
        where="; ".join(reasons[:5]),
        hint="a covariate must vary among samples at risk, with events at more than one of its levels",
    )
