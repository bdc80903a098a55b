"""The results in a few sentences, written from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, endpoint_words, scope_label, subset_label
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.cox import contrast
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.page.effects import TRUSTED, Effect, headline, in_order, marker_effects, marker_terms
from prognomics.report.page.groups import comparison_sentences
from prognomics.report.page.joining import Joined, Step
from prognomics.report.page.survival import TESTS
from prognomics.report.page.verdict import verdict_items
from prognomics.report.wording import (
    as_number,
    format_percent,
    format_ratio_unit,
    is_absent,
    join_words,
    p_phrase,
    plural,
    sentence_case,
)

Item = tuple[str, str]


def summary_section(study: Mapping[str, Any], joined: Joined) -> Section:
    """The marker's effect, survival by group and agreement of the cohorts, in words."""
    section = Section("summary", "In short")
    terms = marker_terms(study, joined)
    effects = marker_effects(joined, terms)
    answer = verdict_items(study, joined, effects)
    section.list(answer)
    curves = [s for s in joined.of("kaplan_meier") if label(s.parameters.get("group_column")) in terms]
    curves = sorted(curves or joined.of("kaplan_meier"), key=lambda s: bool(subset_label(s)))
    endpoints = list(dict.fromkeys(endpoint_words(s) for s in [*(e.step for e in effects), *curves]))
    items: list[Item] = []
    for endpoint in endpoints:
        mine = [e for e in effects if endpoint_words(e.step) == endpoint]
        said = [
            *_effect_items(mine, _unit_words(joined)),
            *_survival_items([s for s in curves if endpoint_words(s) == endpoint]),
            *_cohort_items(mine), *_unstratified_items(mine),
        ]  # fmt: skip
        items += said if len(endpoints) == 1 else [(f"{sentence_case(endpoint)}: {lead}", text) for lead, text in said]
    items = [*_group_items(joined), *_roc_items(joined), *items, *_meta_items(joined), *_cut_items(joined)]
    if answer and items:
        section.heading("In numbers")
    section.list(items)
    if not items:
        section.say("The tables at hand hold no survival result of a marker; what there is follows below.")
    return section


def _unit_words(joined: Joined) -> str:
    scaled = {label(s.parameters.get("method")) for s in joined.of("merge_cohorts")}
    return " (one standard deviation within its cohort)" if scaled == {"zscore"} else ""


def _effect_items(effects: list[Effect], unit: str) -> list[Item]:
    first = headline(effects)
    if len({e.step.cohort for e in first}) > 1:
        return []  # several cohorts and no pooled model: the sentence on the cohorts says it
    return [(effect.kind, _effect_sentence(effect, unit)) for effect in first]


def _effect_sentence(effect: Effect, unit: str) -> str:
    beside = f"Beside {join_words(effect.beside)}, the" if effect.beside else "The"
    value, _, interval = format_ratio_unit(*effect.hr).partition(" (")
    ratio = f"{value} (95% CI {interval}" if interval else value
    if effect.level:
        reference = label(get(effect.row, "reference")) or "reference"
        said = f"{beside} hazard in the {effect.level} group was {ratio} times that in the {reference} group"
    else:
        said = f"{beside} hazard was multiplied by {ratio} with {contrast(effect.row)} of {effect.term}{unit}"
    n, events = plural(get(effect.row, "n"), "sample"), plural(get(effect.row, "events"), "event")
    endpoint = endpoint_words(effect.step)
    model = f"Cox model{f' of {endpoint}' if endpoint else ''}, {scope_label(effect.step, long=False)}; {n}, {events}"
    return f"{said}, {p_phrase(get(effect.row, 'p_value'))} ({model}). {_verdict(effect)}"


def _verdict(effect: Effect) -> str:
    if not effect.excludes_one:
        return "The interval includes 1: the data are compatible with no effect."
    return f"The interval excludes 1: a {'higher' if effect.hr[0] > 1 else 'lower'} hazard."


def _survival_items(steps: Sequence[Step]) -> list[Item]:
    best = next((s for scope in TRUSTED for s in steps if s.scope == scope), None)
    if best is None:
        return []
    items = _rate_items(best)
    alike = [s for s in steps if subset_label(s) == subset_label(best)]  # a landmark has a section of its own
    tests = [(s, r) for s in alike for r in records(s.frame("km_test")) if get(r, "comparison") == "overall"]
    shown = {(TRUSTED.index(s.scope), s.number, label(get(r, "test"))): (s, r) for s, r in reversed(tests)}
    for test in cells.unique(get(r, "test") for _, r in tests):
        said = [f"{p_phrase(get(r, 'p_value'))} ({scope_label(s, long=False)})"
                for (*_, name), (s, r) in sorted(shown.items(), key=lambda i: i[0]) if name == test]  # fmt: skip
        items.append((sentence_case(TESTS.get(test, test)), f"{'; '.join(said)}."))
    return items


def _rate_items(step: Step) -> list[Item]:
    rates = [r for r in records(step.frame("km_summary")) if get(r, "statistic") == "survival"]
    groups = [g for g in cells.unique(get(r, "group") for r in rates) if g != "all"] or ["all"]
    where = f" in {scope_label(step)}" if step.scope == "per_cohort" else ""
    items = []
    for time in cells.unique(get(r, "time_months") for r in rates):
        by_group = {label(get(r, "group")): r for r in rates if label(get(r, "time_months")) == time}
        said = []
        for group in (g for g in groups if g in by_group):
            share = format_percent(*(get(by_group[group], name) for name in ("estimate", "ci_low", "ci_high")))
            said.append(f"{share} of all samples" if group == "all" else f"{share} in the {group} group")
        items.append((f"At {time} months", f"{join_words(said)} were without the event (Kaplan-Meier, 95% CI{where})."))
    return items


def _cohort_items(effects: list[Effect]) -> list[Item]:
    """Each cohort's hazard ratio, and whether they point the same way."""
    items = []
    mine = in_order([e for e in effects if e.scope == "per_cohort"])
    for key in dict.fromkeys((e.kind, e.level) for e in mine):
        part = [e for e in mine if (e.kind, e.level) == key]
        if len(part) < 2:
            continue
        ups, clear, total = sum(e.hr[0] > 1 for e in part), sum(e.excludes_one for e in part), len(part)
        every = "both" if total == 2 else "all"
        alike = {0: f"{every} point to a lower hazard", total: f"{every} point to a higher hazard"}.get(
            ups, f"{ups} of {total} point to a higher hazard, the rest to a lower one: the directions differ"
        )
        alone = {0: "no interval excludes 1", total: "each interval excludes 1"}.get(
            clear, f"{clear} of {total} intervals exclude 1"
        )
        said = join_words(f"{format_ratio_unit(*e.hr)} in {e.step.cohort}" for e in part)
        items.append((f"By cohort, {key[0]}", f"Hazard ratio {said}: {alike}; {alone}."))
    return items


def _unstratified_items(effects: list[Effect]) -> list[Item]:
    """The unstratified effects, where a stratified one stands above."""
    if not any(e.scope == "stratified" for e in effects):
        return []
    said = [
        f"{e.kind} {format_ratio_unit(*e.hr)}, {p_phrase(get(e.row, 'p_value'))}"
        for e in in_order([e for e in effects if e.scope == "unstratified"])
    ]
    if not said:
        return []
    why = "Differences between cohorts pass for an effect here."
    return [("Not stratified", f"Hazard ratio of {'; '.join(said)}. {why}")]


def _meta_items(joined: Joined) -> list[Item]:
    items = []
    for step in joined.of("meta_analysis"):
        for row in records(step.frame("meta_table")):
            if get(row, "row_type") == "random":
                ratio = format_ratio_unit(*(get(row, name) for name in ("hr", "ci_low", "ci_high")))
                spread = "" if is_absent(get(row, "i2")) else f"; I² {as_number(get(row, 'i2')):.0f}%"
                said = f"Random effects: hazard ratio {ratio}, {p_phrase(get(row, 'p_value'))}{spread}."
                what = label(step.parameters.get("gene") or step.parameters.get("marker_column"))
                items.append((f"Meta-analysis{f' of {what}' if what else ''}", said))
    return items


def _group_items(joined: Joined) -> list[Item]:
    said = [comparison_sentences(records(s.frame("comparison_table"))) for s in joined.of("compare_groups")]
    items = [item for part in said for item in part]
    return items if len(items) <= 4 else []  # more stand in their section


def _roc_items(joined: Joined) -> list[Item]:
    rows = [r for s in joined.of("cutpoint") for r in records(s.frame("cutpoint_table"))]
    return [
        (f"The cut of {label(get(r, 'marker'))}",
         f"By ROC analysis (AUC {as_number(get(r, 'auc')):.2f}): {cut_counts(r)}.")
        for r in rows
        if not is_absent(get(r, "auc"))
    ]  # fmt: skip


def _cut_items(joined: Joined) -> list[Item]:
    rows = [r for s in joined.of("cutpoint") for r in records(s.frame("cutpoint_table"))]
    return [
        (f"The cut of {label(get(r, 'marker'))}",
         f"It was searched for in the outcome: {p_phrase(get(r, 'p_corrected'))} after correction for the search.")
        for r in rows
        if get(r, "policy") == "searched"
    ]  # fmt: skip
