"""Does the answer hang on the way it was asked: strata, single cohorts, pooling, the cut, other variables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, endpoint_words
from prognomics.report.page.cells import Cell, get, label, records, view
from prognomics.report.page.cox import LOOKS
from prognomics.report.page.diagram import picture
from prognomics.report.page.effects import Effect, in_order, marker_effects, marker_terms
from prognomics.report.page.joining import Joined, Step
from prognomics.report.page.pooled import POOLED
from prognomics.report.wording import as_number, format_ratio_unit, is_absent, join_words, plural, sentence_case

SCOPES = {"stratified": "Stratified by cohort", "all": "All samples", "unstratified": "Not stratified"}
MOST_DRAWN = 45  # rows of one picture
NUMBERS = ("n", "events", "hr", "ci_low", "ci_high", "p_value")
NOTHING = dict.fromkeys(NUMBERS, math.nan)
Row = dict[str, Any]


def sensitivity_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """Every estimate of the marker's hazard ratio side by side; None with fewer than two."""
    rows = estimates(study, joined)
    found = [r for r in rows if r["kind"] != "heading" and not is_absent(r["hr"])]
    if len(found) < 2:
        return None
    section = Section("sensitivity", "Does the answer hold?")
    section.say(
        "The marker's hazard ratio from every analysis of this study: by strata and single cohorts, pooled by "
        "meta-analysis, with each cohort left out, cut into groups and continuous, alone and beside other variables."
    )
    section.list(_sentences(rows))
    import pandas as pd

    from prognomics.report.figures import OverviewForestFigure

    drawn = [r for r in rows if r["scope"] != "leave_out"]
    if len(drawn) <= MOST_DRAWN:
        figure = OverviewForestFigure(pd.DataFrame(drawn), axis_label="Hazard ratio (log scale)")
        alt = "; ".join(f"{r['heading']}, {r['label']} {format_ratio_unit(r['hr'], r['ci_low'], r['ci_high'])}"
                        for r in drawn if not is_absent(r["hr"]))  # fmt: skip
        section.figure(picture(figure, "sensitivity"), "The marker's hazard ratio in all analyses. Diamonds: several "
                       "cohorts; squares: single cohorts, larger with more events.", f"Forest plot. {alt}")  # fmt: skip
    section.show(_table(rows))
    return section


def estimates(study: Mapping[str, Any], joined: Joined) -> list[Row]:
    """All estimates, a heading above each kind; `scope` is the step's or the row type of a meta-analysis."""
    terms = marker_terms(study, joined)
    effects = in_order(marker_effects(joined, terms))
    endpoints = list(dict.fromkeys(endpoint_words(e.step) for e in effects))
    rows: list[Row] = []
    for endpoint in endpoints:
        mine = [e for e in effects if endpoint_words(e.step) == endpoint]
        for key in dict.fromkeys((e.kind, e.beside, e.level) for e in mine):
            part = [e for e in mine if (e.kind, e.beside, e.level) == key]
            of = f"{sentence_case(endpoint)}: " if len(endpoints) > 1 else ""
            rows += [{**row, "heading": of + _kind_words(part[0])} for row in _of_effects(part)]
    for step in joined.of("meta_analysis"):
        what = label(step.parameters.get("gene") or step.parameters.get("marker_column")) or "the marker"
        continuous = ", continuous" if step.parameters.get("gene") else ""
        heading = f"Meta-analysis of {what}{continuous}"
        rows += [{**row, "heading": heading} for row in _of_meta(step)]
    found: list[Row] = []
    for row in rows:
        if not found or found[-1]["heading"] != row["heading"]:
            heading = row["heading"]
            found.append({"label": heading, "heading": heading, "kind": "heading", "scope": "", **NOTHING})
        found.append(row)
    return found


def _kind_words(effect: Effect) -> str:
    reference = label(get(effect.row, "reference"))
    versus = f": {effect.level} against {reference}" if effect.level and reference else ""
    unit = label(get(effect.row, "unit"))
    per = "" if effect.level else f", continuous, per {unit if unit not in ('', '1') else 'unit'}"
    beside = ""
    if effect.beside:
        few = len(effect.beside) <= 3
        beside = f", beside {join_words(effect.beside) if few else f'{len(effect.beside)} other variables'}"
    return f"{effect.term}{versus}{per}{beside}"


def _of_effects(effects: list[Effect]) -> list[Row]:
    made = []
    for effect in effects:
        name = SCOPES.get(effect.scope) or f"Cohort {effect.step.cohort}"
        kind = LOOKS[effect.scope]
        made.append({"label": name, "kind": kind, "scope": effect.scope, **_numbers(effect.row)})
    return made


def _of_meta(step: Step) -> list[Row]:
    made = []
    for row in records(step.frame("meta_table")):
        kind = label(get(row, "row_type"))
        if kind == "cohort" and not is_absent(get(row, "hr")):
            name = f"Cohort {label(get(row, 'cohort'))}"
            made.append({"label": name, "kind": "cohort", "scope": "per_cohort", **_numbers(row)})
        elif kind in POOLED:
            name = POOLED[kind]
            look = "headline" if kind == "random" else "pooled"
            made.append({"label": name, "kind": look, "scope": kind, **_numbers(row)})
        elif kind == "leave_out" and not is_absent(get(row, "hr")):
            name = f"Without {label(get(row, 'cohort'))}"
            made.append({"label": name, "kind": "pooled", "scope": "leave_out", **_numbers(row)})
    return made


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    return {name: as_number(get(row, name)) for name in NUMBERS}


def _sentences(rows: list[Row]) -> list[tuple[str, str]]:
    """What agrees and what does not."""
    said = []
    for heading in dict.fromkeys(r["heading"] for r in rows):
        part = [r for r in rows if r["heading"] == heading and r["kind"] != "heading" and not is_absent(r["hr"])]
        cohorts = [r for r in part if r["scope"] == "per_cohort"]
        left = [r for r in part if r["scope"] == "leave_out"]
        parts = []
        if len(cohorts) > 1:
            ups, clear = sum(r["hr"] > 1 for r in cohorts), sum(_excludes_one(r) for r in cohorts)
            parts.append(f"above 1 in {ups} of {plural(len(cohorts), 'cohort')}, its interval excludes 1 in {clear}")
        by_scope = {r["scope"]: r for r in part}
        if {"stratified", "unstratified"} <= set(by_scope):
            apart, pooled = by_scope["stratified"], by_scope["unstratified"]
            same = _excludes_one(apart) == _excludes_one(pooled)
            verdict = "lead to the same conclusion" if same else "lead to different conclusions"
            values = f"the stratified ({apart['hr']:.2f}) and the unstratified model ({pooled['hr']:.2f})"
            parts.append(f"{values} {verdict}")
        if len(left) > 1:
            low, high = min(r["hr"] for r in left), max(r["hr"] for r in left)
            whole = by_scope.get("random")
            changed = [r for r in left if whole and _excludes_one(r) != _excludes_one(whole)]
            names = join_words((r["label"].removeprefix("Without ") for r in changed), "or")
            turn = f"; the conclusion changes without {names}" if changed else ""
            parts.append(f"between {low:.2f} and {high:.2f} with one cohort left out{turn}")
        if parts:
            said.append((heading, f"The hazard ratio: {'; '.join(parts)}."))
    return said


def _excludes_one(row: Mapping[str, Any]) -> bool:
    return row["ci_low"] > 1 or row["ci_high"] < 1


def _table(rows: list[Row]) -> cells.View:
    body = []
    for row in rows:
        if row["kind"] == "heading":
            body.append([cells.head(row["label"]), *[Cell("", kind="number")] * 4])
            continue
        ratio = cells.ratio(row["hr"], row["ci_low"], row["ci_high"])
        body.append([cells.head(row["label"], indent=True), cells.count(row["n"]), cells.count(row["events"]), ratio,
                     cells.p(row["p_value"])])  # fmt: skip
    title = "The marker's hazard ratio in all analyses."
    return view(title, ["Analysis", "n", "Events", "HR (95% CI)", "p"], body)
