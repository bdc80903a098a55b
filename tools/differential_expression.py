"""Every gene's difference between groups, or over a continuous marker, within cohorts."""

from __future__ import annotations

from functools import partial

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def differential_expression(
    samples: SampleSheet,
    expression: ExpressionMatrix,
    group_column: str | None,
    level: str | None,
    reference: str | None,
    gene: str | None,
    score_column: str | None,
    method: str,
    covariate: list[str],
    trend: bool,
    factor: list[str],
    numeric: list[str],
    normalize: str,
    filter: bool,
    block: list[str],
    pair_column: str | None,
    omit_gene: list[str],
    highlight: list[str],
    permutations: int,
    seed: int,
    top: int,
) -> dict[str, object]:
    from prognomics.expression.differential import differential_table, omitted_genes, prepare_genes
    from prognomics.expression.differential_heatmap import SCALE, top_genes
    from prognomics.expression.differential_samples import compare_samples
    from prognomics.expression.permuted_labels import permuted_statistics
    from prognomics.report.figures.differential import DifferentialFigure
    from prognomics.report.figures.heatmap import HeatmapFigure

    samples = samples.ordered()
    comparison = compare_samples(
        samples, expression, group_column=group_column, level=level, reference=reference, gene=gene, block=block,
        score_column=score_column, covariates=covariate, factors=factor, numerics=numeric, pair_column=pair_column,
    )  # fmt: skip
    data = (expression, comparison, samples.sample_ids)
    omit = omitted_genes([gene or group_column or score_column], expression, omit_gene, highlight)
    preparing = {"method": method, "normalize": normalize, "keep_expressed": filter, "omit": omit}
    table = differential_table(*data, trend=trend, population=samples.population, **preparing)
    made = partial(prepare_genes, *data, **preparing)
    plot = partial(DifferentialFigure, table, highlight=highlight)
    return {
        "table": table, "plot": plot,
        "permuted": lambda: permuted_statistics(made(), comparison, method, trend, permutations, seed),
        "heatmap": lambda: HeatmapFigure(*top_genes(made(), comparison, table, top), value_label=SCALE),
    }  # fmt: skip


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
