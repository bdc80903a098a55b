"""The REMARK profile: the study, and every survival analysis with its numbers (doi 10.1371/journal.pmed.1001216)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, endpoint_words, population_label, scope_label, tool_name
from prognomics.report.page.cells import Cell, get, label, records, view
from prognomics.report.page.checklist import considered_variables
from prognomics.report.page.diagram import collect_flows, is_endpoint, main_endpoint
from prognomics.report.page.key_findings import RULES
from prognomics.report.results.findings import is_part
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import (
    ABSENT,
    as_number,
    clean_text,
    format_count,
    format_ratio_unit,
    is_absent,
    join_words,
    p_phrase,
    plural,
    sentence_case,
)


def profile_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """Both parts of the profile; None without a survival analysis."""
    steps = joined.having("survival")
    if not steps:
        return None
    section = Section("profile", "REMARK profile")
    facts = [(name, text) for name, text in _facts(study, joined) if text]
    body = [[cells.head(name), Cell(text)] for name, text in facts]
    section.show(view("Part A: patients, marker, variables.", ["", "What was studied"], body))
    body = []
    for number, step in enumerate(steps, 1):
        what, n, events, variables, result = _analysis(step, joined.findings.markers)
        aim = f"A{number}. {sentence_case(what)}"
        scope = "" if step.scope == "per_cohort" else scope_label(step, long=False)
        where = ", ".join(filter(None, [population_label(step), scope]))
        body.append([cells.head(aim), Cell(sentence_case(endpoint_words(step)) or ABSENT), Cell(where), cells.count(n),
                     cells.count(events), Cell(variables or ABSENT), Cell(result or ABSENT),
                     Cell("", links=[(f"step-{step.number}", str(step.number))])])  # fmt: skip
    heads = ["Analysis", "Endpoint", "Samples", "n", "Events", "Variables", "Result", "Step"]
    section.show(view("Part B: every survival analysis that was done.", heads, body))
    return section


def _facts(study: Mapping[str, Any], joined: Joined) -> Iterator[tuple[str, str]]:
    flows = [(s, rows) for s, rows in collect_flows(joined) if [r for r in rows if not is_endpoint(r)]]
    endpoint = main_endpoint(study, joined)
    yield "Study", clean_text(study.get("title"))
    yield "Marker", clean_text(study.get("marker")) or join_words(joined.findings.terms)
    for marker in dict.fromkeys(joined.findings.markers.values()):
        rules = [label(get(r, "rule")) or label(get(r, "method")) for s in joined.of("cutpoint")
                 for r in records(s.frame("cutpoint_table")) if label(get(r, "marker")) == marker]  # fmt: skip
        forms = [RULES.get(rule, rule) for rule in rules]
        cut = f"divided at {join_words(dict.fromkeys(filter(None, forms)), 'or')}" if forms else ""
        mine = [f for f in joined.findings.every if f.identity.marker == marker]
        continuous = "continuous" if any(f.identity.contrast == "continuous" for f in mine) else ""
        used = join_words(filter(None, [cut, continuous]))
        if used:
            yield f"How {marker} was used", sentence_case(used)
    if flows:
        curated = [[r for r in rows if not is_endpoint(r)] for _, rows in flows]
        first, last = (sum(as_number(get(rows[i], "n")) for rows in curated) for i in (0, -1))
        cohorts = plural(len(flows), "cohort")
        left = f"{format_count(first - last)} excluded; {format_count(last)} curated."
        yield "Patients and samples", f"{plural(first, 'sample')} of {cohorts} in the sources; {left}"
        known = [r for _, rows in flows for r in rows if label(get(r, "step")) == f"endpoint:{endpoint}"]
        if known:
            n, events = (sum(as_number(get(r, k)) for r in known) for k in ("n", "events"))
            yield "With the endpoint", f"{plural(n, 'sample')}, {plural(events, 'event')} ({endpoint}), in " \
                f"{len(known)} of {cohorts}."  # fmt: skip
    for name in joined.findings.declared.endpoints:
        yield f"Endpoint {name}", joined.findings.declared.definition(name)
    yield "Variables considered", join_words(considered_variables(joined))
    yield "Treatment", "Not recorded: to be stated by the authors."


def _analysis(step: Step, terms: Mapping[str, str]) -> tuple[str, object, object, str, str]:
    """What it is, n, events, its variables, and the marker's result."""
    if step.tool == "kaplan_meier":
        return _curves(step)
    if step.tool == "cox":
        return _models(step, terms)
    if step.tool == "meta_analysis":
        rows = [r for r in records(step.frame("meta_table")) if get(r, "row_type") in ("random", "fixed")]
        row = next((r for r in rows if get(r, "row_type") == "random"), rows[0] if rows else {})
        what = label(step.parameters.get("gene") or step.parameters.get("marker_column"))
        return "meta-analysis", get(row, "n"), get(row, "events"), what, _ratio(row)
    variables = join_words([*step.listed("gene"), *step.listed("marker_column"), *step.listed("covariate")])
    rows = next((records(table.frame) for _, table in step.tables if {"n", "events"} <= set(table.frame.columns)), [])
    n, events = (max((as_number(get(r, k)) for r in rows), default=math.nan) for k in ("n", "events"))
    return tool_name(step), n, events, variables, ""


def _curves(step: Step) -> tuple[str, object, object, str, str]:
    rows = records(step.frame("km_summary"))
    whole = next((r for r in rows if get(r, "group") == "all"), rows[0] if len(rows) == 1 else {})
    test = next((r for r in records(step.frame("km_test")) if get(r, "comparison") == "overall"), {})
    result = f"{label(get(test, 'test'))}, {p_phrase(get(test, 'p_value'))}" if test else ""
    return "survival curves", get(whole, "n"), get(whole, "events"), label(step.parameters.get("group_column")), result


def _models(step: Step, terms: Mapping[str, str]) -> tuple[str, object, object, str, str]:
    rows = records(step.frame("cox_table"))
    models = cells.unique(get(r, "model") for r in rows)
    largest = [r for r in rows if get(r, "model") == models[-1]] if models else []
    n, events = (next((get(r, k) for r in largest if not is_absent(get(r, k))), math.nan) for k in ("n", "events"))
    ours = [r for r in rows if label(get(r, "term")) in terms and get(r, "row_type") == "level"]
    several = len({label(get(r, "term")) for r in ours}) > 1
    said = [f"{label(get(r, 'model'))} {label(get(r, 'term')) + ' ' if several else ''}{_ratio(r)}"
             for r in ours if not is_absent(get(r, "hr")) and not is_part(r)]  # fmt: skip
    said += [f"{label(get(r, 'model'))}, all its terms: {p_phrase(get(r, 'p_value'))}"
             for r in _tests_of_parts(rows, ours)]  # fmt: skip
    variables = [*step.listed("gene"), *step.listed("covariate")]
    return f"{join_words(models) or 'Cox'} models", n, events, join_words(variables), "; ".join(said)


def _tests_of_parts(rows: list[dict[str, Any]], ours: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The omnibus tests of terms whose ratios are parts, such as those of a spline."""
    parts = {(label(get(r, "model")), label(get(r, "term"))) for r in ours if is_part(r)}
    return [r for r in rows if get(r, "row_type") == "omnibus" and is_absent(get(r, "level"))
            and (label(get(r, "model")), label(get(r, "term"))) in parts]  # fmt: skip


def _ratio(row: Mapping[str, Any]) -> str:
    if is_absent(get(row, "hr")):
        return ""
    ratio = format_ratio_unit(*(get(row, name) for name in ("hr", "ci_low", "ci_high")))
    return f"HR {ratio}, {p_phrase(get(row, 'p_value'))}"
