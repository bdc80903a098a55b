"""TRIPOD's items where a prediction model is offered (doi 10.7326/M14-0697); the wording is this project's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page.blocks import Section
from prognomics.report.page.cells import Cell, view
from prognomics.report.page.checklist import AUTHORS, PART, PLACES, RUN, remark_answers
from prognomics.report.page.joining import Joined
from prognomics.report.wording import join_words

# number, part, what it asks for, REMARK's item that answers it (0: none), what the run says itself
ITEMS = (
    ("1", "Title", "says that a model is developed or validated, for whom and for which outcome", 0, AUTHORS, ""),
    ("2", "Abstract", "a structured summary", 0, AUTHORS, "What it must hold stands under In short."),
    ("3", "Introduction", "the medical context, existing models, the aims", 1, PART, ""),
    ("4", "Methods", "source of data, and when patients were included and followed", 6, PART, ""),
    ("5", "Methods", "setting, who was eligible, treatments", 2, PART, ""),
    ("6", "Methods", "the outcome, how and when it was assessed, blinding", 7, PART, ""),
    ("7", "Methods", "the predictors, how and when they were measured, blinding", 8, PART, ""),
    ("8", "Methods", "how the sample size came about", 9, PART, ""),
    ("9", "Methods", "how missing values were handled", 10, RUN, "Samples that lack a variable are left out, counted."),
    ("10", "Methods", "how the model was built and measured", 10, RUN, ""),
    ("11", "Methods", "how risk groups were made, if any", 11, PART, ""),
    ("12", "Methods", "how development and validation data differ", 0, PART,
     "Cohorts left out in turn: their differences in setting are to be described."),
    ("13", "Results", "flow of participants, their characteristics and missing values", 12, PART, ""),
    ("14", "Results", "participants and events in each analysis, unadjusted associations", 15, RUN, ""),
    ("15", "Results", "the whole model: all coefficients, the baseline survival, how to use it", 0, PART,
     "Coefficients are in the Cox models; the baseline survival must be given for others to use it."),
    ("16", "Results", "performance with intervals", 0, RUN, "Discrimination, accuracy and calibration."),
    ("17", "Results", "model updating, if done", 0, RUN, "None was done."),
    ("18", "Discussion", "limitations", 19, PART, ""),
    ("19", "Discussion", "what the results mean, beside other evidence", 0, AUTHORS, ""),
    ("20", "Discussion", "clinical use, further research", 20, AUTHORS, ""),
    ("21", "Other", "supplementary material, such as protocol, data, a calculator", 0, RUN,
     "Study file, records and tables are in the RO-Crate."),
    ("22", "Other", "funding and the role of funders", 0, AUTHORS, ""),
)  # fmt: skip
OWN = {"16": ["evaluation"], "15": ["cox"], "12": ["evaluation"]}


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
        if from_remark:
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
