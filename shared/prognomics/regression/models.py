"""The data of a logistic analysis, made once, and the models that are fitted to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from prognomics.data.strata import stratum_labels
from prognomics.errors import Refused, warn
from prognomics.modeling.coefficient_tests import (
    ChiSquareTest,
    CoefficientTests,
    coefficient_tests,
    likelihood_ratio_test,
)
from prognomics.modeling.design_matrix import Design, Term
from prognomics.modeling.fitted import FittedModel
from prognomics.modeling.model_data import Coding, ModelData
from prognomics.modeling.stratum_interactions import strata_that_interact
from prognomics.regression.firth import FirthLogisticFit, fit_firth
from prognomics.regression.fit import LogisticFit, fit_logistic, require_both


@dataclass(frozen=True)
class OddsTests(CoefficientTests):
    """Per coefficient, shape (n_columns,); limits are of the profile likelihood, Wald's beside."""

    wald_low: np.ndarray = field(default_factory=lambda: np.zeros(0))
    wald_high: np.ndarray = field(default_factory=lambda: np.zeros(0))

    RATIO: ClassVar[str] = "odds_ratio"

    def cells(self, column: int) -> dict[str, object]:
        limits = {"ci_wald_low": self.wald_low[column], "ci_wald_high": self.wald_high[column]}
        return super().cells(column) | limits


@dataclass(frozen=True)
class LogisticModel(FittedModel):
    """One model of an analysis with its design; `fit` is a LogisticFit, `firth` a FirthLogisticFit or None."""

    fit: LogisticFit
    firth: FirthLogisticFit | None = None

    @cached_property
    def _tests(self) -> dict[float, OddsTests]:
        return {}

    def coefficient_tests(self, conf_level: float) -> OddsTests:
        """Wald's test, or under Firth's penalty that of the profile likelihood; profile limits of both."""
        if conf_level not in self._tests:
            wald = coefficient_tests(self.fit, conf_level)
            z, p_value = wald.z, wald.p_value
            if self.firth is not None:
                tests = [self.firth.test([column]) for column in range(len(self.fit.columns))]
                chisq, p_value = (np.array([getattr(t, name) for t in tests]) for name in ("chisq", "p_value"))
                z = np.sign(self.fit.beta) * np.sqrt(chisq)
            source = self.firth or self.fit
            with np.errstate(over="ignore"):
                low, high = np.exp(source.profile_limits(conf_level))
            self._tests[conf_level] = OddsTests(z, p_value, wald.hr, low, high, wald.ci_low, wald.ci_high)
        return self._tests[conf_level]


@dataclass(frozen=True, kw_only=True)
class LogisticData(ModelData):
    """What every logistic model of an analysis starts from; `event` is the outcome.

    Attributes
    ----------
    strata : numpy.ndarray of int or None, shape (n_samples,)
    penalty : {"none", "firth"}
    """

    strata: np.ndarray | None
    penalty: str

    def require_events(self, rows: np.ndarray, what: str) -> None:
        require_both(self.event[rows] == 1, f"{int(rows.sum())} complete cases of {what}")

    def modifier(self, term: Term, terms: Mapping[str, Term]) -> str | None:
        """A stratum; else the second part where it is a factor, else the first."""
        factors = [p for p in reversed(term.parts) if p in terms and terms[p].kind == "factor"]
        return super().modifier(term, terms) or (factors[0] if factors else None)

    def fit_design(self, design: Design, kind: str, selected_by: str | Mapping[str, str] = "") -> LogisticModel:
        """A model of a design on samples with both outcomes."""
        fit = self._fit(design.complete, design.x, design.columns)
        firth = fit_firth(fit, design.x) if self.penalty == "firth" else None
        missing = len(self.frame) - int(design.complete.sum())
        return LogisticModel(
            kind, design, firth.fit if firth else fit, None, missing, selected_by, plain=fit, firth=firth
        )

    def _fit(self, rows: np.ndarray, x: np.ndarray, columns: list[str] | tuple[Any, ...]) -> LogisticFit:
        strata = None if self.strata is None else self.strata[rows]
        return fit_logistic(self.event[rows] == 1, x, strata, columns)

    def lr_p(self, model: LogisticModel, columns: Collection[int]) -> float:
        """Likelihood-ratio p of leaving some columns out of a model (penalized where the model is)."""
        return self.lr_test(model, columns).p_value

    def lr_test(self, model: LogisticModel, columns: Collection[int]) -> ChiSquareTest:
        """Likelihood-ratio test of some columns of a model."""
        if model.firth is not None:
            return model.firth.test(columns)
        left = model.design.without(columns)
        smaller = None
        if left:
            names = [model.fit.columns[j] for j in left]
            smaller = self._fit(model.design.complete, model.design.x[:, left], names)
        return likelihood_ratio_test(model.fit, smaller)


def logistic_data(
    frame: pd.DataFrame,
    outcome: np.ndarray,
    coding: Coding,
    *,
    stratifying: Sequence[str],
    penalty: str,
    conf_level: float,
) -> LogisticData:
    """Check the outcome and the strata of an analysis.

    Parameters
    ----------
    outcome : numpy.ndarray of float, shape (n_samples,)
        1, 0, NaN where missing.

    Raises
    ------
    Refused
        One outcome only; no stratum with both.
    """
    labels, stratum_known = stratum_labels(frame, stratifying)
    known = ~np.isnan(outcome)
    if not known.any():
        raise Refused(f"none of the {len(frame)} samples has the outcome", hint="check --outcome-column and the subset")
    require_both(outcome[known] == 1, f"{int(known.sum())} samples")
    eligible = known & stratum_known
    if labels is not None:
        _warn_about_strata(labels[eligible], outcome[eligible] == 1)
    return LogisticData(
        frame=frame, event=outcome, eligible=eligible, strata=labels, coding=coding, penalty=penalty,
        conf_level=conf_level, interacting=strata_that_interact(coding.interactions, stratifying),
    )  # fmt: skip


def _warn_about_strata(labels: np.ndarray, case: np.ndarray) -> None:
    """Samples in strata with one outcome are in the model's n, and change nothing."""
    _, codes, size = np.unique(labels, return_inverse=True, return_counts=True)
    n_case = np.bincount(codes, case, len(size))
    single = (n_case == 0) | (n_case == size)
    if single.any():
        warn("uninformative-strata", f"{int(single.sum())} of {len(size)} strata ({int(size[single].sum())} samples) "
             "have one outcome only and do not contribute to the estimates")  # fmt: skip
