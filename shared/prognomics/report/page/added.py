"""What a marker adds to the standard variables of a Cox model."""

from __future__ import annotations

from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, scope_label
from prognomics.report.page.cells import Cell, View, get, label, records, view
from prognomics.report.results.joining import Step
from prognomics.report.wording import join_words, sentence_case

KIND = "cox_added"


def show_added(section: Section, steps: list[Step]) -> None:
    """One table over the scopes of an analysis; nothing where no step was asked for it."""
    made = [(s, records(s.frame(KIND))) for s in steps if s.frame(KIND) is not None]
    if made:
        section.show(_view(made), *(s for s, _ in made))


def _view(made: list[tuple[Step, list[dict[str, Any]]]]) -> View:
    body = []
    for step, rows in made:
        for place, row in enumerate(rows):
            standard = join_words(label(get(row, "standard")).split(" + "))
            concordance = " and ".join(cells.number(get(row, n)).text for n in ("concordance_standard", "concordance"))
            aic = " and ".join(cells.number(get(row, n), 5).text for n in ("aic_standard", "aic"))
            body.append([
                Cell(sentence_case(scope_label(step, long=False)) if place == 0 else "", kind="head"),
                Cell(f"{label(get(row, 'marker'))} beside {standard}"), cells.count(get(row, "n")),
                cells.count(get(row, "events")), cells.number(get(row, "lr")), cells.count(get(row, "df")),
                cells.p(get(row, "p_lr")), Cell(concordance, kind="number"), Cell(aic, kind="number"),
            ])  # fmt: skip
    heads = ["Scope", "What is added", "n", "Events", "LR χ²", "df", "p", "Concordance without and with",
             "AIC without and with"]  # fmt: skip
    notes = ["LR: likelihood ratio of the models with and without the marker, on the same samples. Concordance is "
             "apparent: judged on the samples of the fit."]  # fmt: skip
    return view("What the marker adds to the standard variables.", heads, body, notes=notes)
