"""Which finding is the primary analysis: the declared one, or else a rule that does not look at the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from prognomics.report.results.rows import label
from prognomics.report.wording import join_words, within_sentence

if TYPE_CHECKING:
    from prognomics.report.results.found import Findings
    from prognomics.report.results.identity import Finding

SCOPES = ("stratified", "all", "unstratified", "random", "fixed", "held_out", "per_cohort")
UNDECLARED = (
    "The study file does not declare a primary analysis. By rule it is that of the first marker and endpoint in the "
    "largest population, stratified by cohort if possible, and unadjusted."
)


def choose(found: Findings) -> tuple[Finding | None, str]:
    """The hazard ratio that is the primary analysis and how it was chosen; None without a pooled one.

    Without a declaration: the first marker, the first endpoint, the population with most samples, the preferred
    scope, groups before numbers and unadjusted before adjusted. Of Cox models, else of a meta-analysis of cohorts.
    """
    pool = [f for f in found.unique if f.identity.method.startswith("cox")]
    meta = [f for f in found.unique if f.identity.scope in ("random", "fixed") and f.identity.method == "meta_analysis"]
    if found.declared.primary:
        for those in (pool, meta):
            if (one := best(found, [f for f in those if fits(found, f)])) is not None:
                return one, "declared"
        return best(found, pool) or best(found, meta), "missing"
    return best(found, pool) or best(found, meta), "default"


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
        not contrast or _is_model(finding) or (contrast == "continuous") == (identity.contrast == "continuous"),
        adjusted is None or set(adjusted) == set(identity.adjusted_for),
        not wanted.get("scope") or label(wanted["scope"]) == identity.scope or _is_model(finding),
    ]
    return all(checks)


def _is_model(finding: Finding) -> bool:
    """Whether a model as a whole was evaluated: it has neither contrast nor strata of its own."""
    return finding.identity.scope == "held_out"


def best(found: Findings, pool: Sequence[Finding]) -> Finding | None:
    """The first by the rule; each choice leaves the next one fewer."""
    left = [f for f in pool if not f.identity.limits] or list(pool)
    for choice in (_marker(found), _endpoint(found)):
        first = min((choice(f) for f in left), default=None)
        left = [f for f in left if choice(f) == first]
    widest = max((f.n for f in left if not f.identity.adjusted_for), default=max((f.n for f in left), default=0))
    population = min((f.identity.population for f in left if f.n >= widest), key=len, default=())
    left = [f for f in left if f.identity.population == population]
    scope = next((s for s in SCOPES if any(f.identity.scope == s for f in left)), "")
    left = [f for f in left if f.identity.scope == scope]
    if len({f.identity.cohort for f in left}) > 1:
        return None  # several cohorts and no pooled model: none of them is the answer
    return next(iter(in_order(left)), None)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Groups before numbers, unadjusted before adjusted."""
    return sorted(findings, key=lambda f: (f.identity.contrast == "continuous", len(f.identity.adjusted_for)))


def _marker(found: Findings) -> Any:
    order = list(dict.fromkeys([*found.declared.markers, *found.markers.values()]))
    return lambda f: order.index(f.identity.marker) if f.identity.marker in order else len(order)


def _endpoint(found: Findings) -> Any:
    return lambda f: found.endpoints.index(f.identity.endpoint) if f.identity.endpoint in found.endpoints else 99


def declared_and_found(found: Findings) -> list[str]:
    """Sentences on what is declared but missing, and what was found but not declared."""
    declared, said = found.declared, []
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
