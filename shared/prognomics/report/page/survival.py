"""Survival curves, rates, medians and tests of their difference."""

from __future__ import annotations

from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, caption, endpoint_words, scope_label, section_of_tool, subset_label
from prognomics.report.page.cells import Cell, View, get, label, records, view
from prognomics.report.page.curves import TESTS, curve_figure, drawable
from prognomics.report.page.declared import plot_label
from prognomics.report.results.joining import Joined, Step, analyses
from prognomics.report.wording import (
    ABSENT,
    as_number,
    format_count,
    format_months,
    format_number,
    format_percent,
    is_absent,
    join_words,
    p_phrase,
    sentence_case,
)

MEAN_DIFFERENCE = "rmst_difference"
STATISTICS = ("survival", "median", "rmst", "followup_reverse_km", "observed_time")


def survival_section(joined: Joined) -> Section | None:
    """All Kaplan-Meier analyses, each in its scopes; None without any."""
    steps = [s for s in joined.of("kaplan_meier") if s.tables or s.plots]
    if not steps:
        return None
    section = section_of_tool("kaplan_meier")
    for group in analyses(steps):
        column, endpoint = label(group[0].parameters.get("group_column")), endpoint_words(group[0])
        title = f"By {column}" if column else "All samples together"
        section.heading(", ".join(filter(None, [title, endpoint, subset_label(group[0])])))
        parts = _same_curves(group)
        for steps in parts:
            if len(parts) > 1:
                scopes = join_words(scope_label(s, long=len(steps) == 1) for s in steps)
                section.heading(sentence_case(scopes), 4)
            _show_steps(section, joined, steps, f" by {column}" if column else "")
    return section


def _same_curves(group: list[Step]) -> list[list[Step]]:
    """Steps whose estimates are the same, together: strata change the test, not the curves."""
    found: list[list[Step]] = []
    for step in group:
        frame = step.frame("km_summary")
        for part in found:
            first = part[0].frame("km_summary")
            if frame is not None and first is not None and step.scope != "per_cohort" and frame.equals(first):
                part.append(step)
                break
        else:
            found.append([step])
    return found


def _show_steps(section: Section, joined: Joined, steps: list[Step], by: str) -> None:
    step, single = steps[0], len(steps) == 1
    rates = records(step.frame("km_summary"))
    _show_curves(section, joined, step, steps, by)
    tested = [s for s in steps if records(s.frame("km_test"))]
    if tested:
        title = caption(step, f"Tests of the difference between curves{by}", long=False, strata=single)
        found = [r for s in tested for r in records(s.frame("km_test"))]
        curves = [r for r in found if label(get(r, "test")) != MEAN_DIFFERENCE]
        if curves:
            section.show(test_view(curves, title), *tested)
        if len(curves) < len(found):
            differences = [r for r in found if label(get(r, "test")) == MEAN_DIFFERENCE]
            title = caption(step, f"Differences of restricted mean survival{by}", long=False, strata=single)
            section.show(mean_difference_view(differences, title), *tested)
        if not single and any(s.scope == "unstratified" for s in tested):
            said = "The test without strata compares all cohorts as one"
            section.note(f"{said}: their differences are confounded with the groups.")
    if rates:
        title = f"Kaplan-Meier estimates{by} with 95% intervals"
        section.show(rate_view(rates, caption(step, title, strata=False)), *steps)
    curve = step.frame("km_curve")
    if curve is not None and not step.plots and not drawable(step):
        section.note(f"The table of the curves has {len(curve):,} rows and is not printed here.")


def _show_curves(section: Section, joined: Joined, step: Step, steps: list[Step], by: str) -> None:
    """The curves of the whole follow-up, drawn from their table; the plot of the step if it has no table."""
    tests, rates = records(step.frame("km_test")), records(step.frame("km_summary"))
    drawn = drawable(step)
    if drawn:
        tested = next((s for s in steps if records(s.frame("km_test"))), step)
        section.curves(curve_figure(joined, tested, None, 0.0))
    for picture in step.plots:
        if drawn and not plot_label(step, picture.sha256):
            continue
        title = caption(step, f"Kaplan-Meier curves{by}", long=False, strata=len(steps) == 1 and bool(tests))
        section.figure(picture, title, curve_alt(rates, tests), step)


def test_view(rows: list[dict[str, Any]], title: str) -> View:
    """One row per comparison, the groups' observed and expected events in one cell."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(label(get(row, n)) for n in ("test", "strata", "comparison")), []).append(row)
    body = []
    for (test, strata, comparison), part in found.items():
        events = "; ".join(
            f"{label(get(r, 'group'))} {format_count(get(r, 'observed'))} / {as_number(get(r, 'expected')):.1f}"
            for r in part
            if not is_absent(get(r, "group")) and not is_absent(get(r, "expected"))
        )
        row = part[0]
        name = TESTS.get(test, test) + ("" if strata in ("", "none") else f", stratified by {strata}")
        body.append([
            cells.head(comparison), Cell(name), Cell(events),
            cells.number(get(row, "chisq")), cells.count(get(row, "df")), cells.p(get(row, "p_value")),
            cells.p(get(row, "p_adjusted")),
        ])  # fmt: skip
    heads = ["Comparison", "Test", "Events observed / expected", "χ²", "df", "p", "Adjusted p"]
    return view(title, heads, body)


def mean_difference_view(rows: list[dict[str, Any]], title: str) -> View:
    """One row per comparison: how many months more the first named group lived, on average, up to the horizon."""
    body = []
    for row in rows:
        strata = label(get(row, "strata"))
        first, _, second = label(get(row, "comparison")).partition(" vs ")
        within = "" if strata in ("", "none") else f", within strata of {strata}"
        values = (get(row, name) for name in ("estimate", "ci_low", "ci_high"))
        body.append([
            cells.head(f"{second} minus {first}{within}" if second else first), cells.count(get(row, "n")),
            cells.count(get(row, "events")), cells.number(get(row, "time_months")),
            cells.number_with_interval(*values), cells.p(get(row, "p_value")), cells.p(get(row, "p_adjusted")),
            Cell(label(get(row, "note"))),
        ])  # fmt: skip
    heads = ["Groups", "n", "Events", "Up to (months)", "Difference in months (95% CI)", "p", "Adjusted p", "Note"]
    return view(title, heads, body, notes=["Restricted mean: the area under a survival curve up to the horizon."])


def rate_view(rows: list[dict[str, Any]], title: str) -> View:
    """One row per group: rates at the times requested, median, follow-up."""
    columns = [
        (statistic, time)
        for statistic in STATISTICS
        for time in dict.fromkeys(label(get(r, "time_months")) for r in rows if get(r, "statistic") == statistic)
    ]
    heads = ["Group", "n", "Events", *(_statistic_head(s, t) for s, t in columns)]
    body = []
    for group in cells.unique(get(r, "group") for r in rows):
        part = [r for r in rows if label(get(r, "group")) == group]
        by_key = {(str(get(r, "statistic")), label(get(r, "time_months"))): r for r in part}
        values = [_statistic_cell(s, by_key.get((s, t))) for s, t in columns]
        body.append([cells.head(group), cells.count(get(part[0], "n")), cells.count(get(part[0], "events")), *values])
    said = {
        "survival": "At a time: the share without the event; then how many were still at risk.",
        "followup_reverse_km": "Follow-up: median, by the reverse Kaplan-Meier estimate.",
        "observed_time": "Observed: median and range of all times.",
    }
    notes = [note for name, note in said.items() if any(name == statistic for statistic, _ in columns)]
    return view(title, heads, body, notes=notes)


def _statistic_head(statistic: str, time: str) -> str:
    return {
        "survival": f"At {time} months", "median": "Median (months)", "rmst": f"Mean up to {time} months",
        "followup_reverse_km": "Follow-up (months)", "observed_time": "Observed (months)",
    }[statistic]  # fmt: skip


def _statistic_cell(statistic: str, row: dict[str, Any] | None) -> Cell:
    if row is None:
        return Cell("", kind="number")
    values = [get(row, name) for name in ("estimate", "ci_low", "ci_high")]
    title = cells.full(*values)
    if statistic == "survival":
        at_risk = get(row, "n_risk")
        left = "" if is_absent(at_risk) else f"; {format_count(at_risk)}"
        return Cell(format_percent(*values) + left, title, "number")
    if statistic == "observed_time":
        extent = f", {format_number(get(row, 'min'))} to {format_number(get(row, 'max'))}"
        return Cell(format_months(*values) + ("" if is_absent(get(row, "max")) else extent), title, "number")
    if statistic != "median" and is_absent(values[0]):
        return Cell(ABSENT, kind="number")
    return Cell(format_months(*values), title, "number")


def curve_alt(rates: list[dict[str, Any]], tests: list[dict[str, Any]]) -> str:
    """The curves in words, for those who do not see them."""
    said = [
        f"{label(get(r, 'group'))} {format_percent(get(r, 'estimate'))} at {label(get(r, 'time_months'))} months"
        for r in rates
        if get(r, "statistic") == "survival"
    ]
    said += [f"log-rank {p_phrase(get(r, 'p_value'))}" for r in tests if get(r, "comparison") == "overall"][:1]
    return "Kaplan-Meier curves" + (": " + "; ".join(said) if said else "")
