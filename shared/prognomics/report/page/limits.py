"""What a page may hold: figures and tables before the fold, and bytes of pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from prognomics.report.page.blocks import Block, Section
from prognomics.report.results.joining import Joined
from prognomics.report.results.names import file_name
from prognomics.report.results.rows import label

FIGURES, TABLES = 6, 4  # of the main results, the first screen's figures among them
PAGE, PAGE_WITH_GENES = 385_000, 2_900_000  # bytes up to which plots of tools are part of the page
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


def list_pictures(sections: Sequence[Section]) -> list[tuple[Section, int]]:
    """The plots of tools, each as a section and the number of its block."""
    return [(section, place) for section in sections for place, b in enumerate(section.blocks) if b.kind == "figure"]


def without_pictures(sections: Sequence[Section], render: Callable[[], str]) -> str:
    """The page without the plots of tools."""
    blocks = [(section, place, section.blocks[place]) for section, place in list_pictures(sections)]
    for section, place, block in blocks:
        section.blocks[place] = replace(block, src="")
    page = render()
    for section, place, block in blocks:
        section.blocks[place] = block
    return page


def within_size(sections: Sequence[Section], joined: Joined, used: int) -> None:
    """Replace plots for which a page of `used` bytes has no room by a sentence that names their file.

    Plots of single cohorts go first, then those of other markers than the study's.
    """
    steps = {s.number: s for s in joined.steps}
    with_genes = any(b.kind == "genes" for section in sections for b in section.blocks)
    most, ours = PAGE_WITH_GENES if with_genes else PAGE, joined.findings.terms

    def rank_picture(at: tuple[Section, int]) -> tuple[bool, bool]:
        own = [steps[n] for n in at[0].blocks[at[1]].steps if n in steps]
        cut = [label(s.parameters.get("name")) for s in own if s.tool == "cutpoint"]
        return any(s.scope == "per_cohort" for s in own), any(name not in ours for name in cut)

    for section, place in sorted(list_pictures(sections), key=rank_picture):
        block = section.blocks[place]
        if used + len(block.src) <= most:
            used += len(block.src)
        else:
            section.blocks[place] = _named(block, [file_name(steps[n], "plot") for n in block.steps if n in steps])


def _named(block: Block, names: Sequence[str]) -> Block:
    where = f"in the archive of this report ({names[0]})" if names else "among the files that this report was made of"
    text = f"{block.text.rstrip('.')}: the figure is {where}; the page is limited in size."
    return replace(block, kind="note", text=text, src="", alt="")
