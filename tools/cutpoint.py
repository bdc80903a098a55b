"""Divide the samples into a low and a high group of a marker."""

from __future__ import annotations

from functools import partial

import numpy as np
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
    from prognomics.cutpoint import cut_policy, cutpoint_table
    from prognomics.cutpoint.locked_cut import locked_cut

    marker = gene or score_column
    samples = samples.with_genes(expression, [gene]) if gene else samples
    values = samples.numbers(marker)
    learner = cut_policy.learner(
        method, marker, quantiles=quantile, keep_middle=keep_middle, value=value, table=cut, rule=rule,
        min_specificity=min_specificity, min_fraction=min_fraction, correction=correction, n_permutations=permutations,
        n_bootstraps=bootstraps, rng=np.random.Generator(np.random.PCG64(seed)),
    )  # fmt: skip
    arrays, learnt_in = {}, samples.population
    if method == "roc":
        learnt_in = " versus ".join(map(samples.filter_name, (case, control)))
        arrays = cut_policy.roc_arrays(samples, values, case, control, not within)
    elif method == "maxstat":
        arrays = cut_policy.search_arrays(samples, endpoint, strata)
    found = cut_policy.learn_cuts(
        learner, values, arrays, within=samples.labels(within) if within else None,
        learn_name=samples.filter_name(learn_where) if learn_where else "",
        learn=samples.matches(learn_where) if learn_where else None, direction=direction, learnt_in=learnt_in,
    )  # fmt: skip
    column = name or f"{marker}_{method}"
    groups = pd.DataFrame({"sample_id": samples.sample_ids, column: cut_policy.join_groups(found, len(samples))})
    about = {"event": endpoint.event, "endpoint": endpoint.name} if endpoint else {"event": None, "endpoint": None}
    table = cutpoint_table.cutpoint_table(found, marker=marker, population=samples.population, **about)
    curve, profile = cutpoint_table.roc_table(found, marker), cutpoint_table.profile_table(found, marker)

    def plot() -> object:
        from prognomics.report.figures.cutpoint import cut_figure

        return cut_figure([values[cut.members] for cut in found], table, curve, profile)

    fitted = partial(locked_cut, found, samples.frame, values, endpoint, marker=marker, is_gene=bool(gene),
                     within=within, method=method, name=column)  # fmt: skip
    return {"fitted": fitted, "groups": groups, "table": table, "roc": curve, "profile": profile, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
