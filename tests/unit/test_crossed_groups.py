"""Markers together: crossed levels, high in all or any, what a missing level decides."""

import numpy as np
import pandas as pd
import pytest

from prognomics.cutpoint.crossed_groups import cross_groups, group_table
from prognomics.errors import BadInput, Refused

MARKERS = {"XPO1": ["high", "high", "low", "low", None, None], "CINSARC": ["high", "low", "high", "low", "high", "low"]}


def listed(groups):
    return [None if pd.isna(g) else g for g in groups]


def test_each_combination_is_a_group():
    groups = listed(cross_groups(MARKERS, "cross"))
    assert groups[:2] == ["XPO1-high & CINSARC-high", "XPO1-high & CINSARC-low"] and groups[4:] == [None, None]


def test_a_missing_marker_counts_where_the_others_do_not_decide():
    assert listed(cross_groups(MARKERS, "all")) == ["high", "low", "low", "low", None, "low"]
    assert listed(cross_groups(MARKERS, "any")) == ["high", "high", "high", "low", "high", None]


def test_levels_of_other_names():
    columns = {"stage": ["I", "III", "III"], "grade": ["1", "3", "1"]}
    assert listed(cross_groups(columns, "all", {"stage": "III", "grade": "3"})) == ["low", "high", "low"]
    with pytest.raises(BadInput, match="level of grade"):
        cross_groups(columns, "all", {"stage": "III"})


def test_refused():
    with pytest.raises(BadInput, match="two columns"):
        cross_groups({"a": ["x"]}, "cross")
    with pytest.raises(Refused, match="one group"):
        cross_groups({"a": ["x", "x"], "b": ["y", "y"]}, "cross")


def test_the_table_counts_samples_and_events():
    table = group_table(cross_groups(MARKERS, "any"), [1, 0, 1, np.nan, 1, 1], "os")
    assert table[["group", "n", "events"]].values.tolist() == [["high", 4, 3], ["low", 1, 0]]
    assert table["n_missing"].tolist() == [1, 1] and table["fraction"].tolist() == [0.8, 0.2]
