"""The figures and tables of the main results, numbered as on the page: what its files are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prognomics.report.figures.drawing import Drawing
from prognomics.report.figures.survival_drawing import draw_curves
from prognomics.report.page import main_results
from prognomics.report.page.blocks import Block
from prognomics.report.page.cells import View
from prognomics.report.page.curves import WIDE, CurveFigure
from prognomics.report.page.forests import draw_view
from prognomics.report.wording import clean_text

if TYPE_CHECKING:
    from prognomics.data.store import Picture, ResultTable

HEADS = ("group", "months", "n_risk", "events", "event_free", "ci_low", "ci_high")
COLUMNS = ("group", "time_months", "n_risk", "n_event", "survival", "ci_low", "ci_high")
LONGEST = 60
Rows = list[list[str]]


@dataclass(frozen=True)
class Part:
    """`number` is `Figure 1`; figures have a drawing, tables and forests a view, and all have rows of text."""

    number: str
    title: str
    legend: str
    rows: Rows
    drawing: Drawing | None = None
    view: View | None = None

    @property
    def file_name(self) -> str:
        """`figure_1_overall_survival_by_xpo1`, without an ending."""
        words = "_".join(re.findall(r"[a-z0-9]+", f"{self.number} {self.title}".lower()))
        return words[:LONGEST].rstrip("_")


def main_parts(
    study: Mapping[str, Any] | None,
    records: Sequence[Mapping[str, Any]],
    tables: Sequence[ResultTable],
    plots: Sequence[Picture],
) -> list[Part]:
    """The parts of the main results in their order; parameters as of `build_report`."""
    first, sections = main_results(study, records, tables, plots)
    counts = {"Figure": 0, "Table": 0}

    def number(kind: str) -> str:
        counts[kind] += 1
        return f"{kind} {counts[kind]}"

    found: list[Part] = []
    if first.curves is not None:
        found.append(_of_curves(number("Figure"), first.curves, first.curves.legend))
    if first.forest is not None:
        found.append(_of_view(number("Figure"), first.forest, first.forest_legend))
    for block in (b for section in sections[1:] for b in section.blocks):
        found += _of_block(block, number)
    return found


def _of_block(block: Block, number: Any) -> Iterator[Part]:
    if block.kind == "table" and block.table is not None:
        yield _of_view(number("Figure" if block.table.figure else "Table"), block.table, " ".join(block.table.notes))
    elif block.kind == "panels":
        name = number("Figure")
        for place, figure in enumerate(block.figures):
            yield _of_curves(f"{name}{chr(ord('a') + place)}", figure, block.text)
    elif block.kind == "genes":
        heads = ["gene", "log_hr", "se", "p", "q"]
        rows = [heads, *([("NA" if v is None else str(v)) for v in row] for row in block.data["rows"])]
        yield Part(number("Figure"), block.title, block.text, rows, block.figures[0])


def _of_curves(number: str, figure: CurveFigure, legend: str) -> Part:
    table = figure.curves.curve
    names = [name for name in COLUMNS if name in table]
    rows = [[HEADS[COLUMNS.index(name)] for name in names]]
    for values in table[names].itertuples(index=False):
        rows.append(["NA" if v != v else clean_text(v) for v in values])
    title = f"{figure.title}, {figure.sub}" if figure.sub else figure.title
    return Part(number, title, legend, rows, draw_curves(figure.curves, WIDE))


def _of_view(number: str, view: View, legend: str) -> Part:
    drawing = draw_view(view) if view.look == "forest" else None
    return Part(number, view.caption, legend, view_rows(view), drawing, view)


def view_rows(view: View) -> Rows:
    """A table as text: drawings omitted, an estimate with its interval as three columns, all numbers in full."""
    kept = [i for i, text in enumerate(view.heads) if "<svg" not in text]
    wide = {i for i in kept for row in view.rows if len(row) > i and len(_numbers(row[i].title)) == 3}
    heads: list[str] = []
    for i in kept:
        heads += [view.heads[i], "95% CI low", "95% CI high"] if i in wide else [view.heads[i]]
    rows = [heads]
    for row in view.rows:
        said: list[str] = []
        for i in kept:
            cell = row[i]
            full = _numbers(cell.title)
            name = f"{cell.text} ({cell.small})" if cell.small else cell.text
            if i in wide:
                said += full if len(full) == 3 else [cell.text, "", ""]
            else:
                said.append(full[0] if len(full) == 1 else name)
        rows.append(said)
    return rows


def _numbers(title: str) -> list[str]:
    """The full numbers of a cell's title; none if it contains something else."""
    parts = title.split("; ") if title else []
    return parts if all(re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", part) for part in parts) else []
