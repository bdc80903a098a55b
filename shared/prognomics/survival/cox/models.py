"""The data of a Cox analysis, made once, and the models that are fitted to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import number_values, text_values
from prognomics.data.sheet import sample_names
from prognomics.data.strata import stratum_labels
from prognomics.errors import BadInput, Refused, UsageError, first_few, unknown_name, warn
from prognomics.modeling.coefficient_tests import likelihood_ratio_test
from prognomics.modeling.design_matrix import Design
from prognomics.modeling.fitted import FittedModel
from prognomics.modeling.model_data import PENALTIES, Coding, ModelData
from prognomics.modeling.splines import harrell_knots
from prognomics.modeling.stratum_interactions import strata_that_interact
from prognomics.survival.clusters import cluster_labels
from prognomics.survival.cox.firth import fit_firth
from prognomics.survival.cox.fit import CoxFit, fit_cox
from prognomics.survival.curves.follow_up import late_entry
from prognomics.survival.endpoint_arrays import endpoint_arrays, parse_numeric


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

    def _fit(
        self, rows: np.ndarray, x: np.ndarray, columns: list[str] | tuple[Any, ...], cluster: np.ndarray | None = None
    ) -> CoxFit:
        def of(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[rows]

        return fit_cox(
            self.time[rows], self.event[rows], x, of(self.strata), self.ties, of(self.weights), of(self.late),
            cluster, columns, self.eps,
        )  # fmt: skip

    def lr_p(self, model: FittedModel, columns: Collection[int]) -> float:
        """Likelihood-ratio p of leaving some columns out of a model (penalized where the model is)."""
        if model.firth is not None:
            result: float = model.firth.test(columns).p_value
            return result
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


def _knots(
    frame: pd.DataFrame, covariates: Sequence[str], coding: Coding, eligible: np.ndarray
) -> dict[str, np.ndarray]:
    """Knots of each spline, from all samples with an endpoint that have the variable: the same in every model."""
    knots = {}
    for name in coding.splines:
        if name not in covariates:
            raise unknown_name("covariate", name, covariates, where="splines")
        numbers = None if name in coding.factors else number_values(frame[name])
        if numbers is None:
            raise BadInput(
                f"the column {name!r} is not numeric", where="splines", hint="give a numeric column to --spline"
            )
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
        warn("zero-weights", f"{int((values == 0).sum())} samples have weight 0 and are excluded")
    return values, values > 0


def check_penalty(penalty: str, cluster: str | None) -> None:
    """Raises UsageError for an unknown penalty, or one that the request does not allow."""
    if penalty not in PENALTIES:
        raise UsageError(f"unknown penalty {penalty!r}", hint=f"one of {', '.join(PENALTIES)}")
    if penalty == "firth" and cluster is not None:
        raise UsageError("there are no robust standard errors under Firth's penalty", hint="omit the cluster")
