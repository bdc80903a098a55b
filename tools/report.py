"""Put the results of a study into one page, and the same as PDF, documents, figures and RO-Crate."""

from __future__ import annotations

from typing import Any

from prognomics.data.store import Picture, ResultTable, SampleData


def report(
    study: dict[str, Any] | None,
    record: list[dict[str, Any]],
    table: list[ResultTable],
    plot: list[Picture],
    sample_data: list[SampleData],
) -> dict[str, object]:
    from prognomics.report.page import build_report

    page = build_report(study, record, table, plot)

    def pdf() -> bytes:
        from prognomics.report.export.pdf import pdf_of

        return pdf_of(page)

    def xlsx() -> bytes:
        from prognomics.report.export.workbook import workbook

        return workbook(study, record, table, plot)

    def crate() -> bytes:
        from prognomics.report.export.crate import crate as packed

        return packed(study, record, table, plot, page, samples=sample_data)

    def docx() -> bytes:
        from prognomics.report.export.figures import tables_document

        return tables_document(study, record, table, plot)

    def figures() -> bytes:
        from prognomics.report.export.figures import figure_files

        return figure_files(study, record, table, plot)

    return {"html": page, "pdf": pdf, "xlsx": xlsx, "crate": crate, "docx": docx, "figures": figures}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
