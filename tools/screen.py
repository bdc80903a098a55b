"""Every gene's association with survival."""

from __future__ import annotations

from functools import partial

import numpy as np

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.data.streamed import StreamedMatrix
from prognomics.errors import require_known


def screen(
    samples: SampleSheet,
    expression: ExpressionMatrix | StreamedMatrix | None,
    score_column: list[str],
    endpoint: Endpoint,
    strata: list[str],
    method: str,
    covariate: list[str],
    ties: str,
    cluster: str | None,
    cohorts: str,
    factor: list[str],
    numeric: list[str],
    permutations: int,
    family: str,
    bootstraps: int,
    seed: int,
    min_fraction: float,
    top: int,
    highlight: list[str],
) -> dict[str, object]:
    from prognomics.report.figures.volcano import VolcanoFigure
    from prognomics.screen.analysis import screen_analysis
    from prognomics.screen.screened import check_endpoint_for, score_matrix

    check_endpoint_for(method, endpoint, samples.where)
    if expression is None:
        expression = score_matrix(samples, score_column)
    require_known("gene", highlight, expression.gene_ids, where=expression.where)
    found = screen_analysis(
        samples.frame, endpoint.time_months, endpoint.event, expression, method=method, strata=strata, ties=ties,
        covariates=covariate, factors=factor, numerics=numeric, cohorts=cohorts, min_fraction=min_fraction,
        permutations=permutations, family=family, bootstraps=bootstraps, cluster=cluster,
        competing=endpoint.competing, top=top, rng=np.random.default_rng(seed), endpoint=endpoint.name,
        population=samples.population,
    )  # fmt: skip

    plot = partial(VolcanoFigure, found.table, highlight=highlight)
    return {"table": found.table, "top": found.top, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
