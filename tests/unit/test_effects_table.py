"""Published hazard ratios as effects."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput
from prognomics.meta_analysis.effects_table import extract_effects


def table(**changes):
    columns = {"cohort": ["a", "b"], "hr": [2.0, 0.5], "ci_low": [1.0, 0.25], "ci_high": [4.0, 1.0]}
    return pd.DataFrame(columns | changes)


def test_interval_gives_the_standard_error():
    found = extract_effects(table())
    np.testing.assert_allclose(found["log_hr"], [np.log(2), -np.log(2)])
    np.testing.assert_allclose(found["se"], np.log(4) / (2 * 1.959963984540054))


def test_logarithms_are_taken_as_they_are():
    given = table(log_hr=[0.1, 0.2], se=[0.3, 0.4])
    assert extract_effects(given) is given


def test_a_cohort_without_numbers_keeps_its_row():
    found = extract_effects(table(hr=[2.0, np.nan]))
    assert len(found) == 2 and found.loc[1, ["log_hr", "se"]].isna().all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hr": [-0.3, 0.5]}, "not positive"),
        ({"ci_high": [1.5, 1.0]}, "between its limits"),
        ({"ci_high": [40.0, 1.0]}, "lopsided"),
    ],
)
def test_misprints_are_named(changes, said):
    with pytest.raises(BadInput, match=said) as error:
        extract_effects(table(**changes))
    assert error.value.where == "a"


def test_columns_that_are_needed():
    with pytest.raises(BadInput, match="neither log_hr and se nor hr"):
        extract_effects(table().drop(columns="ci_low"))
