"""The quality of the samples of a sheet, in one matrix or before and after merging."""

from __future__ import annotations

from collections.abc import Sequence

from prognomics.data.gather import gather
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.errors import note
from prognomics.expression.quality import Quality, chosen_covariates, quality_control


def sheet_quality(
    expression: ExpressionMatrix,
    samples: SampleSheet,
    before: ExpressionMatrix | None = None,
    *,
    covariates: Sequence[str] = (),
    factors: Sequence[str] = (),
    numerics: Sequence[str] = (),
    n_components: int = 10,
    shared_axes: bool = False,
    sex_column: str = "sex",
) -> Quality:
    """See `quality_control`, of the samples that are in the sheet and in each matrix.

    Parameters
    ----------
    expression, samples
    before : ExpressionMatrix, optional
        The matrix before merging; genes of the sexes are looked up in it if it is given.
    covariates, factors, numerics : sequence of str
        See `chosen_covariates`.
    sex_column : str
        The stated sex is compared with expression if the sheet has this column.

    Returns
    -------
    Quality
        Its components have the column `tissue_type` if the sheet has it.
    """
    _, sheet = gather([expression], [samples])
    if before is not None:
        _, sheet = gather([before], [sheet])
        before = before.select(sheet.sample_ids)
    chosen = chosen_covariates(
        sheet.frame, covariates, factors=factors, numerics=numerics, endpoints=sheet.endpoint_names, where=sheet.where
    )
    found = quality_control(
        expression.select(sheet.sample_ids).values,
        sheet.sample_ids,
        sheet.labels("cohort"),
        covariates=chosen,
        values_before=None if before is None else before.values,
        n_components=n_components,
        shared_axes=shared_axes,
        gene_ids=(expression if before is None else before).gene_ids,
        sex=sheet.frame[sex_column].tolist() if sex_column in sheet.columns else None,
    )
    note("variance-by-cohort", found.cohort_sentence())
    if "tissue_type" in sheet.columns:
        tissue = dict(zip(sheet.sample_ids, sheet.labels("tissue_type"), strict=True))
        found.components["tissue_type"] = found.components["sample_id"].map(tissue)
    return found
