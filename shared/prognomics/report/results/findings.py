"""Findings: each estimate of a marker's effect with the identity by which alone it is compared, counted or named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from prognomics.report.results.declarations import Declarations, normal_conditions
from prognomics.report.results.markers import markers
from prognomics.report.results.primary import choose
from prognomics.report.results.rows import get, label, records
from prognomics.report.results.steps import Step
from prognomics.report.wording import as_number, format_number, is_absent

SPLINE = "spline basis"  # the unit of rows that are parts of a curve, no ratios of their own
AT_TIME_0 = "the effect at time 0"  # of an effect along log time
IMPUTED = "_imputed"  # ending of a model of imputed covariates
IN_AN_INTERACTION = "takes part in an interaction"  # a ratio at the other part's reference, not of the marker as such
TRUSTED = ("stratified", "all", "unstratified", "per_cohort")  # which scope is preferred
POOLED = {"random": "random", "fixed": "fixed", "stratified": "one_model"}  # row type of a meta-analysis: scope
SURVIVAL = ("kaplan_meier", "cox", "meta_analysis", "screen", "evaluate_model", "competing_risks")


@dataclass(frozen=True)
class Identity:
    """What a finding is about; two findings are of one question if all of this agrees but the scope.

    `scope` is stratified, all, unstratified or per_cohort (with `cohort`), and of a meta-analysis random, fixed,
    one_model or leave_out (with the cohort left out). `population` are conditions in alphabetical order, none for all
    samples; `limits` what else restricts samples or times; `contrast` is `high vs low` or `continuous`.
    """

    marker: str
    term: str
    contrast: str
    endpoint: str
    population: tuple[str, ...] = ()
    adjusted_for: tuple[str, ...] = ()
    scope: str = "all"
    cohort: str = ""
    method: str = "cox"
    limits: str = ""

    @property
    def question(self) -> tuple[Any, ...]:
        """Marker, endpoint and population: what a sentence must name."""
        return self.marker, self.endpoint, self.population, self.limits

    @property
    def analysis(self) -> tuple[Any, ...]:
        """The question and how it was asked, without the scope."""
        return *self.question, self.term, self.contrast, self.adjusted_for


@dataclass(frozen=True)
class Finding:
    """A hazard ratio with its interval, the samples and events it rests on, and the step and row it is from."""

    identity: Identity
    n: float
    events: float
    hr: tuple[float, float, float]
    p: float
    step: Step = field(repr=False, compare=False)
    row: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def level(self) -> str:
        return label(get(self.row, "level")) if self.identity.contrast != "continuous" else ""

    @property
    def excludes_one(self) -> bool:
        _, low, high = self.hr
        return low > 1 or high < 1

    def same_samples(self, other: Finding) -> bool:
        """Whether both rest on the same samples, as far as their numbers show."""
        return (self.identity.population, self.identity.cohort, self.n, self.events) == (
            other.identity.population, other.identity.cohort, other.n, other.events)  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """All findings of a study, and which of them is its primary analysis.

    `chosen` is `declared`, `default` (nobody declared one) or `missing` (the declared one is not among the results).
    """

    declared: Declarations = field(default_factory=Declarations)
    every: tuple[Finding, ...] = ()
    markers: Mapping[str, str] = field(default_factory=dict)
    endpoints: tuple[str, ...] = ()
    primary: Finding | None = None
    chosen: str = "default"

    @cached_property
    def unique(self) -> list[Finding]:
        """One finding per identity: of a model that was fitted twice, the one with more samples."""
        found: dict[Identity, Finding] = {}
        for finding in self.every:
            known = found.get(finding.identity)
            if known is None or finding.n > known.n:
                found[finding.identity] = finding
        return list(found.values())

    @property
    def marker(self) -> str:
        """The marker that the study is about: the primary analysis's, else the first."""
        if self.primary:
            return self.primary.identity.marker
        return next(iter(self.markers.values()), "")

    @property
    def terms(self) -> list[str]:
        """The columns and genes of the study's marker."""
        return [term for term, marker in self.markers.items() if marker == self.marker]

    @property
    def populations(self) -> list[tuple[str, ...]]:
        return list(dict.fromkeys(f.identity.population for f in self.every))

    def of_marker(self) -> list[Finding]:
        """Findings of the study's marker by Cox models, in whatever endpoint and population."""
        return [f for f in self.unique if f.identity.marker == self.marker and f.identity.method.startswith("cox")]

    def question(self, finding: Finding) -> list[Finding]:
        """All findings of the same marker, endpoint and population."""
        return [f for f in self.unique if f.identity.question == finding.identity.question]

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
        """The unadjusted estimate in exactly the samples of an adjusted one; None where no model has it."""
        wanted = replace(finding.identity, adjusted_for=())
        return next((f for f in self.every if f.identity == wanted and f.same_samples(finding)), None)


def is_part(row: Mapping[str, Any]) -> bool:
    """Whether a ratio means nothing without others: a part of a curve, of an interaction, or of a time interval."""
    over_time = not is_absent(get(row, "interval")) or AT_TIME_0 in label(get(row, "note"))
    return over_time or label(get(row, "unit")) == SPLINE or label(get(row, "note")).startswith(IN_AN_INTERACTION)


def population_of(step: Step) -> tuple[str, ...]:
    """The conditions that chose a step's samples, without the cohort."""
    parts = step.population.split(" & ")
    return normal_conditions([c for c in parts if not step.cohort or c != f"cohort={step.cohort}"])


def find(declared: Declarations, steps: Sequence[Step]) -> Findings:
    """The findings of a study's steps, and its primary analysis."""
    known = markers(declared, steps)
    every = [f for step in steps for f in _of_step(step, known)]
    named = [label(s.parameters.get("endpoint")) for s in steps if s.tool in SURVIVAL]
    endpoints = tuple(dict.fromkeys(filter(None, [*(e for e in declared.endpoints if e in named), *named])))
    found = Findings(declared, tuple(every), known, endpoints)
    primary, chosen = choose(found)
    return replace(found, primary=primary, chosen=chosen)


def _of_step(step: Step, known: Mapping[str, str]) -> Iterable[Finding]:
    if step.tool == "cox":
        return _of_cox(step, known)
    return _of_meta(step, known) if step.tool == "meta_analysis" else ()


def _of_cox(step: Step, known: Mapping[str, str]) -> Iterable[Finding]:
    rows = records(step.frame("cox_table"))
    penalty = label(step.parameters.get("penalty"))
    method = "cox" if penalty in ("", "none") else f"cox, {penalty}"
    for row in rows:
        term, model = label(get(row, "term")), label(get(row, "model"))
        if term not in known or get(row, "row_type") != "level" or is_absent(get(row, "hr")) or is_part(row):
            continue
        others = dict.fromkeys(label(get(r, "term")) for r in rows if label(get(r, "model")) == model)
        adjusted = () if model.removesuffix(IMPUTED) == "univariable" else tuple(t for t in others if t != term)
        level, against = label(get(row, "level")), label(get(row, "reference"))
        contrast = f"{level} vs {against}" if level and against else level or "continuous"
        identity = Identity(known[term], term, contrast, endpoint_of(step), population_of(step), adjusted, step.scope,
                            step.cohort, f"{method}, imputed" if model.endswith(IMPUTED) else method,
                            limits_of(step))  # fmt: skip
        yield _finding(identity, step, row)


def _of_meta(step: Step, known: Mapping[str, str]) -> Iterable[Finding]:
    term = label(step.parameters.get("gene") or step.parameters.get("marker_column"))
    if term not in known:
        return
    for row in records(step.frame("meta_table")):
        kind, unit = label(get(row, "row_type")), label(get(row, "unit"))
        scope = "per_cohort" if kind == "cohort" else POOLED.get(kind, kind)
        if is_absent(get(row, "hr")) or scope not in ("per_cohort", "leave_out", *POOLED.values()):
            continue
        contrast = unit if " vs " in unit else "continuous"
        cohort = label(get(row, "cohort")) if kind in ("cohort", "leave_out") else ""
        identity = Identity(known[term], term, contrast, endpoint_of(step), population_of(step),
                            tuple(step.listed("covariate")), scope, cohort, "meta_analysis",
                            limits_of(step))  # fmt: skip
        yield _finding(identity, step, row)


def _finding(identity: Identity, step: Step, row: Mapping[str, Any]) -> Finding:
    hr, low, high = (as_number(get(row, name)) for name in ("hr", "ci_low", "ci_high"))
    n, events, p = (as_number(get(row, name)) for name in ("n", "events", "p_value"))
    return Finding(identity, n, events, (hr, low, high), p, step, row)


def endpoint_of(step: Step) -> str:
    """The endpoint's name, or its two columns."""
    columns = [label(step.parameters.get(name)) for name in ("time_column", "event_column")]
    return label(step.parameters.get("endpoint")) or ", ".join(filter(None, columns))


def limits_of(step: Step) -> str:
    """What else restricts the samples or times of a step: a landmark, an end of follow-up, one sample per patient."""
    said = []
    if not is_absent(step.parameters.get("landmark")):
        said.append(f"from a landmark at {format_number(step.parameters['landmark'])} months")
    if not is_absent(step.parameters.get("censor_at")):
        said.append(f"censored at {format_number(step.parameters['censor_at'])} months")
    if step.parameters.get("one_sample_per_patient") is True:
        said.append("one sample per patient")
    return ", ".join(said)
