"""The result of a primary analysis other than the hazard ratio of a Cox model: a sentence, numbers and a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prognomics.report.page import phrases
from prognomics.report.page.blocks import Block, Section, step_title
from prognomics.report.page.cells import View, get, label, records
from prognomics.report.page.forests import ForestRow, forest_view, how_scoped, make_row
from prognomics.report.page.learned import answer_of_model, model_forest, numbers_of_model, words_of_model
from prognomics.report.results.findings import Finding
from prognomics.report.results.headline import (
    COMPETING,
    GROUPS,
    MODEL,
    ODDS,
    find_kind,
    is_clear,
    is_gray,
    rows_of_test,
)
from prognomics.report.results.joining import Joined
from prognomics.report.wording import (
    as_number,
    format_count,
    format_p,
    format_percent,
    join_words,
    plural,
    sentence_case,
)

Numbers = list[tuple[str, str, str]]
NO_EFFECT = (0.995, 1.005)  # ratios that are shown as 1.00


@dataclass(frozen=True)
class Words:
    """`answer` is one or two sentences, `numbers` are (what, value, below it), `model` is analysis and population."""

    answer: str
    numbers: Numbers
    model: str


@dataclass(frozen=True)
class Drawn:
    """A forest with its legend, and the plot of the step; each may be absent."""

    forest: View | None = None
    legend: str = ""
    picture: Block | None = None


def words(joined: Joined, head: Finding) -> Words:
    """By what kind of finding it is."""
    kind = find_kind(head)
    if kind == MODEL:
        return Words(answer_of_model(joined, head), numbers_of_model(joined, head), words_of_model(joined, head))
    if kind == GROUPS:
        return Words(_answer_of_groups(joined, head), _numbers_of_groups(head), _words_of_groups(joined, head))
    return Words(_answer_of_ratio(joined, head), _numbers_of_ratio(joined, head), _words_of_ratio(joined, head))


def drawn(joined: Joined, head: Finding) -> Drawn:
    """The forest of its cohorts and models; of groups and competing risks the plot of the step."""
    kind = find_kind(head)
    if kind == MODEL:
        return Drawn(*model_forest(joined, head))
    picture = _picture(head) if kind != ODDS else None
    if kind == GROUPS:
        return Drawn(picture=picture)
    rows = ratio_rows(joined, head)
    name = sentence_case(head.identity.measure)
    title = f"{name} of {phrases.contrast(joined, head)}: {phrases.setting(joined, head)}"
    short = phrases.SHORT.get(head.identity.measure, "HR")
    legend = [f"{name} with 95% confidence interval", "Dotted line: no effect; to the right, "
              f"{what_rises(head, 'higher')} with {phrases.with_marker(head)}"]  # fmt: skip
    if any(r.kind == "study" for r in rows):
        legend.append("Squares: one cohort, larger with more events; diamonds: estimates over all cohorts")
    legend.append("n / events: samples, and those with the event")
    return Drawn(forest_view(title, rows, ratio=short, estimate=name), f"{'. '.join(legend)}.", picture)


def _picture(head: Finding) -> Block | None:
    if not head.step.plots:
        return None
    section, what = Section("", ""), f"Plot of {step_title(head.step)}"
    if head.step.tool == "competing_risks":
        by = head.step.declared.variable(label(head.step.parameters.get("group_column")))
        what = f"Cumulative incidence{f' by {by}' if by else ''} of {phrases.outcome(head)} and of the competing event"
    section.figure(head.step.plots[0], f"{sentence_case(what)}.", what, head.step)
    return next((b for b in section.blocks if b.kind == "figure"), None)


# ---------------------------------------------------------------- odds ratios and competing risks


def what_rises(head: Finding, direction: str) -> str:
    """`a higher cumulative incidence of death`, `higher odds of response`."""
    event = phrases.outcome(head)
    if head.identity.measure == "odds ratio":
        return f"{direction} odds of {event}"
    if head.identity.measure.startswith("subdistribution"):
        return f"a {direction} cumulative incidence of {event}"
    return f"a {direction} hazard of {event}"


def _answer_of_ratio(joined: Joined, head: Finding) -> str:
    value, where = head.estimate[0], phrases.named_population(joined, head)
    who, low, high = phrases.with_marker(head), *NO_EFFECT
    direction = "higher" if value > 1 else "lower"
    if is_clear(head):
        said = f"Patients with {who} had {what_rises(head, direction)}{where}"
        if disagree(joined, head):
            return f"{said} on average, but the cohorts disagree."
        return f"{said}{', after adjustment' if head.identity.adjusted_for else ''}."
    if low <= value <= high:
        return f"No difference was found{where} with {who}, within the limits of the interval."
    return f"No clear difference{where}. Patients with {who} had {what_rises(head, direction)}, but the data are " \
        "compatible with no effect."  # fmt: skip


def _numbers_of_ratio(joined: Joined, head: Finding) -> Numbers:
    name = phrases.SHORT_NAMES.get(head.identity.measure, "Hazard ratio")
    value, between = phrases.value_and_interval(head)
    test = "conditional likelihood" if head.step.tool == "logistic" and head.identity.scope == "stratified" else ""
    counts = [_with_event(head)]
    competing = get(head.row, "n_competing")
    if as_number(competing) == as_number(competing):
        counts.append(f"{format_count(competing)} competing")
    return [
        (f"{name}, {phrases.contrast_short(joined, head)}", value, between),
        ("p", format_p(head.p), test),
        ("Samples", format_count(head.n), ", ".join(counts)),
    ]


def _with_event(head: Finding) -> str:
    if head.step.tool == "logistic":
        return f"{format_count(head.events)} with {phrases.outcome(head)}"
    return phrases.events(head)


def _words_of_ratio(joined: Joined, head: Finding) -> str:
    endpoint = phrases.endpoint(head) or head.identity.endpoint
    definition = head.step.declared.definition(head.identity.endpoint).rstrip(".")
    what = f"{endpoint} ({definition})" if definition and len(definition) < 60 else endpoint
    name = {"odds ratio": "Logistic regression", "subdistribution hazard ratio": "Fine-Gray model"}.get(
        head.identity.measure, "Cause-specific Cox model")  # fmt: skip
    said = f"{name} of {what} in {phrases.population(head)}, {phrases.model(head)}."
    if find_kind(head) == COMPETING:
        other = head.step.declared.endpoints.get(head.identity.endpoint, {}).get("competing")
        said += f" Competing event: {other}." if other else " Competing events are events of their own."
        if (cause := cause_specific(joined, head)) is not None:
            said += f" Cause-specific hazard ratio: {phrases.effect(cause)}, {phrases.p(cause)}."
    return said


def cause_specific(joined: Joined, head: Finding) -> Finding | None:
    """The cause-specific hazard ratio of the same term and model as a subdistribution hazard ratio."""
    same = ("term", "contrast", "endpoint", "population", "adjusted_for", "scope", "cohort", "cause")
    found = [f for f in joined.findings.all if f.step is head.step and f.identity.measure == "hazard ratio"
             and all(getattr(f.identity, n) == getattr(head.identity, n) for n in same)]  # fmt: skip
    return found[0] if found and head.identity.measure.startswith("subdistribution") else None


def alike(joined: Joined, head: Finding) -> list[Finding]:
    """Findings of the same tool, measure, marker, endpoint and population."""
    return [f for f in joined.findings.all if f.step.tool == head.step.tool and f.identity.term == head.identity.term
            and f.identity.question == head.identity.question and f.identity.measure == head.identity.measure
            and find_kind(f) == find_kind(head) and f.identity.contrast == head.identity.contrast]  # fmt: skip


def find_cohorts(joined: Joined, head: Finding) -> list[Finding]:
    """Each cohort's own estimate of the same analysis, each cohort once."""
    mine = [f for f in alike(joined, head) if f.identity.scope == "per_cohort"
            and f.identity.adjusted_for == head.identity.adjusted_for]  # fmt: skip
    return list({f.identity.cohort: f for f in reversed(mine)}.values())[::-1] if head.identity.scope != "per_cohort" \
        else []  # fmt: skip


def disagree(joined: Joined, head: Finding) -> bool:
    """Whether a cohort is clearly on the other side."""
    return any(f.excludes_one and (f.estimate[0] > 1) != (head.estimate[0] > 1) for f in find_cohorts(joined, head))


def ratio_rows(joined: Joined, head: Finding) -> list[ForestRow]:
    """The cohorts, the primary analysis, and the other models of the same question."""
    rows = [make_row(f, phrases.cohort(f)) for f in find_cohorts(joined, head)]
    named = sentence_case(phrases.adjustment(head))
    scoped = how_scoped(head)
    rows.append(
        make_row(head, f"{scoped}, {phrases.adjustment(head)}" if scoped else named, kind="pooled", primary=True)
    )
    shown = {(head.identity.adjusted_for, head.identity.scope)}
    for other in alike(joined, head):
        key = (other.identity.adjusted_for, other.identity.scope)
        if other.identity.scope != "per_cohort" and key not in shown:
            shown.add(key)
            rows.append(make_row(other, f"{how_scoped(other)}, {phrases.adjustment(other)}", kind="pooled"))
    return rows


# ---------------------------------------------------------------- curves of groups


def _levels(head: Finding) -> list[tuple[str, float]]:
    """The groups, worst first: of a log-rank test by events observed over expected, of Gray's test by incidence."""
    if is_gray(head):
        return [(label(get(r, "group")), as_number(get(r, "estimate"))) for r in _at_last_month(head)]
    rows = [(label(get(r, "group")), as_number(get(r, "observed")) / as_number(get(r, "expected")))
            for r in rows_of_test(head) if as_number(get(r, "expected")) > 0]  # fmt: skip
    return sorted(rows, key=lambda r: -r[1])


def _level(head: Finding, level: str) -> str:
    column = head.identity.term
    words_of_level = head.step.declared.level(column, level)
    marker = head.identity.marker if head.identity.marker != column else head.step.declared.variable(column)
    return f"{words_of_level[:1].lower()}{words_of_level[1:]} {marker}"


def _answer_of_groups(joined: Joined, head: Finding) -> str:
    where, event = phrases.named_population(joined, head), phrases.outcome(head)
    levels = _levels(head)
    if len(levels) < 2:
        return f"The groups could not be compared{where}."
    worst, best = _level(head, levels[0][0]), _level(head, levels[-1][0])
    what = "cumulative incidence" if is_gray(head) else "hazard"
    if len(levels) == 2:
        said = f"atients with {worst} had a higher {what} of {event} than patients with {best}"
    else:
        said = f"he {what} of {event} was highest in patients with {worst} and lowest in patients with {best}"
    first = "P" if len(levels) == 2 else "T"
    if is_clear(head):
        return f"{first}{said}{where}."
    return f"No clear difference{where}. {first}{said}, but the data are compatible with no difference."


def _numbers_of_groups(head: Finding) -> Numbers:
    order = [name for name, _ in _levels(head)]
    rates = {label(get(r, "group")): r for r in _at_last_month(head)}
    shown = [name for name in order if name in rates]
    numbers: Numbers = []
    if shown:
        month = label(get(rates[shown[0]], "time_months"))
        for name in shown if len(shown) == 2 else (shown[0], shown[-1]):
            value, _, between = _percent(rates[name]).partition(" (")
            interval = f"95% CI {between.removesuffix(')').replace('–', ' to ')}" if between else ""
            numbers.append((f"{_share(head)} at {month} months, {_level(head, name)}", value, interval))
    test = _test(head) + (", stratified" if head.identity.scope == "stratified" else "")
    return [*numbers, ("p", format_p(head.p), test), ("Samples", format_count(head.n), phrases.events(head))]


def _share(head: Finding) -> str:
    """What the percentages are of."""
    event = phrases.outcome(head)
    if is_gray(head):
        return f"Cumulative incidence of {event}"
    return "Alive" if event == "death" else "Event-free"


def _test(head: Finding) -> str:
    return "Gray's test" if is_gray(head) else "log-rank test"


def _percent(row: object) -> str:
    return format_percent(*(get(row, name) for name in ("estimate", "ci_low", "ci_high")))  # type: ignore[arg-type]


def _at_last_month(head: Finding) -> Sequence[dict[str, object]]:
    """Survival of each group at the last month requested, or cumulative incidence of the event, highest first."""
    rows = [r for r in records(head.step.frame("km_summary")) if label(get(r, "statistic")) == "survival"]
    if is_gray(head):
        rows = [r for r in records(head.step.frame("incidence_table")) if label(get(r, "cause")) == "event"
                and label(get(r, "group")) != "all"]  # fmt: skip
    last = max((as_number(get(r, "time_months")) for r in rows), default=0)
    rows = [r for r in rows if as_number(get(r, "time_months")) == last]
    return sorted(rows, key=lambda r: -as_number(get(r, "estimate"))) if is_gray(head) else rows


def _words_of_groups(joined: Joined, head: Finding) -> str:
    endpoint = phrases.endpoint(head) or head.identity.endpoint
    definition = head.step.declared.definition(head.identity.endpoint).rstrip(".")
    what = f"{endpoint} ({definition})" if definition and len(definition) < 60 else endpoint
    levels = [_level(head, name) for name, _ in _levels(head)]
    how = phrases.SCOPES.get(head.identity.scope, "")
    medians = {label(get(r, "group")): r for r in records(head.step.frame("km_summary"))
               if label(get(r, "statistic")) == "median"}  # fmt: skip
    told = [f"{_months(medians[name])} with {_level(head, name)}" for name, _ in _levels(head) if name in medians]
    curves = "Cumulative incidence" if is_gray(head) else "Kaplan-Meier curves"
    said = f"{curves} of {what} in {phrases.population(head)}, by {plural(len(levels), 'group')} " \
        f"({join_words(levels)}); {_test(head)}, unadjusted{f', {how}' if how else ''}."  # fmt: skip
    return said + (f" Median: {join_words(told)}." if told else "")


def _months(row: dict[str, object]) -> str:
    value = as_number(get(row, "estimate"))
    return f"{value:.0f} months" if value == value else "not reached"
