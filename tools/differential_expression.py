"""Every gene's difference between groups, or over a continuous marker, within cohorts."""

from __future__ import annotations

from functools import partial

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.errors import unknown_name


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
    from prognomics.expression.differential import differential_table, genes_of_marker, prepare_genes, require_groups
    from prognomics.expression.differential_samples import compare_samples

    for name in [*omit_gene, *highlight]:
        if name not in expression.gene_ids:
            raise unknown_name("gene", name, expression.gene_ids, where=expression.where)
    samples = samples.ordered()
    comparison = compare_samples(
        samples, expression, group_column=group_column, level=level, reference=reference, gene=gene,
        score_column=score_column, covariates=covariate, factors=factor, numerics=numeric, block=block,
        pair_column=pair_column,
    )  # fmt: skip
    require_groups(comparison, method)
    omit = [*omit_gene, *genes_of_marker([gene or group_column or score_column], expression)]
    preparing = {"method": method, "normalize": normalize, "keep_expressed": filter, "omit": list(dict.fromkeys(omit))}
    table = differential_table(expression, comparison, samples.sample_ids, trend=trend, population=samples.population,
                               **preparing)  # fmt: skip

    made = partial(prepare_genes, expression, comparison, samples.sample_ids, **preparing)

    def permuted() -> object:
        from prognomics.expression.permuted_labels import permuted_statistics

        return permuted_statistics(made(), comparison, method=method, trend=trend, permutations=permutations, seed=seed)

    def plot() -> object:
        from prognomics.report.figures.differential import DifferentialFigure

        return DifferentialFigure(table, highlight=highlight)

    def heatmap() -> object:
        from prognomics.expression.differential_heatmap import top_genes
        from prognomics.report.figures.heatmap import HeatmapFigure

        return HeatmapFigure(*top_genes(made(), comparison, table, top), value_label="SD from the mean of the block")

    return {"table": table, "permuted": permuted, "plot": plot, "heatmap": heatmap}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
