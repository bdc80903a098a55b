"""What could change a reader's mind about the primary analysis: at most three, by weight, each with what it means."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from prognomics.report.page import headlines, learned, phrases
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.messages import said_by
from prognomics.report.results.findings import Finding
from prognomics.report.results.headline import GROUPS, MODEL, candidates, find_kind
from prognomics.report.results.joining import Joined
from prognomics.report.results.markers import cuts
from prognomics.report.wording import as_number, clean_text, is_absent, join_words, p_phrase, plural, sentence_case

MOST = 3
FEW = 10  # events
ALPHA = 0.05
LARGE_I2 = 50
CHANGED = math.log(1.1)  # of a hazard ratio, on adjustment
DOUBLED = ("duplicated-patients", "possible-duplicates", "near-duplicates")
Caveat = tuple[float, str, str]  # weight, what, with the number and what it means


def caveats(study: Mapping[str, Any], joined: Joined) -> list[tuple[str, str]]:
    """(lead, text) of the heaviest, the study's own limitations after those that the results show."""
    head = joined.findings.primary
    other = joined.findings.other
    found = list(_of_results(joined, head)) if head else list(_of_other_kind(joined, other)) if other else []
    limits = study.get("limits")
    for place, limit in enumerate(limits if isinstance(limits, list) else [limits] if limits else []):
        found.append((3 - place / 100, "Stated in the study file", clean_text(limit)))
    found.sort(key=lambda c: -c[0])
    return [(lead, text) for _, lead, text in found[:MOST]]


def _of_results(joined: Joined, head: Finding) -> Iterator[Caveat]:
    yield from _cohorts_disagree(joined, head)
    yield from _adjustment(joined, head)
    yield from _endpoint(joined, head)
    yield from _hazards(head)
    yield from _cutpoint(joined, head)
    yield from _interactions(joined, head)
    yield from _events(joined, head)
    yield from _patients(joined)
    yield from _strata(head)


def _of_other_kind(joined: Joined, head: Finding) -> Iterator[Caveat]:
    """Caveats of a primary analysis other than the hazard ratio of a Cox model."""
    kind = find_kind(head)
    yield from _patients(joined)
    if head.step.tool != "logistic":
        yield from _endpoint(joined, head)
    yield from _events(joined, head)
    if kind == MODEL:
        yield from _of_model(joined, head)
        return
    yield from _cutpoint(joined, head)
    yield from _strata(head)
    if kind == GROUPS:
        yield 5, "Not adjusted", "The test compares groups as they are; other variables may explain a difference."
        return
    yield from _hazards(head)
    if headlines.disagree(joined, head):
        each = headlines.find_cohorts(joined, head)
        first, last = (pick(each, key=lambda f: f.estimate[0]) for pick in (max, min))
        yield (9, "The cohorts disagree", f"From {phrases.effect(first)} in {phrases.cohort(first)} to "
               f"{phrases.effect(last)} in {phrases.cohort(last)}.")  # fmt: skip
    if (cause := headlines.cause_specific(joined, head)) is not None and cause.excludes_one != head.excludes_one:
        yield (6, "The cause-specific hazard ratio leads to another conclusion", f"{phrases.effect(cause)}, "
               f"{phrases.p(cause)}: competing events make part of the difference.")  # fmt: skip
    adjusted = [f for f in headlines.alike(joined, head) if f.identity.adjusted_for
                and f.identity.scope == head.identity.scope]  # fmt: skip
    if not head.identity.adjusted_for:
        most = max(adjusted, key=lambda f: len(f.identity.adjusted_for), default=None)
        if most is None:
            yield 5, "Not adjusted", "No model of this outcome adjusts the marker for other variables."
        elif most.excludes_one != head.excludes_one:
            yield (8, f"{'Not clear' if head.excludes_one else 'Clear'} after adjustment",
                   f"{phrases.effect(most)}, {phrases.p(most)}, {phrases.adjustment(most)}; "
                   f"{phrases.numbers(most)}.")  # fmt: skip


def _of_model(joined: Joined, head: Finding) -> Iterator[Caveat]:
    """Random and published signatures that do as well, the clinical model, and calibration."""
    if (p := learned.random_p(joined, head)) >= ALPHA:
        said = f"Against random signatures of as many genes: {p_phrase(p)}"
        yield 9.5, "Random signatures do as well", f"{said}. Which genes were chosen matters little."
    better = [f for f in learned.others(joined, head) if f.estimate[0] > head.estimate[0]]
    if published := [f for f in better if learned.is_published(f)]:
        best = max(published, key=lambda f: f.estimate[0])
        yield (7.5, "A published signature predicts better", f"{best.identity.model}: {best.identity.measure} "
               f"{phrases.value(best)} in the same samples; the difference is not tested.")  # fmt: skip
    if clinical := [f for f in better if f.identity.model == "clinical"]:
        said = f"{clinical[0].identity.measure} {phrases.value(clinical[0])} in the same samples"
        yield 8, "The clinical model predicts better", f"{said}; the signature alone is compared."
    several = candidates(joined.findings.all).get(MODEL, [])
    if joined.findings.chosen != "declared" and len(several) > 1:
        yield (7, "Several models were tried", f"{plural(len(several), 'validation')} are reported; the first in the "
               "study file is shown here, not the best.")  # fmt: skip


def _strata(head: Finding) -> Iterator[Caveat]:
    if head.identity.scope == "unstratified":
        yield (
            7,
            "The cohorts are pooled without strata",
            "Differences between cohorts are confounded with the marker.",
        )


def _cohorts_disagree(joined: Joined, head: Finding) -> Iterator[Caveat]:
    cohorts = joined.findings.cohorts(head)
    pooled = next((f for f in joined.findings.analysis(head) if f.identity.scope == "random"), None)
    if len(cohorts) < 2:
        return
    first, last = (pick(cohorts, key=lambda f: f.hr[0]) for pick in (max, min))
    ends = (
        f"From HR {phrases.hr_short(first)} in {phrases.cohort(first)} to {phrases.hr_short(last)} in "
        f"{phrases.cohort(last)}"
    )
    i2 = as_number(get(pooled.row, "i2")) if pooled else math.nan
    spread = f"; I² {i2:.0f}%" if i2 == i2 else ""
    if pooled is not None and pooled.excludes_one != head.excludes_one:
        holds = "includes" if not pooled.excludes_one else "excludes"
        yield (
            10,
            "The cohorts disagree",
            f"{ends}{spread}. The random-effects interval {holds} 1: the pooled effect "
            "need not hold in another cohort.",
        )
        return
    against = [f for f in cohorts if (f.hr[0] > 1) != (head.hr[0] > 1)]
    clear = [f for f in against if f.excludes_one]
    if clear or (i2 == i2 and i2 >= LARGE_I2):
        yield (9, "The cohorts disagree", f"{ends}{spread}. One pooled number does not describe them all.")
    elif against:
        yield (2.5, "Not all cohorts point the same way", f"{ends}{spread}.")


def _adjustment(joined: Joined, head: Finding) -> Iterator[Caveat]:
    if head.identity.adjusted_for:
        return
    same = [
        f
        for f in joined.findings.question(head)
        if f.identity.adjusted_for
        and (f.identity.term, f.identity.scope, f.identity.method, f.identity.contrast)
        == (head.identity.term, head.identity.scope, head.identity.method, head.identity.contrast)
    ]
    other = [f for f in joined.findings.question(head) if f.identity.adjusted_for and f.hr]
    if not same and other:
        told = "This comparison is not adjusted for other variables; adjusted models are among all analyses."
        if alike := [f for f in other if f.identity.scope == head.identity.scope]:
            most = max(alike, key=lambda f: len(f.identity.adjusted_for))
            names = most.step.declared.variables(most.identity.adjusted_for)
            what = "the continuous marker" if most.identity.contrast == "continuous" else "another comparison"
            told = (
                "This comparison is not adjusted for other variables. "
                f"Adjusted for {names} is {phrases.hr(most)} of {what}."
            )
        yield 4, "Adjusted in another form only", told
        return
    if not same:
        yield (
            5,
            "Not adjusted",
            "No model of this endpoint adjusts for other variables: whether the marker adds to them is not known.",
        )
        return
    most = max(same, key=lambda f: len(f.identity.adjusted_for))
    alone = joined.findings.unadjusted(most)
    names = most.step.declared.variables(most.identity.adjusted_for)
    of = (
        f"{phrases.hr(most)}, {phrases.p(most)}, adjusted for {names} in {plural(most.n, 'sample')} "
        f"({phrases.events(most)})"
    )
    before = f"; {phrases.hr(alone)} unadjusted in the same samples" if alone else ""
    if head.excludes_one and not most.excludes_one:
        yield 8, "Not clear after adjustment", f"{of}{before}."
    elif alone is not None and abs(math.log(alone.hr[0] / most.hr[0])) > CHANGED:
        yield 6, _changed(most, alone), f"{of}{before}."
    elif most.n < 0.8 * head.n:
        yield 4, "Adjustment covers only some of the samples", f"{of}{before}."


def _changed(adjusted: Finding, alone: Finding) -> str:
    """How adjustment changed a hazard ratio in the same samples; a direction only if one of the two is clear."""
    if not adjusted.excludes_one and not alone.excludes_one:
        return "Changed by adjustment, clear in neither model"
    if (adjusted.hr[0] > 1) != (alone.hr[0] > 1):
        return "In the opposite direction after adjustment"
    weaker = abs(math.log(adjusted.hr[0])) < abs(math.log(alone.hr[0]))
    return f"{'Weaker' if weaker else 'Stronger'} after adjustment"


def _endpoint(joined: Joined, head: Finding) -> Iterator[Caveat]:
    if head.step.declared.event_words(head.identity.endpoint) == "the event":
        what = head.step.declared.definition(head.identity.endpoint)
        yield (
            8.5,
            "The event is not named",
            what
            or "The study does not state what the event is: the size of the "
            "effect cannot be compared with that on a known endpoint.",
        )


def _hazards(head: Finding) -> Iterator[Caveat]:
    tests = [
        get(r, "p_value")
        for r in records(head.step.frame("cox_ph"))
        if all(label(get(r, n)) == label(get(head.row, n)) for n in ("model", "term"))
    ]
    if tests and as_number(tests[0]) < ALPHA:
        yield (
            7.5,
            "The hazard ratio changes over time",
            f"Test of proportional hazards: {p_phrase(tests[0])}. The one number is an average over the follow-up.",
        )


def _cutpoint(joined: Joined, head: Finding) -> Iterator[Caveat]:
    if head.identity.contrast == "continuous" or head.identity.term not in cuts(joined.steps):
        return
    for row in (
        r
        for s in joined.of("cutpoint")
        if label(s.parameters.get("name")) == head.identity.term
        for r in records(s.frame("cutpoint_table"))
    ):
        if label(get(row, "policy")) == "searched":
            p = get(row, "p_corrected")
            said = f"{sentence_case(p_phrase(p))} after correction for the search. " if not is_absent(p) else ""
            yield (9.5, "The cutpoint was searched for in the outcome", f"{said}The hazard ratio is too extreme.")


def _interactions(joined: Joined, head: Finding) -> Iterator[Caveat]:
    terms = joined.findings.terms
    for step in joined.of("cox"):
        for row in records(step.frame("cox_table")):
            parts = label(get(row, "term")).split(":")
            others = [p for p in parts if p not in terms]
            ours = len(parts) == 2 and len(others) == 1 and get(row, "row_type") == "omnibus"
            if (
                ours
                and label(get(row, "endpoint")) == head.identity.endpoint
                and as_number(get(row, "p_value")) < ALPHA
            ):
                name = step.declared.variable(others[0])
                yield (
                    6.5,
                    f"The effect may depend on {name[:1].lower() + name[1:]}",
                    f"Interaction: {p_phrase(get(row, 'p_value'))}, not corrected for the number of tests.",
                )


def _events(joined: Joined, head: Finding) -> Iterator[Caveat]:
    if head.events < 5 * FEW:
        yield 7, "Few events", f"{sentence_case(phrases.events(head))} in all: the estimate is imprecise."
    few = [f for f in joined.findings.cohorts(head) if f.events < 2 * FEW]
    if few:
        said = join_words(f"{f.events:.0f} in {phrases.cohort(f)}" for f in few[:4])
        more = f" and {len(few) - 4} more cohorts" if len(few) > 4 else ""
        yield 4.5, "Few events per cohort", f"{said}{more}: single cohorts can show large effects only."


def _patients(joined: Joined) -> Iterator[Caveat]:
    said = [text for s in joined.steps for code, text in said_by(s, "warnings") if code in DOUBLED]
    if said:
        yield 5.5, "Some patients may count twice", f"{sentence_case(said[0].partition('; ')[0])}."
