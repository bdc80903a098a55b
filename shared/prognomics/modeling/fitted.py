"""A fitted model with its design, and what the reader should be told about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.sheet import sample_names
from prognomics.errors import first_few, warn
from prognomics.modeling.coefficient_tests import ChiSquareTest, CoefficientTests, Fit, coefficient_tests, wald_test
from prognomics.modeling.design_matrix import Design, Term
from prognomics.modeling.influential import warn_about_far_values

ENOUGH_EVENTS = 10


@dataclass(frozen=True)
class FittedModel:
    """One model of an analysis with its design.

    Attributes
    ----------
    kind : str
        "univariable", "multivariable", or a name of the caller's.
    design : Design
    fit : CoxFit or LogisticFit
    cluster : numpy.ndarray or None, shape (n_complete,)
    n_missing : int
        Samples excluded: no endpoint, a covariate, stratum or cluster missing.
    selected_by : str, or dict of covariate to str
        Why the covariates are in the model.
    plain : CoxFit or LogisticFit
        The fit without penalty; the same as `fit` if there is none.
    firth : FirthFit, FirthLogisticFit or None
    """

    kind: str
    design: Design
    fit: Any
    cluster: np.ndarray | None
    n_missing: int
    selected_by: str | Mapping[str, str] = ""
    plain: Any = None
    firth: Any = None

    def joint_test(self, columns: Collection[int]) -> ChiSquareTest:
        """Test that some coefficients are 0: Wald's, under Firth's penalty that of the profile likelihood."""
        return wald_test(self.fit, list(columns)) if self.firth is None else self.firth.test(columns)

    def coefficient_tests(self, conf_level: float) -> CoefficientTests:
        """Test and limits of each coefficient, both from Wald's statistic, or both from the profile likelihood."""
        tests = coefficient_tests(self.fit, conf_level)
        return tests if self.firth is None else self.firth.coefficient_tests(tests)

    def reason_for(self, term: Term) -> str | None:
        """Why a term is in the model, None where that is not said."""
        if isinstance(self.selected_by, str):
            return self.selected_by or None
        return self.selected_by.get(term.name) or ("interaction" if term.parts else None)


def why_not_estimable(term: Term, fit: Fit) -> str:
    """What keeps a term from being estimated, in words; empty if nothing does."""
    if term.note:
        return term.note
    reasons = {fit.reason[j] for j in term.columns} - {""}
    words = {
        "collinear": "does not vary among samples at risk, or follows from the terms before it",
        "infinite": "separates events from non-events (a level without events): {ratio} 0 or infinite",
        "drowned": "holds values so extreme that rounding hides the differences between all others",
    }
    why = [words[reason].format(ratio=fit.ratio) for reason in sorted(reasons)]
    if "infinite" in reasons and term.reference and term.events_level.get(term.reference) == 0:
        why.append(f"the reference level {term.reference} has no events, choose another (--reference-level)")
    return "; ".join(why)


def warn_about_models(models: Sequence[FittedModel]) -> None:
    """Warn of few events per coefficient and of terms that cannot be estimated."""
    few = [one for one in models if one.fit.df and one.fit.n_informative / one.fit.df < ENOUGH_EVENTS]
    if few:
        shown = [
            f"{one.kind} {' + '.join(term.name for term in one.design.terms)}: "
            f"{one.fit.n_informative} events, {one.fit.df} coefficients"
            for one in few
        ]
        warn(
            "few-events-per-variable",
            f"fewer than {ENOUGH_EVENTS} events per coefficient, unsure estimates: {'; '.join(shown[:5])}",
        )
    for one in models:
        for term in one.design.terms:
            why = why_not_estimable(term, one.fit)
            if why:
                bad = [one.fit.columns[j] for j in term.columns if not one.fit.estimable[j]] or [term.name]
                warn("not-estimable", f"{one.kind} model: {first_few(bad)} not estimable: {why}")


def warn_about_influence(models: Sequence[FittedModel], frame: pd.DataFrame) -> None:
    """Warn of numeric terms that single samples of the frame dominate, each term once."""
    variables: dict[str, np.ndarray] = {}
    for one in models:
        for term in one.design.terms:
            if term.kind in ("numeric", "spline") and term.columns and term.name not in variables:
                variables[term.name] = values = np.full(len(frame), np.nan)
                values[one.design.complete] = one.design.x[:, term.columns[0]]
    warn_about_far_values(variables, list(sample_names(frame)))
