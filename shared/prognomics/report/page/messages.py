"""Caveats and warnings: the limits that the study states, and what the tools warned of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, step_title
from prognomics.report.page.cells import Cell, view
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import clean_text, sentence_case

WARNINGS = {
    "few-events-per-variable": "Too few events for the number of variables: estimates may be imprecise",
    "few-events": "Few events: estimates may be imprecise",
    "not-estimable": "Hazard ratios that cannot be estimated",
    "cohorts-not-stratified": "Cohorts analyzed as one: their differences are confounded with the marker",
    "non-proportional-hazards": "Hazard ratios that change over time: one number does not describe them",
    "look-alike-characters": "Names with invisible or look-alike characters, which match no name without them",
    "look-alike-names": "Different names that look the same",
    "zero-times": "Follow-up times of zero",
    "competing-events": "Competing events are taken as censored",
    "event-codes-suspect": "Endpoints without censored samples",
    "no-competing-events": "No competing events: methods for them equal those without",
    "contradicting-outcome": "Times and statuses that contradict each other",
    "time-unit-suspect": "Follow-up times that may be in another unit",
    "nearly-confounded": "A variable that is nearly the same as the cohort",
    "nested-in-cohorts": "A variable that differs only between cohorts",
    "few-controls": "Few control samples",
    "few-cases": "Few case samples",
    "partly-nested": "A variable that takes a single value in some cohorts",
    "leave-one-out-p": "Classes that were fitted to the outcome: their p-value is too small",
    "signature-coverage": "Genes of a signature that were not found",
    "cohort-not-pooled": "Cohorts without an estimate",
    "few-common-genes": "Cohorts with few genes in common",
    "no-group": "Samples without a group",
    "not-converged": "A model that did not converge",
    "single-cohort": "Only one cohort contributes",
    "samples-without-expression": "Samples without expression values",
    "samples-without-sheet": "Samples that the sample sheet lacks",
    "samples-matched": "Samples that only the sheet or only the matrix has",
    "samples-without-values": "Samples without any value",
    "tally-rows": "Tallies of reads among the genes, removed",
    "spreadsheet-names": "Gene symbols that a spreadsheet changed",
    "mixed-row-names": "Rows named by another kind of identifier",
    "column-unlike-others": "Columns that may not be samples",
    "row-unlike-others": "Rows that may be totals",
    "repeated-rows": "Symbols on several rows",
    "ensembl-ids": "Ensembl ids without gene symbols",
    "z-scores": "Values that were scaled within their study",
    "source-file-missing": "A file of the source that did not come",
    "genes-not-named": "A feature map without genes: its source failed",
    "patients-named-as-samples": "Patients that are named by sample ids",
    "signature-description": "Gene sets without a description",
}
MOST = 4  # steps named before the others are counted


def doubt_section(study: Mapping[str, Any], joined: Joined) -> Section:
    """The limits that the study states and the warnings that its tools gave, by kind."""
    section = Section("doubts", "Caveats and warnings")
    limits = study.get("limits")
    said = [("", clean_text(limit)) for limit in (limits if isinstance(limits, list) else [limits] if limits else [])]
    if study.get("pooling"):
        said.append(("Why cohorts are pooled", clean_text(study["pooling"])))
    section.list(said)
    found: dict[str, list[tuple[Step, str]]] = {}
    for step in joined.steps:
        for code, text in said_by(step, "warnings"):
            found.setdefault(code, []).append((step, text))
    body = []
    for code, given in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        where = list(dict.fromkeys(step_title(step) for step, _ in given))
        shown = "; ".join(where[:MOST]) + (f"; and {len(where) - MOST} more" if len(where) > MOST else "")
        words = WARNINGS.get(code) or sentence_case(code.replace("-", " ")) or "Warning"
        body.append([cells.head(words, title=code), cells.count(len(given)), Cell(shown, "; ".join(where)),
                     Cell(given[0][1])])  # fmt: skip
    if body:
        heads = ["Warning", "Times", "Where", "For example"]
        section.show(view("Warnings of the tools, by kind; in full further below.", heads, body))
    else:
        section.say("The tools gave no warning.")
    return section


def messages_section(joined: Joined) -> Section | None:
    """Every warning and note, word for word; None where nothing was said."""
    body = []
    for step in joined.steps:
        said = [("warning", *s) for s in said_by(step, "warnings")] + [("note", *s) for s in said_by(step, "notes")]
        for place, (kind, code, text) in enumerate(said):
            first = f"{step.number}. {step_title(step)}" if place == 0 else ""
            body.append([Cell(first, kind="head"), Cell(kind), Cell(code.replace("-", " ")), Cell(text)])
    if not body:
        return None
    section = Section("messages", "Warnings and notes of every step")
    section.show(view("Warnings and notes of each step, in full.", ["Step", "Kind", "About", "Text"], body))
    return section


def said_by(step: Step, kind: str) -> list[tuple[str, str]]:
    """(code, text) of a record's warnings or notes."""
    found = step.record.get(kind)
    listed = found if isinstance(found, list) else []
    return [(clean_text(w.get("code")), clean_text(w.get("text"))) for w in listed if isinstance(w, dict)]
