"""Findings in words: every sentence names the endpoint, and the population where the study has more than one."""

from __future__ import annotations

from prognomics.report.page.cells import get, label
from prognomics.report.results.declarations import Declarations
from prognomics.report.results.findings import Finding
from prognomics.report.results.joining import Joined
from prognomics.report.wording import clean_text, format_ratio, format_ratio_unit, p_phrase, plural, within_sentence

SCOPES = {"stratified": "stratified by cohort", "all": "one model", "unstratified": "not stratified by cohort",
          "random": "random-effects meta-analysis", "fixed": "fixed-effect meta-analysis",
          "one_model": "one model, stratified by cohort"}  # fmt: skip


SHORT = {"odds ratio": "OR", "subdistribution hazard ratio": "SHR"}  # of ratios; others are HR
SHORT_NAMES = {"odds ratio": "Odds ratio", "subdistribution hazard ratio": "Subdistribution hazard ratio"}


def effect(finding: Finding) -> str:
    """`OR 1.37 (95% CI 0.96 to 1.96)`: an estimate of any measure."""
    value, between = value_and_interval(finding)
    measure = finding.identity.measure
    name = SHORT.get(measure, "HR" if measure.endswith("ratio") else measure)
    return f"{name} {value} ({between})" if between else f"{name} {value}"


def value_and_interval(finding: Finding) -> tuple[str, str]:
    """`1.37` and `95% CI 0.96 to 1.96`."""
    value, _, interval = format_ratio_unit(*finding.estimate).partition(" (")
    return value, f"95% CI {interval.removesuffix(')').replace('–', ' to ')}" if interval else ""


def value(finding: Finding) -> str:
    """`0.613 (95% CI 0.555 to 0.671)`, of a concordance."""
    numbers = [f"{v:.3f}" if v == v else "" for v in finding.estimate]
    return f"{numbers[0]} (95% CI {numbers[1]} to {numbers[2]})" if numbers[1] else numbers[0]


def outcome(finding: Finding) -> str:
    """What happens: `death`, `response`, `stage = late`; `the event` where nobody states it."""
    declared, step = finding.step.declared, finding.step
    said = declared.event_words(finding.identity.endpoint)
    column = label(step.parameters.get("outcome_column"))
    if said != "the event" or not column:
        return said
    levels = step.listed("outcome_level")
    return f"{declared.variable(column)} = {'/'.join(declared.level(column, v) for v in levels)}" if levels else \
        f"the outcome {declared.variable(column)}"  # fmt: skip


def hr(finding: Finding) -> str:
    """`HR 1.37 (95% CI 0.96 to 1.96)`."""
    texts = format_ratio_unit(*finding.hr)
    value, _, interval = texts.partition(" (")
    return f"HR {value} (95% CI {interval.removesuffix(')').replace('–', ' to ')})" if interval else f"HR {value}"


def hr_short(finding: Finding) -> str:
    return format_ratio_unit(*finding.hr)


def interval(finding: Finding) -> str:
    return " to ".join(map(format_ratio, finding.hr[1:]))


def numbers(finding: Finding) -> str:
    """`192 samples, 132 events`."""
    return f"{plural(finding.n, 'sample')}, {plural(finding.events, 'event')}"


def endpoint(finding: Finding) -> str:
    identity = finding.identity
    named = label(finding.step.parameters.get("endpoint"))
    if column := label(finding.step.parameters.get("outcome_column")):
        declared = finding.step.declared
        return declared.endpoint_words(column) if column in declared.endpoints else declared.variable(column)
    if named:
        return finding.step.declared.endpoint_words(identity.endpoint)
    return f"endpoint in the columns {identity.endpoint}" if identity.endpoint else ""


def population(finding: Finding) -> str:
    """Which samples, the limits too: `women, censored at 60 months`."""
    words = finding.step.declared.population_words(finding.identity.population)
    return ", ".join(filter(None, [words, finding.identity.limits]))


def named_population(joined: Joined, finding: Finding) -> str:
    """` in women`, '' where the study has one population only."""
    several = len(joined.findings.populations) > 1
    return f" in {population(finding)}" if several or finding.identity.limits else ""


def setting(joined: Joined, finding: Finding) -> str:
    """Endpoint and population: `overall survival in women`."""
    return f"{endpoint(finding)}{named_population(joined, finding)}".strip()


def unit(joined: Joined, finding: Finding) -> str:
    """What one step of a continuous marker is: `per SD within cohort`, `per unit`."""
    of_row = label(get(finding.row, "unit"))
    if finding.identity.method == "meta_analysis" and of_row not in ("", "1"):
        return f"per {of_row.removeprefix('1 ')}"
    if of_row not in ("", "1"):
        return f"per {of_row}"
    scaled = {label(s.parameters.get("method")) for s in joined.of("merge_cohorts")}
    return "per SD within cohort" if scaled == {"zscore"} else "per unit"


def per_unit(declared: Declarations, variable: str, unit: str) -> str:
    """`per year`, `per 10 years`, `per unit`: what one step of a continuous variable is."""
    known = clean_text(declared.labels.get("units", {}).get(variable)) if declared.labels.get("units") else ""
    if unit in ("", "1"):
        return f"per {known.removesuffix('s')}" if known else "per unit"
    return f"per {unit} {known}".strip() if unit.replace(".", "").isdigit() else f"per {unit}"


def marker(finding: Finding) -> str:
    """The variable as the study calls it."""
    return finding.step.declared.variable(finding.identity.term)


def contrast(joined: Joined, finding: Finding) -> str:
    """`MKI67_group, high vs low`, `MKI67, per SD within cohort`."""
    identity = finding.identity
    how = unit(joined, finding) if identity.contrast == "continuous" else identity.contrast
    return f"{marker(finding)}, {how}"


def adjustment(finding: Finding) -> str:
    names = finding.identity.adjusted_for
    return f"adjusted for {finding.step.declared.variables(names)}" if names else "unadjusted"


def cohort(finding: Finding) -> str:
    return finding.step.declared.cohort(finding.identity.cohort)


def with_marker(finding: Finding) -> str:
    """`high XPO1`, `higher MKI67`: what patients of the first group have."""
    if finding.identity.contrast == "continuous":
        return f"higher {marker(finding)}"
    level = finding.step.declared.level(finding.identity.term, finding.level)
    return f"{within_sentence(level)} {finding.identity.marker}"


def contrast_short(joined: Joined, finding: Finding) -> str:
    """`high vs low`, `per SD within cohort`."""
    return unit(joined, finding) if finding.identity.contrast == "continuous" else finding.identity.contrast


def events(finding: Finding) -> str:
    """`102 deaths`; `102 events` of other endpoints."""
    died = finding.step.declared.event_words(finding.identity.endpoint) == "death"
    return plural(finding.events, "death" if died else "event")


def model(finding: Finding) -> str:
    """`unadjusted, stratified by cohort`."""
    penalty = finding.identity.method.partition(", ")[2]
    return ", ".join(filter(None, [adjustment(finding), SCOPES.get(finding.identity.scope, ""), penalty]))


def who(finding: Finding) -> str:
    """`with higher MKI67`, `in the high than in the low group of XPO1_group`."""
    if finding.identity.contrast == "continuous":
        return f"with higher {marker(finding)}"
    against = label(get(finding.row, "reference")) or finding.identity.contrast.partition(" vs ")[2] or "reference"
    return f"in the {finding.level} group of {marker(finding)} than in the {against} group"


def hazard(finding: Finding) -> str:
    """`Higher hazard of death`; of other endpoints `Higher hazard of the event`."""
    event = finding.step.declared.event_words(finding.identity.endpoint)
    return f"{'higher' if finding.hr[0] > 1 else 'lower'} hazard of {event}"


def p(finding: Finding) -> str:
    return p_phrase(finding.p)
