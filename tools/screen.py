"""Every gene's association with survival."""

from __future__ import annotations

import numpy as np

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.data.streamed import StreamedMatrix
from prognomics.errors import unknown_name


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
    from prognomics.data.endpoint_checks import check_censored_codes, warn_about_competing
    from prognomics.screen.analysis import screen_analysis

    if method not in ("fine_gray", "cause_specific"):
        check_censored_codes(endpoint.causes, f"{endpoint.name}_event", samples.where)
        warn_about_competing(endpoint)

    if expression is None:
        values = np.array([samples.numbers(column) for column in score_column])
        expression = ExpressionMatrix(values, score_column, samples.sample_ids, samples.where)
    strange = [gene for gene in highlight if gene not in set(expression.gene_ids)]
    if strange:
        raise unknown_name("gene", strange[0], expression.gene_ids, where=expression.where)
    found = screen_analysis(
        samples.frame, endpoint.time_months, endpoint.event, expression, method=method, strata=strata, ties=ties,
        covariates=covariate, factors=factor, numerics=numeric, cohorts=cohorts, min_fraction=min_fraction,
        permutations=permutations, family=family, bootstraps=bootstraps, cluster=cluster,
        competing=endpoint.competing, top=top, rng=np.random.default_rng(seed), endpoint=endpoint.name,
        population=samples.population,
    )  # fmt: skip

    def plot() -> object:
        from prognomics.report.figures.volcano import VolcanoFigure

        return VolcanoFigure(found.table, highlight=highlight)

    return {"table": found.table, "top": found.top, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
