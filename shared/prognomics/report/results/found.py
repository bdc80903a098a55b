"""All findings of a study with the views of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from prognomics.report.results.declarations import Declarations
from prognomics.report.results.identity import HAZARD_RATIO as HAZARD_RATIO
from prognomics.report.results.identity import Finding as Finding
from prognomics.report.results.identity import Identity as Identity
from prognomics.report.results.reading import COMPLETE as COMPLETE
from prognomics.report.results.reading import is_part as is_part


@dataclass(frozen=True)
class Findings:
    """All findings of a study, and which of them is its primary analysis.

    `all` are the findings of every tool. `primary` is the hazard ratio of the primary analysis, `other` its finding
    where it is of another kind (see `headline`), `smallest` the effect that could be shown if its result is unclear.
    `chosen` is `declared`, `default` (nobody declared one) or `missing`
    (the declared one is not among the results).
    """

    declared: Declarations = field(default_factory=Declarations)
    all: tuple[Finding, ...] = ()
    markers: Mapping[str, str] = field(default_factory=dict)
    endpoints: tuple[str, ...] = ()
    primary: Finding | None = None
    other: Finding | None = None
    smallest: Finding | None = None
    chosen: str = "default"

    @cached_property
    def every(self) -> tuple[Finding, ...]:
        """The hazard ratios of markers by Cox models and meta-analyses, without parts that mean nothing alone."""
        return tuple(f for f in self.all if f.step.has("hazard_ratios") and f.identity.measure == HAZARD_RATIO
                     and f.identity.marker and f.estimate[0] == f.estimate[0] and not f.identity.group
                     and not is_part(f.row))  # fmt: skip

    @cached_property
    def unique(self) -> list[Finding]:
        """One hazard ratio per identity: of a model that was fitted twice, the one with more samples."""
        found: dict[Identity, Finding] = {}
        for finding in self.every:
            if finding.identity.model == COMPLETE:  # for comparison with an adjusted model only
                continue
            identity = replace(finding.identity, model="")
            known = found.get(identity)
            if known is None or finding.n > known.n:
                found[identity] = finding
        return list(found.values())

    @property
    def head(self) -> Finding | None:
        """The finding of the primary analysis, of any kind."""
        return self.primary or self.other

    @property
    def marker(self) -> str:
        """The marker that the study is about: the primary analysis's, else the first."""
        if head := self.head:
            return head.identity.marker or head.identity.term
        return next(iter(self.markers.values()), "")

    @property
    def terms(self) -> list[str]:
        """The columns and genes of the study's marker."""
        return [term for term, marker in self.markers.items() if marker == self.marker]

    @property
    def populations(self) -> list[tuple[str, ...]]:
        """The populations in which an outcome was analyzed, the hazard ratios' first."""
        return list(dict.fromkeys(f.identity.population for f in self.of_outcomes))

    @cached_property
    def of_outcomes(self) -> list[Finding]:
        """What relates a marker or variable to an outcome, by any tool, hazard ratios of markers first."""
        own = [f for f in self.all if f.identity.endpoint and f.step.has("outcome") and f.step.tool != "screen"]
        return [*self.every, *(f for f in own if f.identity.marker)]

    def of(self, *measures: str, **identity: object) -> list[Finding]:
        """Findings of these measures (all if none is named) whose identity has these values.

        `of("median survival", marker="XPO1", endpoint="os")`
        """
        return [f for f in self.all if (not measures or f.identity.measure in measures)
                and all(getattr(f.identity, name) == value for name, value in identity.items())]  # fmt: skip

    def of_marker(self) -> list[Finding]:
        """Findings of the study's marker by Cox models, in any endpoint and population."""
        return [f for f in self.unique if f.identity.marker == self.marker and f.identity.method.startswith("cox")]

    def question(self, finding: Finding) -> list[Finding]:
        """All hazard ratios of the same marker, endpoint and population."""
        return [f for f in self.unique if f.identity.question == finding.identity.question]

    def about(self, finding: Finding) -> list[Finding]:
        """All findings of any measure of the same marker, endpoint and population."""
        return [f for f in self.all if f.identity.question == finding.identity.question]

    def analysis(self, finding: Finding) -> list[Finding]:
        """All findings that differ from this one in scope and method at most."""
        return [f for f in self.unique if f.identity.analysis == finding.identity.analysis]

    def cohorts(self, finding: Finding) -> list[Finding]:
        """Each cohort's own estimate of this analysis, each cohort once: by Cox models, else by the meta-analysis."""
        found: dict[str, Finding] = {}
        mine = [f for f in self.analysis(finding) if f.identity.scope == "per_cohort"]
        for one in sorted(mine, key=lambda f: f.identity.method != finding.identity.method):
            if one.identity.method in (finding.identity.method, "meta_analysis"):
                found.setdefault(one.identity.cohort, one)
        return list(found.values())

    def unadjusted(self, finding: Finding) -> Finding | None:
        """The unadjusted estimate in exactly the samples of an adjusted one; None where no model has it.

        The model of the adjusted one's own step is preferred: only there the samples are known to be the same.
        """
        wanted = replace(finding.identity, adjusted_for=(), model="")
        mine = [f for f in self.every if replace(f.identity, model="") == wanted and f.same_samples(finding)]
        mine.sort(key=lambda f: (f.step.number != finding.step.number, f.identity.model != COMPLETE))
        return next(iter(mine), None)
