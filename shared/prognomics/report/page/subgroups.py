"""The marker's effect in subgroups: those that were estimated together, and populations analyzed separately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from prognomics.report.page import cells, phrases
from prognomics.report.page.blocks import Section
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.forests import ForestRow, forest_view, make_row
from prognomics.report.results.findings import Finding, read_endpoint, read_population
from prognomics.report.results.joining import Joined
from prognomics.report.results.steps import Step
from prognomics.report.wording import as_number, is_absent, p_phrase, plural, sentence_case

ALPHA = 0.05
Row = Mapping[str, Any]


def subgroups_section(joined: Joined) -> Section | None:
    """One forest of the primary question; None if there is nothing to compare with."""
    head = joined.findings.primary
    if head is None:
        return None
    steps = _tables(joined, head)
    tests = [*_tests(steps), *_interactions(joined, head)]
    rows = [make_row(head, sentence_case(phrases.population(head)), kind="pooled", primary=True)]
    for step in steps:
        rows += _of_table(step, head)
    rows += [make_row(f, sentence_case(phrases.population(f)), indent=True) for f in separate(joined, head)]
    if len(rows) < 2 and not tests:
        return None
    section = Section("subgroups", "Subgroups", main=True)
    section.say(_sentence(tests, len(rows) > 1))
    of = phrases.setting(joined, head)
    if len(rows) > 1:
        notes = [
            "Squares: hazard ratio in the subgroup, larger with more events; diamond: the primary analysis; lines: "
            "95% confidence interval. p of a variable: test of interaction. A p-value within a subgroup is not "
            "evidence of a difference between subgroups. No p-value is corrected for the number of subgroups."
        ]
        view = forest_view(f"{phrases.contrast(joined, head)} in subgroups: {of}.", rows, ("Subgroup",), notes=notes)
        section.show(view, *steps, *([head.step] if head.step not in steps else []))
    section.list([(name, said) for name, _, said in tests if name])
    return section


def separate(joined: Joined, head: Finding) -> list[Finding]:
    """The same analysis in other populations that are a part of this one's."""
    mine = replace(head.identity, population=())
    found = [
        f
        for f in joined.findings.unique
        if replace(f.identity, population=()) == mine and set(f.identity.population) > set(head.identity.population)
    ]
    return sorted(found, key=lambda f: f.identity.population)


def _tables(joined: Joined, head: Finding) -> list[Step]:
    """Steps that estimated subgroups of this marker, endpoint and population."""
    return [
        s
        for s in joined.of("cox")
        if s.frame("cox_subgroups") is not None
        and s.scope == head.identity.scope
        and read_endpoint(s) == head.identity.endpoint
        and read_population(s) == head.identity.population
        and head.identity.term in {label(get(r, "term")) for r in records(s.frame("cox_subgroups"))}
    ][:1]


def _of_table(step: Step, head: Finding) -> list[ForestRow]:
    every = [r for r in records(step.frame("cox_subgroups")) if label(get(r, "term")) == head.identity.term]
    rows: list[ForestRow] = []
    for name in cells.unique(get(r, "subgroup") for r in every):
        part = [r for r in every if label(get(r, "subgroup")) == name]
        test = next((r for r in part if get(r, "row_type") == "interaction"), {})
        rows.append(ForestRow(step.declared.variable(name), "p: interaction", p=_p(test), kind="heading"))
        for row in (r for r in part if get(r, "row_type") == "level"):
            level = label(get(row, "level"))
            hr, low, high = (as_number(get(row, key)) for key in ("hr", "ci_low", "ci_high"))
            marker_level = label(get(row, "term_level"))
            several = f", {marker_level}" if len(cells.unique(get(r, "term_level") for r in part)) > 1 else ""
            rows.append(
                ForestRow(
                    f"{sentence_case(step.declared.level(name, level))}{several}",
                    "",
                    as_number(get(row, "n_level")),
                    as_number(get(row, "events_level")),
                    (hr, low, high),
                    indent=True,
                )
            )
    return rows


def _p(row: Row) -> float:
    wald = get(row, "p_value")
    return as_number(get(row, "p_lr") if is_absent(wald) else wald)


def _tests(steps: Sequence[Step]) -> list[tuple[str, float, str]]:
    return [
        ("", _p(r), "")
        for s in steps
        for r in records(s.frame("cox_subgroups"))
        if get(r, "row_type") == "interaction" and _p(r) == _p(r)
    ]


def _interactions(joined: Joined, head: Finding) -> list[tuple[str, float, str]]:
    """(variable, p, sentence) of each interaction of the marker in a model of this endpoint and population."""
    found = {}
    for step in joined.of("cox"):
        if read_endpoint(step) != head.identity.endpoint or read_population(step) != head.identity.population:
            continue
        for row in records(step.frame("cox_table")):
            parts = label(get(row, "term")).split(":")
            ours = len(parts) == 2 and parts.count(head.identity.term) == 1 and get(row, "row_type") == "omnibus"
            if ours and step.scope == head.identity.scope and not is_absent(get(row, "p_value")):
                other = next(p for p in parts if p != head.identity.term)
                name = step.declared.variable(other)
                said = (
                    f"{p_phrase(get(row, 'p_value'))} in {plural(get(row, 'n'), 'sample')}, "
                    f"{plural(get(row, 'events'), 'event')}; the model has both variables and their product."
                )
                found[name] = (f"Interaction with {name[:1].lower() + name[1:]}", _p(row), said)
    return list(found.values())


def _sentence(tests: Sequence[tuple[str, float, str]], separate_ones: bool) -> str:
    known = [p for _, p, _ in tests if p == p]
    if not known:
        return (
            "The subgroups were analyzed separately; no test of interaction was made, so that a difference between "
            "them is not established."
        )
    low = min(known)
    many = f"{plural(len(known), 'test')} of interaction"
    if low < ALPHA:
        return (
            f"{sum(p < ALPHA for p in known)} of {many} has p below 0.05 (smallest {p_phrase(low)}, not corrected): "
            "the effect may differ between subgroups."
        )
    return f"No evidence that the effect differs between subgroups ({many}, smallest {p_phrase(low)})."
