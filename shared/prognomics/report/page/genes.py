"""The study's marker among all genes of a screen: a volcano, and a table that the page's script searches and sorts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from prognomics.report.figures.volcano_drawing import draw_volcano
from prognomics.report.page.blocks import Block, Section, caption, endpoint_words
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.screening import found_sentences, main_screen, marker_sentences, what_was_screened
from prognomics.report.results.joining import Joined
from prognomics.report.wording import as_number, format_count, within_sentence

Z = 1.959963984540054


def genes_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """Of the screen of the primary endpoint; None without a screen with hazard ratios."""
    step = main_screen(joined)
    rows = records(step.frame("screen_table")) if step else []
    genes = [gene for gene in map(_gene, rows) if gene is not None]
    if step is None or not genes:
        return None
    marker = joined.findings.marker
    names = list(dict.fromkeys(filter(None, [marker, *joined.findings.terms, label(study.get("marker"))])))
    section = Section("genes", f"{marker} among all genes" if marker else "All genes", main=True)
    section.list([*found_sentences(rows), *marker_sentences(rows, names)])
    how = within_sentence(what_was_screened(step))
    said = (
        f"{caption(step, f'Volcano plot: {how}', strata=False)} One point per gene, genes of one place merged; dark: "
        "false discovery rate (q) below 0.05; diamond: the study's marker. To the right: higher hazard with higher "
        "expression."
    )
    alt = f"Volcano plot of {format_count(len(genes))} genes, {how}"
    drawn = draw_volcano([(name, beta, p, q) for name, beta, _, p, q in genes], names, alt)
    data = {"markers": names, "rows": [_short(gene) for gene in genes]}
    of = endpoint_words(step)
    title = f"All genes{f', {of}' if of else ''}"
    section.blocks.append(Block("genes", said, title=title, steps=[step.number], figures=[drawn], data=data))
    return section


def _gene(row: Mapping[str, Any]) -> tuple[str, float, float, float, float] | None:
    """(gene, log hazard ratio, its standard error, p, q); None without an estimate."""
    hr, p, q = (as_number(get(row, name)) for name in ("hr", "p_value", "q_value"))
    if not (hr > 0 and math.isfinite(hr) and p == p):
        return None
    low, high = (as_number(get(row, name)) for name in ("ci_low", "ci_high"))
    se = as_number(get(row, "se"))
    if se != se and low > 0 and math.isfinite(high):
        se = (math.log(high) - math.log(low)) / (2 * Z)
    return label(get(row, "gene_id")), math.log(hr), se, p, q


def _short(gene: tuple[str, float, float, float, float]) -> list[Any]:
    """Numbers as short as a table needs them."""
    name, *numbers = gene
    return [name, *(None if v != v else float(f"{v:.4g}") for v in numbers)]
