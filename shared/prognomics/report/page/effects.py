"""The marker's hazard ratios among all results: which is binary, which continuous, which adjusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prognomics.report.page.cells import get, label, records
from prognomics.report.page.joining import Joined, Step
from prognomics.report.wording import as_number, is_absent, plural

SPLINE = "spline basis"  # the unit of rows that are parts of a curve, no ratios of their own
IN_AN_INTERACTION = "takes part in an interaction"  # a ratio at the other part's reference, not of the marker as such
TRUSTED = ("stratified", "all", "unstratified", "per_cohort")  # which scope makes the headline


@dataclass(frozen=True)
class Effect:
    """One hazard ratio of the marker; `beside` are the other variables of its model."""

    step: Step
    row: Mapping[str, Any]
    beside: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        return self.step.scope

    @property
    def term(self) -> str:
        return label(get(self.row, "term"))

    @property
    def level(self) -> str:
        return label(get(self.row, "level"))

    @property
    def hr(self) -> tuple[float, float, float]:
        hr, low, high = (as_number(get(self.row, name)) for name in ("hr", "ci_low", "ci_high"))
        return hr, low, high

    @property
    def excludes_one(self) -> bool:
        _, low, high = self.hr
        return low > 1 or high < 1

    @property
    def kind(self) -> str:
        """`XPO1_group, high against low, beside 4 others`."""
        reference = label(get(self.row, "reference"))
        versus = f"{self.level} against {reference}" if reference else self.level
        beside = f", beside {plural(len(self.beside), 'other')}" if self.beside else ""
        return f"{self.term}, {versus or 'continuous'}{beside}"


def marker_terms(study: Mapping[str, Any], joined: Joined) -> list[str]:
    """The columns and genes that are the marker: the study's, else the one that was cut, grouped by or modelled."""
    cuts: dict[str, str] = {}
    for step in joined.of("cutpoint"):
        source = label(step.parameters.get("gene") or step.parameters.get("score_column"))
        cuts[label(step.parameters.get("name")) or f"{source}_{label(step.parameters.get('method'))}"] = source
    groups = [label(s.parameters.get("group_column")) for s in joined.of("kaplan_meier")]
    terms = [t for s in joined.of("cox") for t in [*s.listed("gene"), *s.listed("covariate")]]
    marker = label(study.get("marker"))
    if marker:
        ours = [column for column, source in cuts.items() if source == marker]
        ours += [t for t in [*cuts, *terms, *groups] if t == marker or t.startswith(f"{marker}_")]
        if ours:
            return list(dict.fromkeys(ours))
    found = [*cuts, *cuts.values()] or groups or terms[:1]
    return list(dict.fromkeys(t for t in found if t)) or terms[:1]


def marker_effects(joined: Joined, terms: Sequence[str]) -> list[Effect]:
    """Each estimable hazard ratio of the marker once: of one model fitted twice, that with more samples."""
    found: dict[tuple[Any, ...], Effect] = {}
    for step in joined.of("cox"):
        rows = records(step.frame("cox_table"))
        for row in rows:
            term, model = label(get(row, "term")), label(get(row, "model"))
            if term not in terms or get(row, "row_type") != "level" or is_absent(get(row, "hr")) or is_part(row):
                continue
            others = dict.fromkeys(label(get(r, "term")) for r in rows if label(get(r, "model")) == model)
            beside = () if model == "univariable" else tuple(t for t in others if t != term)
            effect = Effect(step, row, beside)
            endpoint = label(step.parameters.get("endpoint"))
            key = (step.scope, step.population, endpoint, term, effect.level, bool(beside) and beside)
            known = found.get(key)
            if known is None or as_number(get(row, "n")) > as_number(get(known.row, "n")):
                found[key] = effect
    return list(found.values())


def is_part(row: Mapping[str, Any]) -> bool:
    """Whether a ratio means nothing without others of its model."""
    return label(get(row, "unit")) == SPLINE or label(get(row, "note")).startswith(IN_AN_INTERACTION)


def headline(effects: Sequence[Effect]) -> list[Effect]:
    """The effects of the scope to trust first: groups before numbers, alone before adjusted."""
    found = next((f for scope in TRUSTED if (f := [e for e in effects if e.scope == scope])), [])
    return in_order(found)


def in_order(effects: Sequence[Effect]) -> list[Effect]:
    return sorted(effects, key=lambda e: (not e.level, len(e.beside)))
