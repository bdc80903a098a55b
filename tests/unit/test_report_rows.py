"""Rows of tables and texts in the report: as pandas and a character-by-character cleaning give them, but quickly."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prognomics.report.results.rows import records
from prognomics.report.results.steps import Step
from prognomics.report.wording import clean_text


def slowly_cleaned(text):
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@given(st.text(alphabet=st.characters(), max_size=30))
def test_texts_are_cleaned_alike_whatever_is_in_them(text):
    assert clean_text(text) == slowly_cleaned(text)


@pytest.mark.parametrize("text", ["a  b ", "a\u00a0b", "tab\there", "line\r\nbreak", "\ud800 alone", "\u2028", "", " "])
def test_blanks_and_what_cannot_be_printed(text):
    assert clean_text(text) == slowly_cleaned(text)


FRAMES = [
    pd.DataFrame({"a": [1, 2], "b": [0.5, math.nan], "c": ["x", None], "d": [True, False]}),
    pd.DataFrame({"mixed": [np.float64(1.5), "text", np.int64(3), None, np.bool_(True)]}, dtype=object),
    pd.DataFrame({"day": pd.to_datetime(["2020-01-01", None]), "kind": pd.Categorical(["u", "v"])}),
    pd.DataFrame({1: [1.0], "2": ["y"]}),
    pd.DataFrame({"a": []}),
    pd.DataFrame(index=[0, 1]),
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_rows_are_those_of_pandas_with_the_same_types(frame):
    wanted = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    made = records(frame)
    assert [{k: (type(v), repr(v)) for k, v in row.items()} for row in made] == [
        {k: (type(v), repr(v)) for k, v in row.items()} for row in wanted
    ]


def test_a_step_makes_its_rows_once_and_others_get_rows_of_their_own():
    class Table:
        frame = FRAMES[0]

    step = Step(1, {}, tables=[("cox_table", Table())])
    assert step.rows("cox_table") is step.rows("cox_table")
    assert step.rows("absent") == []
    assert records(step.frame("cox_table")) == records(FRAMES[0]) or math.isnan(step.rows("cox_table")[1]["b"])
    assert step == Step(1, {}, tables=step.tables)
