"""The first screen of the report: the answer, caveats by weight, curves and forest; and the drawings that it holds."""

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from report_example import km_curve, survival_sample
from test_report import STUDY, Outline, example, record, sha

from prognomics.data.store import ResultTable
from prognomics.report.figures.drawing import Drawing
from prognomics.report.figures.forest_strip import Axis, axis_for, strip
from prognomics.report.figures.survival_drawing import Curves, draw_curves
from prognomics.report.page import build_report
from prognomics.report.page.first_screen import first_screen
from prognomics.report.results.joining import join
from prognomics.report.wording import format_p, format_small_p, p_phrase

PRIMARY = {**STUDY, "primary": {"marker": "XPO1", "endpoint": "os"}}


def shown(study=PRIMARY, made=None):
    return first_screen(study, join(study, *(made or example())))


def table(hr, low, high, n=100, events=40, adjusted=()):
    row = {"model": "multivariable" if adjusted else "univariable", "row_type": "level", "term": "XPO1_group",
           "level": "high", "reference": "low", "n": n, "events": events, "hr": hr, "ci_low": low, "ci_high": high,
           "p_value": 0.04, "strata": "cohort", "endpoint": "os"}  # fmt: skip
    return pd.DataFrame([row, *({**row, "term": name, "level": None, "reference": None} for name in adjusted)])


def study_of(*tables):
    """Records and tables of Cox models: (frame, cohort or '', covariates)."""
    records, found = [], []
    for frame, cohort, adjusted in tables:
        key = sha(f"{cohort} {adjusted}")
        found.append(ResultTable(key, "t.tsv", frame if not cohort else frame.assign(strata="none")))
        records.append(record("cox", {"cox_table": key}, f"cohort={cohort}" if cohort else "all",
                              covariate=["XPO1_group", *adjusted], endpoint="os", strata=["auto"]))  # fmt: skip
    return records, found, []


def test_the_answer_names_event_and_direction():
    assert shown().answer == "Patients with high XPO1 had a higher hazard of death."
    unclear = study_of((table(1.3, 0.9, 1.9), "", ()))
    said = "No clear difference. The hazard of death was higher with high XPO1, but the data are compatible with "
    assert shown(made=unclear).answer == f"{said}no effect."
    protective = study_of((table(0.5, 0.3, 0.8), "", ()))
    assert shown(made=protective).answer == "Patients with high XPO1 had a lower hazard of death."


def test_cohorts_that_disagree_are_part_of_the_answer_and_the_first_caveat():
    made = study_of((table(1.6, 1.2, 2.1), "", ()), (table(3.0, 2.0, 4.5), "gse1992", ()),
                    (table(0.5, 0.3, 0.9), "gse3143", ()))  # fmt: skip
    screen = shown(made=made)
    assert screen.answer.endswith("on average, but the cohorts disagree.")
    assert screen.caveats[0][0] == "The cohorts disagree"
    assert "HR 3.00 (2.00–4.50) in gse1992 to 0.50 (0.30–0.90) in gse3143" in screen.caveats[0][1]


def test_an_effect_that_is_not_clear_after_adjustment_is_a_caveat():
    adjusted = table(1.2, 0.8, 1.8, n=80, events=30, adjusted=("age_years",))
    made = study_of((table(1.6, 1.2, 2.1), "", ()), (adjusted, "", ("age_years",)))
    lead, text = shown(made=made).caveats[0]
    assert lead == "Not clear after adjustment" and "HR 1.20 (95% CI 0.80 to 1.80)" in text and "80 samples" in text


@pytest.mark.parametrize(("alone", "adjusted", "lead"), [
    ((1.01, 0.7, 1.5), (0.85, 0.6, 1.3), "Changed by adjustment, clear in neither model"),
    ((1.3, 0.9, 1.9), (0.5, 0.3, 0.8), "In the opposite direction after adjustment"),
    ((1.3, 0.9, 1.9), (1.9, 1.2, 2.8), "Stronger after adjustment"),
])  # fmt: skip
def test_a_direction_after_adjustment_is_stated_where_there_is_one(alone, adjusted, lead):
    rows = [table(*adjusted, adjusted=("age_years",)), table(*alone)]
    made = study_of((table(*alone), "", ()), (pd.concat(rows, ignore_index=True), "", ("age_years",)))
    assert lead in [found for found, _ in shown(made=made).caveats]


def test_at_most_three_caveats_and_the_heaviest_first():
    study = {**PRIMARY, "limits": [f"Limit {n}." for n in range(9)]}
    found = shown(study).caveats
    assert len(found) == 3 and [text for _, text in found if text.startswith("Limit")][:1] == ["Limit 0."]


def test_numbers_forest_and_how_it_was_chosen():
    screen = shown()
    assert screen.how == "Primary analysis" and screen.declared
    assert [n[1] for n in screen.numbers] == ["1.62", "0.011", "397"] and screen.numbers[2][2] == "123 deaths"
    names = [row[0].text for row in screen.forest.rows]
    assert names == ["gse1992", "gse3143", "gse4335", "Pooled, stratified", "Pooled, not stratified"]
    assert screen.forest.marked == {3} and "<svg" in screen.forest.rows[0][2].text
    assert shown(STUDY).how == "First analysis: no primary analysis was declared"


def test_without_an_estimate_the_screen_says_so():
    screen = first_screen({}, join({}, [], [], []))
    assert "no hazard ratio" in screen.answer and screen.forest is None and not screen.numbers


def test_the_first_curves_are_drawn_from_their_table():
    records, tables, plots = example()
    curve = km_curve({"low": survival_sample(60, 1), "high": survival_sample(64, 2, hazard=0.02)})
    for made in (r for r in records if r["tool"] == "kaplan_meier"):
        made["outputs"].append({"artefact": "km_curve", "sha256": sha("curve")})
    page = build_report(PRIMARY, records, [*tables, ResultTable(sha("curve"), "curve.tsv", curve)], plots)
    assert "<img " not in page  # the plot of the step shows what the drawing shows
    text = Outline(page).text
    assert "Figure 1. Overall survival by XPO1." in text
    assert "Curves end where fewer than 10% of a group are at risk" in text and "XPO1 high" in page
    assert page.count('class="fig wide"') == page.count('class="fig narrow"') == 1


@pytest.mark.parametrize(("least", "until"), [(0.1, 91), (0.5, 51), (0.0, 100)])
def test_curves_end_where_few_are_at_risk(least, until):
    times = np.arange(1, 101)
    curve = pd.DataFrame({"group": "all", "time_months": times, "n_risk": 101 - times, "n_event": 1, "n_censor": 0,
                          "survival": 1 - times / 100, "ci_low": 0.0, "ci_high": 1.0})  # fmt: skip
    curves = Curves(curve, {"all": "All"}, at_risk=least)
    assert curves.shown(curve)["time_months"].max() == until
    drawn = next(s for s in draw_curves(curves).shapes if s.classes == "curve only")
    assert len(drawn.points[0]) > until


def test_a_drawing_is_svg_png_and_pdf_of_the_same_shapes():
    drawing = Drawing(100, 50, 'a "label" <b>')
    drawing.path("curve high", [(0, 0), (50, 0), (50, 20)])
    drawing.text("dl high", 10, 20, "<script>alert(1)</script>")
    root = ElementTree.fromstring(drawing.to_bytes("svg"))
    assert [child.tag.partition("}")[2] for child in root] == ["title", "path", "text"]
    assert root[1].get("d") == "M0 0h50v20" and root[2].text == "<script>alert(1)</script>"
    assert "<script" not in drawing.inline() and "&lt;script&gt;" in drawing.inline()
    assert drawing.to_bytes("png") == drawing.to_bytes("png") and drawing.to_bytes("pdf")[:4] == b"%PDF"


def test_an_axis_is_as_wide_as_its_estimates_need():
    assert axis_for([1.2, 0.9]) == Axis(2, 2) and axis_for([]) == Axis(2, 2) and axis_for([4.4]) == Axis(2, 3)
    assert axis_for([1e9, 1e-9]) == Axis(6, 6)
    axis = Axis(2, 2)
    assert axis.ticks == [0.25, 0.5, 1.0, 2.0, 4.0] and axis.x(1) == pytest.approx(98)
    arrows = [s for s in strip(axis, 1.5, 0.1, 9.0).shapes if s.classes == "ci"]
    assert len(arrows) == 3  # the interval and an arrowhead at either end
    assert [s.classes for s in strip(axis).shapes] == ["ref"]


@pytest.mark.parametrize(("p", "text"), [
    (0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (0.0864, "0.086"), (0.0495, "0.0495"), (0.0504, "0.050"),
    (0.04999, "0.04999"), (0.154, "0.15"), (0.0999, "0.10"), (0.996, ">0.99"), (1.0, ">0.99"), (np.nan, "–"),
])  # fmt: skip
def test_p_values_as_journals_print_them(p, text):
    assert format_p(p) == text
    assert p_phrase(0.0001) == "p < 0.001" and p_phrase(0.99999) == "p > 0.99"


def test_p_values_of_a_screen_in_full():
    assert format_small_p(2.71e-9) == "2.7 × 10⁻⁹" and format_small_p(0.02) == "0.020"
    assert re.fullmatch("<10⁻³⁰⁰", format_small_p(0))
