"""Cumulative incidence and regression of an event that a competing event can prevent."""

from __future__ import annotations

from functools import cache, partial

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def competing_risks(
    samples: SampleSheet,
    expression: ExpressionMatrix | None,
    gene: list[str],
    covariate: list[str],
    group_column: str | None,
    group_order: list[str],
    endpoint: Endpoint,
    strata: list[str],
    conf_type: str,
    at: list[float],
    model: str,
    model_kind: str,
    ties: str,
    factor: list[str],
    numeric: list[str],
    reference_level: list[tuple[str, str]],
) -> dict[str, object]:
    from prognomics.report.figures.incidence import IncidenceFigure
    from prognomics.survival.competing_risks.analysis import incidence_analysis
    from prognomics.survival.competing_risks.regression import competing_regression

    samples = samples.with_genes(expression, gene)
    about = {"strata": strata, "endpoint": endpoint.name, "population": samples.population}

    curves = cache(partial(
        incidence_analysis, samples.frame, endpoint.time_months, endpoint.causes, group_column, conf_type=conf_type,
        at=at, group_order=group_order, **about,
    ))  # fmt: skip
    models = cache(partial(
        competing_regression, samples.frame, endpoint.time_months, endpoint.causes,
        list(dict.fromkeys([*gene, *covariate])), model=model, model_kind=model_kind, ties=ties, factors=factor,
        numerics=[*gene, *numeric], reference_levels=dict(reference_level), **about,
    ))  # fmt: skip

    def plot() -> object:
        found = curves()
        return IncidenceFigure(found.curve, found.incidence, found.test, endpoint=endpoint.name, at=at)

    return {
        "incidence": lambda: curves().incidence, "curve": lambda: curves().curve, "test": lambda: curves().test,
        "table": lambda: models().table, "ph": lambda: models().ph, "plot": plot,
    }  # fmt: skip


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
