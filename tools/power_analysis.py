"""Power, events and samples of a survival study, planned or done."""

from __future__ import annotations

from functools import partial

from prognomics.data.endpoint import Endpoint, require_endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def power_analysis(
    effect: str,
    n: list[int],
    group_fraction: list[float],
    median_survival: list[float],
    event_fraction: float | None,
    accrual: float,
    follow_up: float | None,
    yearly_dropout: float,
    r_squared: float,
    samples: SampleSheet | None,
    expression: ExpressionMatrix | None,
    gene: str | None,
    marker_column: str | None,
    covariate: list[str],
    factor: list[str],
    endpoint: Endpoint | None,
    strata: list[str],
    hazard_ratio: list[float],
    power: list[float],
    alpha: float,
    sides: int,
    simulations: int,
    seed: int,
) -> dict[str, object]:
    from prognomics.report.figures.power import PowerFigure
    from prognomics.survival.planning.analysis import Question, plan_study, study_power
    from prognomics.survival.planning.observed import observed_study
    from prognomics.survival.planning.trial import planned_trial

    question = Question(power, hazard_ratio, alpha, sides, simulations, seed)
    if samples is not None:
        endpoint = require_endpoint(endpoint)
        samples, marker = samples.with_marker(expression, gene, marker_column)
        study = observed_study(samples.frame, endpoint.time_months, endpoint.event, marker, covariates=covariate,
                               strata=strata, factors=factor)  # fmt: skip
        found = study_power(study, question, endpoint=endpoint.name, population=samples.population)
    else:
        trial_at = partial(planned_trial, effect, group_fraction, median_survival, event_fraction, accrual, follow_up,
                           yearly_dropout, r_squared)  # fmt: skip
        found = plan_study(trial_at, n, question)

    return {"table": found.table, "curve": found.curve, "plot": partial(PowerFigure, found.curve, found.table)}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
