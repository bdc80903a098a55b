"""The heat map of a signature: samples by class, names kept apart, the same bytes each time."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput
from prognomics.report.figures.heatmap import HeatmapFigure


def heatmap(genes, samples, **options):
    rng = np.random.default_rng(3)
    names = [f"s{i}" for i in range(samples)]
    values = pd.DataFrame(rng.normal(size=(genes, samples)), [f"GENE{i}" for i in range(genes)], names)
    classes = pd.Series(["high" if i % 3 else "low" for i in range(samples)], names, dtype=object)
    classes.iloc[0] = np.nan
    values.iloc[0, 0] = np.nan
    return HeatmapFigure(values, classes, **options)


def test_samples_stand_in_the_order_of_their_classes():
    figure = heatmap(4, 7, group_order=["low", "high"])
    assert [(name, samples) for name, samples, _ in figure._groups()] == [
        ("low", ["s3", "s6"]), ("high", ["s1", "s2", "s4", "s5"]), ("no class", ["s0"])]  # fmt: skip
    drawn = figure.draw()
    texts = [text.get_text() for text in drawn.texts]
    assert "low (n = 2)" in texts and "high (n = 4)" in texts and "GENE3" in texts


@pytest.mark.parametrize(("genes", "samples"), [(1, 2), (67, 120), (300, 1000)])
def test_the_same_bytes_each_time(genes, samples):
    assert heatmap(genes, samples).to_bytes("png") == heatmap(genes, samples).to_bytes("png")
    names = [t.get_text() for t in heatmap(genes, samples).draw().texts]
    assert ("GENE0" in names) == (genes <= 90)


def test_nothing_to_draw_is_refused():
    with pytest.raises(BadInput, match="no gene"):
        HeatmapFigure(pd.DataFrame(), pd.Series(dtype=object)).draw()
