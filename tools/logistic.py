"""Odds ratios of a yes/no outcome, such as response to treatment, one variable at a time and together."""

from __future__ import annotations

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def logistic(
    samples: SampleSheet,
    expression: ExpressionMatrix | None,
    gene: list[str],
    covariate: list[str],
    outcome_column: str,
    outcome_level: list[str],
    strata: list[str],
    penalty: str,
    model: str,
    factor: list[str],
    numeric: list[str],
    reference_level: list[tuple[str, str]],
    interaction: list[tuple[str, str]],
    cut_quantile: list[float],
) -> dict[str, object]:
    from functools import partial

    from prognomics.regression.analysis import logistic_analysis, roc_table
    from prognomics.regression.locked import locked_logistic_model
    from prognomics.regression.outcome import binary_outcome

    samples = samples.with_genes(expression, gene)
    found = logistic_analysis(
        samples.frame, binary_outcome(samples, outcome_column, outcome_level),
        list(dict.fromkeys([*gene, *covariate])), strata=strata, penalty=penalty, model=model, factors=factor,
        numerics=[*gene, *numeric], reference_levels=dict(reference_level), interactions=interaction,
        population=samples.population,
    )  # fmt: skip

    def plot() -> object:
        from prognomics.report.figures.forest import OddsForestFigure

        return OddsForestFigure(found.table)

    further = {"roc": partial(roc_table, found), "fitted": partial(locked_logistic_model, found, gene, cut_quantile)}
    return {"table": found.table, "model": found.model, "plot": plot, **further}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
