"""Parametric survival models: distributions, time ratios, survival beyond follow-up."""

from __future__ import annotations

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def parametric_survival(
    samples: SampleSheet,
    expression: ExpressionMatrix | None,
    gene: list[str],
    covariate: list[str],
    group_column: str | None,
    endpoint: Endpoint,
    distribution: list[str],
    breaks: list[float],
    at: list[float],
    horizon: float | None,
    strata: list[str],
    entry_time_column: str | None,
    factor: list[str],
    numeric: list[str],
    reference_level: list[tuple[str, str]],
) -> dict[str, object]:
    from prognomics.survival.parametric.analysis import parametric_analysis

    samples = samples.with_genes(expression, gene)
    found = parametric_analysis(
        samples.frame, endpoint.time_months, endpoint.event, list(dict.fromkeys([*gene, *covariate])), group_column,
        distributions=distribution, breaks=breaks, at=at, horizon=horizon, strata=strata, factors=factor,
        numerics=[*gene, *numeric], reference_levels=dict(reference_level), entry_months=entry_time_column,
        endpoint=endpoint.name, population=samples.population,
    )  # fmt: skip

    def plot() -> object:
        from prognomics.report.figures.parametric import ParametricFigure

        return ParametricFigure(found.curve, found.fit, endpoint=endpoint.name)

    return {"fit": found.fit, "table": found.table, "survival": found.survival, "curve": found.curve, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
