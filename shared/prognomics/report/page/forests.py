"""Forests as tables: one row per estimate with its drawing, so that text wraps, copies and is read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from prognomics.report.figures.drawing import Drawing
from prognomics.report.figures.forest_drawing import draw_forest
from prognomics.report.figures.forest_strip import Axis, LinearAxis, axis_for, strip
from prognomics.report.page import cells, phrases
from prognomics.report.page.cells import Cell, View
from prognomics.report.results.findings import Finding
from prognomics.report.wording import ABSENT, format_count, format_p, format_ratio_unit

NAN3 = (math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class ForestRow:
    """`kind` is study (a square), pooled (a diamond), reference, heading (no estimate) or none (not estimable)."""

    name: str
    small: str = ""
    n: float = math.nan
    events: float = math.nan
    hr: tuple[float, float, float] = NAN3
    p: float = math.nan
    kind: str = "study"
    primary: bool = False
    indent: bool = False
    more: Sequence[str] = field(default=())
    said: str = ""  # in place of an estimate


def make_row(finding: Finding, name: str, small: str = "", **more: Any) -> ForestRow:
    """A finding as a row."""
    return ForestRow(name, small, finding.n, finding.events, finding.hr, finding.p, **more)


def forest_view(
    caption: str,
    rows: Sequence[ForestRow],
    heads: Sequence[str] = ("Cohort",),
    *,
    notes: Sequence[str] = (),
    last: str = "p",
    figure: bool = True,
    ratio: str = "HR",
    estimate: str = "Hazard ratio",
    linear: LinearAxis | None = None,
) -> View:
    """The rows under heads: the name, further words, n / events, the drawing, HR (95% CI), p.

    `heads` name the first column and those of `more`; `ratio` is what the estimates are, `estimate` the same in full.
    The axis is logarithmic unless a linear one is given.
    """
    axis = linear or axis_for(value for row in rows for value in row.hr[:1])
    most = max((row.events for row in rows if row.kind == "study" and row.events == row.events), default=1) or 1
    body, marked, groups = [], set(), set()
    for place, row in enumerate(rows):
        marked |= {place} if row.primary else set()
        groups |= {place} if row.kind == "heading" else set()
        body.append(_cells(axis, row, most, len(heads) - 1))
    names = [*heads, "n / events", axis.head().inline("strip"), f"{ratio} (95% CI)", last]
    shown = [i for i in range(len(names)) if i == 0 or any(_shown(row[i]) for row in body)]
    numeric = frozenset(place for place, i in enumerate(shown) if i in (len(heads), len(names) - 1))
    return View(
        caption,
        [names[i] for i in shown],
        [[row[i] for i in shown] for row in body],
        notes=notes,
        numeric=numeric,
        marked=frozenset(marked),
        grouped=frozenset(groups),
        look="forest",
        figure=figure,
        axis=axis,
        estimate=estimate,
    )


def draw_view(view: View) -> Drawing:
    """The whole forest as one drawing."""
    place = next(i for i, text in enumerate(view.heads) if "<svg" in text)
    rows = []
    for number, row in enumerate(view.rows):
        name = f"{row[0].text} ({row[0].small})" if row[0].small else row[0].text
        texts = [name, *(cell.text for i, cell in enumerate(row) if i not in (0, place))]
        rows.append((texts, row[place].drawn, number in view.grouped, row[0].indent))
    heads = [text for i, text in enumerate(view.heads) if i != place]
    return draw_forest(heads, rows, view.axis, place, view.caption)


def _shown(cell: Cell) -> bool:
    return bool(cell.text) and cell.text != ABSENT


def _cells(axis: Axis | LinearAxis, row: ForestRow, most: float, further: int) -> list[Cell]:
    name = Cell(
        row.name, kind="head", indent=row.indent, small="primary" if row.primary else row.small, tag=row.primary
    )
    more = [*(Cell(text, kind="words") for text in row.more), *[Cell("", kind="words")] * (further - len(row.more))]
    counts = f"{format_count(row.n)} / {format_count(row.events)}" if row.n == row.n else ""
    last = Cell("" if row.p != row.p else format_p(row.p), cells.full(row.p), "p")
    if row.kind == "heading":
        return [name, *more, Cell("", kind="counts"), Cell("", kind="strip"), Cell("", kind="ratio"), last]
    drawn = strip(
        axis,
        *row.hr,
        pooled=row.kind == "pooled",
        primary=row.primary,
        reference=row.kind == "reference",
        weight=row.events / most if row.events == row.events else 0.2,
    )
    known = row.hr[0] == row.hr[0]
    said = row.said or ("1 (reference)" if row.kind == "reference" else "not estimable")
    ratio = Cell(format_ratio_unit(*row.hr) if known else said, cells.full(*row.hr), "ratio")
    return [
        name,
        *more,
        Cell(counts, kind="counts"),
        Cell(drawn.inline("strip"), kind="strip", drawn=drawn),
        ratio,
        last,
    ]


def how_scoped(finding: Finding) -> str:
    """`Pooled, stratified`, for the row of an estimate over several cohorts."""
    scopes = {
        "stratified": "Pooled, stratified",
        "unstratified": "Pooled, not stratified",
        "all": "All samples",
        "random": "Meta-analysis",
        "fixed": "Meta-analysis",
        "one_model": "Pooled, stratified",
        "per_cohort": phrases.cohort(finding),
    }
    return scopes.get(finding.identity.scope, finding.identity.scope)
