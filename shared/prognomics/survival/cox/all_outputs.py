"""All outputs of a Cox analysis but its figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from prognomics.survival.cox.analysis import CoxAnalysis
from prognomics.survival.cox.locked import locked_cox_model
from prognomics.survival.cox.outputs import further_tables


def cox_outputs(
    found: CoxAnalysis, transform: str, genes: Sequence[str], cut_quantiles: Sequence[float]
) -> dict[str, Any]:
    """Tables and the locked model by the name of the output; those that are made only when requested, as functions.

    Parameters
    ----------
    found : CoxAnalysis
    transform : str
        Time scale of the residuals.
    genes : sequence of str, cut_quantiles : sequence of float
        See `locked_cox_model`.
    """
    return {
        "table": found.table,
        "model": found.model,
        "ph": found.ph,
        **further_tables(found, transform),
        "fitted": partial(locked_cox_model, found, genes, cut_quantiles),
    }
