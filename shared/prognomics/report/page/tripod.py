"""TRIPOD+AI's items where a prediction model is offered: answered from findings, or left to the authors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prognomics.report.page.blocks import Section
from prognomics.report.page.cells import Cell, get, label, records, view
from prognomics.report.page.checklist import AUTHORS, PART, RUN, Answer, list_variables, remark_answers
from prognomics.report.page.remark_items import name_of_place
from prognomics.report.page.tripod_items import ITEMS, NUMBER
from prognomics.report.page.tripod_learned import ANSWERS as LEARNED
from prognomics.report.results.findings import Finding
from prognomics.report.results.joining import Joined, Step, list_outputs
from prognomics.report.results.tools import fits_models
from prognomics.report.wording import as_number, join_words, plural
from prognomics.spec.in_report import OTHER


def offering(joined: Joined) -> list[Step]:
    """The steps that offer, evaluate or apply a model for prediction."""
    return [
        s
        for s in joined.steps
        if (fits_models(s.tool) and any(kind == "model" for kind, _ in list_outputs(s.record)))
        or (s.has("offers_model") and (s.tables or s.plots))
    ]


def tripod_section(study: Mapping[str, Any], joined: Joined, present: set[str]) -> Section | None:
    """The checklist; None where no model is offered."""
    steps = offering(joined)
    if not steps:
        return None
    section = Section("tripod", "TRIPOD+AI checklist")
    section.say(f"A model is offered here, so the {NUMBER} items of TRIPOD+AI, for prediction models, apply as well.")
    body = []
    for (number, part, item, _), (status, said, where) in zip(ITEMS, tripod_answers(study, joined), strict=True):
        links = [(place, name_of_place(place, joined)) for place in where if place in present]
        if status != AUTHORS and where and not links:
            status = AUTHORS  # what would answer it is not on the page
        body.append([Cell(number, kind="head"), *map(Cell, (part, item, status, said or "–")), Cell("", links=links)])
    counts = [f"{sum(row[3].text == status for row in body)} {status}" for status in (RUN, PART, AUTHORS)]
    section.say(f"Of their {len(ITEMS)} parts: {join_words(counts)}.")
    heads = ["Item", "Part", "Asks for", "Answered", "From the run", "Where"]
    section.show(view("TRIPOD+AI, item by item.", heads, body))
    return section


def tripod_answers(study: Mapping[str, Any], joined: Joined) -> list[Answer]:
    """(status, text, sections) for each part of the items, in their order."""
    steps, remark = offering(joined), remark_answers(study, joined)
    made = []
    for number, _, _, from_remark in ITEMS:
        learned = LEARNED[number](steps, joined) if number in LEARNED else None
        if learned is not None:
            made.append(learned)
        elif number in _ANSWERS:
            made.append(_ANSWERS[number](steps, joined))
        elif from_remark:
            status, said, where = remark[from_remark - 1]
            made.append((PART if status == RUN else status, said, where))
        else:
            made.append((AUTHORS, "", []))
    return made


def _places(steps: Sequence[Step]) -> list[str]:
    return list(dict.fromkeys(s.in_report.section or OTHER for s in steps))


def _performance(steps: Sequence[Step], joined: Joined) -> list[Finding]:
    numbers = {s.number for s in steps}
    return [f for f in joined.findings.all if f.step.number in numbers and f.place[0] in (
        "evaluation_table", "signature_validation", "model_validation", "odds_model")]  # fmt: skip


def _of_performance(steps: Sequence[Step], joined: Joined) -> list[Step]:
    numbers = {f.step.number for f in _performance(steps, joined)}
    return [s for s in steps if s.number in numbers]


def _missing(steps: Sequence[Step], joined: Joined) -> Answer:
    if any(s.parameters.get("impute") for s in steps):
        return RUN, "Covariates were imputed; models of complete cases are reported next to them.", ["methods", "cox"]
    return RUN, "Samples that lack a variable of a model are omitted from it and counted.", ["methods", "messages"]


def _division(steps: Sequence[Step], joined: Joined) -> Answer:
    found = _performance(steps, joined)
    said = []
    if any(label(get(f.row, "validation")) == "leave_one_cohort_out" for f in found):
        said.append("each cohort was predicted by a model of the others")
    if any(f.identity.scope == "corrected for optimism" for f in found):
        said.append("the same samples, resampled by bootstrap")
    if held := [f for f in found if f.place[0] == "signature_validation" and f.identity.cohort]:
        names = list(dict.fromkeys(f.identity.cohort for f in held))
        shown = join_words(names) if len(names) <= 8 else plural(len(names), "part")
        said.append(f"the signature was derived without {shown}, and evaluated there")
    if any(s.tool == "apply_model" for s in steps):
        said.append("a locked model was applied unchanged to samples that had no part in it")
    if not said:
        return AUTHORS, "The model was evaluated on its own data only." if found else "", []
    text = "; ".join(said)
    return RUN, f"{text[:1].upper()}{text[1:]}.", _places(_of_performance(steps, joined))


def _building(steps: Sequence[Step], joined: Joined) -> Answer:
    fitted = [s for s in steps if s.in_report.model]
    if not fitted:
        return AUTHORS, "", []
    said = list(dict.fromkeys(s.in_report.model for s in fitted))
    return RUN, f"{join_words(said).capitalize()}; every parameter is listed.", ["methods", "provenance"]


def _clusters(steps: Sequence[Step], joined: Joined) -> Answer:
    stratified = [s for s in steps if s.scope == "stratified"]
    if stratified:
        return RUN, f"Stratified by {stratified[0].strata}.", ["methods"]
    return AUTHORS, "The models are not stratified by cohort.", []


def _measures(steps: Sequence[Step], joined: Joined) -> Answer:
    names = list(dict.fromkeys(f.identity.measure for f in _performance(steps, joined)))
    if not names:
        return AUTHORS, "No measure of performance was calculated: run evaluate_model or apply_model.", []
    return RUN, f"{join_words(names)}.", ["methods", *_places(_of_performance(steps, joined))]


def _updating(steps: Sequence[Step], joined: Joined) -> Answer:
    return RUN, "The model was not updated.", []


def _prediction(steps: Sequence[Step], joined: Joined) -> Answer:
    if any(s.tool == "apply_model" or s.listed("model") for s in steps if s.tool in ("apply_model", "evaluate_model")):
        return RUN, "By the coefficients of the locked model, unchanged.", ["methods", "provenance"]
    return AUTHORS, "No model of another study was evaluated.", []


def _balance(steps: Sequence[Step], joined: Joined) -> Answer:
    for step in (s for s in steps if s.listed("outcome_column")):
        for row in records(step.frame("odds_model"))[:1]:
            n, events = as_number(get(row, "n")), as_number(get(row, "events"))
            said = f"{plural(events, 'event')} of {plural(n, 'sample')}"
            return PART, f"{said}; classes were not reweighted.", ["logistic"]
    return RUN, "Classes were not reweighted or resampled.", []


def _code(steps: Sequence[Step], joined: Joined) -> Answer:
    return PART, "The study file, its records and the versions of the software are in the archive of this report; " \
        "where it is deposited is to be stated.", ["provenance"]  # fmt: skip


def _analyses(steps: Sequence[Step], joined: Joined) -> Answer:
    numbers = {s.number for s in steps}
    sizes = [(f.n, f.events) for f in joined.findings.all if f.step.number in numbers and f.n == f.n]
    if not sizes:
        return AUTHORS, "", []
    least, most = min(sizes), max(sizes)
    said = (
        f"{plural(most[0], 'sample')} with {plural(most[1], 'event')}"
        if most[1] == most[1]
        else plural(most[0], "sample")
    )
    more = "" if least == most else f"; the smallest analysis has {plural(least[0], 'sample')}"
    return RUN, f"{said}{more}; n and events are given with each estimate.", _places(steps)


def _whole_model(steps: Sequence[Step], joined: Joined) -> Answer:
    """Whether the coefficients of the model are at hand: locked, as a nomogram, or in a Cox model of its variables."""
    locked = [s for s in steps if any(kind == "model" for kind, _ in list_outputs(s.record))]
    if locked:
        return RUN, "The locked model is a file of its own, which apply_model applies to other samples.", ["provenance"]
    said = ["The points and risks of the nomogram let others use the model."] if any(
        s.frame("nomogram_table") is not None for s in steps) else []  # fmt: skip
    mine = [set(list_variables(s)) for s in steps]
    fitted = [s for s in joined.of("cox") if s.frame("cox_table") is not None and set(list_variables(s)) in mine
              and s.parameters.get("model") != "univariable" and not s.cohort]  # fmt: skip
    baseline = any(s.frame("cox_baseline") is not None for s in fitted)
    if fitted:
        said.append(f"Its hazard ratios are in the Cox models{', with the baseline survival' if baseline else ''}.")
    if not said:
        return AUTHORS, "Make it with --out-fitted of cox, logistic or learn_signature, or with evaluate_model " \
            "--out-nomogram.", []  # fmt: skip
    return (RUN if len(said) > len(fitted[:1]) or baseline else PART), " ".join(said), ["cox", "evaluation"]


def _results(steps: Sequence[Step], joined: Joined) -> Answer:
    found = [f for f in _performance(steps, joined) if f.estimate[1] == f.estimate[1]]
    if not found:
        lacking = "Measures have no interval." if _performance(steps, joined) else ""
        return (PART, lacking, _places(_of_performance(steps, joined))) if lacking else (AUTHORS, "", [])
    names = list(dict.fromkeys(f.identity.measure for f in found))
    return PART, f"{join_words(names)}, with intervals; performance in groups of people is to be added.", \
        _places(_of_performance(steps, joined))  # fmt: skip


def _between(steps: Sequence[Step], joined: Joined) -> Answer:
    found = [f for f in _performance(steps, joined) if f.identity.cohort]
    names = list(dict.fromkeys(f.identity.cohort for f in found))
    if len(names) < 2:
        return AUTHORS, "Performance was not estimated by cohort.", []
    return (
        RUN,
        f"By {plural(len(names), 'cohort or part', 'cohorts or parts')}.",
        _places(_of_performance(steps, joined)),
    )


_ANSWERS: dict[str, Callable[[Sequence[Step], Joined], Answer]] = {
    "11": _missing, "12a": _division, "12c": _building, "12d": _clusters, "12e": _measures, "12f": _updating,
    "12g": _prediction, "13": _balance, "18f": _code, "21": _analyses, "22": _whole_model, "23a": _results,
    "23b": _between, "24": _updating,
}  # fmt: skip
