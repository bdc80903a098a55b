"""The effect of one marker in each cohort, and pooled."""

from __future__ import annotations

from functools import partial

import pandas as pd

from prognomics.data.endpoint import Endpoint, require_endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def meta_analysis(
    samples: SampleSheet | None,
    expression: ExpressionMatrix | None,
    gene: str | None,
    marker_column: str | None,
    cohort_column: str,
    covariate: list[str],
    cluster: str | None,
    endpoint: Endpoint | None,
    factor: list[str],
    numeric: list[str],
    reference_level: list[tuple[str, str]],
    effects: pd.DataFrame | None,
    scale: str,
    subgroup: str | None,
    tau: str,
    hartung_knapp: bool,
) -> dict[str, object]:
    from prognomics.meta_analysis.cohort_effects import cohort_effects
    from prognomics.meta_analysis.effects_table import extract_effects
    from prognomics.meta_analysis.pooled_table import meta_analysis as pooled
    from prognomics.meta_analysis.subgroups import assign_subgroups
    from prognomics.report.figures.meta_forest import MetaForestFigure

    if samples is not None:
        endpoint = require_endpoint(endpoint)
        samples, marker = samples.with_marker(expression, gene, marker_column)
        found = cohort_effects(
            samples.frame, endpoint.time_months, endpoint.event, marker,
            cohort_column=cohort_column, covariates=covariate, factors=factor, numerics=numeric,
            reference_levels=dict(reference_level), cluster=cluster,
        )  # fmt: skip
        effects = assign_subgroups(found.cohorts, samples.frame, cohort_column, subgroup)
        facts: dict[str, object] = {"unit": found.unit, "stratified": found.stratified, "endpoint": endpoint.name,
                 "population": samples.population, "adjusted_for": covariate}  # fmt: skip
    else:
        effects = extract_effects(effects, scale, subgroup)
        facts = {"given": True, "scale": scale}
    table = pooled(effects, tau=tau, hartung_knapp=hartung_knapp, **facts)

    return {"table": table, "plot": partial(MetaForestFigure, table)}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
