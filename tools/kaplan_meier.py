"""Survival over time, overall and by group, with log-rank tests."""

from __future__ import annotations

from functools import partial

from prognomics.data.endpoint import Endpoint
from prognomics.data.sheet import SampleSheet


def kaplan_meier(
    samples: SampleSheet,
    group_column: str | None,
    group_order: list[str],
    endpoint: Endpoint,
    conf_type: str,
    at: list[float],
    quantile: list[float],
    horizon: float | None,
    weights: str,
    early_power: float,
    late_power: float,
    strata: list[str],
    cluster: str | None,
    p_adjust: str,
    entry_time_column: str | None,
    landmark: float | None,
    weight_column: str | None,
    adjust_for: list[str],
    factor: list[str],
) -> dict[str, object]:
    from prognomics.report.figures.kaplan_meier import KaplanMeierFigure
    from prognomics.survival.cox.inverse_probability import weights_of_groups, weights_table
    from prognomics.survival.cox.standardized import standardized_table
    from prognomics.survival.curves.differences import difference_table
    from prognomics.survival.curves.kaplan_meier_analysis import kaplan_meier_analysis
    from prognomics.survival.curves.kaplan_meier_competing import warn_about_competing

    given, adjust = weights_of_groups(samples.frame, weight_column, adjust_for, factor, group_column)
    found = kaplan_meier_analysis(
        samples.frame, endpoint.time_months, endpoint.event, group_column, conf_type=conf_type, at=at, horizon=horizon,
        weights=weights, powers=(early_power, late_power), strata=strata, p_adjust=p_adjust, group_order=group_order,
        entry_months=entry_time_column, landmark=landmark, cluster=cluster, probabilities=quantile, case_weights=given,
        adjust=adjust, endpoint=endpoint.name, population=samples.population,
    )  # fmt: skip
    warn_about_competing(found, endpoint)
    common = {"endpoint": endpoint.name, "population": samples.population}

    return {
        "summary": found.summary, "curve": found.curve, "test": found.test,
        "plot": partial(KaplanMeierFigure, found.curve, found.summary, found.test, endpoint=endpoint.name, at=at,
                        landmark=landmark),
        "difference": partial(difference_table, found.curves, at, horizon, p_adjust, common),
        "weights": partial(weights_table, found.adjustment),
        "standardized": partial(
            standardized_table, samples.frame, endpoint.time_months, endpoint.event, group_column, adjust_for, at,
            strata=strata, factors=factor, common=common,
            weighted=bool(weight_column or entry_time_column) or landmark is not None,
        ),
    }  # fmt: skip


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
