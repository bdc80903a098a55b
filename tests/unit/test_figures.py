"""Figures draw what they are handed: look-ups by hand, same bytes each time, and odd inputs."""

import math
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_example import cox_table, km_curve, km_summary, km_test, meta_table, survival_sample

from prognomics.errors import BadInput, UsageError
from prognomics.report.figures import (
    CoxForestFigure,
    KaplanMeierFigure,
    MetaForestFigure,
    OddsForestFigure,
    OverviewForestFigure,
)
from prognomics.report.figures.curve_lookup import censored_points, numbers_at_risk, overall_test_lines, step_points
from prognomics.report.figures.font import bundled_font
from prognomics.report.figures.forest_layout import ForestRow, axis_limits, axis_ticks
from prognomics.report.figures.style import drawing, fit_text, group_colors, month_step, text_width, wrap_text

HAND = km_curve({"all": (np.array([2.0, 4, 4, 7, 9]), np.array([1, 1, 0, 0, 1]))})


def kaplan_meier(**changes):
    curve = km_curve({"low": survival_sample(60, 1, 0.005), "high": survival_sample(64, 2, 0.011)})
    content = {
        "curve": curve, "summary": km_summary(curve), "test": km_test(0.0028, "cohort"), "at": [60],
        "title": "XPO1 in one cohort", "hazard": "HR 2.97 (1.84–4.79)", **changes,
    }  # fmt: skip
    return KaplanMeierFigure(**content)


def overview():
    rows = [
        {"label": "Cohorts", "kind": "heading"},
        {"label": "gse1992", "n": 124, "events": 35, "hr": 1.9, "ci_low": 1.1, "ci_high": 3.2, "kind": "cohort"},
        {"label": "none", "n": 9, "events": 0, "kind": "cohort"},
        {"label": "All", "n": 397, "events": 123, "hr": 1.5, "ci_low": 1.1, "ci_high": 2.2, "kind": "headline"},
    ]
    return OverviewForestFigure(pd.DataFrame(rows))


def odds_table() -> pd.DataFrame:
    """As of `logistic`, with the marker's effect in two treatment arms."""
    table = cox_table()
    arms = table[table["row_type"] == "level"].head(2).assign(row_type="within", model="multivariable",
        term="XPO1_group:treatment", level=["high:drug", "high:none"], p_value=0.5)  # fmt: skip
    return pd.concat([table, arms], ignore_index=True).assign(p_lr=0.033).rename(columns={"hr": "odds_ratio"})


FIGURES = {
    "kaplan_meier": kaplan_meier,
    "cox": lambda: CoxForestFigure(cox_table(), title="Cox"),
    "odds": lambda: OddsForestFigure(odds_table(), title="Response"),
    "meta": lambda: MetaForestFigure(meta_table()),
    "overview": overview,
}


def texts_of(figure) -> list[str]:
    """All texts of a figure as it is drawn."""
    from matplotlib.text import Text

    with drawing(), warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = figure.draw()
        drawn.canvas.draw()
    return [item.get_text() for item in drawn.findobj(Text) if item.get_text()]


def outside(figure) -> list[str]:
    """Texts that leave the picture."""
    from matplotlib.text import Text

    with drawing():
        drawn = figure.draw()
        drawn.canvas.draw()
        width, height = drawn.bbox.width, drawn.bbox.height
        boxes = {t.get_text(): t.get_window_extent() for t in drawn.findobj(Text) if t.get_text() and t.get_visible()}
    return [t for t, b in boxes.items() if b.x0 < 0 or b.y0 < 0 or b.x1 > width + 0.5 or b.y1 > height + 0.5]


@pytest.mark.parametrize(("name", "formats"), [*((name, ["svg"]) for name in FIGURES), ("overview", ["png", "pdf"])])
def test_every_format_has_the_same_bytes_each_time_and_no_date(name, formats, tmp_path):
    starts = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
    for format in formats:
        FIGURES[name]().save(tmp_path / f"a.{format}")
        FIGURES[name]().save(tmp_path / "b.dat", format)
        content = (tmp_path / f"a.{format}").read_bytes()
        assert content.startswith(starts[format])
        assert content == (tmp_path / "b.dat").read_bytes()
        for dated in (b"CreationDate", b"Producer", b"dc:date", b"Software", b"Matplotlib v"):
            assert dated not in content


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_picture(name):
    assert outside(FIGURES[name]()) == []


def test_format_follows_the_ending_and_is_png_without_one(tmp_path):
    overview().save(tmp_path / "plot.dat")
    assert (tmp_path / "plot.dat").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="jpeg"):
        overview().save(tmp_path / "plot.png", "jpeg")


def test_numbers_at_risk_are_looked_up_just_before_each_time():
    # five samples: event at 2, event and censored at 4, censored at 7, event at 9
    times = np.array([0, 2, 2.1, 4, 5, 7, 8, 9, 10])
    assert numbers_at_risk(HAND, times).tolist() == [5, 5, 4, 4, 2, 2, 1, 1, 0]


def test_steps_start_at_one_and_end_at_the_last_time():
    points = step_points(HAND, 9)
    assert points["time_months"].tolist() == [0, 2, 4, 9, 9]
    assert points["survival"].tolist() == pytest.approx([1, 0.8, 0.6, 0, 0])
    times, heights = censored_points(HAND, 9)
    assert times.tolist() == [4, 7]
    assert heights.tolist() == pytest.approx([0.6, 0.6])


def test_many_samples_are_thinned_without_moving_the_curve():
    curve = km_curve({"all": survival_sample(10_000, 5, 0.02)})
    curve["time_months"] = np.linspace(0.01, 100, len(curve))
    full, thin = step_points(curve, 100, steps=10**9), step_points(curve, 100, steps=200)
    assert len(thin) < 205 < len(full)
    at = np.searchsorted(full["time_months"], thin["time_months"], side="right") - 1
    assert np.allclose(full["survival"].to_numpy()[at], thin["survival"])
    assert len(kaplan_meier(curve=curve, summary=None, test=None).to_bytes("svg")) < 1_500_000


def test_overall_tests_are_told_once_and_the_stratified_first():
    both = pd.concat([km_test(0.15, "none"), km_test(0.0028, "cohort")])
    assert overall_test_lines(both) == [
        "Log-rank p = 0.003 (stratified by cohort)",
        "Log-rank p = 0.15 (not stratified)",
    ]
    assert overall_test_lines(km_test(0.15)) == ["Log-rank p = 0.15"]
    assert overall_test_lines(None) == []


def test_kaplan_meier_shows_counts_rates_and_risk():
    texts = texts_of(kaplan_meier())
    for text in ("low", "high", "Number at risk", "60", "64", "Overall survival (%)", "at 60 months (95% CI)"):
        assert text in texts
    assert "Log-rank p = 0.003 (stratified by cohort)\nHR 2.97 (1.84–4.79)" in texts


@pytest.mark.parametrize("groups", [1, 2, 6, 9])
def test_kaplan_meier_with_any_number_of_groups(groups):
    names = ["all"] if groups == 1 else [f"a long name of group {i} $x_1$ <b>" for i in range(groups)]
    curve = km_curve({name: survival_sample(40 + i, i) for i, name in enumerate(names)})
    figure = kaplan_meier(curve=curve, summary=km_summary(curve, (12.0, 36.0, 60.0)), at=[12, 36, 60], title="t " * 150)
    assert outside(figure) == []
    assert ("All" in texts_of(figure)) == (groups == 1)


def test_the_widest_name_of_a_group_is_not_cut():
    names = [f"group {i}" for i in range(10, 15)]
    curve = km_curve({name: survival_sample(30, i) for i, name in enumerate(names)})
    texts = texts_of(KaplanMeierFigure(curve))
    assert [texts.count(name) for name in names] == [2] * 5  # over the curves, and beside the numbers at risk


@pytest.mark.parametrize("events", [0, 1])
def test_kaplan_meier_with_hardly_an_event(events):
    curve = km_curve({"all": (np.array([0.0, 8, 20, 30, 44]), np.array([0, events, 0, 0, 0]))})
    texts = texts_of(kaplan_meier(curve=curve, summary=km_summary(curve, (24.0,)), test=None, at=[24], title=""))
    assert "not reached" in texts


@pytest.mark.parametrize("longest", [0.0, 0.02, 3.0, 24.0, 1e4])
def test_kaplan_meier_over_short_and_long_times(longest):
    curve = km_curve({"a": (np.array([longest / 2, longest]), np.array([1, 0]))})
    assert outside(kaplan_meier(curve=curve, summary=None, test=None, at=[])) == []


def test_names_are_text_and_never_mathematics():
    curve = km_curve({"$\\frac{$": survival_sample(30, 1), "_hidden": survival_sample(30, 2)})
    texts = texts_of(kaplan_meier(curve=curve, summary=km_summary(curve), title="50$ & <script>"))
    assert {"$\\frac{$", "_hidden", "50$ & <script>"} <= set(texts)


def test_low_is_blue_and_high_vermillion_in_any_order():
    assert group_colors(["high", "low"]) == {"high": "#D55E00", "low": "#0072B2"}
    assert len(set(group_colors(list("abcdef")).values())) == 6


def test_cox_forest_names_references_and_what_cannot_be_estimated():
    texts = texts_of(CoxForestFigure(cox_table()))
    assert texts.count("XPO1_group: high vs low") == 2
    assert texts.count("er_status: unknown vs negative") == texts.count("not estimable") == 2
    assert texts.count("1 (reference)") == 2  # of grade; the reference of two levels stands in the label
    assert "age_years (per 1)" in texts
    assert "Baseline hazards stratified by cohort." in texts


def test_a_table_without_any_estimate_is_drawn():
    table = cox_table()
    table[["hr", "ci_low", "ci_high", "p_value"]] = np.nan
    assert outside(CoxForestFigure(table.assign(estimable="no"))) == []


def test_meta_forest_gives_weights_and_heterogeneity():
    texts = texts_of(MetaForestFigure(meta_table()))
    assert {"30%", "42%", "28%", "Random effects", "without gse3143"} <= set(texts)
    assert "Heterogeneity: I² = 0%, τ² = 0 (REML), Q = 0.800 on 2 df, p = 0.67." in texts
    assert "without gse3143" not in texts_of(MetaForestFigure(meta_table(), leave_out=False))


def test_a_wild_interval_does_not_press_the_others_together():
    rows = [ForestRow("a", ratio=1.5, low=1.1, high=2), ForestRow("b", ratio=3.0, low=1e-4, high=math.inf)]
    low, high = axis_limits(rows)
    assert low > 0.05
    assert high < 60
    assert 1 in axis_ticks(low, high)
    assert axis_limits([ForestRow("a", kind="text")]) == pytest.approx((0.78, 1.28))


@pytest.mark.parametrize(("low", "high"), [(0.78, 1.28), (0.4, 5), (0.05, 60), (1e-4, 1e4), (0.9, 900)])
def test_ticks_are_few_and_lie_inside(low, high):
    ticks = axis_ticks(low, high)
    assert 2 <= len(ticks) <= 8
    assert all(low <= tick <= high for tick in ticks)


def test_text_is_fitted_and_wrapped():
    long = "a label that is far too long for its column " * 3
    assert text_width(fit_text(long, 1.0)) <= 1.0
    assert "…" in fit_text(long, 1.0)
    assert fit_text("short", 1.0) == "short"
    lines = wrap_text(long, 1.5, lines=2)
    assert len(lines) == 2
    assert all(text_width(line) <= 1.5 for line in lines)


def test_month_ticks_are_whole_years_over_long_times():
    assert [month_step(t) for t in (5, 20, 60, 150, 1000)] == [1, 3, 12, 24, 240]


@pytest.mark.parametrize("figure", [
    KaplanMeierFigure(HAND.iloc[:0]), CoxForestFigure(cox_table().iloc[:0]), MetaForestFigure(meta_table().iloc[:0]),
    OverviewForestFigure(pd.DataFrame(columns=["label"])),
])  # fmt: skip
def test_an_empty_table_is_refused(figure):
    with pytest.raises(BadInput, match="no row"):
        figure.to_bytes("svg")


def test_matplotlib_is_imported_only_when_a_figure_is_drawn():
    code = "import prognomics.report.figures, sys; assert 'matplotlib' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_odds_are_drawn_with_likelihood_ratio_tests_and_effects_within_levels():
    texts = texts_of(OddsForestFigure(odds_table()))
    assert "OR (95% CI)" in texts and "XPO1_group:treatment, within levels" in texts and "high:drug" in texts
    assert "0.033" in texts and "0.5" not in texts


def test_the_font_is_the_one_that_comes_with_matplotlib_whatever_the_machine_has():
    import matplotlib
    from matplotlib.font_manager import FontProperties, findfont

    with drawing():
        assert matplotlib.rcParams["font.family"] == [bundled_font()]
        for weight, style in ((400, "normal"), (700, "normal"), (400, "italic"), (700, "oblique")):
            wanted = FontProperties(family=[bundled_font()], weight=weight, style=style)
            file = findfont(wanted, fallback_to_default=False)
            assert Path(file).is_relative_to(matplotlib.get_data_path())
