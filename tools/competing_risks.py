"""Cumulative incidence of an event and its competing event, with Gray's test."""

from __future__ import annotations

from prognomics.data.endpoint import Endpoint
from prognomics.data.sheet import SampleSheet


def competing_risks(
    samples: SampleSheet,
    group_column: str | None,
    group_order: list[str],
    endpoint: Endpoint,
    strata: list[str],
    conf_type: str,
    at: list[float],
) -> dict[str, object]:
    from prognomics.survival.competing_risks.analysis import incidence_analysis

    found = incidence_analysis(
        samples.frame, endpoint.time_months, endpoint.causes, group_column, conf_type=conf_type, at=at, strata=strata,
        group_order=group_order, endpoint=endpoint.name, population=samples.population,
    )  # fmt: skip

    def plot() -> object:
        from prognomics.report.figures.incidence import IncidenceFigure

        return IncidenceFigure(found.curve, found.incidence, found.test, endpoint=endpoint.name, at=at)

    return {"incidence": found.incidence, "curve": found.curve, "test": found.test, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
