"""Compare a gene or score between groups of samples."""

from __future__ import annotations

from functools import partial

import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.patients import patient_keys
from prognomics.data.sheet import SampleSheet


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
    from prognomics.report.figures.boxplot import BoxFigure

    markers = list(dict.fromkeys(gene or score_column))
    samples = samples.with_genes(expression, markers if gene else [])
    values = pd.DataFrame({marker: samples.numbers(marker) for marker in markers})
    groups = samples.labels(group_column)
    cohort = samples.labels("cohort") if "cohort" in samples.columns else None
    options = {"test": test, "levels": list(dict.fromkeys(level)) or None, "reference": reference_group,
               "adjust_method": p_adjust, "population": samples.population,
               "pairs": patient_keys(samples, pair_column) if pair_column else None,
               "sample_ids": samples.sample_ids}  # fmt: skip
    table = compared(values, groups, cohort=cohort, **options)

    def genes() -> pd.DataFrame:
        from prognomics.association.comparison_by_gene import compare_by_gene

        shared = {name: options[name] for name in ("levels", "reference", "population", "pairs")}
        return compare_by_gene(expression, samples.sample_ids, groups, cohort=cohort, **shared)

    value_label = "expression" if gene else ""
    plot = partial(BoxFigure, table, values, groups, group_label=group_column, value_label=value_label)
    return {"table": table, "plot": plot, "genes": genes,
            "cohorts": lambda: compare_by_cohort(values, groups, cohort, **options)}  # fmt: skip


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
