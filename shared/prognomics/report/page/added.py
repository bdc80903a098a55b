"""What markers add to the standard variables of a Cox model, and to each other."""

from __future__ import annotations

from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, scope_label
from prognomics.report.page.cells import Cell, View, get, label, records, view
from prognomics.report.results.joining import Step
from prognomics.report.wording import join_words, sentence_case

KIND, COMBINED = "cox_added", "cox_combinations"


def show_added(section: Section, steps: list[Step]) -> None:
    """One table of each kind over the scopes of an analysis; nothing if no step requested it."""
    for kind, draw in ((KIND, _view), (COMBINED, _view_of_combinations)):
        made = [(s, records(s.frame(kind))) for s in steps if s.frame(kind) is not None]
        if made:
            section.show(draw(made), *(s for s, _ in made))


def _view(made: list[tuple[Step, list[dict[str, Any]]]]) -> View:
    body = []
    for step, rows in made:
        for place, row in enumerate(rows):
            standard = join_words(label(get(row, "standard")).split(" + "))
            concordance = " and ".join(cells.number(get(row, n)).text for n in ("concordance_standard", "concordance"))
            aic = " and ".join(cells.number(get(row, n), 5).text for n in ("aic_standard", "aic"))
            body.append([
                Cell(sentence_case(scope_label(step, long=False)) if place == 0 else "", kind="head"),
                Cell(f"{label(get(row, 'marker'))} adjusted for {standard}"), cells.count(get(row, "n")),
                cells.count(get(row, "events")), cells.number(get(row, "lr")), cells.count(get(row, "df")),
                cells.p(get(row, "p_lr")), Cell(concordance, kind="number"), Cell(aic, kind="number"),
            ])  # fmt: skip
    heads = ["Scope", "What is added", "n", "Events", "LR χ²", "df", "p", "Concordance without and with",
             "AIC without and with"]  # fmt: skip
    notes = ["LR: likelihood ratio of the models with and without the marker, on the same samples. Concordance is "
             "apparent: judged on the samples of the fit."]  # fmt: skip
    return view("What the marker adds to the standard variables.", heads, body, notes=notes)


def _view_of_combinations(made: list[tuple[Step, list[dict[str, Any]]]]) -> View:
    body = []
    for step, rows in made:
        for place, row in enumerate(rows):
            others = get(row, "others")
            body.append([
                Cell(sentence_case(scope_label(step, long=False)) if place == 0 else "", kind="head"),
                Cell(join_words(label(get(row, "markers")).split(" + "))), cells.count(get(row, "n")),
                cells.count(get(row, "events")), cells.number(get(row, "lr")), cells.count(get(row, "df")),
                cells.p(get(row, "p_lr")), Cell(join_words(label(others).split(" + ")) if others else ""),
                cells.number(get(row, "lr_others")), cells.p(get(row, "p_others")),
                cells.number(get(row, "concordance")), cells.number(get(row, "aic"), 5),
            ])  # fmt: skip
    standard = join_words(label(get(made[0][1][0], "standard")).split(" + "))
    heads = ["Scope", "Markers of the model", "n", "Events", "LR χ²", "df", "p", "Other markers", "LR χ² of these",
             "p of these", "Concordance", "AIC"]  # fmt: skip
    notes = [f"LR: likelihood ratio against the model of the standard variables ({standard}), and of the model of all "
             "markers against this one. All models are of the same samples; concordance is apparent."]  # fmt: skip
    return view("Each marker, each pair and all, compared.", heads, body, notes=notes)
