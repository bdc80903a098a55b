"""The effect of one marker in each cohort, and pooled."""

from __future__ import annotations

import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.errors import UsageError


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
    from prognomics.meta_analysis.subgroups import subgroup_of_cohorts

    facts: dict[str, object] = {}
    if samples is not None:
        if endpoint is None:
            raise UsageError("name the endpoint: --endpoint, or --time-column and --event-column")
        if gene:
            samples = samples.with_genes(expression, [gene])
        found = cohort_effects(
            samples.frame, endpoint.time_months, endpoint.event, gene or samples.resolve(marker_column),
            cohort_column=cohort_column, covariates=covariate, factors=factor, numerics=numeric,
            reference_levels=dict(reference_level), cluster=cluster,
        )  # fmt: skip
        effects = found.cohorts
        if subgroup:
            own = subgroup_of_cohorts(samples.frame, cohort_column, subgroup, effects["cohort"])
            effects = effects.assign(subgroup=own)
        facts = {"unit": found.unit, "stratified": found.stratified, "endpoint": endpoint.name,
                 "population": samples.population, "adjusted_for": covariate}  # fmt: skip
    else:
        effects = extract_effects(effects, scale, subgroup)
        facts = {"given": True, "scale": scale}
    table = pooled(effects, tau=tau, hartung_knapp=hartung_knapp, **facts)

    def plot() -> object:
        from prognomics.report.figures.meta_forest import MetaForestFigure

        return MetaForestFigure(table)

    return {"table": table, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
