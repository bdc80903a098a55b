"""Clinical variables by group of the marker, as the first table of an article, and against the continuous marker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, population_label, section_of_tool
from prognomics.report.page.cells import Cell, View, get, label, records
from prognomics.report.page.groups import effect_cell, mean_sd, name_of_test, spread
from prognomics.report.results.declarations import Declarations
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import as_number, format_count, format_p, is_absent, join_words

MISSING = "missing"
BY_COHORT = "by cohort"
Row = Mapping[str, Any]


def characteristics_section(joined: Joined) -> Section | None:
    """The first table of an article: by the marker's groups, against its values, or of all samples; None without."""
    step = first_table(joined)
    if step is None:
        return None
    section = Section("characteristics", "Characteristics", main=True)
    rows = [r for r in records(step.frame("association_table")) if label(get(r, "method")) != BY_COHORT]
    section.say(_sentence(rows, step.declared))
    section.show(_table(step, rows), step)
    return section


def first_table(joined: Joined) -> Step | None:
    """The step with the associations of the study's marker, by its groups if possible; of all cohorts if possible.

    Without one it is a description of all samples.
    """
    terms = set(joined.findings.terms)
    found = [s for s in joined.of("associate") if s.frame("association_table") is not None
             and (terms & set(_marker_names(s)) or not _marker_names(s))]  # fmt: skip
    found.sort(
        key=lambda s: (not _marker_names(s), s.scope == "per_cohort", not label(s.parameters.get("group_column")))
    )
    return next(iter(found), None)


def _marker_names(step: Step) -> list[str]:
    """The group column, gene or score column of a step; none if it describes all samples."""
    named = (label(step.parameters.get(n)) for n in ("group_column", "gene", "score_column"))
    return [name for name in named if name]


def _table(step: Step, rows: Sequence[Row]) -> View:
    column = label(step.parameters.get("group_column"))
    where = population_label(step)
    if not _marker_names(step):
        title = f"Clinical and pathological variables{f'; {where}' if where else ''}."
        return description_view(rows, title, step.declared)
    marker = _marker_names(step)[0]
    name = step.declared.variable(marker)
    title = f"Clinical and pathological variables {'by' if column else 'and'} {name}{f'; {where}' if where else ''}."
    return group_view(rows, title, step.declared) if column else continuous_view(rows, title, name, step.declared)


def association_section(joined: Joined) -> Section | None:
    """All associations, binary before continuous; None without any."""
    steps = [s for s in joined.of("associate") if s.frame("association_table") is not None]
    if not steps:
        return None
    section = section_of_tool("associate")
    shown: set[tuple[str, str]] = set()
    first = first_table(joined)
    for step in sorted(steps, key=lambda s: not label(s.parameters.get("group_column"))):
        everything = records(step.frame("association_table"))
        rows = [r for r in everything if label(get(r, "method")) != BY_COHORT]
        column, markers, where = label(step.parameters.get("group_column")), _marker_names(step), population_label(step)
        name = step.declared.variable(markers[0]) if markers else ""
        section.heading((f"With {name}" if column else f"With {name}, continuous") if name else "All samples")
        if step is first:
            section.note("This table is among the main results, under Characteristics.")
        else:
            section.say(_sentence(rows, step.declared))
            section.show(_table(step, rows), step)
        inner = [r for r in everything if label(get(r, "method")) == BY_COHORT]
        columns = {(label(get(r, "variable")), where) for r in inner}
        if not columns <= shown:  # the same samples in the same cohorts: once is enough
            shown |= columns
            section.show(cohort_view(inner, f"The same variables in each cohort{f'; {where}' if where else ''}."), step)
    return section


def _sentence(rows: Sequence[Row], declared: Declarations) -> str:
    """Which variables have p below 0.05, and which not."""
    tests = [r for r in rows if get(r, "row_type") == "test"]
    if not tests:
        return "All samples, without groups and without tests."
    said = {True: [], False: []}
    for row in tests:
        if not is_absent(get(row, "p_value")):
            name = declared.variable(label(get(row, "variable")))
            text = f"{name} (p {_relation(get(row, 'p_value'))}, {name_of_test(row)})"
            said[as_number(get(row, "p_value")) < 0.05].append(text)
    parts = [f"p below 0.05: {join_words(said[True])}." if said[True] else "No variable has p below 0.05."]
    parts += [f"Not below: {join_words(said[False])}."] if said[False] and said[True] else []
    return " ".join(parts)


def _relation(value: object) -> str:
    text = format_p(value)
    return f"{text[0]} {text[1:]}" if text[0] in "<>" else f"= {text}"


def _parts(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(label(get(row, "variable")), []).append(row)
    return found


def _tested(part: Sequence[Row]) -> tuple[Row, list[Cell]]:
    """The test row of a variable, and the cells that state it."""
    test = next((r for r in part if get(r, "row_type") == "test"), {})
    name = Cell(name_of_test(test).removesuffix(" test"))
    return test, [cells.p(get(test, "p_value")), cells.p(get(test, "p_adjusted")), name, _effect(test)]


def description_view(rows: Sequence[Row], title: str, declared: Declarations) -> View:
    """The column of all samples of `group_view`, without the columns of tests."""
    view = group_view(rows, title, declared)
    notes = ["Counts with the percentage of the samples that have a value."]
    body = [line[:2] for line in view.rows]
    return View(title, ["Variable", "All samples"], body, notes=notes, numeric=frozenset({1}))


def group_view(rows: Sequence[Row], title: str, declared: Declarations) -> View:
    """One column per group: counts with percentages, or mean and median; the test is next to the variable's name."""
    groups = cells.unique(get(r, "group") for r in rows if get(r, "row_type") != "test")
    groups = [*(g for g in groups if g != "all"), *(g for g in groups if g == "all")]
    body: list[list[Cell]] = []
    for variable, part in _parts(rows).items():
        _, ending = _tested(part)
        body.append([cells.head(declared.variable(variable)), *([Cell("", kind="number")] * len(groups)), *ending])
        blank = [Cell("", kind="number")] * 2 + [Cell("")] * 2
        summaries = {label(get(r, "group")): r for r in part if get(r, "row_type") == "summary"}
        for name, made in (("mean (SD)", mean_sd), ("median (quartiles)", spread)) if summaries else ():
            values = [Cell(made(summaries[g]) if g in summaries else "", kind="number") for g in groups]
            body.append([cells.head(name, indent=True), *values, *blank])
        for level in cells.unique(get(r, "level") for r in part if get(r, "row_type") == "count"):
            by_group = {label(get(r, "group")): r for r in part if label(get(r, "level")) == level}
            if level == MISSING and not any(as_number(get(r, "count")) for r in by_group.values()):
                continue
            body.append(
                [
                    cells.head(declared.level(variable, level), indent=True),
                    *(_count(by_group.get(g, {}), level) for g in groups),
                    *blank,
                ]
            )
    heads = ["Variable", *groups, "p", "Adjusted p", "Test", "Effect (95% CI)"]
    notes = ["Counts with the percentage of the group's samples that have a value; tests use these samples.",
             *_notes(rows)]  # fmt: skip
    numeric = frozenset(range(1, len(groups) + 3))
    return View(title, heads, body, notes=notes, numeric=numeric)


def _effect(row: Row) -> Cell:
    """An effect as text that may break into lines: the table is wide enough."""
    shown = effect_cell(row)
    return Cell(shown.text, shown.title)


def _count(row: Row, level: str) -> Cell:
    if is_absent(get(row, "count")):
        return Cell("", kind="number")
    share = "" if level == MISSING else f" ({as_number(get(row, 'percent')):.0f}%)"
    return Cell(format_count(get(row, "count")) + share, cells.full(get(row, "count"), get(row, "percent")), "number")


def _notes(rows: Sequence[Row]) -> list[str]:
    """What each effect compares, said once for each variable."""
    said = [f"{label(get(r, 'variable'))}: {label(get(r, 'note'))}" for r in rows
            if get(r, "row_type") == "test" and not is_absent(get(r, "note"))]  # fmt: skip
    return ["; ".join(said) + "."] if said else []


def continuous_view(rows: Sequence[Row], title: str, marker: str, declared: Declarations) -> View:
    """The marker in each level of a category, or its correlation with a number."""
    body: list[list[Cell]] = []
    for variable, part in _parts(rows).items():
        test, ending = _tested(part)
        body.append(
            [cells.head(declared.variable(variable)), cells.count(get(test, "n")), Cell("", kind="number"), *ending]
        )
        for row in part:
            if get(row, "row_type") == "summary" and not is_absent(get(row, "level")):
                blank = [Cell("", kind="number")] * 2 + [Cell("")] * 2
                values = Cell(spread(row), cells.full(*(get(row, n) for n in ("median", "q1", "q3"))), "number")
                body.append(
                    [
                        cells.head(declared.level(variable, label(get(row, "level"))), indent=True),
                        cells.count(get(row, "count")),
                        values,
                        *blank,
                    ]
                )
    heads = ["Variable", "n", f"{marker}, median (quartiles)", "p", "Adjusted p", "Test", "Effect (95% CI)"]
    return View(title, heads, body, notes=_notes(rows), numeric=frozenset(range(1, 5)))


def cohort_view(rows: Sequence[Row], title: str) -> View:
    """One row per cohort: the fraction of each level, the mean of each number."""
    columns = list(dict.fromkeys(
        (label(get(r, "variable")), label(get(r, "level"))) for r in rows if label(get(r, "level")) != MISSING
    ))  # fmt: skip
    by_key = {tuple(label(get(r, n)) for n in ("variable", "level", "group")): r for r in rows}
    body = []
    for cohort in cells.unique(get(r, "group") for r in rows):
        found = [by_key.get((*column, cohort), {}) for column in columns]
        body.append([cells.head(cohort), *(_share(r) for r in found)])
    widths: dict[str, int] = {}
    for variable, _ in columns:
        widths[variable] = widths.get(variable, 0) + 1
    groups = [("", 1), *((v, n) for v, n in widths.items())]
    heads = ["Cohort", *(level or "mean" for _, level in columns)]
    notes = ["Percentages of the samples that have a value; means of numbers."]
    return View(title, heads, body, notes=notes, groups=groups, numeric=frozenset(range(1, len(heads))))


def _share(row: Row) -> Cell:
    if not is_absent(get(row, "percent")):
        return Cell(
            f"{as_number(get(row, 'percent')):.0f}%", cells.full(get(row, "count"), get(row, "percent")), "number"
        )
    return cells.number(get(row, "mean")) if row else Cell("–", kind="number")
