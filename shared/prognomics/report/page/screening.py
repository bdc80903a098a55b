"""Screens of all genes: how many are significant, the rank of the marker, and the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, caption, population_label, scope_label, section_of_tool
from prognomics.report.page.cells import View, generic_view, get, label, records, view
from prognomics.report.page.further import show_tables
from prognomics.report.page.messages import said_by
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import (
    as_number,
    clean_text,
    format_count,
    format_ratio_unit,
    is_absent,
    join_words,
    p_phrase,
    within_sentence,
)

FALSE_DISCOVERY = 0.05
SCOPES = ("stratified", "all", "unstratified", "per_cohort")
OF_TOP = 60
OF_ALL = 20  # rows where no table of the top genes is at hand
HIDDEN = ("endpoint", "population", "strata", "method", "gene_id", "n_bootstraps")
HOW = {
    "cox": "by Cox models",
    "logrank": "by the log-rank test at the median",
    "maxstat": "by the maximally selected log-rank test",
}
Row = dict[str, Any]


def screen_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """All screens; None without any."""
    steps = [s for s in joined.of("screen") if s.tables or s.plots]
    if not steps:
        return None
    section = section_of_tool("screen")
    for step in steps:
        how = what_was_screened(step)
        section.heading(how)
        rows = records(step.frame("screen_table"))
        notes = [("", f"{text}.".replace("..", ".")) for _, text in said_by(step, "notes")]
        names = [clean_text(study.get("marker")), *joined.findings.terms]
        section.list([*found_sentences(rows), *marker_sentences(rows, names), *notes])
        for picture in step.plots if step is not main_screen(joined) or not drawable(rows) else []:
            section.figure(picture, caption(step, f"Volcano plot: {within_sentence(how)}", strata=False),
                           f"Volcano plot, {within_sentence(how)}", step)  # fmt: skip
        _show_genes(section, step, rows)
        show_tables(section, step, ("screen_top", "screen_table"))
    return section


def main_screen(joined: Joined) -> Step | None:
    """The screen of the primary endpoint in the preferred scope; else the first."""
    head = joined.findings.primary
    found = [s for s in joined.of("screen") if s.frame("screen_table") is not None]
    found.sort(key=lambda s: SCOPES.index(s.scope))
    of = [s for s in found if head and label(s.parameters.get("endpoint")) == head.identity.endpoint]
    return next(iter(of or found), None)


def drawable(rows: list[Row]) -> bool:
    """Whether a gene has a hazard ratio and a p-value, so that the page draws the volcano itself."""
    return any(as_number(get(r, "hr")) > 0 and not is_absent(get(r, "p_value")) for r in rows)


def what_was_screened(step: Step) -> str:
    """`Genes by Cox models, adjusted for age_years, stratified by cohort`."""
    how = HOW.get(label(step.parameters.get("method")), "screened")
    beside = step.listed("covariate")
    scope = scope_label(step, long=False) if step.scope in ("stratified", "unstratified") else ""
    said = [f"Genes {how}", f"adjusted for {join_words(beside)}" if beside else "", population_label(step), scope]
    return ", ".join(filter(None, said))


def found_sentences(rows: list[Row]) -> list[tuple[str, str]]:
    """How many genes are significant."""
    tested = [r for r in rows if not is_absent(get(r, "p_value"))]
    if not tested:
        return []
    clear = sum(as_number(get(r, "q_value")) < FALSE_DISCOVERY for r in tested)
    left = len(rows) - len(tested)
    without = f"; {format_count(left)} could not be tested" if left else ""
    return [("", f"Of {format_count(len(tested))} genes, {format_count(clear)} have a false discovery rate (q) below "
                 f"{FALSE_DISCOVERY}{without}.")]  # fmt: skip


def marker_sentences(rows: list[Row], names: list[str]) -> list[tuple[str, str]]:
    """The rank of the marker among all genes."""
    said = []
    for row in (r for r in rows if label(get(r, "gene_id")) in names and not is_absent(get(r, "p_value"))):
        before = sum(as_number(get(r, "p_value")) < as_number(get(row, "p_value")) for r in rows)
        ratio = format_ratio_unit(*(get(row, part) for part in ("hr", "ci_low", "ci_high")))
        tests = f"{p_phrase(get(row, 'p_value'))}, {p_phrase(get(row, 'q_value')).replace('p ', 'q ', 1)}"
        rank = f"Rank {format_count(before + 1)} of {format_count(len(rows))}"
        said.append((label(get(row, "gene_id")), f"{rank}: hazard ratio {ratio}, {tests}."))
    return said


def _show_genes(section: Section, step: Step, rows: list[Row]) -> None:
    """The first genes, with n and events from the whole table; the rest is in the file."""
    top = records(step.frame("screen_top"))
    if top:
        by_gene = {label(get(r, "gene_id")): r for r in rows}
        section.show(_top_view(top, by_gene, caption(step, "The genes with the smallest p-values", strata=False)), step)
    elif rows:
        frame = step.frame("screen_table").sort_values("p_value", kind="stable")
        section.show(generic_view(frame, caption(step, "The genes with the smallest p-values"), OF_ALL), step)


def _top_view(top: list[Row], by_gene: Mapping[str, Row], title: str) -> View:
    frame = list(top[0])
    more = [n for n in frame if n not in (*HIDDEN, "rank", "hr", "ci_low", "ci_high", "p_value", "q_value")]
    body = []
    for row in top[:OF_TOP]:
        whole = by_gene.get(label(get(row, "gene_id")), {})
        body.append([
            cells.head(get(row, "gene_id")), cells.count(get(whole, "n")), cells.count(get(whole, "events")),
            cells.ratio(*(get(row, part) for part in ("hr", "ci_low", "ci_high"))), cells.small_p(get(row, "p_value")),
            cells.small_p(get(row, "q_value")), cells.p(get(whole, "p_ph")),
            *(cells.text(get(row, n)) if n == "flag" else cells.number(get(row, n)) for n in more),
        ])  # fmt: skip
    heads = ["Gene", "n", "Events", "HR (95% CI)", "p", "q", "p of proportional hazards", *map(cells.column_head, more)]
    said = cells.unique(get(r, "method") for r in top[:1])
    notes = [f"Method: {said[0]}."] if said else []
    notes.append(f"{format_count(len(by_gene))} genes are in the file and in the workbook." if by_gene else "")
    return view(title, heads, body, notes=list(filter(None, notes)))
