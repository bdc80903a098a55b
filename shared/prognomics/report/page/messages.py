"""Caveats and warnings: the limits that the study states, and what the tools warned of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, step_title
from prognomics.report.page.cells import Cell, view
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import clean_text
from prognomics.warning_codes import title_of, warning_codes

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
        listed = warning_codes().get(code)
        body.append([cells.head(title_of(code), title=code), cells.count(len(given)), Cell(shown, "; ".join(where)),
                     Cell(given[0][1]), Cell(listed.action if listed else "")])  # fmt: skip
    if body:
        heads = ["Warning", "Times", "Where", "For example", "What to do"]
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
