"""The genes of a model in a matrix, for the samples of a sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel
from prognomics.data.strata import COHORT
from prognomics.errors import Refused, first_few, warn

FEW_SAMPLES = 10


def genes_of(model: LockedModel, expression: ExpressionMatrix, sample_ids: Sequence[str]) -> pd.DataFrame:
    """Expression of the model's genes that the matrix has, columns by the model's names, shape (n_samples, n_found).

    Ensembl ids are also found under another version. Samples outside the matrix have NaN.
    """
    columns = {sample: j for j, sample in enumerate(expression.sample_ids)}
    place = np.array([columns.get(sample, -1) for sample in sample_ids])
    found = {gene: np.where(place >= 0, expression.values[row][place], np.nan)
             for gene, row in expression.rows_of(model.genes).items()}  # fmt: skip
    return pd.DataFrame(found, index=range(len(sample_ids)))


def require_scalable(model: LockedModel, frame: pd.DataFrame) -> None:
    """Refuse to standardize genes within a cohort of a single sample; warn of cohorts below ten."""
    if model.scaling != "within_cohort" or not model.genes:
        return
    if COHORT in frame.columns:
        sizes = text_values(frame[COHORT]).fillna("(no cohort)").value_counts()
    else:
        sizes = pd.Series({"all samples": len(frame)})
    alone, few = sorted(sizes[sizes < 2].index), sorted(sizes[sizes < FEW_SAMPLES].index)
    if alone:
        raise Refused("the model standardizes genes within each cohort, and a cohort has a single sample",
                      where=f"cohort {first_few(alone)}",
                      hint="give the other samples of the cohort, or use a model with stored scaling")  # fmt: skip
    if few:
        warn("few-samples", f"genes are standardized within cohorts of fewer than {FEW_SAMPLES} samples: "
             f"{first_few(few)}")  # fmt: skip
