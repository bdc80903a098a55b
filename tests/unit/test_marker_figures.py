"""Figures of cuts: what they draw and say, formats, the same bytes each time."""

import numpy as np
import pandas as pd
import pytest

from prognomics.cutpoint import cut_policy
from prognomics.cutpoint import cutpoint as cuts
from prognomics.cutpoint.cutpoint_table import cutpoint_table, roc_table
from prognomics.errors import BadInput
from prognomics.meta_analysis.pooled_table import meta_analysis
from prognomics.report.figures.cutpoint import CutpointFigure
from prognomics.report.figures.meta_forest import MetaForestFigure
from prognomics.report.figures.roc import RocFigure, observed_values
from prognomics.report.figures.style import drawing

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.fixture
def marker():
    rng = np.random.default_rng(2)
    return np.concatenate([rng.normal(8, 1, 60), rng.normal(6.4, 0.3, 4)]).round(1), np.arange(64) < 60


def texts(figure):
    return " | ".join([t.get_text() for t in figure.texts] + [t.get_text() for a in figure.axes for t in a.texts])


def roc_figure(values, case, direction="high", **options):
    cut = cuts.roc_cut(values, case, ~case, direction=direction, rule="youden", **options)
    return RocFigure(roc_table([cut], "XPO1"), cutpoint_table(cut, marker="XPO1")), cut


def test_roc_shows_the_cut_its_intervals_and_every_control(marker):
    values, case = marker
    figure, cut = roc_figure(values, case)
    np.testing.assert_array_equal(np.sort(observed_values(figure.curve, "control")), np.sort(values[~case]))
    np.testing.assert_array_equal(np.sort(observed_values(figure.curve, "case")), np.sort(values[case]))
    with drawing():
        drawn = figure.draw()
    said = texts(drawn)
    assert f"AUC {cut.roc.auc:.2f}" in said and "no CI: fewer than ten" in said and "60 cases, 4 controls" in said
    assert "specificity 100% (40–100)" in said
    curve, points = drawn.axes
    bars = [line.get_xdata() for line in curve.lines if len(line.get_xdata()) == 2 and line.get_color() == "#D55E00"]
    np.testing.assert_allclose(bars[0], [1 - limit for limit in cut.roc.specificity_ci])
    assert sum(len(p.get_offsets()) for p in points.collections) == 64


def test_roc_with_ten_controls_gives_the_interval():
    rng = np.random.default_rng(4)
    values, case = rng.normal(size=40) + np.repeat([1, 0], 20), np.arange(40) < 20
    figure, cut = roc_figure(values, case)
    with drawing():
        assert f"95% CI {cut.roc.auc_low:.2f}–{cut.roc.auc_high:.2f}" in texts(figure.draw())


def test_several_roc_curves_have_a_panel_each(marker):
    values, case = np.tile(marker[0], 4), np.tile(marker[1], 4)
    found = cut_policy.cut_within(cuts.roc_cut, values, np.repeat(list("abcd"), 64), direction="high", rule="youden",
                            arrays={"case": case, "control": ~case})  # fmt: skip
    figure = RocFigure(roc_table(found, "XPO1"), cutpoint_table(found, marker="XPO1"), title="Four $cohorts$")
    with drawing():
        drawn = figure.draw()
    assert len(drawn.axes) == 4 and "Four $cohorts$" in texts(drawn) and "d: cut at" in texts(drawn)


def test_distribution_shows_both_sides_and_what_lies_between(marker):
    values, _ = marker
    cut = cuts.quantile_cut(values, [0.25, 0.75])
    figure = CutpointFigure([values], cutpoint_table(cut, marker="XPO1"))
    with drawing():
        drawn = figure.draw()
    said = texts(drawn)
    assert f"{cut.n_low} low" in said and f"{cut.n_high} high" in said and f"{cut.n_middle} between" in said
    assert sum(bar.get_height() for bar in drawn.axes[0].patches) == len(values)
    with pytest.raises(BadInput):
        CutpointFigure([], figure.table).draw()


def test_same_bytes_in_each_format(marker):
    values, case = marker
    median = cutpoint_table(cuts.median_cut(values), marker="XPO1")
    for figure in (roc_figure(values, case)[0], CutpointFigure([values], median)):
        for kind, start in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
            content = figure.to_bytes(kind)
            assert content.startswith(start) and content == figure.to_bytes(kind)


def test_forest_states_heterogeneity_and_what_was_not_pooled():
    effects = pd.DataFrame({"cohort": list("abc"), "log_hr": [0.2, 0.9, np.nan], "se": [0.2, 0.3, np.nan],
                            "n": 50, "events": [20, 8, 0]})  # fmt: skip
    for tau, expected in (("reml", "(REML)"), ("fixed", "Q = ")):
        table = meta_analysis(effects, tau=tau, hartung_knapp=True, unit="high vs low")
        with drawing():
            said = texts(MetaForestFigure(table).draw())
        assert "I² = " in said and expected in said and ("τ²" in said) == (tau == "reml")
        assert "Hazard ratio, high vs low (log scale)" in said
        assert "b: fewer than 10 events; c: not pooled: no estimate." in said
