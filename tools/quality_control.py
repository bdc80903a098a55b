"""Check merged cohorts: principal components, variance by cohort, near-duplicate samples."""

from __future__ import annotations

from functools import partial

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


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
    from prognomics.expression.quality_of_sheet import sheet_quality
    from prognomics.report.figures.pca import PcaFigure
    from prognomics.report.figures.rle import RleFigure

    found = sheet_quality(
        expression, samples, expression_before, covariates=covariate, factors=factor, numerics=numeric,
        n_components=components, shared_axes=shared_axes, sex_column=sex_column,
    )  # fmt: skip
    return {
        "table": found.table.assign(population=samples.population),
        "pca": found.components,
        "duplicates": found.duplicates,
        "samples": found.samples.assign(population=samples.population),
        "plot": partial(PcaFigure, found.components, found.table),
        "samples_plot": partial(RleFigure, found.samples),
    }


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
