"""Many values, groups and levels: lists are read in one pass, and what cannot be compared is refused early."""

import numpy as np
import pandas as pd
import pytest

from prognomics.association.association import associate_groups, associate_marker
from prognomics.data.levels import require_few_groups, require_few_levels
from prognomics.data.sheet import as_sheet
from prognomics.errors import AnalysisWarning, BadInput
from prognomics.survival.cox.design_matrix import build_design
from prognomics.survival.curves.kaplan_meier_analysis import kaplan_meier_analysis


def sheet_of(values):
    return as_sheet(pd.DataFrame({"sample_id": [f"s{i}" for i in range(len(values))], "g": values}))


def test_a_filter_of_a_hundred_thousand_values():
    values = [f"v{i}, x" if i % 3 == 0 else f"v{i}" for i in range(100_000)]
    sheet = sheet_of(values)
    assert sheet.matches("g=" + ",".join(values)).all()
    assert sheet.matches("g!=" + ",".join(values[1:])).tolist() == [True] + [False] * 99_999


def test_values_with_commas_are_found_before_their_parts():
    sheet = sheet_of(["a", "a,b", "a, b,c", "b", "c", " d ,e"])
    assert sheet.matches("g=a,b,c").tolist() == [False, True, False, False, True, False]
    assert sheet.matches("g=a, b,c").tolist() == [False, False, True, False, False, False]
    assert sheet.matches("g=b, a").tolist() == [True, False, False, True, False, False]
    assert sheet.matches("g!=c,a,b").tolist() == [True, False, True, True, False, True]


def test_messages_do_not_repeat_a_long_filter():
    sheet = sheet_of(["a", "b"])
    with pytest.warns(AnalysisWarning) as caught:
        sheet.matches("g=a," + ",".join(f"q{i}" for i in range(10_000)))
    assert len(str(caught[0].message)) < 500
    with pytest.raises(BadInput) as refused:
        sheet.matches(" " * 100_000)
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("condition", ["g", "=a", "!=a", "  =a"])
def test_what_is_no_filter_is_refused(condition):
    with pytest.raises(BadInput, match="cannot be read"):
        sheet_of(["a", "b"]).matches(condition)


def test_a_filter_of_signs_only_is_read_in_one_pass():
    with pytest.raises(BadInput, match="no column 'x'") as refused:
        sheet_of(["a", "b"]).matches("x" + "=" * 100_000)
    assert len(str(refused.value)) < 500


def cohort(n):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {"sample_id": [f"s{i}" for i in range(n)], "t": rng.exponential(20, n), "d": rng.integers(0, 2, n)}
    )


def test_curves_by_an_identifier_are_refused():
    frame = cohort(400).assign(patient_id=[f"p{i}" for i in range(400)])
    with pytest.raises(BadInput, match="400 groups are too many to compare in pairs") as refused:
        kaplan_meier_analysis(frame, "t", "d", "patient_id")
    assert "patient_id" in refused.value.where


@pytest.mark.parametrize(
    ("n", "per_level", "words"), [(400, 1, "identifier"), (600, 3, "too many"), (40, 1, "identifier")]
)
def test_an_identifier_is_no_factor_of_a_model(n, per_level, words):
    frame = cohort(n).assign(pid=[f"p{i // per_level}" for i in range(n)])
    with pytest.raises(BadInput, match=words) as refused:
        build_design(frame, ["pid"], frame["d"].to_numpy())
    assert "'pid'" in refused.value.what


@pytest.mark.parametrize("role", ["variable", "group", "variable of a marker"])
def test_an_identifier_is_no_variable_of_an_association(role):
    ids, halves = [f"p{i}" for i in range(60)], ["low", "high"] * 30
    of_ids = pd.DataFrame({"pid": ids if role != "group" else halves})
    with pytest.raises(BadInput, match="60 levels in 60 samples, as an identifier"):
        if role == "variable of a marker":
            associate_marker(of_ids, np.arange(60.0), marker_name="m", kinds={"pid": "categorical"})
        else:
            groups = halves if role == "variable" else ids
            associate_groups(of_ids, groups, kinds={"pid": "categorical"}, numeric_test="welch")


def test_thirty_groups_and_factors_of_few_samples_are_taken():
    assert require_few_groups([str(i) for i in range(30)]) is None
    assert require_few_levels("site", [str(i) for i in range(10)], 10) is None
    assert require_few_levels("site", [str(i) for i in range(100)], 1000) is None
