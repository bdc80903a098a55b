"""Separators inside names of columns and levels."""

import pandas as pd
import pytest
from prognomics.tools import associate

from prognomics.data.names_in_options import split_filter, split_pair, split_values
from prognomics.data.ordered_levels import declare_order
from prognomics.data.sheet import as_sheet
from prognomics.errors import UsageError

LEVELS = ["Liposarcoma, well differentiated", "Leiomyosarcoma", "Leiomyosarcoma, NOS"]


def test_values_that_hold_commas():
    assert split_values("Leiomyosarcoma, NOS,Leiomyosarcoma", LEVELS) == ["Leiomyosarcoma, NOS", "Leiomyosarcoma"]
    assert split_values("a,b", LEVELS) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a=b", ("a", "=", "b")), ("a!=b", ("a", "!=", "b")), ("size>=5=yes", ("size>=5", "=", "yes")),
     ("is it!=x", ("is it", "!=", "x")), ("er=2!=0", ("er=2", "!=", "0")), ("a=b=c", ("a", "=", "b=c"))],
)  # fmt: skip
def test_filters_on_columns_that_hold_signs(text, parts):
    assert split_filter(text, {"a", "size>=5", "is it", "er=2"}) == parts


def test_filter_of_a_sheet():
    frame = pd.DataFrame({"sample_id": ["1", "2"], "ER >= 1": ["yes", "no"], "h": ["A, b", "A"]})
    assert as_sheet(frame).subset(["ER >= 1=yes"]).sample_ids == ["1"]
    assert as_sheet(frame).subset(["h=A, b"]).sample_ids == ["1"]


def test_pairs_divide_at_names_that_are_there():
    assert split_pair(("HLA", "A:stage"), ":", {"HLA:A", "stage"}, {"HLA:A", "stage"}) == ["HLA:A", "stage"]
    assert split_pair(("size>", "5=yes"), "=", {"size>=5", "x"}) == ["size>=5", "yes"]
    assert split_pair(("size>", "5=yes"), "=", {"size", "x"}) == ["size>", "5=yes"]
    assert split_pair(("er=2"[:2], "2=pos"), "=", {"er=2"}) == ["er=2", "pos"]


def test_orders_of_levels_that_hold_commas():
    frame = pd.DataFrame({"h": [*LEVELS, None]})
    for ordered in ([("h", ",".join(LEVELS))], [("h", level) for level in LEVELS]):
        assert declare_order(frame, ordered)["h"].cat.categories.tolist() == LEVELS
    with pytest.raises(UsageError, match="each of its levels once"):
        declare_order(frame, [("h", LEVELS[0]), ("h", LEVELS[0])])


def test_a_tool_takes_columns_that_hold_the_separator():
    frame = pd.DataFrame({"sample_id": [str(i) for i in range(8)], "g": ["a", "b"] * 4, "T=1": ["x, y", "z"] * 4})
    table = associate(samples=frame, group_column="g", variable=["T=1"], ordered=["T=1=x, y,z"]).table
    assert set(table["variable"]) == {"T=1"}
