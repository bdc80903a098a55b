"""What a page may hold: figures and tables before the fold, and bytes of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prognomics.report.page.blocks import Block, Section
from prognomics.report.results.joining import Joined
from prognomics.report.results.names import file_name

FIGURES, TABLES = 6, 4  # of the main results, the first screen's figures among them
PICTURES = 120_000  # bytes of plots of tools; those that the page draws itself do not count
FIRST = ("summary", "doubts", "cohorts", "analyses", "signatures", "each-cohort", "adjusted", "subgroups", "genes")
FIGURE_KINDS = ("figure", "curves", "drawings", "genes", "panels")


def fold(main: Sequence[Section], first_figures: int) -> tuple[list[Section], list[Section]]:
    """The main results within the limits in their order, and those that are folded for lack of room."""
    figures, tables, kept = first_figures, 0, set()
    order = sorted(main, key=lambda s: FIRST.index(s.id) if s.id in FIRST else len(FIRST))
    for section in order:
        more_figures, more_tables = counted(section)
        if section.id == "summary" or (figures + more_figures <= FIGURES and tables + more_tables <= TABLES):
            kept.add(section.id)
            figures, tables = figures + more_figures, tables + more_tables
    return [s for s in main if s.id in kept], [s for s in main if s.id not in kept]


def counted(section: Section) -> tuple[int, int]:
    """The figures and tables of a section."""
    figures = sum(b.kind in FIGURE_KINDS or (b.table is not None and b.table.figure) for b in section.blocks)
    return figures, sum(b.table is not None and not b.table.figure for b in section.blocks)


def within_size(sections: Sequence[Section], joined: Joined) -> None:
    """Replace plots beyond the limit by a sentence that names their file; those of single cohorts first."""
    steps = {s.number: s for s in joined.steps}
    found = [(section, place) for section in sections for place, b in enumerate(section.blocks) if b.kind == "figure"]

    def of_cohort(at: tuple[Section, int]) -> bool:
        numbers = at[0].blocks[at[1]].steps
        return any(steps[n].scope == "per_cohort" for n in numbers if n in steps)

    used = 0
    for section, place in sorted(found, key=of_cohort):
        block = section.blocks[place]
        used += len(block.src)
        if used > PICTURES:
            used -= len(block.src)
            section.blocks[place] = _named(block, [file_name(steps[n], "plot") for n in block.steps if n in steps])


def _named(block: Block, names: Sequence[str]) -> Block:
    where = f"in the archive of this report ({names[0]})" if names else "among the files that this report was made of"
    text = f"{block.text.rstrip('.')}: the figure is {where}; the page is limited in size."
    return replace(block, kind="note", text=text, src="", alt="")
