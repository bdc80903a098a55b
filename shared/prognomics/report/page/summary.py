"""The results in a few sentences, written from findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page import cells, phrases
from prognomics.report.page.blocks import Section, endpoint_words, scope_label, subset_label
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.page.groups import comparison_sentences
from prognomics.report.page.key_findings import key_items
from prognomics.report.page.survival import TESTS
from prognomics.report.results.findings import TRUSTED, Finding, read_endpoint, read_population
from prognomics.report.results.joining import Joined, Step
from prognomics.report.results.markers import cuts
from prognomics.report.results.primary import in_order
from prognomics.report.wording import (
    as_number,
    format_percent,
    is_absent,
    join_words,
    p_phrase,
    plural,
    sentence_case,
)

Item = tuple[str, str]


def summary_section(study: Mapping[str, Any], joined: Joined) -> Section:
    """The primary analysis in words; then its question in numbers, and how many other analyses there are."""
    section = Section("summary", "Key findings")
    found, head = joined.findings, joined.findings.primary
    answer = key_items(study, joined)
    section.list(answer)
    mine = found.of_marker()
    questions = list(dict.fromkeys(f.identity.question for f in mine))
    shown = [head.identity.question] if head else questions
    items: list[Item] = []
    for question in shown:
        if own := [f for f in mine if f.identity.question == question]:
            items += _question_items(joined, own)
    if not mine:
        items += _survival_items(joined, _curves(joined, None))
    items = [*_group_items(joined), *_roc_items(joined), *items, *_searched_items(joined)]
    others = len({f.identity.analysis for f in found.unique if f.identity.question not in shown})
    if others:
        items.append(("Other analyses", f"{plural(others, 'analysis', 'analyses')} of other endpoints, populations or "
                      "markers: all of them are under All analyses, not corrected for their number."))  # fmt: skip
    if answer and items:
        section.heading("In numbers")
    section.list(items)
    if not items and not answer:
        section.say("The tables contain no survival result of a marker; what is available follows below.")
    return section


def _question_items(joined: Joined, mine: list[Finding]) -> list[Item]:
    """One marker, endpoint and population: each model, the curves, the cohorts, without strata."""
    pooled = [f for f in mine if f.identity.scope != "per_cohort"]
    scope = next((s for s in TRUSTED if any(f.identity.scope == s for f in pooled)), "")
    items = [(f"Hazard ratio, {phrases.setting(joined, f)}", _effect_sentence(joined, f))
             for f in in_order([f for f in pooled if f.identity.scope == scope])]  # fmt: skip
    items += _survival_items(joined, _curves(joined, mine[0]))
    items += _cohort_items(joined, mine)
    return items + (_unstratified_items(joined, mine) if scope == "stratified" else [])


def _effect_sentence(joined: Joined, finding: Finding) -> str:
    ratio = f"{phrases.hr(finding)}, {phrases.p(finding)}"
    verdict = f"a {phrases.hazard(finding)}" if finding.excludes_one else "the data are compatible with no effect"
    what = f"{phrases.contrast(joined, finding)}, {phrases.model(finding)}"
    return f"{what}: {ratio} ({phrases.numbers(finding)}); {verdict}."


def _curves(joined: Joined, like: Finding | None) -> list[Step]:
    """The curves by the marker of the same endpoint in the same population; without a finding all there are."""
    steps = joined.of("kaplan_meier")
    if like is None:
        ours = [s for s in steps if label(s.parameters.get("group_column")) in joined.findings.markers] or steps
        return sorted(ours, key=lambda s: bool(subset_label(s)))
    identity = like.identity
    terms = [t for t, m in joined.findings.markers.items() if m == identity.marker]
    return [s for s in steps if label(s.parameters.get("group_column")) in terms
            and read_endpoint(s) == identity.endpoint and read_population(s) == identity.population]  # fmt: skip


def _survival_items(joined: Joined, steps: Sequence[Step]) -> list[Item]:
    whole = [s for s in steps if is_absent(s.parameters.get("landmark"))] or list(steps)
    best = next((s for scope in TRUSTED for s in whole if s.scope == scope), None)
    if best is None:
        return []
    alike = [s for s in steps if (subset_label(s), read_endpoint(s), label(s.parameters.get("group_column")))
             == (subset_label(best), read_endpoint(best), label(best.parameters.get("group_column")))]  # fmt: skip
    several = len(joined.findings.populations) > 1
    subset = subset_label(best) or best.declared.population_words(())
    subset = subset if several or not is_absent(best.parameters.get("landmark")) else ""
    where = f" in {subset}" if subset else ""
    of = f", {endpoint_words(best)}{where}" if endpoint_words(best) else where
    items = [(f"{lead}{of}", text) for lead, text in _rate_items(best)]
    tests = [(s, r) for s in alike for r in records(s.frame("km_test")) if get(r, "comparison") == "overall"]
    shown = {(TRUSTED.index(s.scope), s.number, label(get(r, "test"))): (s, r) for s, r in reversed(tests)}
    for test in cells.unique(get(r, "test") for _, r in tests):
        said = [f"{p_phrase(get(r, 'p_value'))} ({scope_label(s, long=False)})"
                for (*_, name), (s, r) in sorted(shown.items(), key=lambda i: i[0]) if name == test]  # fmt: skip
        by = label(best.parameters.get("group_column"))
        lead = sentence_case(TESTS.get(test, test)) + (f" by {best.declared.variable(by)}" if by else "")
        items.append((f"{lead}{of}", f"{'; '.join(said)}."))
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
            said.append(f"{share} of all" if group == "all" else f"{share} in the {group} group")
        items.append((f"At {time} months", f"{join_words(said)} were without the event (Kaplan-Meier, 95% CI{where})."))
    return items


def _cohort_items(joined: Joined, mine: list[Finding]) -> list[Item]:
    """Each cohort's hazard ratio in each analysis, and whether they agree in direction."""
    items = []
    for analysis in dict.fromkeys(f.identity.analysis for f in in_order(mine)):
        part = joined.findings.cohorts(next(f for f in mine if f.identity.analysis == analysis))
        if len(part) < 2:
            continue
        ups, clear, total = sum(f.hr[0] > 1 for f in part), sum(f.excludes_one for f in part), len(part)
        every = "both" if total == 2 else "all"
        alike = {0: f"{every} below 1", total: f"{every} above 1"}.get(ups, f"{ups} of {total} above 1")
        alone = {0: "no interval excludes 1", total: "each interval excludes 1"}.get(
            clear, f"{clear} of {total} intervals exclude 1"
        )
        first = part[0]
        said = join_words(f"{phrases.hr_short(f)} in {f.step.declared.cohort(f.identity.cohort)}" for f in part)
        what = f"{phrases.contrast(joined, first)}, {phrases.adjustment(first)}"
        items.append((f"By cohort, {phrases.setting(joined, first)}", f"{what}: HR {said}: {alike}; {alone}."))
    return items


def _unstratified_items(joined: Joined, mine: list[Finding]) -> list[Item]:
    """The unstratified effects, where a stratified one is above."""
    said = [f"{phrases.contrast(joined, f)}, {phrases.adjustment(f)}: {phrases.hr(f)}, {phrases.p(f)}"
            for f in in_order([f for f in mine if f.identity.scope == "unstratified"])]  # fmt: skip
    if not said:
        return []
    why = "Differences between cohorts are confounded with the marker here."
    return [(f"Not stratified, {phrases.setting(joined, mine[0])}", f"{'; '.join(said)}. {why}")]


def _group_items(joined: Joined) -> list[Item]:
    said = [comparison_sentences(records(s.frame("comparison_table"))) for s in joined.of("compare_groups")]
    items = [item for part in said for item in part]
    return items if len(items) <= 4 else []  # more are in their section


def _cut_rows(joined: Joined) -> list[dict[str, Any]]:
    """The cutpoints of the study's marker; without one, all."""
    made = cuts(joined.steps)
    ours = {made[t] for t in joined.findings.terms if t in made}
    rows = [r for s in joined.of("cutpoint") for r in records(s.frame("cutpoint_table"))]
    return [r for r in rows if not ours or label(get(r, "marker")) in ours]


def _roc_items(joined: Joined) -> list[Item]:
    return [
        (f"Cutpoint of {label(get(r, 'marker'))}",
         f"By ROC analysis (AUC {as_number(get(r, 'auc')):.2f}): {cut_counts(r, joined.findings.declared)}.")
        for r in _cut_rows(joined)
        if not is_absent(get(r, "auc"))
    ]  # fmt: skip


def _searched_items(joined: Joined) -> list[Item]:
    return [
        (f"Cutpoint of {label(get(r, 'marker'))}",
         f"It was searched for in the outcome: {p_phrase(get(r, 'p_corrected'))} after correction for the search.")
        for r in _cut_rows(joined)
        if get(r, "policy") == "searched"
    ]  # fmt: skip
