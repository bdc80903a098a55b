"""Divide the samples into a low and a high group of a marker."""

from __future__ import annotations

import functools

import numpy as np

from prognomics.artefacts.endpoint import Endpoint
from prognomics.artefacts.matrix import ExpressionMatrix
from prognomics.artefacts.sheet import SampleSheet


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
    value: float | None,
    direction: str,
    within: str | None,
    endpoint: Endpoint | None,
    name: str | None,
) -> dict[str, object]:
    from prognomics.classify import cutpoint as cuts
    from prognomics.clinical.confounding import check_contrast

    marker = gene or score_column
    if gene:
        samples = samples.with_genes(expression, [gene])
    values, sides, learnt_in = samples.numbers(marker), {}, samples.population
    if method == "roc":
        sides = {"case": samples.matches(case, False), "control": samples.matches(control, False)}
        learnt_in = f"{case} versus {control}"
        known = {side: chosen & ~np.isnan(values) for side, chosen in sides.items()}
        if not within and "cohort" in samples.columns and all(chosen.any() for chosen in known.values()):
            check_contrast(*known.values(), samples.labels("cohort"), names=("cases", "controls"), what="the ROC curve")
    learn = {
        "median": cuts.median_cut,
        "quantile": functools.partial(cuts.quantile_cut, quantiles=quantile),
        "fixed": functools.partial(cuts.fixed_cut, value=value),
        "roc": functools.partial(cuts.roc_cut, rule=rule, min_specificity=min_specificity),
    }[method]
    if within:
        found = cuts.cut_within(learn, values, samples.labels(within), arrays=sides, direction=direction)
    else:
        found = [learn(values, **sides, direction=direction, learnt_in=learnt_in)]
    column = name or f"{marker}_{method}"
    groups = samples.frame[["sample_id"]].assign(**{column: cuts.join_groups(found, len(samples))})
    table = cuts.cutpoint_table(
        found, marker=marker, event=endpoint.event if endpoint else None,
        endpoint=endpoint.name if endpoint else None, population=samples.population,
    )  # fmt: skip
    curve = cuts.roc_table(found, marker)

    def plot() -> object:
        from prognomics.report.figures.cutpoint import CutpointFigure
        from prognomics.report.figures.roc import RocFigure

        parts = [values[cut.members] for cut in found]
        return CutpointFigure(parts, table) if curve is None else RocFigure(curve, table)

    return {"groups": groups, "table": table, "roc": curve, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
