"""What the Python interface takes in place of files: frames of any types, AnnData, arrays."""

import warnings

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import AnalysisWarning, BadInput

N = 40


@pytest.fixture
def sheet():
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "sample_id": np.arange(100, 100 + N), "os_time": rng.exponential(30, N), "os_event": rng.integers(0, 2, N),
            "age_years": rng.integers(40, 80, N), "smoker": rng.integers(0, 2, N) == 1,
        }
    )  # fmt: skip


@pytest.fixture
def matrix(sheet):
    values = np.random.default_rng(5).normal(8, 1, (6, N))
    return pd.DataFrame(values, index=["XPO1", *"BCDEF"], columns=sheet["sample_id"])


def fitted(**options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)
        return tools.cox(endpoint="os", model="univariable", **options).table


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: sheet.convert_dtypes(),
        lambda sheet: sheet.astype({"os_event": bool}),
        lambda sheet: sheet.astype(str),
        lambda sheet: sheet.astype({"os_time": "Float64", "age_years": "Int64"}),
    ],
)
def test_types_of_columns_do_not_matter(sheet, change):
    expected = fitted(samples=sheet, covariate=["age_years", "smoker"])
    found = fitted(samples=change(sheet), covariate=["age_years", "smoker"])
    np.testing.assert_allclose(found["beta"], expected["beta"], rtol=1e-9)
    assert found["level"].tolist()[1:3] == ["False", "True"]


def test_annotations_with_whole_numbers_as_ids(sheet):
    extra = pd.DataFrame({"sample_id": sheet["sample_id"], "score": np.arange(N)})
    assert fitted(samples=sheet, annotation=extra, covariate="score")["n"].tolist() == [N]


def test_columns_named_by_numbers(sheet):
    assert fitted(samples=sheet.rename(columns={"age_years": 7}), covariate=7)["term"].tolist() == ["7"]


def test_matrices_of_every_kind(sheet, matrix):
    anndata = pytest.importorskip("anndata")
    expected = fitted(samples=sheet, expression=matrix, gene="XPO1")["beta"].tolist()
    held = anndata.AnnData(
        matrix.T.to_numpy(), obs=pd.DataFrame(index=matrix.columns.astype(str)), var=pd.DataFrame(index=matrix.index)
    )
    with_gene_column = matrix.rename_axis("gene_id").reset_index()
    made = tools.normalize(expression=matrix, method="none").expression
    for given in (held, with_gene_column, matrix.astype(object), made):
        assert fitted(samples=sheet, expression=given, gene="XPO1")["beta"].tolist() == expected


def test_arrays_for_repeated_options(sheet):
    found = tools.kaplan_meier(samples=sheet, endpoint="os", at=np.array([6.0, 12.0])).summary
    assert found["time_months"].dropna().tolist() == [6, 12]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"expression": [1, 2]}, "list is no expression matrix"),
        ({"expression": pd.DataFrame({"A": ["x"]}, index=["XPO1"])}, "text where numbers"),
        ({"samples": {"sample_id": [1]}}, "dict is no sample sheet"),
        ({"annotation": [[1]]}, "list is no"),
    ],
)
def test_other_objects_are_refused(sheet, matrix, options, says):
    with pytest.raises(BadInput, match=says):
        tools.cox(**{"samples": sheet, "expression": matrix, "gene": "XPO1", "endpoint": "os", **options})


def test_effects_are_checked_like_a_file():
    with pytest.raises(BadInput, match="neither log_hr and se nor hr"):
        tools.meta_analysis(effects=pd.DataFrame({"cohort": ["a", "b"]}))
