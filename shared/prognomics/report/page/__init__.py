"""The report: one HTML page that needs no other file and no script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from prognomics.report.figures.drawing import dressed, looks_in
from prognomics.report.page.adjusted import adjusted_section
from prognomics.report.page.analyses import analyses_section
from prognomics.report.page.association import association_section, characteristics_section
from prognomics.report.page.checklist import remark_section
from prognomics.report.page.citation import citation_section
from prognomics.report.page.cox import cox_section
from prognomics.report.page.each_cohort import each_cohort_section
from prognomics.report.page.evaluation import evaluation_section
from prognomics.report.page.first_screen import FirstScreen, first_screen
from prognomics.report.page.flow import cohorts_section, flow_section
from prognomics.report.page.further import further_sections
from prognomics.report.page.genes import genes_section
from prognomics.report.page.groups import comparison_section
from prognomics.report.page.learned import learned_section
from prognomics.report.page.limits import fold, list_pictures, within_size, without_pictures
from prognomics.report.page.messages import doubt_section, messages_section
from prognomics.report.page.methods import methods_section
from prognomics.report.page.pooled import meta_section
from prognomics.report.page.profile import profile_section
from prognomics.report.page.quality import classes_section, quality_section
from prognomics.report.page.screening import screen_section
from prognomics.report.page.sections import cut_section, other_section, provenance_section
from prognomics.report.page.sensitivity import sensitivity_section
from prognomics.report.page.subgroups import subgroups_section
from prognomics.report.page.summary import summary_section
from prognomics.report.page.survival import survival_section
from prognomics.report.page.tripod import tripod_section
from prognomics.report.results.joining import join
from prognomics.report.wording import clean_text, join_words

if TYPE_CHECKING:
    from prognomics.data.store import Picture, ResultTable
    from prognomics.report.page.blocks import Section
    from prognomics.report.results.joined import Joined

DOI = re.compile(r"\bdoi:(10\.\d{4,9}/[^\s\"]*[^\s\".,;])")
LAID_OUT = ("associations", "survival", "cox", "meta", "screen", "evaluation", "quality", "groups", "cut", "classes")
LOOKS = "LOOKS-OF-SHAPES"  # where the looks of the shapes that a page has are written for its script
TEMPLATES = Path(__file__).parents[1] / "templates"


def build_report(
    study: Mapping[str, Any] | None, records: Sequence[Mapping[str, Any]], tables: Sequence[ResultTable],
    plots: Sequence[Picture],
) -> str:  # fmt: skip
    """The report of a study as one HTML page.

    Parameters
    ----------
    study : dict, optional
        The study file; every key is optional. Without it the page rests on records and tables alone.
    records : sequence of dict
        Run records; results are joined to them by the SHA-256 of their files.
    tables, plots : sequence of ResultTable, sequence of Picture
        Results, in any order. Those that no record names are shown last.

    Returns
    -------
    str
        HTML that starts with `<!doctype html>`. The same content gives the same bytes, in any order.
    """
    facts: dict[str, Any] = dict(study) if isinstance(study, Mapping) else {}
    joined = join(facts, records, tables, plots)
    screen = first_screen(facts, joined)
    main, supplement = _sections(facts, joined, screen)
    authors = facts.get("authors")
    versions = sorted({clean_text(r.get("tool_version")) for r in records} - {""})
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    facts_of_page = dict(
        title=clean_text(facts.get("title")) or "Results of a marker study",
        question=clean_text(facts.get("question")),
        authors=join_words(map(clean_text, authors)) if isinstance(authors, list) else "",
        version=join_words(versions),
        first=screen,
        main=main,
        supplement=supplement,
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    template, sections = _template(), [*main, *supplement]
    if list_pictures(sections):
        within_size(sections, joined, len(without_pictures(sections, lambda: template.render(facts_of_page)).encode()))
    page = template.render(facts_of_page)
    before, _, after = page.rpartition(LOOKS)  # the last one: any text may hold the same letters
    return f"{before}{json.dumps(looks_in(page), separators=(',', ':'))}{after}".rstrip("\n") + "\n"


def for_print(page: str) -> str:
    """The page for WeasyPrint, which takes no colors of drawings from a style sheet."""
    return dressed(page)


def main_results(
    study: Mapping[str, Any] | None, records: Sequence[Mapping[str, Any]], tables: Sequence[ResultTable],
    plots: Sequence[Picture],
) -> tuple[FirstScreen, list[Section]]:  # fmt: skip
    """The first screen and the sections of the main results; parameters as of `build_report`."""
    facts: dict[str, Any] = dict(study) if isinstance(study, Mapping) else {}
    joined = join(facts, records, tables, plots)
    screen = first_screen(facts, joined)
    return screen, _sections(facts, joined, screen)[0]


def _sections(facts: dict[str, Any], joined: Joined, screen: FirstScreen) -> tuple[list[Section], list[Section]]:
    """The main results, and what is folded below them."""
    main = [
        summary_section(facts, joined), analyses_section(facts, joined), learned_section(joined),
        each_cohort_section(facts, joined),
        characteristics_section(joined), adjusted_section(joined), subgroups_section(joined),
        genes_section(facts, joined), cohorts_section(facts, joined),
        doubt_section(facts, joined),
    ]  # fmt: skip
    more = [
        methods_section(facts, joined), flow_section(facts, joined), association_section(joined),
        survival_section(joined), cox_section(joined),
        meta_section(joined), sensitivity_section(facts, joined), *further_sections(joined, LAID_OUT),
        screen_section(facts, joined), evaluation_section(joined), quality_section(joined), comparison_section(joined),
        cut_section(joined), classes_section(joined), other_section(joined),
    ]  # fmt: skip
    shown = [section for section in (*main, *more) if section is not None]
    present = {section.id for section in shown}
    versions = sorted({clean_text(s.record.get("tool_version")) for s in joined.steps} - {""})
    ends = [
        citation_section(facts, versions), remark_section(facts, joined, present),
        tripod_section(facts, joined, present), profile_section(facts, joined), messages_section(joined),
        provenance_section(joined),
    ]  # fmt: skip
    first, folded = fold([section for section in main if section is not None], screen.figures)
    rest = [*folded, *(section for section in (*more, *ends) if section is not None)]
    return first, rest


def linked(text: str) -> Markup:
    """A text whose DOIs (`doi:10.1038/sj.bjc.6602678`) are links; all else stays text."""
    parts = DOI.split(text)
    made = Markup("")
    for place, part in enumerate(parts):
        if place % 2 == 0:
            made += part
        else:
            address = quote(part, safe="/.:;()-_")
            made += Markup('<a href="https://doi.org/{}">doi:{}</a>').format(address, part)
    return made


def _unindented(text: str) -> str:
    """A style sheet without indentation and empty lines, which only its source needs."""
    return "\n".join(line for line in map(str.strip, text.splitlines()) if line) + "\n"


def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["linked"] = linked
    environment.globals["styles"] = Markup("").join(
        Markup(_unindented((TEMPLATES / name).read_text(encoding="utf-8"))) for name in ("page.css", "print.css")
    )
    return environment.get_template("page.html.j2")
