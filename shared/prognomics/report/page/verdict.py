"""The answer in plain words, for a reader who reads nothing else: what was found, in whom, how sure, what to doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page.blocks import endpoint_words
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.diagram import flows_of, is_endpoint, main_endpoint
from prognomics.report.page.effects import Effect, headline
from prognomics.report.page.joining import Joined
from prognomics.report.page.messages import WARNINGS, said_by
from prognomics.report.wording import (
    as_number,
    clean_text,
    format_ratio,
    is_absent,
    join_words,
    plural,
    within_sentence,
)

MOST = 3  # kinds of warnings that are named
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
    """(lead, text) of up to five sentences; none without an estimate of the marker."""
    first = headline(effects)
    if not first or len({e.step.cohort for e in first}) > 1:
        return []
    head = first[0]
    items = [("What was found", _found(head)), ("In whom", _whom(study, joined, head)), ("The cut", _cut(joined)),
             ("How sure", _sure(joined, effects, first)), ("What to doubt", _doubt(study, joined))]  # fmt: skip
    return [(lead, text) for lead, text in items if text]


def _found(effect: Effect) -> str:
    hr, low, high = effect.hr
    who = f"in the {effect.level} group of {effect.term}" if effect.level else f"with more {effect.term}"
    versus = f" than in the {label(get(effect.row, 'reference'))} group" if effect.level else ""
    event = endpoint_words(effect.step)
    of = f" ({event})" if event else ""
    interval = f"hazard ratio {format_ratio(hr)}, 95% interval {format_ratio(low)} to {format_ratio(high)}"
    if effect.excludes_one:
        return f"The event{of} came {'sooner' if hr > 1 else 'later'} {who}{versus}: {interval}."
    lean = "sooner" if hr > 1 else "later"
    return f"No clear difference{of}. The estimate says {lean} {who}{versus}, but the data are compatible with no " \
        f"effect: {interval}."  # fmt: skip


def _whom(study: Mapping[str, Any], joined: Joined, effect: Effect) -> str:
    flows = flows_of(joined)
    n, events = (plural(get(effect.row, name), noun) for name, noun in (("n", "patient sample"), ("events", "event")))
    if not flows:
        return f"{n} with {events}."
    endpoint = main_endpoint(study, joined)
    curated = [[r for r in rows if not is_endpoint(r)][-1:] for _, rows in flows]
    all_samples = plural(sum(as_number(get(r[0], "n")) for r in curated if r), "sample")
    with_it = sum(any(label(get(r, "step")) == f"endpoint:{endpoint}" for r in rows) for _, rows in flows)
    named = [clean_text(s.parameters.get("cohort")) for s, _ in flows]
    names = f" ({join_words(named)})" if 0 < len(named) <= 6 and all(named) else ""
    where = f", {with_it} of them with the endpoint" if with_it < len(flows) else ""
    return f"{n} with {events} in this model, of {all_samples} in {plural(len(flows), 'cohort')}{names}{where}."


def _cut(joined: Joined) -> str:
    rows = [r for s in joined.of("cutpoint") for r in records(s.frame("cutpoint_table"))]
    said = []
    for row in rows[:2]:
        how = BY_WHAT.get(label(get(row, "policy")), "")
        rule = label(get(row, "rule"))
        where = RULES.get(rule) or f"the rule {rule.replace('_', ' ')}"
        high, low = (plural(get(row, name), "sample") for name in ("n_high", "n_low"))
        marker = label(get(row, "marker"))
        said.append(f"{marker} was cut at {where}{f', {how}' if how else ''}: {high} high, {low} low")
    return f"{'; '.join(dict.fromkeys(said))}." if said else ""


def _sure(joined: Joined, effects: Sequence[Effect], first: Sequence[Effect]) -> str:
    """Each cohort alone, pooled, beside other variables, as a continuous marker: what agrees with the headline."""
    head = first[0]
    up, said = head.hr[0] > 1, []
    cohorts = [e for e in effects if e.scope == "per_cohort" and e.kind == head.kind and e.level == head.level]
    if len(cohorts) > 1:
        same = sum((e.hr[0] > 1) == up for e in cohorts)
        said.append(f"{same} of {len(cohorts)} cohorts point the same way")
    said += _pooled(joined, head)
    adjusted = [e for e in first if e.term == head.term and e.beside]
    if adjusted:
        most = max(adjusted, key=lambda e: len(e.beside))
        holds = "its interval excludes 1" if most.excludes_one else "its interval includes 1"
        beside = plural(len(most.beside), "other variable")
        said.append(f"beside {beside} the ratio is {format_ratio(most.hr[0])} and {holds}")
    continuous = [e for e in first if not e.level and not e.beside and e is not head]
    if continuous and head.level:
        other = continuous[0]
        agrees = (other.hr[0] > 1) == up and other.excludes_one == head.excludes_one
        said.append(f"without a cut, the continuous marker {'agrees' if agrees else 'does not agree'}")
    return f"{'; '.join(said)}.".capitalize() if said else ""


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
    kinds = [within_sentence(WARNINGS.get(code, code.replace("-", " "))) for code in codes]
    if kinds:
        more = f" and {len(kinds) - MOST} more" if len(kinds) > MOST else ""
        said.append(f"the tools warned of {len(kinds)} things: {'; '.join(kinds[:MOST])}{more}")
    return f"{'. '.join(said)}. See the next section.".replace(". the", ". The") if said else ""
