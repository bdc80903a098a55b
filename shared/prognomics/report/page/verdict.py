"""The answer in plain words, for a reader who reads nothing else: what was found, in whom, how sure, what to doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page.blocks import endpoint_words
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.page.diagram import flows_of, is_endpoint, main_endpoint
from prognomics.report.page.effects import Effect, headline
from prognomics.report.page.joining import Joined
from prognomics.report.page.messages import WARNINGS, said_by
from prognomics.report.page.methods import SOURCES
from prognomics.report.wording import (
    as_number,
    format_count,
    format_number,
    format_ratio,
    format_ratio_unit,
    is_absent,
    join_words,
    p_phrase,
    plural,
    within_sentence,
)

MOST = 4  # kinds of warnings that are named
NAMED = 4  # cohorts whose ratios are given one by one
ALPHA = 0.05
BY_WHAT = {"outcome_blind": "without looking at the outcome", "prespecified": "at a value fixed beforehand",
           "searched": "by searching in the outcome, which the corrected p-value allows for"}  # fmt: skip


RULES = {
    "median": "the median", "quantile": "a quantile", "fixed": "a fixed value",
    "youden": "the point of its ROC curve with the largest Youden index",
    "closest_topleft": "the point of its ROC curve nearest to the corner",
    "min_specificity": "the first point of its ROC curve with the specificity asked for",
    "maxstat": "the point that separates the outcome best",
}  # fmt: skip


def verdict_items(study: Mapping[str, Any], joined: Joined, effects: Sequence[Effect]) -> list[tuple[str, str]]:
    """(lead, text) of up to seven sentences; none without an estimate of the marker."""
    first = headline(effects)
    if not first or len({e.step.cohort for e in first}) > 1:
        return []
    head = first[0]
    items = [("What was found", _found(head)), ("In whom", _whom(study, joined, head)), ("The cut", _cut(joined, head)),
             ("Adjusted for", _adjusted(first, head)), ("In each cohort", _each_cohort(joined, effects, head)),
             ("How sure", _sure(joined, first)), ("What to doubt", _doubt(study, joined))]  # fmt: skip
    return [(lead, text) for lead, text in items if text]


def _found(effect: Effect) -> str:
    hr = effect.hr[0]
    event = endpoint_words(effect.step)
    of = f" ({event})" if event else ""
    ratio = f"hazard ratio {_interval(effect.hr)}, {p_phrase(get(effect.row, 'p_value'))}"
    pace = "sooner" if hr > 1 else "later"
    if effect.level:
        reference = label(get(effect.row, "reference")) or "reference"
        who = f"in the {effect.level} group of {effect.term} than in the {reference} group"
    else:
        who = f"with more {effect.term}"
    if effect.excludes_one:
        return f"The event{of} came {pace} {who}: {ratio}."
    return f"No clear difference{of}: the event tended to come {pace} {who}, but the data are compatible with no " \
        f"effect ({ratio})."  # fmt: skip


def _interval(ratio: tuple[float, float, float]) -> str:
    hr, low, high = map(format_ratio, ratio)
    return f"{hr}, 95% interval {low} to {high}"


def _whom(study: Mapping[str, Any], joined: Joined, effect: Effect) -> str:
    flows = flows_of(joined)
    n, events = (plural(get(effect.row, name), noun) for name, noun in (("n", "sample"), ("events", "event")))
    codes = {code for s in joined.steps for code, _ in said_by(s, "warnings")}
    twice = codes & {"duplicated-patients", "possible-duplicates", "near-duplicates"}
    patients = "; some may be of one patient, as a tool warned" if twice else "; one a patient as far as the tools know"
    if not flows:
        return f"{n} with {events}{patients}."
    endpoint = main_endpoint(study, joined)
    curated = [[r for r in rows if not is_endpoint(r)][-1:] for _, rows in flows]
    total = sum(as_number(get(r[0], "n")) for r in curated if r)
    with_it = sum(any(label(get(r, "step")) == f"endpoint:{endpoint}" for r in rows) for _, rows in flows)
    named = [s.origin for s, _ in flows]
    names = f" ({join_words(named)})" if 0 < len(named) <= 6 and all(named) else " (listed under Cohorts)"
    sources = list(dict.fromkeys(label(s.parameters.get("source")) for s in joined.of("fetch_cohort")))
    through = f"; source: {join_words(SOURCES.get(s, s) for s in sources if s)}" if any(sources) else ""
    where = f", {with_it} of which have the endpoint" if with_it < len(flows) else ""
    of = f", of {plural(total, 'sample')}" if total > as_number(get(effect.row, "n")) else ""
    return f"{n} with {events}{of} in {plural(len(flows), 'cohort')}{names}{where}{through}{patients}."


def _cut(joined: Joined, head: Effect) -> str:
    """The cut that the headline rests on first; others as further ones."""
    found = [(s, r) for s in joined.of("cutpoint") for r in records(s.frame("cutpoint_table"))]
    found.sort(key=lambda pair: label(pair[0].parameters.get("name")) != head.term)
    said = []
    for _, row in found[:3]:
        how = BY_WHAT.get(label(get(row, "policy")), "")
        rule = label(get(row, "rule"))
        where = RULES.get(rule) or f"the rule {rule.replace('_', ' ')}"
        at = label(get(row, "lowest_high"))
        value = f" (high from {format_number(get(row, 'lowest_high'))})" if at else ""
        p = "" if is_absent(get(row, "p_corrected")) else f", {p_phrase(get(row, 'p_corrected'))} after correction"
        lead = f"{label(get(row, 'marker'))} was cut at" if not said else "beside it, for comparison, at"
        said.append(f"{lead} {where}{value}{f', {how}' if how else ''}: {cut_counts(row)}{p}")
    if said and not head.level:
        said.append("the headline rests on the continuous marker, without a cut")
    return f"{'; '.join(dict.fromkeys(said))}." if said else "None: the marker is used as a number."


def _adjusted(first: Sequence[Effect], head: Effect) -> str:
    """The largest model that holds the marker beside others."""
    adjusted = [e for e in first if e.beside]
    if not adjusted:
        return "Nothing: no model here holds the marker beside other variables."
    most = max(adjusted, key=lambda e: (len(e.beside), e.term == head.term))
    n, events = plural(get(most.row, "n"), "sample"), plural(get(most.row, "events"), "event")
    fewer = " with values of all of them" if as_number(get(most.row, "n")) < as_number(get(head.row, "n")) else ""
    holds = "which excludes 1" if most.excludes_one else "which includes 1"
    what = "" if most.term == head.term else f" of {most.term}"
    return f"{join_words(most.beside)}. Beside them, in {n}{fewer} and {events}, the hazard ratio{what} is " \
        f"{_interval(most.hr)}, {holds}."  # fmt: skip


def _each_cohort(joined: Joined, effects: Sequence[Effect], head: Effect) -> str:
    """Whether the cohorts, each alone, say what the headline says; and what pooling them by meta-analysis gives."""
    up, said = head.hr[0] > 1, []
    cohorts = [e for e in effects if e.scope == "per_cohort" and (e.term, e.level, e.beside) == _key(head)]
    if len(cohorts) > 1:
        same = sum((e.hr[0] > 1) == up for e in cohorts)
        clear = sum(e.excludes_one and (e.hr[0] > 1) == up for e in cohorts)
        ratios = (f"{format_ratio_unit(*e.hr)} in {e.step.cohort}" for e in cohorts)
        each = f": {join_words(ratios)}" if len(cohorts) <= NAMED else ""
        said.append(f"{same} of {len(cohorts)} cohorts point the same way, "
                    f"{format_count(clear) if clear else 'none'} with an interval that excludes 1{each}")  # fmt: skip
        if against := [e.step.cohort for e in cohorts if e.excludes_one and (e.hr[0] > 1) != up]:
            said.append(f"{join_words(against)} clearly the other way")
    said += _pooled(joined, head)
    return _sentence(said)


def _key(effect: Effect) -> tuple[str, str, tuple[str, ...]]:
    return effect.term, effect.level, effect.beside


def _sure(joined: Joined, first: Sequence[Effect]) -> str:
    """The marker without a cut, a hazard ratio that stays the same, and enough events: what speaks for the headline."""
    head, said = first[0], []
    continuous = [e for e in first if not e.level and not e.beside and e is not head]
    if continuous and head.level:
        other = continuous[0]
        agrees = (other.hr[0] > 1) == (head.hr[0] > 1) and other.excludes_one == head.excludes_one
        verb = "agrees" if agrees else "does not agree"
        said.append(f"without a cut, the continuous marker {verb} (hazard ratio {_interval(other.hr)} per unit)")
    tests = [get(r, "p_value") for r in records(head.step.frame("cox_ph"))
             if all(label(get(r, n)) == label(get(head.row, n)) for n in ("model", "term"))]  # fmt: skip
    for p in tests[:1]:  # on the first time scale
        if not is_absent(p):
            change = "no sign that it changes" if as_number(p) >= ALPHA else "it seems to change"
            said.append(f"the hazard ratio is taken as the same at all times: {change} ({p_phrase(p)})")
    return _sentence(said)


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _pooled(joined: Joined, head: Effect) -> list[str]:
    """What a meta-analysis of the same marker says of its cohorts."""
    for step in joined.of("meta_analysis"):
        if head.term not in (label(step.parameters.get("marker_column")), label(step.parameters.get("gene"))):
            continue
        rows = [r for r in records(step.frame("meta_table")) if not is_absent(get(r, "hr"))]
        cohorts = [r for r in rows if get(r, "row_type") == "cohort"]
        pooled = next((r for r in rows if get(r, "row_type") == "random"), None)
        if pooled is None or len(cohorts) < 2:
            continue
        hr, low, high = (as_number(get(pooled, name)) for name in ("hr", "ci_low", "ci_high"))
        same = sum((as_number(get(r, "hr")) > 1) == (head.hr[0] > 1) for r in cohorts)
        verdict = "excludes 1" if low > 1 or high < 1 else "includes 1"
        interval = f"{format_ratio(low)} to {format_ratio(high)}"
        of = f"{len(cohorts)} cohorts, {same} of which point the same way"
        return [f"a meta-analysis of {of}, gives {format_ratio(hr)}, and its interval, {interval}, {verdict}"]
    return []


def _doubt(study: Mapping[str, Any], joined: Joined) -> str:
    limits = study.get("limits")
    count = len(limits) if isinstance(limits, list) else int(bool(limits))
    times: dict[str, int] = {}
    for step in joined.steps:
        for code, _ in said_by(step, "warnings"):
            times[code] = times.get(code, 0) + 1
    said = [f"{plural(count, 'limit')} stated with the study"] if count else []
    codes = sorted(times, key=lambda code: (-times[code], code))
    kinds = [within_sentence(WARNINGS.get(code, code.replace("-", " "))).partition(":")[0] for code in codes]
    if kinds:
        more = [f"{len(kinds) - MOST} more"] if len(kinds) > MOST else []
        said.append(f"the tools warned of {join_words([*kinds[:MOST], *more])}")
    return f"{_sentence(said)} The next section has them." if said else ""
