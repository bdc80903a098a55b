"""Apply a score that ranks all genes of a sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel
from prognomics.errors import BadInput
from prognomics.learning.applied import Applied, require_found
from prognomics.signature.locked_score import rank_score


def apply_ranked(
    model: LockedModel, expression: ExpressionMatrix | None, sample_ids: Sequence[str], min_genes: float
) -> Applied:
    """Scores of samples by a model of ssGSEA or singscore, as `score_signature` computes them.

    Parameters
    ----------
    model : LockedModel
    expression : ExpressionMatrix
        All genes that were measured: what else is in the matrix matters.
    sample_ids : sequence of str
    min_genes : float
        Smallest fraction of the model's genes that must be found.

    Raises
    ------
    BadInput
        No expression.
    Refused
        Fewer genes found than `min_genes`.
    """
    if expression is None:
        raise BadInput(f"the model ranks the expression of all genes ({model.score_method})", hint="give --expression")
    found = expression.rows_of(model.genes)
    require_found(model, tuple(gene for gene in model.genes if gene not in found), min_genes)
    scores, lost = rank_score(model, expression)
    by_sample = dict(zip(expression.sample_ids, scores.tolist(), strict=True))
    linear = np.array([by_sample.get(sample, np.nan) for sample in sample_ids])
    return Applied(linear, lost, 0, int(np.isnan(linear).sum()))
