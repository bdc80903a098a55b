"""The samples of a parametric analysis, and the fit of a distribution to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.modeling.design_matrix import Design
from prognomics.survival.curves.kaplan_meier import SurvivalCurve, kaplan_meier
from prognomics.survival.parametric.fit import PIECEWISE, ParametricFit, fit_parametric


@dataclass(frozen=True)
class Samples:
    """The samples of an analysis: complete cases with times above 0."""

    time: np.ndarray
    event: np.ndarray
    design: Design
    rows: np.ndarray
    columns: np.ndarray
    reason: dict[Any, Any]
    group: np.ndarray
    n_missing: int
    entry: np.ndarray | None = None

    @property
    def x(self) -> np.ndarray:
        """The columns that a model can be fitted to, of all samples."""
        return self.design.x[:, self.columns]

    def fit(self, distribution: str, breaks: tuple[float, ...]) -> ParametricFit:
        return self._fit(distribution, breaks if distribution == PIECEWISE else (), list(self.columns))

    def nested(self, fit: ParametricFit, without: Collection[int]) -> ParametricFit:
        """The model without some columns of the design, from the estimates of the model with them."""
        kept = np.array([column not in set(without) for column in self.columns], bool)
        parameters = np.ones(len(fit.theta), bool)
        parameters[fit.columns] = kept
        return self._fit(fit.distribution, fit.breaks, self.columns[kept].tolist(), fit.theta[parameters])

    def _fit(
        self, distribution: str, breaks: tuple[float, ...], columns: list[int], start: np.ndarray | None = None
    ) -> ParametricFit:
        names, x = tuple(self.design.columns[j] for j in columns), self.design.x[self.rows][:, columns]
        entry = None if self.entry is None else self.entry[self.rows]
        return fit_parametric(distribution, self.time[self.rows], self.event[self.rows], x, names, breaks, start, entry)

    def curve(self, inside: np.ndarray) -> SurvivalCurve:
        """The Kaplan-Meier curve of some of the samples."""
        entry = None if self.entry is None else self.entry[inside]
        return kaplan_meier(self.time[inside], self.event[inside], entry=entry)
