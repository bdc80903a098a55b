"""Model performance: what the marker adds, measures, leave-one-cohort-out estimates, predicted and observed risk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, caption, section_of_tool, step_title
from prognomics.report.page.cells import Cell, View, get, label, records, view
from prognomics.report.page.further import show_tables
from prognomics.report.page.messages import said_by
from prognomics.report.results.joining import Joined
from prognomics.report.wording import ABSENT, as_number, format_number, is_absent, join_words, p_phrase, sentence_case

METRICS = {
    "harrell_c": "Harrell's C", "uno_c": "Uno's C", "auc": "AUC", "brier": "Brier score",
    "integrated_brier": "Brier score, mean up to then", "scaled_brier": "gain in Brier score over no variable",
    "scaled_integrated_brier": "gain in the mean Brier score", "calibration_slope": "calibration slope",
    "observed_expected": "observed over expected risk", "likelihood_ratio": "likelihood-ratio χ²",
}  # fmt: skip
OF_COHORTS = ("harrell_c", "uno_c", "auc", "brier", "calibration_slope", "observed_expected")
MODELS = {"null": "No variable", "covariates": "Covariates", "marker": "Marker",
          "covariates+marker": "Covariates and marker"}  # fmt: skip
DIFFERENCE = " minus "
BETTER = "C and AUC: 0.5 is chance, 1 perfect. Brier scores: 0 is perfect, and no variable's is the one to beat. " \
    "Calibration slope below 1: predictions too extreme. Observed over expected: 1 is right on average."  # fmt: skip
SHOWN = ("evaluation_table", "calibration_table")
Row = dict[str, Any]


def evaluation_section(joined: Joined) -> Section | None:
    """All evaluated models; None without any."""
    steps = [s for s in joined.of("evaluate_model") if s.tables or s.plots]
    if not steps:
        return None
    section = section_of_tool("evaluate_model")
    for step in steps:
        rows = records(step.frame("evaluation_table"))
        section.heading(sentence_case(step_title(step)))
        section.list([*_sentences(rows), *(("", f"{text}.".replace("..", ".")) for _, text in said_by(step, "notes"))])
        for picture in step.plots:
            what = f"Plots of {step_title(step)}"
            section.figure(picture, f"{sentence_case(what)}.", what, step)
        own = [r for r in rows if label(get(r, "validation")) != "leave_one_cohort_out"]
        if own:
            section.show(_measures_view(own, caption(step, "Measures of each model")), step)
            section.note(BETTER)
        left = [r for r in rows if label(get(r, "validation")) == "leave_one_cohort_out"]
        if left:
            title = "Each cohort predicted by a model of the others"
            section.show(_cohorts_view(left, caption(step, title)), step)
        calibration = records(step.frame("calibration_table"))
        if calibration:
            title = "Predicted and observed risk, in groups of rising predicted risk"
            section.show(_calibration_view(calibration, caption(step, title)), step)
        show_tables(section, step, SHOWN)
    return section


def _sentences(rows: list[Row]) -> list[tuple[str, str]]:
    """What the marker adds to the covariates."""
    own = {(label(get(r, "model")), label(get(r, "metric")), label(get(r, "time_months"))): r for r in rows
           if label(get(r, "validation")) != "leave_one_cohort_out"}  # fmt: skip
    gain, with_it, without = (own.get((model, "harrell_c", "")) for model in
                              ("covariates+marker minus covariates", "covariates+marker", "covariates"))  # fmt: skip
    said = []
    if gain and with_it and without:
        values = [f"{as_number(get(r, 'estimate')):.3f}" for r in (without, with_it)]
        corrected = [f"{as_number(get(r, 'corrected')):.3f}" for r in (without, with_it)
                     if not is_absent(get(r, "corrected"))]  # fmt: skip
        after = f" (corrected for optimism {join_words(corrected)})" if len(corrected) == 2 else ""
        test = own.get(("covariates+marker minus covariates", "likelihood_ratio", ""), {})
        p = "" if is_absent(get(test, "p_value")) else f"; likelihood-ratio test {p_phrase(get(test, 'p_value'))}"
        said.append(("What the marker adds", f"Harrell's C without and with it is {join_words(values)}{after}{p}."))
    return said


def _in_order(rows: list[Row]) -> list[Row]:
    """By measure, those that people know first."""
    places = {metric: place for place, metric in enumerate(METRICS)}
    return sorted(rows, key=lambda r: places.get(label(get(r, "metric")), len(places)))


def _name(row: Row) -> str:
    metric, at = label(get(row, "metric")), label(get(row, "time_months"))
    return METRICS.get(metric, metric.replace("_", " ")) + (f", {at} months" if at else "")


def _measures_view(rows: list[Row], title: str) -> View:
    """One row per measure, the models side by side: the estimate with its interval, and corrected for optimism."""
    models = cells.unique(get(r, "model") for r in rows)
    corrected = {m for m in models if any(label(get(r, "model")) == m and not is_absent(get(r, "corrected"))
                                          for r in rows)}  # fmt: skip
    found: dict[str, dict[str, Row]] = {}
    for row in _in_order(rows):
        found.setdefault(_name(row), {})[label(get(row, "model"))] = row
    body = [[cells.head(sentence_case(name)),
             *(cell for m in models for cell in _measure(by_model.get(m, {}), m in corrected))]
            for name, by_model in found.items()]  # fmt: skip
    heads = ["Measure", *(h for m in models for h in ("estimate (95% CI)", *(["corrected"] * (m in corrected))))]
    groups = [("", 1), *((_model(m), 1 + (m in corrected)) for m in models)]
    notes = [f"{_counted(rows)} Corrected: for the optimism of judging a model on its own data, by bootstrap."] \
        if corrected else [_counted(rows)]  # fmt: skip
    return View(title, heads, body, notes=notes, groups=groups, numeric=frozenset(range(1, len(heads))))


def _model(name: str) -> str:
    if DIFFERENCE in name:
        return "What the marker adds"
    return MODELS.get(name, name)


def _measure(row: Row, corrected: bool) -> list[Cell]:
    if not row:
        return [Cell("", kind="number")] * (1 + corrected)
    cell = cells.number_with_interval(*(get(row, name) for name in ("estimate", "ci_low", "ci_high")))
    p = get(row, "p_value")
    if not is_absent(p):
        cell = Cell(f"{cell.text}, {p_phrase(p)}", cell.title, "number")
    return [cell, cells.number(get(row, "corrected"))] if corrected else [cell]


def _counted(rows: list[Row]) -> str:
    first = {k: next((get(r, k) for r in rows if not is_absent(get(r, k))), None)
             for k in ("n", "events", "n_missing")}  # fmt: skip
    n, events, missing = cells.count(first["n"]), cells.count(first["events"]), first["n_missing"]
    left = f"; {cells.count(missing).text} samples with a missing value are excluded" if as_number(missing) > 0 else ""
    return f"n = {n.text}, {events.text} events{left}." if n.text != ABSENT else ""


def _cohorts_view(rows: list[Row], title: str) -> View:
    """One row per model and cohort, the measures side by side."""
    models = [m for m in cells.unique(get(r, "model") for r in rows) if m != "null" and DIFFERENCE not in m]
    names = list(dict.fromkeys(_name(r) for r in _in_order(rows) if label(get(r, "metric")) in OF_COHORTS))
    body = []
    for model in models:
        found: dict[str, dict[str, Row]] = {}
        for row in (r for r in rows if label(get(r, "model")) == model):
            found.setdefault(label(get(row, "cohort")), {})[_name(row)] = row
        for place, (cohort, measures) in enumerate(found.items()):
            first = next(iter(measures.values()))
            lead = Cell(_model(model) if place == 0 else "", kind="head")
            body.append([lead, Cell("all of them" if cohort == "all" else cohort), cells.count(get(first, "n")),
                         cells.count(get(first, "events")), *_each(measures, names)])  # fmt: skip
    return view(title, ["Model", "Cohort", "n", "Events", *map(sentence_case, names)], body)


def _each(measures: dict[str, Row], names: Iterable[str]) -> list[Cell]:
    intervals = ("estimate", "ci_low", "ci_high")
    return [cells.number_with_interval(*(get(measures.get(name, {}), part) for part in intervals)) for name in names]


def _calibration_view(rows: list[Row], title: str) -> View:
    """One row per group of predicted risk; a model's name where it begins."""
    body, last = [], ""
    for row in rows:
        name = f"{_model(label(get(row, 'model')))}, {label(get(row, 'time_months'))} months"
        low, high = (format_number(get(row, f"predicted_{side}")) for side in ("low", "high"))
        observed = cells.number_with_interval(*(get(row, part) for part in ("observed", "ci_low", "ci_high")))
        body.append([
            Cell(name if name != last else "", kind="head"), cells.count(get(row, "group")), cells.count(get(row, "n")),
            cells.count(get(row, "events")),
            Cell(f"{cells.number(get(row, 'predicted')).text} ({low} to {high})", kind="number"), observed,
        ])  # fmt: skip
        last = name
    heads = ["Model", "Group", "n", "Events", "Predicted risk (from, to)", "Observed risk (95% CI)"]
    return view(title, heads, body)
