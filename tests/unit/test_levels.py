"""The order of levels, which decides the reference of a factor."""

import pandas as pd
import pytest

from prognomics.clinical.descriptives import level_order
from prognomics.levels import ordered_levels

# the order of R 4.2.2's levels(factor(x)) in C.UTF-8 and en_US.UTF-8 (ICU 72)
AS_R = [
    "_x", "-1", "[Unknown]", "+2", "<50", ">=50", "≤5", "1", "10", "2", "2-3", "a", "A", "a b", "a_b", "a-b", "a'b",
    "ab", "b", "B", "e", "é", "f", "G 1", "G.1", "G1", "high", "I", "II", "III", "IV", "low", "Low", "n0", "N0", "NO",
    "Stage I", "stage Ia", "Stage II", "Stage IV", "T1", "T1/T2", "z", "Z",
]  # fmt: skip


def test_order_is_that_of_r():
    assert ordered_levels(reversed(AS_R)) == AS_R


@pytest.mark.parametrize(
    "levels",
    [
        ["low", "high"],
        ["low", "middle", "high"],
        ["9", "10"],
        ["-1", "0", "0.5", "1e2"],
        ["high", "intermediate", "low"],
        ["[Not Available]", "FEMALE", "MALE"],
        ["leiomyosarcoma", "Liposarcoma", "synovial sarcoma"],
    ],
)
def test_cuts_and_numbers_have_their_own_order(levels):
    assert ordered_levels(sorted(levels, reverse=True)) == levels
    assert level_order(pd.Series([*levels[::-1], None], dtype=object)) == levels
