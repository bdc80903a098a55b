"""Curves of the primary question in each cohort, and of the study's other endpoints, markers and populations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page import phrases
from prognomics.report.page.blocks import Section
from prognomics.report.page.cells import label
from prognomics.report.page.curves import CurveFigure, at_risk, curve_figure, drawable, pooled_step, select_steps
from prognomics.report.results.findings import Finding, read_endpoint, read_limits, read_population
from prognomics.report.results.joining import Joined
from prognomics.report.results.steps import Step
from prognomics.report.wording import plural

MOST = 9  # panels; the others are in the supplement


def each_cohort_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """Small curves; None if there is at most one figure."""
    head = joined.findings.primary
    figures = panels(study, joined)
    if head is None or not figures:
        return None
    cohorts = joined.findings.cohorts(head)
    title = "Each cohort" if any(f.step.scope == "per_cohort" for f in figures) else "Other endpoints and populations"
    section = Section("each-cohort", title, main=True)
    if len(cohorts) > 1:
        above, clear = sum(f.hr[0] > 1 for f in cohorts), sum(f.excludes_one for f in cohorts)
        section.say(
            f"{phrases.contrast(joined, head)}, {phrases.setting(joined, head)}: {above} of "
            f"{plural(len(cohorts), 'hazard ratio')} above 1; {clear} of the intervals exclude 1."
        )
    left = (
        f" {plural(_count(joined) - len(figures), 'further analysis', 'further analyses')} are in the supplement."
        if _count(joined) > len(figures)
        else ""
    )
    said = (
        "As Figure 1. p: two-sided test named on the plot, not corrected for the number of analyses. Shaded areas: "
        f"pointwise 95% confidence intervals; vertical ticks: censored samples.{left}"
    )
    section.panels("Kaplan-Meier curves in each cohort and of other analyses", figures, said)
    return section


def panels(study: Mapping[str, Any], joined: Joined) -> list[CurveFigure]:
    """The cohorts of the primary question, then each other question once; only the first ones if there are many."""
    head = joined.findings.primary
    if head is None:
        return []
    least, first = at_risk(dict(study)), pooled_step(joined, head)
    found: list[tuple[Step, Finding | None]] = []
    if first is not None:
        own = joined.findings.cohorts(head)
        mine = [s for s in select_steps(joined, head) if s.scope == "per_cohort" and _column(s) == _column(first)]
        found = [(s, next((f for f in own if f.identity.cohort == s.cohort), None)) for s in mine]
        found += [(s, None) for s in _others(joined, first)]
    return [curve_figure(joined, s, f, least) for s, f in found[:MOST]]


def _column(step: Step) -> str:
    return label(step.parameters.get("group_column"))


def _question(step: Step) -> tuple[Any, ...]:
    return _column(step), read_endpoint(step), read_population(step), read_limits(step)


def _others(joined: Joined, first: Step) -> list[Step]:
    """One step for each other question, pooled."""
    found: dict[tuple[Any, ...], Step] = {}
    for step in joined.of("kaplan_meier"):
        pooled = step.scope in ("stratified", "all") or step.scope == "unstratified"
        if pooled and _question(step) != _question(first) and _column(step) and drawable(step):
            found.setdefault(_question(step), step)
    return list(found.values())


def _count(joined: Joined) -> int:
    head = joined.findings.primary
    first = pooled_step(joined, head) if head else None
    if head is None or first is None:
        return 0
    return len([s for s in select_steps(joined, head) if s.scope == "per_cohort"]) + len(_others(joined, first))
