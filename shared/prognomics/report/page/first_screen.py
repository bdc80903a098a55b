"""The first screen: question, answer in one sentence, the primary analysis in numbers, caveats, curves and forest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prognomics.report.page import headlines, phrases
from prognomics.report.page.blocks import Block
from prognomics.report.page.caveats import caveats
from prognomics.report.page.cells import View, get, label, records
from prognomics.report.page.curves import CurveFigure, at_risk, curve_figure, drawable, pooled_step, select_steps
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.page.diagram import cohorts_with_endpoint
from prognomics.report.page.forests import ForestRow, forest_view, how_scoped, make_row
from prognomics.report.page.key_findings import RULES
from prognomics.report.results.findings import Finding
from prognomics.report.results.headline import GROUPS, find_kind
from prognomics.report.results.joining import Joined
from prognomics.report.results.markers import cuts
from prognomics.report.wording import (
    as_number,
    format_count,
    format_p,
    format_ratio,
    format_ratio_unit,
    p_phrase,
    plural,
    sentence_case,
    within_sentence,
)

NO_EFFECT = (0.995, 1.005)  # ratios that are shown as 1.00
HOW = {
    "declared": "Primary analysis",
    "default": "First analysis: no primary analysis was declared",
    "missing": "First analysis: the declared primary analysis is not among the results",
}
BLIND = {
    "outcome_blind": "without use of the outcome",
    "prespecified": "prespecified",
    "searched": "by a search in the outcome",
}


@dataclass(frozen=True)
class FirstScreen:
    """`numbers` are (what, value, below it); `caveats` (lead, text); figures are absent without their results."""

    how: str
    declared: bool
    answer: str
    numbers: Sequence[tuple[str, str, str]] = ()
    model: str = ""
    power: str = ""  # what could have been shown, where the result is unclear
    caveats: Sequence[tuple[str, str]] = ()
    curves: CurveFigure | None = None
    others: Sequence[CurveFigure] = ()
    forest: View | None = None
    forest_legend: str = ""
    picture: Block | None = None

    @property
    def figures(self) -> int:
        return sum(part is not None for part in (self.curves, self.picture, self.forest))


def first_screen(study: Mapping[str, Any], joined: Joined) -> FirstScreen:
    """Everything that a reader needs who reads no further."""
    head, other = joined.findings.primary, joined.findings.other
    if other is not None:
        return _of_other_kind(study, joined, other)
    if head is None:
        return _without(study, joined)
    step = pooled_step(joined, head)
    least = at_risk(dict(study))
    figure = curve_figure(joined, step, head, least) if step else None
    each = [s for s in select_steps(joined, head) if s.scope == "per_cohort"]
    value, _, interval = format_ratio_unit(*head.hr).partition(" (")
    test = "Wald test" if head.identity.method.startswith("cox") and head.p == head.p else ""
    numbers = [
        (
            f"Hazard ratio, {phrases.contrast_short(joined, head)}",
            value,
            f"95% CI {interval.removesuffix(')').replace('–', ' to ')}",
        ),
        ("p", format_p(head.p), test),
        ("Samples", format_count(head.n), phrases.events(head)),
    ]
    rows = forest_rows(joined, head)
    return FirstScreen(
        HOW[joined.findings.chosen],
        joined.findings.chosen == "declared",
        answer(joined, head),
        numbers,
        model(joined, head),
        power_sentence(joined),
        caveats(study, joined),
        figure,
        [curve_figure(joined, s, None, least) for s in each],
        forest_view(_forest_title(joined, head), rows),
        _forest_legend(joined, head, rows),
    )


def _of_other_kind(study: Mapping[str, Any], joined: Joined, head: Finding) -> FirstScreen:
    """Of an odds ratio, a competing-risks model, curves of groups, or a model in held-out samples."""
    chosen, said = joined.findings.chosen, headlines.words(joined, head)
    shown = headlines.drawn(joined, head)
    curves = None
    if find_kind(head) == GROUPS and drawable(head.step):
        curves = curve_figure(joined, head.step, None, at_risk(dict(study)))
    return FirstScreen(
        HOW[chosen], chosen == "declared", said.answer, said.numbers, said.model, power_sentence(joined),
        caveats(study, joined), curves, (), shown.forest, shown.legend, None if curves else shown.picture,
    )  # fmt: skip


def _without(study: Mapping[str, Any], joined: Joined) -> FirstScreen:
    found = joined.findings
    said = (
        "There is no pooled estimate of a marker's effect: the results of single analyses follow."
        if found.every
        else "These results contain no hazard ratio of a marker; what is available follows below."
    )
    return FirstScreen("No primary analysis", False, said, caveats=caveats(study, joined))


def power_sentence(joined: Joined) -> str:
    """What the data could have shown; '' where the result is clear."""
    one = joined.findings.smallest
    if one is None:
        return ""
    name = {"odds ratio": "an odds ratio", "subdistribution hazard ratio": "a subdistribution hazard ratio"}.get(
        (joined.findings.head or one).identity.measure, "a hazard ratio")  # fmt: skip
    ratio = one.estimate[0]
    unit = f" {phrases.unit(joined, one)}" if one.identity.contrast == "continuous" else ""
    return (
        f"With 80% power these data could show {name}{unit} of {format_ratio(ratio)} or more, or of "
        f"{format_ratio(1 / ratio)} or less; a smaller effect may have been missed."
    )


def answer(joined: Joined, head: Finding) -> str:
    """One or two sentences: what was found, and for whom it holds."""
    event, who = head.step.declared.event_words(head.identity.endpoint), phrases.with_marker(head)
    where = phrases.named_population(joined, head)
    higher = "higher" if head.hr[0] > 1 else "lower"
    if not head.excludes_one:
        low, high = NO_EFFECT
        if low <= head.hr[0] <= high:
            return (
                f"No difference was found{where}: the hazard of {event} was the same with {who}, within the limits "
                "of the interval."
            )
        return (
            f"No clear difference{where}. The hazard of {event} was {higher} with {who}, but the data are "
            "compatible with no effect."
        )
    said = f"Patients with {who} had a {higher} hazard of {event}{where}"
    if disagree(joined, head):
        return f"{said} on average, but the cohorts disagree."
    return f"{said}{', after adjustment' if head.identity.adjusted_for else ''}."


def disagree(joined: Joined, head: Finding) -> bool:
    """Whether pooling by random effects leads to another conclusion, or a cohort is clearly on the other side."""
    of = joined.findings.analysis(head)
    turned = any(f.identity.scope == "random" and f.excludes_one != head.excludes_one for f in of)
    cohorts = joined.findings.cohorts(head)
    return turned or any(f.excludes_one and (f.hr[0] > 1) != (head.hr[0] > 1) for f in cohorts)


def model(joined: Joined, head: Finding) -> str:
    """What was fitted, the study population, and how the marker was coded."""
    cohorts = {s.cohort for s in joined.steps if s.cohort} | {f.identity.cohort for f in joined.findings.cohorts(head)}
    many = len(cohorts)
    if _without_estimate(joined, head):
        many = cohorts_with_endpoint(joined, head.identity.endpoint)
    of = f" of {plural(many, 'cohort')}" if many > 1 and head.identity.scope != "per_cohort" else ""
    endpoint = phrases.endpoint(head) or "the event"
    definition = within_sentence(head.step.declared.definition(head.identity.endpoint).rstrip("."))
    what = f"{endpoint} ({definition})" if definition and len(definition) < 60 else endpoint
    fitted = "Meta-analysis" if head.identity.method == "meta_analysis" else "Cox model"
    said = f"{fitted} of {what} in {phrases.population(head)}{of}, {phrases.model(head)}; {_coding(joined, head)}."
    return said


def _without_estimate(joined: Joined, head: Finding) -> int:
    """Samples of the primary analysis in cohorts without an estimate, such as one without events in a group."""
    each = joined.findings.cohorts(head)
    return max(0, int(head.n - sum(f.n for f in each))) if each and head.n == head.n else 0


def _coding(joined: Joined, head: Finding) -> str:
    if head.identity.contrast == "continuous":
        return f"{phrases.marker(head)} is continuous, {phrases.unit(joined, head)}"
    made = cuts(joined.steps)
    for step in joined.of("cutpoint"):
        if label(step.parameters.get("name")) == head.identity.term and head.identity.term in made:
            for row in records(step.frame("cutpoint_table"))[:1]:
                rule = label(get(row, "rule"))
                blind = BLIND.get(label(get(row, "policy")), "")
                how = f"{cut_counts(row, head.step.declared)}){f', {blind}' if blind else ''}"
                where = f"at {RULES[rule]}" if rule in RULES else f"by the rule {rule.replace('_', ' ')}"
                return f"{head.identity.marker} divided {where} ({how}"
    return f"{phrases.marker(head)}, {head.identity.contrast}"


def forest_rows(joined: Joined, head: Finding) -> list[ForestRow]:
    """Each cohort, the primary analysis, and what else pools the same analysis."""
    same = joined.findings.analysis(head)
    rows = [make_row(f, phrases.cohort(f)) for f in _in_order(joined, joined.findings.cohorts(head))]
    rows.append(make_row(head, how_scoped(head), kind="pooled", primary=True))
    for scope, small in (("stratified", ""), ("unstratified", ""), ("random", "random effects")):
        other = next(
            (
                f
                for f in same
                if f.identity.scope == scope
                and f is not head
                and f.identity.method in (head.identity.method, "meta_analysis")
            ),
            None,
        )
        if other is not None:
            rows.append(make_row(other, how_scoped(other), small, kind="pooled"))
    return rows


def _in_order(joined: Joined, found: Sequence[Finding]) -> list[Finding]:
    order = {c: i for i, c in enumerate(dict.fromkeys(s.cohort for s in joined.steps if s.cohort))}
    return sorted(found, key=lambda f: order.get(f.identity.cohort, len(order)))


def _forest_title(joined: Joined, head: Finding) -> str:
    of = phrases.setting(joined, head)
    return f"Hazard ratio of {phrases.contrast(joined, head)}{f': {of}' if of else ''}"


def _forest_legend(joined: Joined, head: Finding, rows: Sequence[ForestRow]) -> str:
    with_squares = any(r.kind == "study" for r in rows)
    said = ["Squares: hazard ratio in one cohort, larger with more events"] if with_squares else []
    said += [
        "Diamonds: pooled estimates; their width is the 95% confidence interval",
        f"Dotted line: no effect; to the "
        f"right, a higher hazard of {head.step.declared.event_words(head.identity.endpoint)} with "
        f"{phrases.with_marker(head)}",
    ]
    for pooled in (f for f in joined.findings.analysis(head) if f.identity.scope == "random"):
        i2, p = get(pooled.row, "i2"), get(pooled.row, "q_p")
        if as_number(i2) == as_number(i2):
            method = label(get(pooled.row, "method"))
            said.append(f"Meta-analysis: {method or 'random effects'}; I² {as_number(i2):.0f}%, of Q {p_phrase(p)}")
    if left := _without_estimate(joined, head):
        said.append(f"Pooled estimates include {plural(left, 'sample')} of cohorts without an estimate of their own")
    if any(how_scoped(f).endswith("not stratified") for f in joined.findings.analysis(head)):
        said.append("Not stratified: differences between cohorts are confounded with the marker")
    said.append(f"{sentence_case(phrases.adjustment(head))}; n / events: samples and events")
    return ". ".join(said) + "."
