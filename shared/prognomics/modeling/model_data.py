"""What every model of an analysis starts from: the samples, the outcome, and how columns become terms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.errors import Refused, first_few, unknown_name, warn
from prognomics.modeling.design_matrix import Design, Term, build_design
from prognomics.modeling.design_terms import expand_design
from prognomics.modeling.fitted import FittedModel, why_not_estimable
from prognomics.modeling.stratum_interactions import without_main_effects

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
        values: np.ndarray = text_values(self.frame[name]).fillna("").to_numpy(dtype=str)
        return values

    def modifier(self, term: Term, terms: Mapping[str, Term]) -> str | None:
        """The part of an interaction in whose levels the other part's effect is reported; None for no such rows."""
        return next((part for part in term.parts if part in self.interacting), None)

    @abstractmethod
    def require_events(self, rows: np.ndarray, what: str) -> None:
        """Refuse samples (bool, shape (n_samples,)) in which the outcome does not vary."""

    @abstractmethod
    def fit_design(self, design: Design, kind: str, selected_by: str | Mapping[str, str] = "") -> FittedModel:
        """A model of a design that `require_events` accepts."""


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


def check_coding(frame: pd.DataFrame, covariates: Collection[str], coded: Collection[str]) -> None:
    """Refuse the coding of unknown columns (BadInput), and warn about that of columns that are not covariates."""
    for name in coded:
        if name not in frame.columns:
            raise unknown_name("column", name, map(str, frame.columns), where="samples and annotations")
    idle = [name for name in dict.fromkeys(coded) if name not in covariates]
    if idle:
        warn("coding-unused", f"the coding of {first_few(idle)} has no effect: no covariate has that name")
