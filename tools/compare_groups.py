"""Compare a gene or score between groups of samples."""

from __future__ import annotations

import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.patients import patient_keys
from prognomics.data.sheet import SampleSheet
from prognomics.errors import UsageError


def compare_groups(
    samples: SampleSheet,
    expression: ExpressionMatrix | None,
    gene: list[str],
    score_column: list[str],
    group_column: str,
    test: str,
    pair_column: str | None,
    level: list[str],
    reference_group: str | None,
    p_adjust: str,
) -> dict[str, object]:
    from prognomics.association.comparison import compare_groups as compared
    from prognomics.association.comparison_by_cohort import compare_by_cohort

    markers = list(dict.fromkeys(gene or score_column))
    if gene:
        samples = samples.with_genes(expression, markers)
    values = pd.DataFrame({marker: samples.numbers(marker) for marker in markers})
    groups = samples.labels(group_column)
    cohort = samples.labels("cohort") if "cohort" in samples.columns else None
    options = {"test": test, "levels": list(dict.fromkeys(level)) or None, "reference": reference_group,
               "adjust_method": p_adjust, "population": samples.population,
               "pairs": patient_keys(samples, pair_column) if pair_column else None,
               "sample_ids": samples.sample_ids}  # fmt: skip
    table = compared(values, groups, cohort=cohort, **options)

    def plot() -> object:
        from prognomics.report.figures.boxplot import BoxFigure

        return BoxFigure(table, values, groups, group_label=group_column, value_label="expression" if gene else "")

    def genes() -> pd.DataFrame:
        from prognomics.association.comparison_by_gene import compare_by_gene

        if pair_column:
            raise UsageError("the comparison of every gene has no test of pairs", hint="leave out --out-genes")
        if expression is None:
            raise UsageError("a comparison of every gene needs an expression matrix",
                             hint="give --expression and a --gene, or leave out this output")  # fmt: skip
        shared = {name: options[name] for name in ("levels", "reference", "population")}
        return compare_by_gene(expression, samples.sample_ids, groups, cohort=cohort, **shared)

    return {"table": table, "plot": plot, "genes": genes,
            "cohorts": lambda: compare_by_cohort(values, groups, cohort, **options)}  # fmt: skip


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
