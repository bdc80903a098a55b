"""Findings that can answer a study's question without a hazard ratio of a Cox model, and which of them does.

In order of preference: a regression with competing events, an odds ratio, a model evaluated in samples that had no part
in it, a test between the curves of groups.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from prognomics.report.results.identity import HAZARD_RATIO, SMALLEST, Finding
from prognomics.report.results.primary import best, fits
from prognomics.report.results.rows import get, label, records
from prognomics.report.wording import as_number
from prognomics.stats.power import smallest_ratio

if TYPE_CHECKING:
    from prognomics.report.results.found import Findings

ALPHA = 0.05
COMPETING, ODDS, MODEL, GROUPS = "competing", "odds", "model", "groups"
KINDS = (COMPETING, ODDS, MODEL, GROUPS)
VALIDATIONS = ("signature_validation", "model_validation")
DISCRIMINATION = ("Harrell's C", "AUC")  # of a survival model, of a binary outcome
OWN_MODEL = "signature"  # among the models of a validation, the one that was learned
CHANCE = 0.5
POWER = 0.8


def find_kind(finding: Finding) -> str:
    """One of `KINDS`; '' where a finding cannot be a study's answer by itself."""
    identity, tool = finding.identity, finding.step.tool
    known = finding.estimate[0] == finding.estimate[0]
    if tool == "competing_risks" and identity.cause == "event" and identity.measure.endswith(HAZARD_RATIO) and known:
        return COMPETING if identity.marker else ""
    if tool == "logistic" and identity.measure == "odds ratio" and identity.marker and known and not identity.group:
        return ODDS
    if finding.place[0] in VALIDATIONS and identity.scope == "held_out" and known:
        own = finding.place[0] == "model_validation" or identity.model == OWN_MODEL
        return MODEL if own and identity.measure in DISCRIMINATION else ""
    if tool == "kaplan_meier" and identity.measure == "log-rank test" and identity.group == "overall":
        return GROUPS if identity.marker else ""
    return GROUPS if is_gray(finding) and identity.marker else ""


def is_gray(finding: Finding) -> bool:
    """Gray's test of the event between all groups."""
    overall = label(get(finding.row, "comparison")) in ("", "overall")
    return finding.place[0] == "gray_test" and finding.identity.cause == "event" and overall


def headline(found: Findings) -> tuple[Finding | None, str]:
    """The finding that answers the study's question, and how it was chosen: `declared`, `default` or `missing`.

    Without a declaration, or without what is declared: the first marker and endpoint for which there is one, then the
    preferred kind; of several the first in the study file.
    """
    pool = candidates(found.all)
    declared = bool(found.declared.primary)
    for kind in pool if declared else ():
        if (one := _first(found, [f for f in pool[kind] if fits(found, f)])) is not None:
            return one, "declared"
    others = (f.identity.endpoint for those in pool.values() for f in those)
    endpoints = list(dict.fromkeys([*found.endpoints, *others]))
    for endpoint in endpoints:
        for those in pool.values():
            if (one := _first(found, [f for f in those if f.identity.endpoint == endpoint])) is not None:
                return one, "missing" if declared else "default"
    return None, "missing" if declared else "default"


def _first(found: Findings, pool: Sequence[Finding]) -> Finding | None:
    return best(found, sorted(pool, key=place_in_study))


def candidates(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """By kind, in order of preference; log-rank tests once each, with the samples and events of all groups."""
    found: dict[str, list[Finding]] = {kind: [] for kind in KINDS}
    for finding in findings:
        if kind := find_kind(finding):
            found[kind].append(finding)
    found[GROUPS] = [_of_all_groups(f) for f in found[GROUPS] if _is_first(f)]
    found[COMPETING].sort(key=lambda f: f.identity.measure == HAZARD_RATIO)  # Fine-Gray before cause-specific
    found[MODEL] = _models(found[MODEL])
    return {kind: those for kind, those in found.items() if those}


def rows_of_test(finding: Finding) -> list[dict[str, object]]:
    """The rows of a test between groups, one per group."""
    rows = records(finding.step.frame(finding.place[0]))
    same = ("test", "comparison", "strata", "cause")
    return [r for r in rows if all(label(get(r, n)) == label(get(finding.row, n)) for n in same)]


def is_clear(finding: Finding) -> bool:
    """Whether the interval excludes no effect; of a test, whether p is below 0.05."""
    kind = find_kind(finding)
    if kind == GROUPS:
        return finding.p < ALPHA
    if kind == MODEL:
        return finding.estimate[1] > CHANCE or finding.estimate[2] < CHANCE
    return finding.excludes_one


def smallest_effect(finding: Finding) -> Finding | None:
    """The smallest ratio that these data show with 80% power, as a finding; None where the result is clear.

    It follows from the standard error of the estimate and, where its test is of t (Hartung and Knapp's), the degrees of
    freedom, at a two-sided level of 0.05; its inverse is the one below 1.
    """
    if is_clear(finding) or find_kind(finding) == MODEL or not 0 < finding.se < math.inf:
        return None
    df = as_number(get(finding.row, "df")) if finding.step.tool == "meta_analysis" else math.nan
    ratio = smallest_ratio(finding.se**-2, POWER, ALPHA, df=df if df >= 1 else math.inf)
    return replace(finding, identity=replace(finding.identity, measure=SMALLEST),
                   estimate=(ratio, math.nan, math.nan), p=math.nan, statistic=math.nan)  # fmt: skip


def _is_first(finding: Finding) -> bool:
    rows = rows_of_test(finding)
    return bool(rows) and label(get(rows[0], "group")) == label(get(finding.row, "group"))


def _of_all_groups(finding: Finding) -> Finding:
    """A test with the counts of its groups together and, of two groups, the standard error of the log ratio."""
    rows = rows_of_test(finding)
    counted = "events" if is_gray(finding) else "observed"
    n, events = (sum(as_number(get(r, name)) for r in rows) for name in ("n", counted))
    gap = as_number(get(rows[0], "observed")) - as_number(get(rows[0], "expected"))
    chisq = as_number(get(finding.row, "chisq"))
    known = len(rows) == 2 and chisq > 0 and gap * gap > 0
    return replace(finding, n=n, events=events, se=math.sqrt(chisq) / abs(gap) if known else math.nan)


def _models(findings: list[Finding]) -> list[Finding]:
    """Of each validation the row of all held-out samples, else the one cohort's; without a horizon before with one."""
    kept: list[Finding] = []
    for number in dict.fromkeys(f.step.number for f in findings):
        mine = [f for f in findings if f.step.number == number]
        best = min(DISCRIMINATION.index(f.identity.measure) for f in mine)
        mine = [f for f in mine if DISCRIMINATION.index(f.identity.measure) == best]
        mine = [f for f in mine if not f.identity.time] or mine
        whole = [f for f in mine if not f.identity.cohort]
        kept += (whole or (mine if len({f.identity.cohort for f in mine}) == 1 else []))[:1]
    return sorted(kept, key=lambda f: -f.n)


def place_in_study(finding: Finding) -> int:
    """Which step of the study file made a finding; behind all where none is known."""
    listed = finding.step.declared.steps
    own = finding.step
    fitting = [(-len(options), place) for place, (tool, options) in enumerate(listed) if tool == own.tool
               and all(_same(own.parameters.get(name), value) for name, value in options.items()
                       if not isinstance(value, str) or not value.startswith("step:"))]  # fmt: skip
    return min(fitting, default=(0, len(listed)))[1]


def _same(taken: object, written: object) -> bool:
    def values(value: object) -> list[str]:
        return [label(v) for v in (value if isinstance(value, list) else [value])]

    return taken is None or values(taken) == values(written)
