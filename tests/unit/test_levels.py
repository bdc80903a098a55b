"""The order of levels, which decides the reference of a factor."""

import pandas as pd
import pytest

from prognomics.data.levels import ordered_levels
from prognomics.errors import BadInput
from prognomics.expression.design_matrix import typed_covariates
from prognomics.modeling.design_matrix import build_design
from prognomics.stats.descriptives import level_order

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


def sheet_of_ages(*strange):
    ages = [*map(str, range(40, 60)), *strange]
    event = [i % 2 for i in range(len(ages))]
    return pd.DataFrame({"sample_id": [f"S{i}" for i in range(len(ages))], "age_years": ages, "event": event})


@pytest.mark.parametrize("word", ["60,5", ">89", "unknown"])
def test_text_among_measurements_is_no_level(word):
    sheet = sheet_of_ages(word)
    for typed in (
        lambda **options: build_design(sheet, ["age_years"], sheet["event"], **options),
        lambda **options: typed_covariates(sheet, ["age_years"], **options),
    ):
        with pytest.raises(BadInput, match=f"text in 1 of 21 cells: '{word}'") as refusal:
            typed()
        assert "S20" in refusal.value.where and "--factor" in refusal.value.hint
        typed(factors=["age_years"])


def test_few_numbers_among_words_are_levels():
    grades = pd.DataFrame({"sample_id": list("abcdefg"), "grade": ["1", "2", "3", "2-3", None, "3", "Low"]})
    assert typed_covariates(grades, ["grade"])["grade"].tolist()[3] == "2-3"
    assert build_design(grades, ["grade"], [1, 0, 1, 0, 1, 0, 1]).terms[0].levels == ("1", "2", "2-3", "3", "Low")
