"""Sensitivity analyses: strata, single cohorts, pooling, the cutpoint, other variables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells, phrases
from prognomics.report.page.blocks import Section
from prognomics.report.page.cox import LOOKS
from prognomics.report.page.forests import ForestRow, forest_view
from prognomics.report.page.pooled import POOLED
from prognomics.report.results.findings import POOLED as POOLED_SCOPES
from prognomics.report.results.findings import Finding
from prognomics.report.results.joining import Joined
from prognomics.report.results.primary import in_order
from prognomics.report.wording import is_absent, join_words, plural, sentence_case

SCOPES = {"stratified": "Stratified by cohort", "all": "All samples", "unstratified": "Not stratified"}
NUMBERS = ("n", "events", "hr", "ci_low", "ci_high", "p_value")
NOTHING = dict.fromkeys(NUMBERS, math.nan)
Row = dict[str, Any]


def sensitivity_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """Every estimate of the marker's hazard ratio side by side; None with fewer than two."""
    rows = estimates(study, joined)
    found = [r for r in rows if r["kind"] != "heading" and not is_absent(r["hr"])]
    if len(found) < 2:
        return None
    section = Section("sensitivity", "Sensitivity analyses")
    section.say(
        f"The hazard ratio of {joined.findings.marker or 'the marker'} from every analysis: stratified and in single "
        "cohorts, pooled by meta-analysis, without each cohort in turn, in groups and continuous, unadjusted "
        "and adjusted. Each heading names the endpoint, and the population if there are several."
    )
    section.list(_sentences(rows))
    section.show(_table(rows))
    return section


def estimates(study: Mapping[str, Any], joined: Joined) -> list[Row]:
    """All estimates of the marker, a heading above each analysis; `scope` is the finding's."""
    found = joined.findings
    mine = [f for f in found.unique if f.identity.marker == found.marker]
    questions = list(dict.fromkeys(f.identity.question for f in mine))
    if found.primary:
        questions.sort(key=lambda q: (q != found.primary.identity.question, q[1] != found.primary.identity.endpoint))
    rows: list[Row] = []
    for question in questions:
        part = in_order([f for f in mine if f.identity.question == question])
        for key in dict.fromkeys((f.identity.analysis, _method(f)) for f in part):
            own = [f for f in part if (f.identity.analysis, _method(f)) == key]
            heading = _heading(joined, own[0])
            rows.append({"label": heading, "heading": heading, "kind": "heading", "scope": "", **NOTHING})
            rows += [{**_row(f), "heading": heading} for f in own]
    return rows


def _method(finding: Finding) -> str:
    """Which of the estimates that a reader compares are next to each other: those of a meta-analysis are apart."""
    return finding.identity.method


def _heading(joined: Joined, finding: Finding) -> str:
    of = phrases.setting(joined, finding) if _several(joined) else phrases.named_population(joined, finding).strip()
    lead = f"{sentence_case(of)}: " if of else ""
    kind = "meta-analysis of " if finding.identity.method == "meta_analysis" else ""
    names = finding.identity.adjusted_for
    few = finding.step.declared.variables(names) if len(names) <= 3 else f"{len(names)} variables"
    adjusted = f", adjusted for {few}" if names else ""
    continuous = ", continuous" if finding.identity.contrast == "continuous" else ""
    how = phrases.contrast(joined, finding).removeprefix(f"{phrases.marker(finding)}, ")
    text = f"{kind}{phrases.marker(finding)}{continuous}, {how}{adjusted}"
    return lead + (text if lead else sentence_case(text) if kind else text)


def _several(joined: Joined) -> bool:
    return len(joined.findings.endpoints) > 1


def _row(finding: Finding) -> Row:
    scope, where = finding.identity.scope, finding.step.declared.cohort(finding.identity.cohort)
    pooled = {POOLED_SCOPES[s]: name for s, name in POOLED.items()}
    name = SCOPES.get(scope) or pooled.get(scope) or f"{'Without' if scope == 'leave_out' else 'Cohort'} {where}"
    looks = {"random": "headline", "per_cohort": "cohort"} if finding.identity.method == "meta_analysis" else LOOKS
    return {"label": name, "kind": looks.get(scope, "pooled"), "scope": scope, "n": finding.n,
            "events": finding.events, "hr": finding.hr[0], "ci_low": finding.hr[1], "ci_high": finding.hr[2],
            "p_value": finding.p}  # fmt: skip


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
            parts.append(f"between {low:.2f} and {high:.2f} if one cohort is excluded{turn}")
        if parts:
            said.append((heading, f"The hazard ratio: {'; '.join(parts)}."))
    return said


def _excludes_one(row: Mapping[str, Any]) -> bool:
    result: bool = row["ci_low"] > 1 or row["ci_high"] < 1
    return result


def _table(rows: list[Row]) -> cells.View:
    """The estimates with their drawings; of the analyses without a cohort the estimates alone."""
    drawn = []
    for row in rows:
        if row["kind"] == "heading":
            drawn.append(ForestRow(row["label"], kind="heading"))
            continue
        kind = "study" if row["scope"] in ("per_cohort", "leave_out") else "pooled"
        drawn.append(ForestRow(row["label"], "", row["n"], row["events"], (row["hr"], row["ci_low"], row["ci_high"]),
                               row["p_value"], kind, indent=True))  # fmt: skip
    notes = ["Diamonds: several cohorts; squares: single cohorts, or all but one, larger with more events."]
    title = "Hazard ratios of the marker in all analyses, not corrected for the number of analyses."
    return forest_view(title, drawn, ("Analysis",), notes=notes, figure=False)
