"""Check merged cohorts: principal components, variance by cohort, near-duplicate samples."""

from __future__ import annotations

from prognomics.data.gather import gather
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.errors import note


def quality_control(
    expression: ExpressionMatrix,
    samples: SampleSheet,
    expression_before: ExpressionMatrix | None,
    covariate: list[str],
    components: int,
    shared_axes: bool,
    sex_column: str,
    factor: list[str],
    numeric: list[str],
) -> dict[str, object]:
    from prognomics.expression.quality import chosen_covariates
    from prognomics.expression.quality import quality_control as checked

    _, sheet = gather([expression], [samples])
    if expression_before is not None:
        _, sheet = gather([expression_before], [sheet])
        expression_before = expression_before.select(sheet.sample_ids)
    covariates = chosen_covariates(
        sheet.frame, covariate, factors=factor, numerics=numeric, endpoints=sheet.endpoint_names, where=sheet.where
    )
    judged = expression if expression_before is None else expression_before
    found = checked(
        expression.select(sheet.sample_ids).values,
        sheet.sample_ids,
        sheet.labels("cohort"),
        covariates=covariates,
        values_before=None if expression_before is None else expression_before.values,
        n_components=components,
        shared_axes=shared_axes,
        gene_ids=judged.gene_ids,
        sex=sheet.frame[sex_column].tolist() if sex_column in sheet.columns else None,
    )
    note("variance-by-cohort", found.cohort_sentence())
    if "tissue_type" in sheet.columns:
        tissue = dict(zip(sheet.sample_ids, sheet.labels("tissue_type"), strict=True))
        found.components["tissue_type"] = found.components["sample_id"].map(tissue)

    def plot() -> object:
        from prognomics.report.figures.pca import PcaFigure

        return PcaFigure(found.components, found.table)

    def samples_plot() -> object:
        from prognomics.report.figures.rle import RleFigure

        return RleFigure(found.samples)

    return {
        "table": found.table.assign(population=samples.population),
        "pca": found.components,
        "duplicates": found.duplicates,
        "samples": found.samples.assign(population=samples.population),
        "plot": plot,
        "samples_plot": samples_plot,
    }


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
