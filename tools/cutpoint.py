"""Divide the samples into a low and a high group of a marker."""

from __future__ import annotations

import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def cutpoint(
    samples: SampleSheet,
    expression: ExpressionMatrix | None,
    gene: str | None,
    score_column: str | None,
    method: str,
    case: str,
    control: str,
    rule: str,
    min_specificity: float | None,
    quantile: list[float],
    keep_middle: bool,
    cut: pd.DataFrame | None,
    min_fraction: float,
    correction: str,
    permutations: int,
    bootstraps: int,
    strata: list[str],
    seed: int,
    value: float | None,
    direction: str,
    within: str | None,
    learn_where: str | None,
    endpoint: Endpoint | None,
    name: str | None,
) -> dict[str, object]:
    from prognomics.cutpoint.analysis import divide_samples

    found = divide_samples(
        samples.with_genes(expression, [gene]) if gene else samples, gene or score_column, method, endpoint, case=case,
        control=control, strata=strata, within=within, learn_where=learn_where, direction=direction, name=name,
        seed=seed, quantiles=quantile, keep_middle=keep_middle, value=value, table=cut, rule=rule,
        min_specificity=min_specificity, min_fraction=min_fraction, correction=correction,
        n_permutations=permutations, n_bootstraps=bootstraps,
    )  # fmt: skip

    def plot() -> object:
        from prognomics.report.figures.cutpoint import cut_figure

        return cut_figure(found.values_by_cut, found.table, found.roc, found.profile)

    return {"fitted": lambda: found.lock(is_gene=bool(gene)), "groups": found.groups, "table": found.table,
            "roc": found.roc, "profile": found.profile, "plot": plot}  # fmt: skip


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
