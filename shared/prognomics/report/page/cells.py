"""Tables as the report shows them: cells with a text for people and the full number as their title."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prognomics.report.results.rows import get as get
from prognomics.report.results.rows import label as label
from prognomics.report.results.rows import records as records
from prognomics.report.results.rows import unique as unique
from prognomics.report.wording import (
    ABSENT,
    as_number,
    clean_text,
    format_count,
    format_number,
    format_p,
    format_ratio_unit,
    format_small_p,
    is_absent,
)

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 40  # rows of a table that no reader wants in full

HEADS = {
    "ci_low": "95% low", "ci_high": "95% high", "p_value": "p", "p_adjusted": "adjusted p", "p_exact": "exact p",
    "p_naive": "p, not corrected", "p_corrected": "p, corrected", "p_lr": "p, likelihood ratio", "q_p": "p of Q",
    "q_value": "q", "hr": "HR", "beta": "log HR", "log_hr": "log HR", "se": "SE", "sd": "SD", "i2": "I² (%)",
    "tau2": "τ²", "tau2_method": "τ² by", "q": "Q", "q_df": "df of Q", "df": "df", "n": "n", "chisq": "χ²",
    "n_missing": "missing", "n_dropped": "dropped", "dropped_ids": "ids", "q1": "first quartile",
    "q3": "third quartile", "time_months": "months", "pi_low": "predicted low", "pi_high": "predicted high",
    "auc": "AUC", "aic": "AIC", "n_genes_common": "common genes", "row_type": "row",
}  # fmt: skip
CONSTANT = ("endpoint", "population", "method", "note")  # said once under the table where all rows agree
WITH_INTERVAL = ("hr", "estimate", "effect")
COUNTS = ("n", "events", "count", "df", "q_df")


@dataclass(frozen=True)
class Cell:
    """`kind` is text, number or head (the head of its row); of a forest also words, counts, strip, ratio and p."""

    text: str
    title: str = ""
    kind: str = "text"
    indent: bool = False
    span: int = 1
    link: str = ""  # its own id, for others to point to
    links: Sequence[tuple[str, str]] = ()  # (id, text) of places on the page
    small: str = ""  # after the text, less prominent
    tag: bool = False  # whether `small` marks the primary analysis
    drawn: Any = None  # the Drawing of a strip


@dataclass(frozen=True)
class View:
    """A table to show: `groups` are heads over several columns (text, span), `notes` are printed under it."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    groups: Sequence[tuple[str, int]] = ()
    numeric: frozenset[int] = field(default_factory=frozenset)
    marked: frozenset[int] = frozenset()  # rows of the primary analysis
    grouped: frozenset[int] = frozenset()  # rows that head those below
    look: str = ""  # `forest`: rows with drawings
    figure: bool = False  # numbered among the figures
    axis: Any = None  # the Axis of a forest
    estimate: str = "Hazard ratio"  # what a forest draws


def view(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], **more: Any) -> View:
    """A view whose number columns are those with number cells; a column without content is omitted."""
    groups = more.get("groups", ())
    if not groups and not any(c.span > 1 for row in rows for c in row):
        kept = [i for i in range(len(heads)) if i == 0 or any(_says_something(row[i]) for row in rows)]
        heads, rows = [heads[i] for i in kept], [[row[i] for i in kept] for row in rows]
    numeric = {i for row in rows if len(row) == len(heads) for i, cell in enumerate(row) if cell.kind == "number"}
    return View(caption, heads, rows, numeric=frozenset(numeric), **more)


def _says_something(cell: Cell) -> bool:
    return bool(cell.links) or cell.text not in ("", ABSENT)


def full(*values: object) -> str:
    """The numbers in full, for a title."""
    return "; ".join(f"{n:.10g}" for n in map(as_number, values) if not math.isnan(n))


def text(value: object, **more: Any) -> Cell:
    return Cell(label(value) or ABSENT, **more)


def head(value: object, **more: Any) -> Cell:
    return Cell(label(value) or ABSENT, kind="head", **more)


def count(value: object) -> Cell:
    return Cell(format_count(value), full(value), "number")


def number(value: object, digits: int = 3) -> Cell:
    return Cell(format_number(value, digits), full(value), "number")


def p(value: object) -> Cell:
    return Cell(format_p(value), full(value), "number")


def small_p(value: object) -> Cell:
    """A p-value of a screen, in full below 0.001 as well."""
    return Cell(format_small_p(value), full(value), "number")


def ratio(value: object, low: object, high: object) -> Cell:
    return Cell(format_ratio_unit(value, low, high), full(value, low, high), "number")


def column_head(name: object) -> str:
    """A column's name in words where it is one of the suite's, else as it is."""
    words = clean_text(name)
    return HEADS.get(words) or (words.replace("_", " ") if words.islower() else words)


def _is_p(name: str) -> bool:
    return name in ("p", "q_p", "q_value") or name.startswith("p_")


def share(value: object) -> Cell:
    """A fraction of variance; a value that rounds to zero is shown as "<0.001"."""
    return Cell("<0.001", full(value), "number") if 0 <= as_number(value) < 0.001 else number(value)


def _format(name: str, numeric: bool) -> Callable[[object], Cell]:
    if not numeric:
        return text
    if _is_p(name):
        return p
    if "variance" in name:
        return share
    if name in COUNTS or name.startswith("n_"):
        return count
    return number


def generic_view(frame: pd.DataFrame, caption: str, longest: int = LONGEST) -> View:
    """Any table of the suite: empty columns omitted, ratios with their intervals, what all rows share below."""
    names = [str(c) for c in frame.columns]
    rows = records(frame)
    notes: list[str] = []
    shown = [n for n in names if any(not is_absent(row[n]) for row in rows)] or names
    for name in CONSTANT:
        values = {label(row[name]) for row in rows} if name in shown else set()
        if len(values) == 1:
            shown.remove(name)
            notes.append(f"{column_head(name).capitalize()}: {values.pop()}.")
    joined = next((n for n in WITH_INTERVAL if n in shown and {"ci_low", "ci_high"} <= set(shown)), None)
    if joined:
        shown = [n for n in shown if n not in ("ci_low", "ci_high")]
    kinds = {n: _format(n, all(not math.isnan(as_number(r[n])) or is_absent(r[n]) for r in rows)) for n in shown}
    body = []
    for row in rows[:longest]:
        cells = [
            number_with_interval(row[n], row["ci_low"], row["ci_high"], is_ratio=n == "hr") if n == joined
            else kinds[n](row[n])
            for n in shown
        ]  # fmt: skip
        body.append([head(row[shown[0]]), *cells[1:]] if shown else [])
    heads = [column_head(n) + (" (95% CI)" if n == joined else "") for n in shown]
    if len(rows) > longest:
        notes.append(f"The first {longest} of {len(rows):,} rows; the others are in the file.")
    if not rows:
        notes.append("The table has no rows.")
    return view(caption, heads, body, notes=notes)


def number_with_interval(value: object, low: object, high: object, is_ratio: bool = False) -> Cell:
    """An estimate and its interval in one cell."""
    if is_ratio:
        return ratio(value, low, high)
    if is_absent(value):
        return Cell(ABSENT, kind="number")
    limits = "" if is_absent(low) and is_absent(high) else f" ({format_number(low)} to {format_number(high)})"
    return Cell(format_number(value) + limits, full(value, low, high), "number")
