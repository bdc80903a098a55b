"""The Python interface: signatures, what notebooks show, errors in Python's words, frames of other libraries."""

import inspect
import sys
import types
import warnings

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import AnalysisWarning, BadInput, PrognomicsError, UsageError
from prognomics.spec.loader import load_tool, tool_names


@pytest.fixture(autouse=True)
def inside(repository, monkeypatch):
    monkeypatch.chdir(repository / "test-data")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)
        yield


@pytest.fixture
def sheet():
    return pd.read_csv("alpha.samples.tsv", sep="\t")


def cox(samples, **options):
    return tools.cox(samples=samples, endpoint="os", covariate=["age_years"], model="univariable", **options)


@pytest.mark.parametrize("name", tool_names())
def test_signatures_are_those_of_the_specs(name):
    function = getattr(tools, name)
    parameters = inspect.signature(function).parameters
    wanted = [i.name for i in load_tool(name).inputs if i.name not in ("plot_format", "matrix_format")]
    assert list(parameters) == wanted
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values())
    assert all(f"{name} : " in function.__doc__ for name in wanted)


def test_types_and_defaults_of_a_signature():
    parameters = inspect.signature(tools.cox).parameters
    assert parameters["ties"].default == "efron" and "'breslow'" in str(parameters["ties"])
    assert parameters["samples"].default is inspect.Parameter.empty
    assert parameters["covariate"].annotation == list[str]


def test_a_notebook_shows_warnings_and_the_first_table(sheet):
    sheet["treated"] = np.where(np.arange(len(sheet)) % 2, "<b>", "no")
    shown = tools.cox(samples=sheet, endpoint="os", covariate=["treated"], model="univariable")._repr_html_()
    assert "<table" in shown and "treated" in shown and "outputs: table" in shown
    assert "&lt;b&gt;" in shown and "<b></td>" not in shown


def test_a_notebook_shows_a_figure(sheet):
    assert tools.kaplan_meier(samples=sheet, endpoint="os").plot._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(("options", "kind", "says"), [
    ({"covarite": ["age_years"]}, TypeError, r"cox\(\) has no argument 'covarite'"),
    ({"out_table": "x.tsv"}, UsageError, "attributes of the result: table"),
    ({"endpoint": None}, UsageError, "name the endpoint: endpoint, or time_column and event_column"),
    ({"ties": "efrom"}, UsageError, "ties 'efrom': .*did you mean efron"),
    ({"covariate": ["age_year"]}, BadInput, "did you mean age_years"),
    ({"impute": "many"}, UsageError, "impute 'many'"),
    ({"samples": "no.tsv"}, UsageError, "samples: "),
])  # fmt: skip
def test_errors_are_in_python_s_words(options, kind, says):
    given = {"samples": "alpha.samples.tsv", "endpoint": "os", "covariate": ["age_years"], **options}
    with pytest.raises(kind, match=f"(?s){says}") as caught:
        tools.cox(**given)
    assert isinstance(caught.value, PrognomicsError) and "--" not in str(caught.value)


def test_an_output_that_is_not_there(sheet):
    with pytest.raises(AttributeError, match="did you mean table"):
        cox(sheet).tabel  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean cox"):
        tools.coxx  # noqa: B018


def test_a_sheet_indexed_by_sample_id(sheet):
    expected = cox(sheet).table
    pd.testing.assert_frame_equal(cox(sheet.set_index("sample_id")).table, expected)
    groups = pd.DataFrame({"half": np.arange(len(sheet)) % 2}, index=pd.Index(sheet["sample_id"], name="sample_id"))
    found = tools.cox(samples=sheet, annotation=groups, endpoint="os", covariate=["half"], model="univariable")
    assert found.table["term"].tolist() == ["half"]


def test_anndata_is_matrix_and_sheet(sheet):
    anndata = pytest.importorskip("anndata")
    matrix = pd.read_csv("alpha.tsv", sep="\t", index_col=0)
    obs = sheet.set_index("sample_id").loc[matrix.columns]
    obs.index.name = None
    both = anndata.AnnData(matrix.T.to_numpy(), obs=obs, var=pd.DataFrame(index=matrix.index))
    found = tools.cox(samples=both, expression=both, gene=["XPO1"], endpoint="os", model="univariable").table
    expected = tools.cox(samples=sheet, expression=matrix, gene=["XPO1"], endpoint="os", model="univariable").table
    pd.testing.assert_frame_equal(found, expected)


class Column:
    def __init__(self, values):
        self.values = values
        numeric = pd.api.types.is_numeric_dtype(values)
        self.dtype = types.SimpleNamespace(is_numeric=lambda: numeric)

    def to_list(self):
        return [None if value != value else value for value in self.values.tolist()]


class Frame:
    """As much of polars as is used; the real one where it is installed."""

    def __init__(self, frame):
        self.frame, self.columns = frame, list(frame.columns)

    def get_column(self, name):
        return Column(self.frame[name])


Frame.__module__ = "polars.dataframe.frame"


def polars_frame(frame):
    return sys.modules["polars"].from_pandas(frame) if "polars" in sys.modules else Frame(frame)


def test_polars_frames(sheet):
    matrix = pd.read_csv("alpha.tsv", sep="\t")
    options = {"gene": ["XPO1"], "endpoint": "os", "model": "univariable"}
    expected = tools.cox(samples=sheet, expression=matrix.set_index("gene_id"), **options).table
    found = tools.cox(samples=polars_frame(sheet), expression=polars_frame(matrix), **options).table
    pd.testing.assert_frame_equal(found, expected)
