"""Hazard ratios of a marker and other variables, one at a time and together."""

from __future__ import annotations

from prognomics.artefacts.endpoint import Endpoint
from prognomics.artefacts.matrix import ExpressionMatrix
from prognomics.artefacts.sheet import SampleSheet


def cox(
    samples: SampleSheet,
    expression: ExpressionMatrix | None,
    gene: list[str],
    covariate: list[str],
    endpoint: Endpoint,
    strata: list[str],
    cluster: str | None,
    ties: str,
    model: str,
    entry: str,
    entry_alpha: float,
    factor: list[str],
    numeric: list[str],
    reference_level: list[tuple[str, str]],
    transform: str,
) -> dict[str, object]:
    from prognomics.survival.cox_analysis import cox_analysis

    if gene:
        samples = samples.with_genes(expression, gene)
    found = cox_analysis(
        samples.frame, endpoint.time_months, endpoint.event, list(dict.fromkeys([*gene, *covariate])), strata=strata,
        ties=ties, model=model, entry=entry, entry_alpha=entry_alpha, reference_levels=dict(reference_level),
        factors=factor, numerics=[*gene, *numeric], cluster=cluster, transform=transform, endpoint=endpoint.name,
        population=samples.population,
    )  # fmt: skip

    def plot() -> object:
        from prognomics.report.figures.forest import CoxForestFigure

        return CoxForestFigure(found.table)

    return {"table": found.table, "model": found.model, "ph": found.ph, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
