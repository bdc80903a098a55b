"""What the GDC's portal lets people download beside the counts: its sample sheet, clinical tables, cases as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prognomics.data.barcode import tissue_of
from prognomics.data.sample_joins import Join, note_source
from prognomics.errors import BadInput, note
from prognomics.sources.gdc_cases import case_row, portal_case
from prognomics.sources.json_file import read_json
from prognomics.sources.sheet import read_sheet

if TYPE_CHECKING:
    import pandas as pd

_CASE_COLUMNS = ("cases.submitter_id", "case_submitter_id", "Case ID", "submitter_id")


@dataclass(frozen=True)
class GdcSheet:
    """Samples of a download.

    Attributes
    ----------
    sheet : pandas.DataFrame of str or None
    samples_of_files : dict of str to str
        Sample by file name.
    """

    sheet: pd.DataFrame | None = None
    samples_of_files: dict[str, str] = field(default_factory=dict)


def read_gdc_sheet(paths: list[Path]) -> GdcSheet:
    """Read the sample sheet (columns File Name, Case ID, Sample ID, Sample Type) and join clinical data to it.

    Parameters
    ----------
    paths : list of path
        The sample sheet, and clinical tables (TSV) or cases (JSON); others are skipped.

    Raises
    ------
    BadInput
        Clinical data without a sample sheet, or malformed files.
    """
    import pandas as pd

    sample_sheet: pd.DataFrame | None = None
    clinical: dict[str, dict[str, str]] = {}
    for path in paths:
        if path.name.lower().removesuffix(".gz").endswith(".json"):
            _add_cases(clinical, read_json(path))
        elif path.name.upper() != "MANIFEST.TXT":
            table = read_sheet(path)
            if {"File Name", "Case ID", "Sample ID"} <= set(table.columns):
                sample_sheet = table
            else:
                _add_table(clinical, table, path)
    if sample_sheet is None:
        if clinical:
            hint = "download it in the portal's cart (Sample Sheet) and give it with --local-path"
            raise BadInput("clinical data of the GDC need its sample sheet beside them", hint=hint)
        return GdcSheet()
    ids = sample_sheet["Sample ID"].tolist()
    often = Counter(ids)
    names = [i if often[i] == 1 else f.partition(".")[0] for i, f in zip(ids, sample_sheet["File Name"])]
    rows = []
    for name, row in zip(names, sample_sheet.to_dict("records"), strict=True):
        kind = row.get("Sample Type", "") or row.get("Tissue Type", "")
        first = {"sample_id": name, "patient_id": row["Case ID"], "tissue_type": tissue_of(row["Sample ID"], kind)}
        rows.append({**clinical.get(row["Case ID"], {}), **row, **first})
    if clinical:
        join = Join.of("the sample sheet", sample_sheet["Case ID"], "the clinical data", clinical)
        note_source(join.of_patients())
        join.warn_about_near("clinical data")
    sheet = pd.DataFrame(rows, dtype=object).fillna("")
    order = ["sample_id", "patient_id", "tissue_type"]
    sheet = sheet[[*order, *(c for c in sheet.columns if c not in order)]]
    return GdcSheet(sheet, dict(zip(sample_sheet["File Name"], names, strict=True)))


def _add_cases(clinical: dict[str, dict[str, str]], content: Any) -> None:
    """Cases as the API gives them, or as the portal's clinical JSON."""
    if isinstance(content, dict):
        content = content.get("data", {}).get("hits", []) if isinstance(content.get("data"), dict) else []
    for case in content if isinstance(content, list) else []:
        if isinstance(case, dict) and case.get("submitter_id"):
            row = case_row(case, {})
            clinical.setdefault(str(case["submitter_id"]), {}).update(
                {k: v for k, v in row.items() if k not in ("patient_id", "tissue_type")}
            )


def _add_table(clinical: dict[str, dict[str, str]], table: pd.DataFrame, path: Path) -> None:
    key = next((c for c in _CASE_COLUMNS if c in table.columns), None)
    if key is None:
        hint = f"one of {', '.join(_CASE_COLUMNS)}"
        raise BadInput("the table names no cases of the GDC", where=str(path), hint=hint)
    rows: dict[str, list[dict[str, str]]] = {}
    for row in table.to_dict("records"):
        rows.setdefault(row[key], []).append(row)
    if len(rows) < len(table):
        note("source", f"{path.name}: {len(table)} rows (diagnoses, treatments, follow-ups) of {len(rows)} cases: the "
             "primary diagnosis and the latest contact of each are kept")  # fmt: skip
    for case, own in rows.items():
        clinical.setdefault(case, {}).update(portal_case(own))
