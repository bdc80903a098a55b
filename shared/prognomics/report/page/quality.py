"""Batch effects before and after, components, near-duplicates, and the classes of signatures."""

from __future__ import annotations

from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, caption, population_label, section_of_tool
from prognomics.report.page.cells import Cell, generic_view, get, label, records, view
from prognomics.report.page.further import show_tables
from prognomics.report.page.messages import said_by
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import (
    as_number,
    format_count,
    format_percent,
    is_absent,
    join_words,
    plural,
)

USED = ("found", "alias")  # genes of a signature
STAGES = {"before": "Before merging", "after": "After merging"}


def quality_section(joined: Joined) -> Section | None:
    """What cohorts explain of the variance, the components, near-duplicates; None without such steps."""
    steps = [s for s in joined.of("quality_control") if s.tables or s.plots]
    if not steps:
        return None
    section = section_of_tool("quality_control")
    for step in steps:
        rows = records(step.frame("quality_table"))
        for sentence in _sentences(rows):
            section.say(sentence)
        for picture in step.plots:
            section.figure(picture, _caption(step, rows), "Samples on the first two principal components", step)
        shares = _shares_view(rows)
        if shares:
            section.show(shares, step)
        pairs = step.frame("duplicates_table")
        if pairs is not None and len(pairs):
            section.show(generic_view(pairs, "Samples of different cohorts that may come from one patient."), step)
    return section


def _values(rows: list[dict[str, Any]], metric: str) -> dict[tuple[str, str], float]:
    """(scope, stage) to the value of a metric."""
    return {
        (label(get(r, "scope")), label(get(r, "stage")) or "after"): as_number(get(r, "value"))
        for r in rows
        if label(get(r, "metric")) == metric
    }


def _sentences(rows: list[dict[str, Any]]) -> list[str]:
    shares, chance = _values(rows, "variance_share"), _values(rows, "variance_share_by_chance")
    said = []
    found = {stage: shares[("cohort", stage)] for stage in STAGES if ("cohort", stage) in shares}
    if found:
        parts = [f"{format_percent(v, decimals=1)} {stage}" for stage, v in found.items()]
        expected = next((v for (scope, _), v in chance.items() if scope == "cohort"), float("nan"))
        by_chance = "" if is_absent(expected) else f" (by chance alone: {format_percent(expected, decimals=1)})"
        said.append(f"Share of the variance of all genes between cohorts: {join_words(parts)} merging{by_chance}.")
    pairs = _values(rows, "duplicate_pairs")
    for number in list(pairs.values())[:1]:
        what = "No near-duplicate samples were" if number == 0 else f"{plural(number, 'pair')} of near-duplicates "
        said.append(f"{what} found across cohorts." if number == 0 else f"{what}may come from one patient.")
    return said


def _caption(step: Step, rows: list[dict[str, Any]]) -> str:
    shares, samples = _values(rows, "explained_variance"), _values(rows, "n_samples")
    parts = []
    for stage, words in STAGES.items():
        first = [format_percent(shares[(pc, stage)], decimals=1) for pc in ("PC1", "PC2") if (pc, stage) in shares]
        if first:
            parts.append(f"{words.lower()}, the first two components hold {join_words(first)} of the variance")
    n = next((v for (scope, _), v in samples.items() if scope == "all"), float("nan"))
    lead = "Samples on the first two principal components" + ("" if is_absent(n) else f" (n = {format_count(n)})")
    where = population_label(step)
    return "; ".join([lead + (f", {where}" if where else ""), *parts]) + "."


def _shares_view(rows: list[dict[str, Any]]) -> cells.View | None:
    shares, chance = _values(rows, "variance_share"), _values(rows, "variance_share_by_chance")
    stages = [stage for stage in STAGES if any(s == stage for _, s in shares)]
    body = []
    for scope in dict.fromkeys(scope for scope, _ in shares):
        expected = next((v for (s, _), v in chance.items() if s == scope), float("nan"))
        row = [_percent(shares.get((scope, stage), float("nan"))) for stage in stages]
        body.append([cells.head(scope), *row, _percent(expected)])
    heads = ["Variable", *(STAGES[s] for s in stages), "By chance alone"]
    return view("Fraction of the variance of all genes that a variable explains.", heads, body) if body else None


def _percent(value: float) -> Cell:
    return Cell(format_percent(value, decimals=1), cells.full(value), "number")


def classes_section(joined: Joined) -> Section | None:
    """The classes that signatures gave, and what they rest on; None without such steps."""
    steps = [s for s in joined.of("classify_centroid") if s.tables or s.plots]
    if not steps:
        return None
    section = section_of_tool("classify_centroid")
    for step in steps:
        name = label(step.parameters.get("name")) or "The class"
        where = ", ".join(filter(None, [step.origin, population_label(step)]))
        section.heading(f"{name}{f', {where}' if where else ''}")
        section.list([("", f"{text}.") for _, text in said_by(step, "notes")])
        for picture in step.plots:
            what = f"Heat map of the signature by {name}"
            section.figure(picture, caption(step, what), what, step)
        show_tables(section, step, ("coverage", "classes"))
    coverage = [(s, records(s.frame("coverage"))) for s in steps if s.frame("coverage") is not None]
    body = []
    for step, rows in coverage:
        lost = [label(get(r, "gene_id")) for r in rows if label(get(r, "status")) not in USED]
        where = label(step.parameters.get("name")) + (f", {step.origin}" if step.origin else "")
        body.append([cells.head(where), cells.count(len(rows)), cells.count(len(rows) - len(lost)),
                     Cell(join_words(lost) or "none")])  # fmt: skip
    if body:
        heads = ["Classes", "Genes of the signature", "Used", "Not used"]
        section.show(view("Which genes of the signature were found.", heads, body), *(s for s, _ in coverage))
    return section
