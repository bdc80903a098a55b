"""Every analysis of every marker in one matrix: endpoint, population and adjustment, with the effect in each cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page import cells, phrases
from prognomics.report.page.blocks import Section
from prognomics.report.page.forests import ForestRow, forest_view, make_row
from prognomics.report.results.findings import HAZARD_RATIO, Finding
from prognomics.report.results.headline import find_kind
from prognomics.report.results.joining import Joined
from prognomics.report.results.primary import in_order
from prognomics.report.wording import format_ratio, sentence_case

NOT_CORRECTED = "not corrected for the number of analyses"
MOST_COHORTS = 8  # whose directions are shown
NO_DIFFERENCE = (0.995, 1.005)  # ratios that are shown as none
OTHERS = ("subdistribution hazard ratio", "odds ratio")
SHOWN = ("stratified", "all", "unstratified", "random")


def analyses_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """The matrix; None with fewer than two analyses."""
    tables = [(HAZARD_RATIO, matrix(joined)), *((m, _of_measure(joined, m)) for m in OTHERS)]
    tables = [(measure, rows) for measure, rows in tables if rows]
    if sum(len(rows) for _, rows in tables) < 2:
        return None
    section = Section("analyses", "All analyses")
    for measure, rows in tables:
        section.say(f"{f'{sentence_case(measure)}: ' if len(tables) > 1 else ''}{_counted(rows)}.")
        section.show(_table(joined, rows, measure))
    return section


def _counted(rows: Sequence[Finding]) -> str:
    """How many estimates are above 1, and how many intervals exclude it."""
    above, clear = sum(f.estimate[0] > 1 for f in rows), sum(f.excludes_one for f in rows)
    if len(rows) == 1:
        where, how = "above" if above else "not above", "excludes" if clear else "includes"
        return f"the only estimate is {where} 1; its interval {how} 1. The p-value is {NOT_CORRECTED}"
    return (f"{above} of {len(rows)} estimates are above 1; {clear} of the intervals exclude 1. The p-values are "
            f"{NOT_CORRECTED}")  # fmt: skip


def _of_measure(joined: Joined, measure: str) -> list[Finding]:
    """All odds ratios, or subdistribution hazard ratios, of markers; the primary analysis first."""
    found, head = joined.findings, joined.findings.other
    rows = [f for f in found.of(measure) if f.identity.marker and not f.identity.group and find_kind(f)]
    if any(f.identity.scope != "per_cohort" for f in rows):
        rows = [f for f in rows if f.identity.scope != "per_cohort"]
    first = head.identity if head else None
    order = {key: place for place, key in enumerate(dict.fromkeys(_group(f) for f in rows))}
    mine = _group(head) if head else None
    return sorted(rows, key=lambda f: (_group(f) != mine, order[_group(f)], f.identity != first))


def _group(finding: Finding) -> tuple[str, str]:
    return finding.identity.endpoint, finding.identity.marker


def matrix(joined: Joined) -> list[Finding]:
    """All estimates over several cohorts, the primary question first; a cohort's own if nothing is pooled."""
    found, head = joined.findings, joined.findings.primary
    pooled = [f for f in found.unique if f.identity.scope in SHOWN]
    known = {f.identity.analysis for f in pooled}
    rows = pooled + [f for f in found.unique if f.identity.scope == "per_cohort" and f.identity.analysis not in known
                     and f.identity.method != "meta_analysis"]  # fmt: skip
    markers = list(dict.fromkeys([found.marker, *found.markers.values()]))
    endpoints = list(dict.fromkeys([*([head.identity.endpoint] if head else []), *found.endpoints]))
    scopes = [*SHOWN, "per_cohort"]

    def place(finding: Finding) -> tuple[Any, ...]:
        identity = finding.identity
        of = endpoints.index(identity.endpoint) if identity.endpoint in endpoints else len(endpoints)
        first = head is not None and identity.population == head.identity.population and not identity.limits
        return (of, markers.index(identity.marker), not first, identity.population, identity.limits,
                finding is not head)  # fmt: skip

    return sorted(sorted(in_order(rows), key=lambda f: scopes.index(f.identity.scope)), key=place)


def _table(joined: Joined, rows: list[Finding], measure: str = HAZARD_RATIO) -> cells.View:
    body: list[ForestRow] = []
    last, endings = None, []
    for one in rows:
        group = _group(one)
        if group != last:
            of = phrases.endpoint(one) or one.identity.endpoint
            name = f"{sentence_case(of)}: {one.identity.marker}" if of else one.identity.marker
            body.append(ForestRow(name, kind="heading"))
            last = group
        directions = _directions(joined, one)
        endings += [f.identity.cohort for f in directions]
        more = (phrases.contrast(joined, one), sentence_case(phrases.model(one)), " ".join(map(_arrow, directions)))
        kind = "study" if one.identity.scope == "per_cohort" else "pooled"
        body.append(make_row(one, sentence_case(phrases.population(one)), kind=kind, more=more,
                           primary=one is joined.findings.primary or one is joined.findings.other))  # fmt: skip
    notes = ["Diamonds: estimates over several cohorts; their width is the 95% confidence interval. Dotted line: no "
             "effect."]  # fmt: skip
    if endings:
        name = rows[0].step.declared.cohort
        order = ", ".join(name(c) for c in dict.fromkeys(endings))
        notes.append(f"In each cohort: the hazard ratio in {order}, if estimated; ↑ above 1, ↓ below 1, = none (0.995 "
                     "to 1.005), * the interval excludes 1.")  # fmt: skip
    definitions = {f.identity.endpoint: f.step.declared.definition(f.identity.endpoint) for f in rows}
    notes += [f"{sentence_case(phrases.endpoint(next(f for f in rows if f.identity.endpoint == name)))}: {text}."
              .replace("..", ".") for name, text in definitions.items() if text]  # fmt: skip
    heads = ("Samples", "Contrast", "Model", "In each cohort")
    of = "All analyses" if measure == HAZARD_RATIO else f"All {measure}s of markers"
    return forest_view(f"{of}; {NOT_CORRECTED}.", body, heads, notes=notes, figure=False,
                       ratio=phrases.SHORT.get(measure, "HR"), estimate=sentence_case(measure))  # fmt: skip


def _directions(joined: Joined, finding: Finding) -> list[Finding]:
    if finding.identity.scope in ("per_cohort", "unstratified"):  # the row above has them
        return []
    found = joined.findings.cohorts(finding)
    order = {c: i for i, c in enumerate(dict.fromkeys(s.cohort for s in joined.steps if s.cohort))}
    found = sorted(found, key=lambda f: order.get(f.identity.cohort, len(order)))
    return found if 1 < len(found) <= MOST_COHORTS else []


def _arrow(finding: Finding) -> str:
    low, high = NO_DIFFERENCE
    sign = "=" if low <= finding.hr[0] <= high else "↑" if finding.hr[0] > 1 else "↓"
    return f"{sign}{format_ratio(finding.hr[0])}{'*' if finding.excludes_one else ''}"
