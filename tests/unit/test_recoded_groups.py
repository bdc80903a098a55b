"""Levels joined after the fact, and the extremes of an endpoint."""

import numpy as np
import pandas as pd
import pytest

from prognomics.cutpoint.recoded_groups import recode_levels, survival_extremes
from prognomics.errors import BadInput, Refused, UsageError


def test_levels_are_joined_and_others_stay():
    groups = recode_levels("ICR", ["1", "2", "4", None], {"2": "low", "1": "low"})
    assert groups[:3].tolist() == ["low", "low", "4"] and pd.isna(groups[3])


@pytest.mark.parametrize(("names", "error"), [({}, UsageError), ({"5": "x"}, BadInput), ({"1": "2"}, Refused)])
def test_what_cannot_be_recoded(names, error):
    with pytest.raises(error):
        recode_levels("ICR", ["1", "2"], names)


def test_early_censored_have_no_group():
    time = np.array([5, 12, 5, 20, 60, 80, 61, 20, np.nan])
    event = np.array([1, 1, 0, 1, 0, 1, 0, 0, 1.0])
    groups = survival_extremes(time, event, 12, 60)
    known = [None if pd.isna(g) else g for g in groups]
    assert known == ["short", "short", None, None, "long", "long", "long", None, None]
    with pytest.raises(UsageError):
        survival_extremes(time, event, 60, 12)
    with pytest.raises(Refused):
        survival_extremes(time, event, 12, 600)
