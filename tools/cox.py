"""Hazard ratios of a marker and other variables, one at a time and together."""

from __future__ import annotations

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def cox(
    samples: SampleSheet,
    expression: ExpressionMatrix | None,
    gene: list[str],
    covariate: list[str],
    marker: list[str],
    endpoint: Endpoint,
    strata: list[str],
    cluster: str | None,
    weight_column: str | None,
    entry_time_column: str | None,
    ties: str,
    penalty: str,
    model: str,
    entry: str,
    entry_alpha: float,
    keep: list[str],
    factor: list[str],
    numeric: list[str],
    reference_level: list[tuple[str, str]],
    spline: list[str],
    knots: int,
    interaction: list[tuple[str, str]],
    subgroup: list[str],
    time_varying: list[str],
    time_function: str,
    time_split: list[float],
    impute: int | None,
    seed: int,
    complete_cases: bool,
    transform: list[str],
    cut_quantile: list[float],
) -> dict[str, object]:
    from prognomics.report.figures.cox_plots import with_cox_plots
    from prognomics.survival.cox.all_outputs import cox_outputs
    from prognomics.survival.cox.analysis import cox_analysis

    found = cox_analysis(
        samples.with_genes(expression, gene).frame, endpoint.time_months, endpoint.event,
        list(dict.fromkeys([*gene, *covariate])), strata=strata, ties=ties, model=model, entry=entry,
        entry_alpha=entry_alpha, keep=keep, factors=factor, seed=seed, numerics=[*gene, *numeric], splines=spline,
        n_knots=knots, reference_levels=dict(reference_level), cluster=cluster, weights=weight_column,
        interactions=interaction, entry_time=entry_time_column, penalty=penalty, transform=transform,
        markers=marker or gene, subgroups=subgroup, time_varying=time_varying, time_function=time_function,
        complete_cases=complete_cases, population=samples.population,
        time_splits=time_split, n_imputations=impute or 0, endpoint=endpoint.name,
    )  # fmt: skip
    return with_cox_plots(found, cox_outputs(found, transform[0], gene, cut_quantile))


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
