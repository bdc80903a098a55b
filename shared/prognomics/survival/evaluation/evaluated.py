"""What the tables of an evaluation are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prognomics.modeling.design_matrix import Design
from prognomics.survival.evaluation.prediction import RiskModel
from prognomics.survival.evaluation.scoring import PerformanceMetrics, Prediction


@dataclass(frozen=True)
class Evaluated:
    """A model, its predictions for the samples that it was fitted to, and their measures."""

    design: Design
    model: RiskModel
    prediction: Prediction
    measures: dict[Any, Any]


@dataclass(frozen=True)
class Setting:
    """What the models of an evaluation share.

    Attributes
    ----------
    metrics : PerformanceMetrics
    strata : list of str
        Names, in the order of the codes.
    null : dict
        Accuracy of the Kaplan-Meier curves of the strata.
    groups, bootstraps, n_missing : int
    common : dict
        Cells of every row.
    """

    metrics: PerformanceMetrics
    strata: list[Any]
    null: dict[Any, Any]
    groups: int
    bootstraps: int
    n_missing: int
    common: dict[str, Any]
