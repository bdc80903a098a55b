"""Sections of tools whose tables need no layout of their own, and tables that no section lays out."""

from __future__ import annotations

from collections.abc import Container

from prognomics.report.page.blocks import Section, caption, section_of_tool, step_title
from prognomics.report.page.cells import LONGEST, generic_view
from prognomics.report.page.declared import artifact_help, artifact_rows, artifact_title
from prognomics.report.page.messages import said_by
from prognomics.report.page.validation import validation_view
from prognomics.report.results.headline import VALIDATIONS
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import sentence_case

OF_SCREEN = 20


def further_sections(joined: Joined, laid_out: Container[str]) -> list[Section]:
    """The sections that specs state and for which the page has no layout, in the order of the steps."""
    tools: dict[str, list[Step]] = {}
    for step in joined.steps:
        if step.in_report.section and step.in_report.section not in laid_out and (step.tables or step.plots):
            tools.setdefault(step.tool, []).append(step)
    return [_section(tool, steps) for tool, steps in tools.items()]


def _section(tool: str, steps: list[Step]) -> Section:
    section = section_of_tool(tool)
    for step in steps:
        section.heading(sentence_case(step_title(step)))
        section.list([("", f"{text}.".replace("..", ".")) for _, text in said_by(step, "notes")])
        for picture in step.plots:
            what = f"Plot of {step_title(step)}"
            section.figure(picture, caption(step, what), what, step)
        show_tables(section, step)
    return section


def show_tables(section: Section, step: Step, known: Container[str] = ()) -> None:
    """Every table of a step but those of the kinds `known`."""
    for kind, table in ((kind, table) for kind, table in step.tables if kind not in known):
        if not len(table.frame):
            section.note(f"{artifact_title(kind)}: no rows.")
            continue
        longest = artifact_rows(kind)
        if not longest:  # with one row per gene or point of a curve it is whole in its file
            longest = OF_SCREEN if len(table.frame) > 500 else LONGEST
        if about := artifact_help(kind):
            section.note(about)
        title = caption(step, artifact_title(kind))
        laid_out = validation_view(table.frame, title) if kind in VALIDATIONS else None
        section.show(laid_out or generic_view(table.frame, title, longest), step)
