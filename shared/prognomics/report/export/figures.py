"""The figures and tables of the main results as files in a ZIP: SVG, PNG, PDF, TSV, DOCX, and how to cite them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prognomics.report.export.docx import document
from prognomics.report.page.citation import citations
from prognomics.report.page.parts import Part, main_parts
from prognomics.report.wording import clean_text

if TYPE_CHECKING:
    from prognomics.data.store import Picture, ResultTable

_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same content gives the same bytes


def figure_files(
    study: Mapping[str, Any] | None,
    records: Sequence[Mapping[str, Any]],
    tables: Sequence[ResultTable],
    plots: Sequence[Picture],
) -> bytes:
    """A ZIP of the parts of a study's report; parameters as of `build_report`."""
    facts: dict[str, Any] = dict(study) if isinstance(study, Mapping) else {}
    parts = main_parts(study, records, tables, plots)
    versions = sorted({clean_text(r.get("tool_version")) for r in records} - {""})
    files = {"README.md": _readme(facts, parts), "tables.docx": document(facts, parts)}
    files |= {name: text.encode() for name, text in citations(facts, versions).items()}
    for part in parts:
        files[f"data/{part.file_name}.tsv"] = _tsv(part)
        if part.drawing is not None:
            made = {"svg": part.drawing.to_bytes("svg"), **part.drawing.painted("png", "pdf")}
            files |= {f"figures/{part.file_name}.{form}": data for form, data in made.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def tables_document(
    study: Mapping[str, Any] | None,
    records: Sequence[Mapping[str, Any]],
    tables: Sequence[ResultTable],
    plots: Sequence[Picture],
) -> bytes:
    """The tables and forests of a study's main results as a document for a word processor."""
    facts: dict[str, Any] = dict(study) if isinstance(study, Mapping) else {}
    return document(facts, main_parts(study, records, tables, plots))


def _tsv(part: Part) -> bytes:
    return "".join("\t".join(clean_text(cell) for cell in row) + "\n" for row in part.rows).encode()


def _readme(study: Mapping[str, Any], parts: Sequence[Part]) -> bytes:
    listed = "\n\n".join(f"**{p.number}. {p.title}** (`{p.file_name}`)\n\n{p.legend}".rstrip() for p in parts)
    return f"# {clean_text(study.get('title')) or 'Results of a marker study'}\n\n{listed}\n".encode()
