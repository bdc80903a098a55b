"""The table of a validation: one row per model and held-out part, the measures side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prognomics.report.page import cells
from prognomics.report.page.cells import Cell, View, get, label, records, view
from prognomics.report.results.headline import OWN_MODEL
from prognomics.report.results.readings import WORDS
from prognomics.report.wording import sentence_case

if TYPE_CHECKING:
    import pandas as pd

WHOLE = ("all", "apparent")  # rows that are of no single part
PARTS = {"all": "all held-out samples", "apparent": "its own samples"}
Row = dict[str, Any]


def validation_view(frame: pd.DataFrame, title: str) -> View | None:
    """All parts of the model that is validated, all samples together of the others; None without measures."""
    rows = [r for r in records(frame) if get(r, "estimate") == get(r, "estimate")]
    part = "held_out" if "held_out" in frame else "cohort"
    if not rows or not {"model", part, "statistic"} <= set(frame):
        return None
    names = list(dict.fromkeys(map(_name, rows)))
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        key = label(get(row, "model")), label(get(row, part))
        if key[0] == OWN_MODEL or key[1] in WHOLE or part == "cohort":
            found.setdefault(key, {})[_name(row)] = row
    for model in dict.fromkeys(model for model, _ in found):
        if len([key for key in found if key[0] == model and key[1] != "apparent"]) == 2:  # one part is all there is
            found.pop((model, "all"), None)
    body, last = [], ""
    for (model, where), measures in found.items():
        first = next(iter(measures.values()))
        lead = cells.head(model.replace("_", " ")) if model != last else Cell("", kind="head")
        counts = [cells.count(get(first, name)) for name in ("n", "events")]
        body.append([lead, Cell(PARTS.get(where, where)), *counts, *(_cell(measures.get(name)) for name in names)])
        last = model
    notes = ["Parts of the other models are in the file."] if part == "held_out" and len(found) > 5 else []
    return view(title, ["Model", "Samples", "n", "Events", *map(sentence_case, names)], body, notes=notes)


def _name(row: Row) -> str:
    named, time = label(get(row, "statistic")), label(get(row, "time_months"))
    if named.startswith("hr_") and "_vs_" in named:
        named = f"hazard ratio, {named.removeprefix('hr_').replace('_vs_', ' vs ')}"
    return WORDS.get(named, named.replace("_", " ")) + (f", {time} months" if time else "")


def _cell(row: Row | None) -> Cell:
    return cells.number_with_interval(*(get(row, n) for n in ("estimate", "ci_low", "ci_high"))) if row else Cell("")
