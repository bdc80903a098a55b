"""Survival over time, overall and by group, with log-rank tests."""

from __future__ import annotations

from prognomics.data.endpoint import Endpoint
from prognomics.data.sheet import SampleSheet


def kaplan_meier(
    samples: SampleSheet,
    group_column: str | None,
    group_order: list[str],
    endpoint: Endpoint,
    conf_type: str,
    at: list[float],
    horizon: float | None,
    weights: str,
    early_power: float,
    late_power: float,
    strata: list[str],
    cluster: str | None,
    p_adjust: str,
    entry_time_column: str | None,
    landmark: float | None,
) -> dict[str, object]:
    from prognomics.survival.curves.kaplan_meier_analysis import kaplan_meier_analysis
    from prognomics.survival.curves.kaplan_meier_competing import warn_of_competing

    found = kaplan_meier_analysis(
        samples.frame, endpoint.time_months, endpoint.event, group_column, conf_type=conf_type, at=at, horizon=horizon,
        weights=weights, powers=(early_power, late_power), strata=strata, p_adjust=p_adjust, group_order=group_order,
        entry_months=entry_time_column, landmark=landmark, cluster=cluster, endpoint=endpoint.name,
        population=samples.population,
    )  # fmt: skip

    warn_of_competing(found, endpoint)

    def plot() -> object:
        from prognomics.report.figures.kaplan_meier import KaplanMeierFigure

        return KaplanMeierFigure(
            found.curve, found.summary, found.test, endpoint=endpoint.name, at=at, landmark=landmark
        )

    return {"summary": found.summary, "curve": found.curve, "test": found.test, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
