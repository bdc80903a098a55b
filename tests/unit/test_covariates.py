"""Columns of a sheet as numbers or levels, and which of them a quality check takes."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput, UsageError
from prognomics.expression.design_matrix import covariate_columns, typed_covariates
from prognomics.expression.quality import chosen_covariates

FRAME = pd.DataFrame(
    {
        "sample_id": ["S1", "S2", "S3", "S4", "S5", "S6"],
        "cohort": ["a", "a", "a", "b", "b", "b"],
        "age_years": ["61", "55.5", np.nan, "47", "70", "52"],
        "grade": ["1", "2", "3", "1", "2", "3"],
        "stage": ["I", "II", "2", "I", "II", "I"],
        "size": [1.0, 2.0, np.nan, 4.0, 5.5, 3.0],
        "os_time": ["1", "2", "3", "4", "5", "6"],
        "os_event": ["1", "0", "1", "0", "1", "0"],
        "empty": [np.nan] * 6,
    },
    dtype=object,
)


def test_numbers_are_numbers_and_words_are_levels():
    typed = typed_covariates(FRAME, ["age_years", "grade", "stage", "size"])
    assert typed.dtypes.astype(str).tolist() == ["float64", "float64", "object", "float64"]
    np.testing.assert_array_equal(typed["age_years"], [61, 55.5, np.nan, 47, 70, 52])
    assert typed["stage"].tolist() == ["I", "II", "2", "I", "II", "I"]


def test_the_guess_can_be_overridden():
    typed = typed_covariates(FRAME, ["grade", "size"], factors=["grade", "size"])
    assert typed["grade"].tolist() == ["1", "2", "3", "1", "2", "3"]
    assert typed["size"].tolist() == ["1", "2", None, "4", "5.5", "3"]
    columns, names = covariate_columns(typed[["grade"]])
    assert names == ["grade=2", "grade=3"] and columns.sum() == 4
    assert covariate_columns(typed_covariates(FRAME, ["grade"]))[1] == ["grade"]


def test_faults_are_named():
    with pytest.raises(BadInput, match="stage.*holds text: I, II") as raised:
        typed_covariates(FRAME, ["stage"], numerics=["stage"])
    assert "S1" in str(raised.value)
    with pytest.raises(BadInput, match="no column 'grad'") as raised:
        typed_covariates(FRAME, ["grad"])
    assert "grade" in str(raised.value)
    with pytest.raises(UsageError):
        typed_covariates(FRAME, ["grade"], factors=["grade"], numerics=["grade"])
    with pytest.raises(BadInput, match="infinite"):
        typed_covariates(FRAME.assign(size=np.inf), ["size"])


def test_auto_takes_what_can_explain_and_leaves_outcomes_out():
    chosen = chosen_covariates(FRAME, ["auto"], endpoints=["os"])
    assert chosen.columns.tolist() == ["age_years", "grade", "size"]  # stage: three levels of six samples are too many
    assert chosen_covariates(FRAME, ["none"]).shape == (6, 0)
    assert chosen_covariates(FRAME, ["stage"]).columns.tolist() == ["stage"]
    with pytest.raises(UsageError, match="'auto' stands alone"):
        chosen_covariates(FRAME, ["auto", "grade"])
