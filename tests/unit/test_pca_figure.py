"""The figure of components: axes, colors, marks, formats."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput
from prognomics.expression.quality import quality_control
from prognomics.report.figures.pca import PcaFigure
from prognomics.report.figures.style import drawing


@pytest.fixture
def quality():
    rng = np.random.default_rng(3)
    values, cohort = rng.normal(0, 1, (40, 44)), ["first $x$"] * 24 + ["second"] * 20
    after = values - values.mean(axis=1, keepdims=True)
    found = quality_control(after, [f"S{i}" for i in range(44)], cohort, values_before=values + np.arange(44))
    found.components["tissue_type"] = (["normal"] * 4 + ["primary"] * 39 + [None]) * 2
    return found


def texts(figure):
    return [t.get_text() for t in figure.texts] + [
        label for axes in figure.axes for label in (axes.get_xlabel(), axes.get_ylabel())
    ]


def test_axes_state_the_variance_and_the_legend_counts_samples(quality):
    with drawing():
        figure = PcaFigure(quality.components, quality.table, title="Two cohorts").draw()
    said = texts(figure)
    shares = quality.explained["before"], quality.explained["after"]
    assert len(figure.axes) == 2
    for share in shares:
        assert f"PC1 ({share[0]:.1%} of the variance)" in said and f"PC2 ({share[1]:.1%} of the variance)" in said
    for text in ("Before merging", "After merging", "Two cohorts", "first $x$ (24)", "second (20)", "normal (4)",
                 "primary (39)", "not stated (1)"):  # fmt: skip
        assert text in said
    drawn = sum(len(points.get_offsets()) for points in figure.axes[0].collections)
    assert drawn == 44


def test_one_stage_gives_one_panel_without_tissue(quality):
    one = quality.components[quality.components["stage"] == "after"].drop(columns="tissue_type")
    with drawing():
        figure = PcaFigure(one, quality.table).draw()
    assert len(figure.axes) == 1
    assert "After merging" not in texts(figure) and "Tissue" not in texts(figure)


def test_a_single_component_is_drawn(quality):
    one = quality.components[["sample_id", "cohort", "stage", "PC1"]]
    with drawing():
        assert "no second component" in texts(PcaFigure(one, quality.table).draw())


def test_many_cohorts_differ_in_color(quality):
    part = quality.components[quality.components["stage"] == "after"].copy()
    part["cohort"] = [f"c{i % 16}" for i in range(44)]
    with drawing():
        axes = PcaFigure(part, quality.table).draw().axes[0]
    colors = {tuple(c) for points in axes.collections for c in points.get_facecolors()}
    assert len(colors) == 16


def test_bytes_are_the_same_each_time_and_an_empty_table_is_an_error(quality):
    figure = PcaFigure(quality.components, quality.table)
    assert figure.to_bytes("png") == figure.to_bytes("png")
    assert figure.to_bytes("svg").startswith(b"<?xml") and figure.to_bytes("pdf").startswith(b"%PDF")
    with pytest.raises(BadInput, match="no row"):
        PcaFigure(pd.DataFrame(quality.components[:0]), quality.table).draw()
