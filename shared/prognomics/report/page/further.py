"""Sections of tools whose tables need no layout of their own, and tables that no section lays out."""

from __future__ import annotations

from prognomics.report.page.blocks import Section, caption, step_title
from prognomics.report.page.cells import LONGEST, generic_view
from prognomics.report.page.declared import artifact_help, artifact_title
from prognomics.report.page.messages import said_by
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import sentence_case

SECTIONS = {  # tool: id and title of its section
    "score_signature": ("scores", "Scores of the signature"),
    "competing_risks": ("competing", "Competing risks"),
}
PER_SAMPLE = ("cox_residuals", "cox_schoenfeld", "cox_baseline", "scores", "incidence_curve",
              "annotation", "raw_samples", "sample_sheet", "feature_map")  # fmt: skip
A_FEW = 8
OF_SCREEN = 20


def further_section(joined: Joined, tool: str) -> Section | None:
    """The section of one of these tools; None where it did not run."""
    steps = [s for s in joined.of(tool) if s.tables or s.plots]
    if not steps:
        return None
    section = Section(*SECTIONS[tool])
    for step in steps:
        section.heading(sentence_case(step_title(step)))
        section.list([("", f"{text}.".replace("..", ".")) for _, text in said_by(step, "notes")])
        for picture in step.plots:
            what = f"Plot of {step_title(step)}"
            section.figure(picture, caption(step, what), what, step)
        show_tables(section, step)
    return section


def show_tables(section: Section, step: Step, known: tuple[str, ...] = ()) -> None:
    """Every table of a step but those of the kinds `known`."""
    for kind, table in ((kind, table) for kind, table in step.tables if kind not in known):
        longest = LONGEST
        if kind in PER_SAMPLE:
            longest = A_FEW
        elif len(table.frame) > 500:  # a row a gene or a point of a curve: whole in its file
            longest = OF_SCREEN
        if about := artifact_help(kind):
            section.note(about)
        section.show(generic_view(table.frame, caption(step, artifact_title(kind)), longest), step)
