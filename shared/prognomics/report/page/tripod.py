"""TRIPOD's items where a prediction model is offered (doi 10.7326/M14-0697); the wording is this project's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prognomics.report.page.blocks import Section
from prognomics.report.page.cells import Cell, get, label, records, view
from prognomics.report.page.checklist import AUTHORS, PART, RUN, Answer, remark_answers, variables_of
from prognomics.report.page.checks import validated
from prognomics.report.page.remark_items import PLACES
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import join_words

# number, part, what it asks for, REMARK's item that answers it (0: none), what the run says itself
ITEMS = (
    ("1", "Title", "says that a model is developed or validated, for whom and for which outcome", 0, AUTHORS, ""),
    ("2", "Abstract", "a structured summary", 0, AUTHORS, "What it must hold is under Key findings."),
    ("3", "Introduction", "the medical context, existing models, the aims", 1, PART, ""),
    ("4", "Methods", "source of data, and when patients were included and followed", 6, PART, ""),
    ("5", "Methods", "setting, who was eligible, treatments", 2, PART, ""),
    ("6", "Methods", "the outcome, how and when it was assessed, blinding", 7, PART, ""),
    ("7", "Methods", "the predictors, how and when they were measured, blinding", 8, PART, ""),
    ("8", "Methods", "how the sample size came about", 9, PART, ""),
    ("9", "Methods", "how missing values were handled", 0, RUN,
     "Samples that lack a variable of a model are left out of it, and counted."),
    ("10", "Methods", "how the model was built and measured", 10, RUN, ""),
    ("11", "Methods", "how risk groups were made, if any", 11, PART, ""),
    ("12", "Methods", "how development and validation data differ", 0, AUTHORS, ""),
    ("13", "Results", "flow of participants, their characteristics and missing values", 12, PART, ""),
    ("14", "Results", "participants and events in each analysis, unadjusted associations", 15, RUN, ""),
    ("15", "Results", "the whole model: all coefficients, the baseline survival, how to use it", 0, AUTHORS, ""),
    ("16", "Results", "performance with intervals", 0, RUN, "Discrimination, accuracy and calibration."),
    ("17", "Results", "model updating, if done", 0, RUN, "None was done."),
    ("18", "Discussion", "limitations", 19, PART, ""),
    ("19", "Discussion", "what the results mean, beside other evidence", 0, AUTHORS, ""),
    ("20", "Discussion", "clinical use, further research", 20, AUTHORS, ""),
    ("21", "Other", "supplementary material, such as protocol, data, a calculator", 0, RUN,
     "Study file, records and tables, as files beside this page."),
    ("22", "Other", "funding and the role of funders", 0, AUTHORS, ""),
)  # fmt: skip
OWN = {"9": ["methods", "messages"], "16": ["evaluation"], "21": ["provenance"]}


def _data(steps: list[Step], joined: Joined) -> Answer:
    left = [r for s in steps for r in records(s.frame("evaluation_table"))
            if label(get(r, "validation")) == "leave_one_cohort_out"]  # fmt: skip
    if left:
        said = "Each cohort was predicted by a model of the others: how their settings differ is to be described."
        return PART, said, ["evaluation", "cohorts"]
    if validated(joined):
        return PART, "The same samples, resampled by bootstrap; there are no data of another setting.", ["evaluation"]
    return AUTHORS, "The model was judged on its own data only.", []


def _whole_model(steps: list[Step], joined: Joined) -> Answer:
    """Whether the coefficients of the model that was judged stand in a Cox model of the same variables."""
    nomogram = any(s.frame("nomogram_table") is not None for s in steps)
    mine = [set(variables_of(s)) for s in steps]
    fitted = [s for s in joined.of("cox") if s.frame("cox_table") is not None and set(variables_of(s)) in mine
              and s.parameters.get("model") != "univariable" and not s.cohort]  # fmt: skip
    said = ["The points and risks of the nomogram let others use the model."] if nomogram else []
    baseline = any(s.frame("cox_baseline") is not None for s in fitted)
    if fitted:
        said.append(f"Its hazard ratios stand in the Cox models{', with the baseline survival' if baseline else ''}.")
    if not said:
        return AUTHORS, "Make it with evaluate_model --out-nomogram, or with cox of the same variables and " \
            "--out-coefficients --out-baseline.", []  # fmt: skip
    return (RUN if nomogram or baseline else PART), " ".join(said), ["cox", "evaluation"]


_ANSWERS: dict[str, Callable[[list[Step], Joined], Answer]] = {"12": _data, "15": _whole_model}


def tripod_section(study: Mapping[str, Any], joined: Joined, present: set[str]) -> Section | None:
    """The checklist; None where no model was evaluated."""
    steps = [s for s in joined.of("evaluate_model") if s.tables or s.plots]
    if not steps:
        return None
    section = Section("tripod", "TRIPOD checklist")
    section.say("A model is offered here, so the 22 items of TRIPOD, for prediction models, apply as well.")
    remark = remark_answers(study, joined)
    body = []
    for number, part, item, from_remark, best, own in ITEMS:
        status, said, where = best, own, OWN.get(number, [])
        if number in _ANSWERS:
            status, said, where = _ANSWERS[number](steps, joined)
        elif from_remark:
            found, words, where = remark[from_remark - 1]
            status = AUTHORS if AUTHORS in (found, best) and not own else PART if PART in (found, best) else best
            said = " ".join(filter(None, [own, words]))
        links = [(place, PLACES.get(place, place)) for place in where if place in present]
        body.append([Cell(number, kind="head"), *map(Cell, (part, item, status, said or "–")), Cell("", links=links)])
    counts = [f"{sum(row[3].text == status for row in body)} {status}" for status in (RUN, PART, AUTHORS)]
    section.say(f"Of the 22 items: {join_words(counts)}.")
    heads = ["Item", "Part", "Asks for", "Answered", "What the run says", "Where"]
    section.show(view("TRIPOD, item by item.", heads, body))
    return section
