"""The primary analysis in plain words, for a reader who reads nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page import headlines, phrases
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.page.diagram import cohorts_with_endpoint, collect_flows, is_endpoint
from prognomics.report.page.messages import said_by
from prognomics.report.page.methods import SOURCES
from prognomics.report.results.findings import Finding
from prognomics.report.results.headline import GROUPS, MODEL, find_kind
from prognomics.report.results.joining import Joined
from prognomics.report.results.markers import cuts
from prognomics.report.results.primary import UNDECLARED, declared_and_found
from prognomics.report.wording import (
    as_number,
    format_count,
    format_number,
    is_absent,
    join_words,
    p_phrase,
    plural,
    sentence_case,
    within_sentence,
)
from prognomics.warning_codes import title_of, warning_codes

MOST = 4  # kinds of warnings that are named
NAMED = 6  # cohorts whose ratios are given one by one
ALPHA = 0.05
BY_WHAT = {"outcome_blind": "without use of the outcome", "prespecified": "at a prespecified value",
           "searched": "by a search in the outcome, which the corrected p-value accounts for"}  # fmt: skip
RULES = {
    "median": "the median", "quantile": "a quantile", "fixed": "a fixed value",
    "youden": "the point of its ROC curve with the largest Youden index",
    "closest_topleft": "the point of its ROC curve closest to the top left corner",
    "min_specificity": "the first point of its ROC curve with the requested specificity",
    "maxstat": "the point that separates the outcome best",
}  # fmt: skip
Item = tuple[str, str]


def key_items(study: Mapping[str, Any], joined: Joined) -> list[Item]:
    """(lead, text) of the primary analysis; without one only what is declared but missing."""
    head = joined.findings.primary
    other = joined.findings.other
    differs = [("Declared and found", text) for text in declared_and_found(joined.findings)]
    if other is not None:
        return [*_of_other_kind(joined, other), *differs, *doubt(study, joined)]
    if head is None:
        return differs if joined.findings.every else []
    items = [("Primary analysis", _analysis(joined, head)), ("Result", result(joined, head)),
             ("Study population", _whom(joined, head)), ("Cutpoint", _cut(joined, head)),
             ("Adjusted for", _adjusted(joined, head)), ("Each cohort", _each_cohort(joined, head)),
             ("Uncertainty", _sure(joined, head)), *differs,
             *doubt(study, joined)]  # fmt: skip
    return [(lead, text) for lead, text in items if text]


def _of_other_kind(joined: Joined, head: Finding) -> list[Item]:
    """A primary analysis other than the hazard ratio of a Cox model."""
    said, kind = headlines.words(joined, head), find_kind(head)
    how = {"declared": " Declared in the study file.", "default": f" {UNDECLARED}"}.get(joined.findings.chosen, "")
    numbers = f"{phrases.p(head)}; {phrases.numbers(head)}"
    estimate = {GROUPS: f"{said.numbers[-2][2]}: {numbers}", MODEL: f"{head.identity.measure} {phrases.value(head)}; "
                f"{phrases.numbers(head)}"}.get(kind, f"{phrases.effect(head)}, {numbers}")  # fmt: skip
    items = [("Primary analysis", f"{said.model}{how}"), ("Result", f"{said.answer} {sentence_case(estimate)}.")]
    if kind not in (GROUPS, MODEL) and (cohorts := headlines.find_cohorts(joined, head)):
        same = sum((f.estimate[0] > 1) == (head.estimate[0] > 1) and f.estimate[0] != 1 for f in cohorts)
        each = join_words(f"{phrases.effect(f)} in {phrases.cohort(f)}" for f in cohorts[:NAMED])
        items.append(("Each cohort", f"{same} of {len(cohorts)} cohorts agree in direction: {each}."))
    return items


def _analysis(joined: Joined, head: Finding) -> str:
    name = f"{sentence_case(phrases.endpoint(head)) or 'The outcome'} by {phrases.contrast(joined, head)}"
    what = f"{name}, in {phrases.population(head)}, {phrases.model(head)}"
    how = {"declared": "Declared in the study file.", "default": UNDECLARED}.get(joined.findings.chosen, "")
    return f"{what}. {how}".strip()


def result(joined: Joined, finding: Finding) -> str:
    """The effect in words, then in numbers; both name the endpoint, and the population if there are several."""
    of = phrases.setting(joined, finding)
    about = f" ({of})" if of else ""
    ratio = f"{phrases.hr(finding)}, {phrases.p(finding)}; {phrases.numbers(finding)}"
    if finding.excludes_one:
        disagree = " The cohorts disagree: see Each cohort." if _other_conclusion(joined, finding) else ""
        return f"{sentence_case(phrases.hazard(finding))}{about} {phrases.who(finding)}: {ratio}.{disagree}"
    return f"No clear difference{about}: the estimate is a {phrases.hazard(finding)} {phrases.who(finding)}, and its " \
        f"interval includes no effect ({ratio})."  # fmt: skip


def _patients(joined: Joined, head: Finding) -> str:
    """What the tools found of patients with several samples: any code with the theme `patients`."""
    listed = warning_codes()
    given = [(kind, code) for step in joined.steps for kind in ("warnings", "notes") for code, _ in said_by(step, kind)]
    if any(code in listed and listed[code].theme == "patients" for kind, code in given if kind == "warnings"):
        return "; some may be of one patient, see the warnings"
    if any(code == "one-sample-per-patient" for code, _ in said_by(head.step, "notes")):
        return "; one sample per patient"
    if any(code in listed and listed[code].theme == "patients" for _, code in given):
        return "; some are of one patient, see the notes"
    return "; no patient with two samples was found"


def _whom(joined: Joined, head: Finding) -> str:
    flows = collect_flows(joined)
    everyone = not head.identity.population and not phrases.named_population(joined, head)
    where = "" if everyone else f" in {phrases.population(head)}"
    counts = f"{plural(head.n, 'sample')} with {plural(head.events, 'event')}{where}"
    patients = _patients(joined, head)
    if not flows:
        return f"{counts}{patients}."
    endpoint = head.identity.endpoint
    curated = [[r for r in rows if not is_endpoint(r)][-1:] for _, rows in flows]
    total = sum(as_number(get(r[0], "n")) for r in curated if r)
    with_it = cohorts_with_endpoint(joined, endpoint)
    named = [head.step.declared.cohort(s.origin) for s, _ in flows]
    names = f" ({join_words(named)})" if 0 < len(named) <= NAMED and all(named) else " (listed under Cohorts)"
    sources = list(dict.fromkeys(label(s.parameters.get("source")) for s in joined.of("fetch_cohort")))
    through = f"; source: {join_words(SOURCES.get(s, s) for s in sources if s)}" if any(sources) else ""
    have = f", {with_it} of which have the endpoint" if with_it < len(flows) else ""
    of = f", of {plural(total, 'curated sample')}" if total > head.n else ""
    return f"{counts}{of} in {plural(len(flows), 'cohort')}{names}{have}{through}{patients}."


def _cut(joined: Joined, head: Finding) -> str:
    """The cutpoint of the primary analysis; of a continuous one those of its marker. Never another marker's."""
    made = cuts(joined.steps)
    ours = [n for n in made if n == head.identity.term] or [n for n in made if made[n] == head.identity.marker]
    steps = [s for s in joined.of("cutpoint") for n in ours
             if n in (label(s.parameters.get("name")), f"{made[n]}_{label(s.parameters.get('method'))}")]  # fmt: skip
    said: list[Any] = []
    for row in [r for s in dict.fromkeys(s.number for s in steps) for r in _select_rows(joined, s)][:3]:
        how = BY_WHAT.get(label(get(row, "policy")), "")
        rule = label(get(row, "rule"))
        where = RULES.get(rule) or f"the rule {rule.replace('_', ' ')}"
        at = label(get(row, "lowest_high"))
        value = f" ({format_number(get(row, 'lowest_high'))}; high: at or above)" if at else ""
        p = "" if is_absent(get(row, "p_corrected")) else f", {p_phrase(get(row, 'p_corrected'))} after correction"
        lead = f"{label(get(row, 'marker'))} was divided at" if not said else "for comparison, also at"
        said.append(f"{lead} {where}{value}{f', {how}' if how else ''}: {cut_counts(row, joined.findings.declared)}{p}")
    if head.identity.contrast == "continuous":
        said.append("the primary analysis uses the continuous marker, without a cutpoint")
    return _sentence(list(dict.fromkeys(said)))


def _select_rows(joined: Joined, number: int) -> list[dict[str, Any]]:
    return records(joined.steps[number - 1].frame("cutpoint_table"))


def _adjusted(joined: Joined, head: Finding) -> str:
    """The largest adjusted model of the same question, next to the unadjusted one of the same samples."""
    found = joined.findings
    if head.identity.adjusted_for:
        return ""
    adjusted = [f for f in found.question(head) if f.identity.adjusted_for and f.identity.method == head.identity.method
                and f.identity.scope == head.identity.scope]  # fmt: skip
    if not adjusted:
        return f"Nothing: no model of {phrases.setting(joined, head)} adjusts the marker for other variables."
    most = max(adjusted, key=lambda f: (f.identity.term == head.identity.term, len(f.identity.adjusted_for)))
    of = "" if most.identity.term == head.identity.term else f" of {phrases.contrast(joined, most)}"
    names = most.step.declared.variables(most.identity.adjusted_for)
    said = f"{names}{of} ({phrases.setting(joined, most)}): {phrases.hr(most)}, {phrases.p(most)}; " \
        f"{phrases.numbers(most)}, those with values of all variables."  # fmt: skip
    alone = found.unadjusted(most)
    if alone is not None:
        return f"{said} Unadjusted in the same samples: {phrases.hr(alone)}."
    if not most.same_samples(head):
        return f"{said} No unadjusted model of these samples is available, so the difference from the unadjusted " \
            "estimate may be due to the samples as well as to the adjustment."  # fmt: skip
    return said


def _each_cohort(joined: Joined, head: Finding) -> str:
    """Whether the cohorts agree with the primary analysis, each counted once; and what pooling them gives."""
    cohorts, up, said = joined.findings.cohorts(head), head.hr[0] > 1, []
    if len(cohorts) > 1:
        same = sum((f.hr[0] > 1) == up and f.hr[0] != 1 for f in cohorts)
        clear = sum(f.excludes_one and (f.hr[0] > 1) == up for f in cohorts)
        name = head.step.declared.cohort
        each = f": {join_words(f'{phrases.hr_short(f)} in {name(f.identity.cohort)}' for f in cohorts)}"
        of = f" for {phrases.setting(joined, head)}" if phrases.setting(joined, head) else ""
        said.append(f"{same} of {len(cohorts)} cohorts agree in direction{of}, "
                    f"{format_count(clear) if clear else 'none'} with an interval that excludes 1"
                    f"{each if len(cohorts) <= NAMED else ''}")  # fmt: skip
        if against := [name(f.identity.cohort) for f in cohorts if f.excludes_one and (f.hr[0] > 1) != up]:
            said.append(f"{join_words(against)} clearly in the opposite direction")
    return _sentence([*said, *_pooled(joined, head)])


def _random(joined: Joined, head: Finding) -> list[Finding]:
    """The meta-analysis to compare with: of the same question, of the same contrast if there is one."""
    found = joined.findings.question(head)
    pooled = [f for f in found if f.identity.scope == "random" and not f.identity.adjusted_for]
    pooled.sort(key=lambda f: (f.identity.term != head.identity.term, f.identity.contrast != head.identity.contrast))
    return pooled[:1]


def _other_conclusion(joined: Joined, head: Finding) -> bool:
    return any(f.excludes_one != head.excludes_one for f in _random(joined, head)
               if f.identity.analysis == head.identity.analysis)  # fmt: skip


def _pooled(joined: Joined, head: Finding) -> list[str]:
    """The random-effects meta-analysis of the same marker, endpoint and population; or that there is none."""
    found = joined.findings
    for one in _random(joined, head):
        spread = get(one.row, "i2")
        i2 = "" if is_absent(spread) else f", I² {as_number(spread):.0f}%"
        what = "" if one.identity.analysis == head.identity.analysis else f" of {phrases.contrast(joined, one)}"
        turn = "" if one.excludes_one == head.excludes_one else "; this leads to a different conclusion than the " \
            "primary analysis"  # fmt: skip
        return [f"random-effects meta-analysis{what} ({phrases.setting(joined, one)}): {phrases.hr(one)}{i2}, an "
                f"interval that {'excludes' if one.excludes_one else 'includes'} 1{turn}"]  # fmt: skip
    if any(f.identity.scope == "random" for f in found.every):
        return [f"no meta-analysis of {phrases.setting(joined, head)} was made; those of other analyses are in their "
                "section"]  # fmt: skip
    return []


def _sure(joined: Joined, head: Finding) -> str:
    """The continuous marker next to a group, and whether the hazard ratio is constant."""
    said, found = [], joined.findings
    other = next((f for f in found.question(head) if f.identity.contrast == "continuous" and head.level
                  and not f.identity.adjusted_for and f.identity.scope == head.identity.scope
                  and f.identity.method == head.identity.method), None)  # fmt: skip
    if other is not None:
        agrees = (other.hr[0] > 1) == (head.hr[0] > 1) and other.excludes_one == head.excludes_one
        verb = "agrees" if agrees else "does not agree"
        said.append(f"the continuous marker, without a cutpoint, {verb} ({phrases.setting(joined, other)}: "
                    f"{phrases.hr(other)} {phrases.unit(joined, other)})")  # fmt: skip
    tests = [get(r, "p_value") for r in records(head.step.frame("cox_ph"))
             if all(label(get(r, n)) == label(get(head.row, n)) for n in ("model", "term"))]  # fmt: skip
    for p in tests[:1]:  # on the first time scale
        if not is_absent(p):
            change = "no evidence that it changes" if as_number(p) >= ALPHA else "there is evidence that it changes"
            said.append(f"the model assumes a hazard ratio that is constant over time: {change} ({p_phrase(p)})")
    return _sentence(said)


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def doubt(study: Mapping[str, Any], joined: Joined) -> list[Item]:
    """The limitations and kinds of warnings, counted."""
    said = _doubt(study, joined)
    return [("Caveats and warnings", said)] if said else []


def _doubt(study: Mapping[str, Any], joined: Joined) -> str:
    limits = study.get("limits")
    count = len(limits) if isinstance(limits, list) else int(bool(limits))
    times: dict[str, int] = {}
    for step in joined.steps:
        for code, _ in said_by(step, "warnings"):
            times[code] = times.get(code, 0) + 1
    said = [f"{plural(count, 'limitation')} stated in the study file"] if count else []
    codes = sorted(times, key=lambda code: (-times[code], code))
    kinds = [within_sentence(title_of(code)).partition(":")[0] for code in codes]
    if kinds:
        more = [f"{len(kinds) - MOST} more"] if len(kinds) > MOST else []
        said.append(f"warnings about {join_words([*kinds[:MOST], *more])}")
    return f"{_sentence(said)} They are listed in the next section." if said else ""
