"""The figure of array quality: names, colors, one array, many arrays."""

import pandas as pd
import pytest

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.array_boxes import ENDS, ArrayBoxesFigure


def table(n, flagged=()):
    frame = pd.DataFrame({"sample_id": [f"S{i} $x$" for i in range(n)], "flags": "none"})
    for name, center in (("rle", 0.0), ("nuse", 1.0)):
        for end, offset in zip(ENDS, (-0.3, -0.1, 0, 0.1, 0.3), strict=True):
            frame[f"{name}_p{end}"] = center + offset
    frame.loc[list(flagged), "flags"] = "rle_iqr"
    return frame


def drawn(frame):
    with style.drawing():
        return ArrayBoxesFigure(frame).draw()


def test_every_array_is_named_and_those_that_stand_out_are_colored():
    figure = drawn(table(6, [4]))
    labels = figure.axes[1].get_xticklabels()
    assert [t.get_text() for t in labels] == [f"S{i} $x$" for i in range(6)]
    assert [t.get_color() == style.high() for t in labels] == [i == 4 for i in range(6)]
    assert "arrays that stand out" in [t.get_text() for t in figure.texts]
    assert "arrays that stand out" not in [t.get_text() for t in drawn(table(6)).texts]


def test_of_many_arrays_those_that_stand_out_are_named():
    figure = drawn(table(300, [7, 8, 200]))
    assert [t.get_text() for t in figure.axes[1].get_xticklabels()] == ["S7 $x$", "S200 $x$"]


def test_a_single_array_has_no_boxes():
    frame = table(1)
    frame.iloc[:, 2:] = float("nan")
    assert [t.get_text() for t in drawn(frame).axes[0].texts] == ["needs at least two arrays"]


def test_an_empty_table_is_refused_and_bytes_repeat():
    with pytest.raises(BadInput, match="no row"):
        drawn(table(0))
    assert ArrayBoxesFigure(table(3, [1])).to_bytes("svg") == ArrayBoxesFigure(table(3, [1])).to_bytes("svg")
