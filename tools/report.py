"""Put the results of a study into one page."""

from __future__ import annotations

from typing import Any

from prognomics.artefacts.store import Picture, ResultTable


def report(
    study: dict[str, Any] | None, record: list[dict[str, Any]], table: list[ResultTable], plot: list[Picture]
) -> dict[str, object]:
    from prognomics.report.page import build_report

    return {"html": build_report(study, record, table, plot)}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
