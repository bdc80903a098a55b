"""Which finding is the primary analysis: the declared one, or else a rule that does not look at the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prognomics.report.results.identity import RATIOS
from prognomics.report.results.rows import label
from prognomics.report.wording import (
    format_ratio_unit,
    join_words,
    p_phrase,
    plural,
    sentence_case,
    within_sentence,
)

if TYPE_CHECKING:
    from prognomics.report.results.findings import Finding, Findings

TRUSTED = ("stratified", "all", "unstratified", "per_cohort")
UNDECLARED = (
    "The study file declares no primary analysis: taken are the first marker, the first endpoint, the widest "
    "population, stratified by cohort if possible, and unadjusted."
)


def choose(found: Findings) -> tuple[Finding | None, str]:
    """The primary analysis and how it was chosen; None without a pooled estimate of one.

    Without a declaration: the first marker, the first endpoint, the population with most samples, the preferred
    scope, groups before numbers and unadjusted before adjusted.
    """
    wanted = found.declared.primary
    pool = [f for f in found.unique if f.identity.method.startswith("cox")]
    if wanted:
        declared = [f for f in pool if fits(found, f)]
        best = _best(found, declared)
        return (best, "declared") if best else (_best(found, pool), "elsewhere" if elsewhere(found) else "missing")
    return _best(found, pool), "default"


def elsewhere(found: Findings) -> list[Finding]:
    """The declared primary analysis where it is no hazard ratio of a Cox model: an odds ratio, a competing risk."""
    if not found.declared.primary:
        return []
    others = [f for f in found.all if f.identity.measure in RATIOS and f.identity.marker and not f.identity.group
              and f.step.tool not in ("cox", "screen") and f.estimate[0] == f.estimate[0]]  # fmt: skip
    return [f for f in others if fits(found, f)]


def fits(found: Findings, finding: Finding) -> bool:
    """Whether a finding is what the study declares as primary, in all that is declared."""
    wanted, identity = found.declared.primary, finding.identity
    population = label(wanted.get("population"))
    contrast = label(wanted.get("contrast"))
    adjusted = wanted.get("adjusted_for")
    checks = [
        not wanted.get("marker") or label(wanted["marker"]) in (identity.marker, identity.term),
        not wanted.get("endpoint") or label(wanted["endpoint"]) == identity.endpoint,
        not population or found.declared.conditions(population) == identity.population,
        not contrast or (contrast == "continuous") == (identity.contrast == "continuous"),
        adjusted is None or set(adjusted) == set(identity.adjusted_for),
        not wanted.get("scope") or label(wanted["scope"]) == identity.scope,
    ]
    return all(checks)


def _best(found: Findings, pool: Sequence[Finding]) -> Finding | None:
    """The first by the rule; each choice leaves the next one fewer."""
    left = [f for f in pool if not f.identity.limits] or list(pool)
    for choice in (_marker(found), _endpoint(found)):
        first = min((choice(f) for f in left), default=None)
        left = [f for f in left if choice(f) == first]
    widest = max((f.n for f in left if not f.identity.adjusted_for), default=max((f.n for f in left), default=0))
    population = min((f.identity.population for f in left if f.n >= widest), key=len, default=())
    left = [f for f in left if f.identity.population == population]
    scope = next((s for s in TRUSTED if any(f.identity.scope == s for f in left)), "")
    left = [f for f in left if f.identity.scope == scope]
    if len({f.identity.cohort for f in left}) > 1:
        return None  # several cohorts and no pooled model: none of them is the answer
    return next(iter(in_order(left)), None)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Groups before numbers, unadjusted before adjusted."""
    return sorted(findings, key=lambda f: (f.identity.contrast == "continuous", len(f.identity.adjusted_for)))


def _marker(found: Findings):
    order = list(dict.fromkeys([*found.declared.markers, *found.markers.values()]))
    return lambda f: order.index(f.identity.marker)


def _endpoint(found: Findings):
    return lambda f: found.endpoints.index(f.identity.endpoint) if f.identity.endpoint in found.endpoints else 99


def declared_and_found(found: Findings) -> list[str]:
    """Sentences on what is declared but missing, and what was found but not declared."""
    declared, said = found.declared, []
    if found.chosen == "elsewhere":
        said.append(_elsewhere(found))
    if found.chosen == "missing":
        what = "; ".join(f"{k.replace('_', ' ')} {_words(v)}" for k, v in declared.primary.items())
        said.append(f"The declared primary analysis ({what}) is not among the results. What is reported first instead "
                    "was chosen by rule: first marker, first endpoint, widest population, unadjusted.")  # fmt: skip
    analyzed = list(dict.fromkeys(f.identity.marker for f in found.of_outcomes))
    if declared.markers:
        said += _both("marker", declared.markers, analyzed, analyzed or found.markers.values())
    if declared.endpoints and found.endpoints:
        said += _both("endpoint", tuple(declared.endpoints), found.endpoints, found.endpoints)
    if declared.populations:
        have = {declared.conditions(name): name for name in declared.populations}
        lacking = [have[c] for c in have if c not in found.populations]
        extra = [declared.population_words(c) for c in found.populations if c not in have and c]
        said += _sentences("population", lacking, extra)
    return said


def _elsewhere(found: Findings) -> str:
    """Where the declared primary analysis is among the results, with its first estimate."""
    one = min(elsewhere(found), key=lambda f: (len(f.identity.adjusted_for), f.identity.scope != "stratified"))
    identity, declared = one.identity, found.declared
    how = f"adjusted for {declared.variables(identity.adjusted_for)}" if identity.adjusted_for else "unadjusted"
    ratio = format_ratio_unit(*one.estimate).replace(" (", " (95% CI ").replace("–", " to ")
    what = f"{declared.variable(identity.term)}, {identity.contrast}, {how}"
    return f"The declared primary analysis is of another kind than a Cox model. {sentence_case(identity.measure)} " \
        f"({declared.endpoint_words(identity.endpoint)}): {what}: {ratio}, {p_phrase(one.p)}; " \
        f"{plural(one.n, 'sample')}, {plural(one.events, 'event')}."  # fmt: skip


def _both(what: str, declared: Sequence[str], found: Sequence[str], known: Sequence[str]) -> list[str]:
    extra = [f for f in found if f not in declared]
    return _sentences(what, [d for d in declared if d not in known], extra)


def _sentences(what: str, lacking: Sequence[str], extra: Sequence[str]) -> list[str]:
    said = []
    if lacking:
        said.append(f"Declared, but not among the results: {what} {join_words(lacking)}.")
    if extra:
        shown = [*extra[:6], *([f"{len(extra) - 6} more"] if len(extra) > 6 else [])]
        said.append(f"Analyzed, but not declared in the study file: {what} {join_words(map(within_sentence, shown))}.")
    return said


def _words(value: object) -> str:
    return (join_words(value) or "none") if isinstance(value, list) else label(value)
