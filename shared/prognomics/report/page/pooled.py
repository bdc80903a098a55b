"""Meta-analyses: the forest, the cohorts, and what is pooled of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, caption, endpoint_words, section_of_tool, subset_label
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.forests import ForestRow, forest_view
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import (
    as_number,
    format_number,
    format_ratio_unit,
    is_absent,
    join_words,
    p_phrase,
    plural,
)

POOLED = {"fixed": "Fixed effect", "random": "Random effects", "stratified": "One model, stratified by cohort"}
Row = Mapping[str, Any]


def meta_section(joined: Joined) -> Section | None:
    """All meta-analyses; None without any."""
    steps = [s for s in joined.of("meta_analysis") if s.tables or s.plots]
    if not steps:
        return None
    section = section_of_tool("meta_analysis")
    for step in steps:
        rows = records(step.frame("meta_table"))
        what = label(step.parameters.get("gene") or step.parameters.get("marker_column")) or "the marker"
        of = f"{what}{', continuous' if step.parameters.get('gene') else ''}"
        section.heading(", ".join(filter(None, [of, endpoint_words(step), subset_label(step)])))
        section.say(_sentence(rows))
        for picture in step.plots if not rows else []:
            section.figure(picture, caption(step, f"Forest plot of the hazard ratios of {what} in each cohort"),
                           "Forest plot of cohorts", step)  # fmt: skip
        if rows:
            section.show(
                _cohorts_view(step, rows, caption(step, f"Hazard ratios of {what} by cohort and pooled")), step
            )
        left = [r for r in rows if get(r, "row_type") == "leave_out"]
        if left:
            section.show(
                _left_out_view(step, left, caption(step, f"The pooled hazard ratio of {what} without each cohort")),
                step,
            )
    return section


def _sentence(rows: list[dict[str, Any]]) -> str:
    """The pooled estimate and how much the cohorts differ."""
    pooled = next((r for kind in ("random", "fixed") for r in rows if get(r, "row_type") == kind), None)
    if pooled is None:
        return "Nothing was pooled."
    used = sum(get(r, "row_type") == "cohort" and not is_absent(get(r, "hr")) for r in rows)
    ratio = format_ratio_unit(*(get(pooled, n) for n in ("hr", "ci_low", "ci_high")))
    name = POOLED[label(get(pooled, "row_type"))].lower()
    parts = [
        f"Pooled over {plural(used, 'cohort')} ({name}), the hazard ratio is {ratio}, "
        f"{p_phrase(get(pooled, 'p_value'))}."
    ]
    if not is_absent(get(pooled, "i2")):
        q = f"Q {format_number(get(pooled, 'q'))} on {format_number(get(pooled, 'q_df'))} df"
        tau = "" if is_absent(get(pooled, "tau2")) else f"; τ² {format_number(get(pooled, 'tau2'))}"
        parts.append(f"I² is {as_number(get(pooled, 'i2')):.0f}% ({q}, {p_phrase(get(pooled, 'q_p'))}{tau}).")
    if not is_absent(get(pooled, "pi_low")):
        low, high = (f"{as_number(get(pooled, n)):.2f}" for n in ("pi_low", "pi_high"))
        parts.append(f"In a further cohort it is expected between {low} and {high} (95% prediction interval).")
    return " ".join(parts)


def _row(row: Row, name: str, **more: Any) -> ForestRow:
    n, events, hr, low, high, p = (
        as_number(get(row, k)) for k in ("n", "events", "hr", "ci_low", "ci_high", "p_value")
    )
    return ForestRow(name, "", n, events, (hr, low, high), p, **more)


def _cohorts_view(step: Step, rows: list[dict[str, Any]], title: str) -> cells.View:
    body: list[Any] = []
    without: dict[str, Any] = {}
    for row in rows:
        kind, note = label(get(row, "row_type")), label(get(row, "note"))
        cohort = step.declared.cohort(label(get(row, "cohort")))
        if kind == "cohort" and is_absent(get(row, "hr")):
            without.setdefault(note.removesuffix("; not pooled: no estimate") or "no estimate", []).append(cohort)
        elif kind == "cohort":
            weight = "" if is_absent(get(row, "weight")) else f"{as_number(get(row, 'weight')):.0f}%"
            body.append(_row(row, cohort, more=(weight, note)))
        elif kind in POOLED:
            method = label(get(row, "tau2_method"))
            name = POOLED[kind] + (f" ({method.upper()})" if kind == "random" and method else "")
            body.append(_row(row, name, kind="pooled", more=("", note)))
    units = cells.unique(get(r, "unit") for r in rows)
    notes = []
    if units and units != ["1"]:
        contrast = " vs " in units[0]
        notes.append(f"Hazard ratio: {units[0]}." if contrast else f"Hazard ratios are per {join_words(units)}.")
    notes += [f"Without an estimate ({why}): {join_words(names)}." for why, names in without.items()]
    return forest_view(title, body, ("Cohort", "Weight", "Note"), notes=notes)


def _left_out_view(step: Step, rows: list[dict[str, Any]], title: str) -> cells.View:
    body = [
        _row(r, step.declared.cohort(label(get(r, "cohort"))), more=(f"{as_number(get(r, 'i2')):.0f}%",)) for r in rows
    ]
    return forest_view(title, body, ("Excluded", "I²"))
