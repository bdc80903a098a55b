"""Rows to genes: composites, collapse rules, what is lost."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput, UsageError
from prognomics.expression.gene_names import split_gene_id, update_symbols
from prognomics.expression.genes import map_genes

pytestmark = pytest.mark.filterwarnings("ignore:.linear-scale.:prognomics.errors.AnalysisWarning")

NAN = np.nan


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("XPO1", ["XPO1"]),
        ("A /// B", ["A", "B"]),
        ("A///B///C", ["A", "B", "C"]),
        ("A // B", ["A", "B"]),
        ("A;B, C", ["A", "B", "C"]),
        ("A|B", ["A", "B"]),
        ("A///A///", ["A"]),
        ("XPO1|7514", ["XPO1"]),
        ("?|100130426", []),
        ("HLA-A", ["HLA-A"]),
        ("NKX2-5", ["NKX2-5"]),
        ("---", []),
        ("", []),
        ("NA", []),
        (None, []),
        (NAN, []),
    ],
)
def test_split_gene_id(text, symbols):
    assert split_gene_id(text) == symbols


def metric(mapped, name):
    return int(mapped.report.set_index("metric").loc[name, "value"])


def row(mapped, gene):
    return mapped.values[mapped.gene_ids.index(gene)].tolist()


@pytest.mark.parametrize("collapse", ["max_variance", "max_mean", "median", "mean"])
@pytest.mark.parametrize("composite", ["drop", "first", "split"])
def test_a_composite_row_never_disturbs_a_plain_one(collapse, composite):
    values = np.array([[0.0, 100.0, 200.0], [1.0, 2.0, 3.0], [500.0, 0.0, 900.0]])
    mapped = map_genes(values, ["KIF11///XPO1", "XPO1", "XPO1 /// B"], collapse=collapse, composite=composite)
    assert row(mapped, "XPO1") == [1, 2, 3]
    assert len(set(mapped.gene_ids)) == len(mapped.gene_ids)


def test_composite_rules():
    values = np.arange(8.0).reshape(4, 2)
    ids = ["A///B", "B", "C///D", "D///C"]
    dropped = map_genes(values, ids, collapse="mean", composite="drop")
    assert dropped.gene_ids == ["B"]
    assert metric(dropped, "composite_rows_dropped") == 3
    assert dropped.report.set_index("metric").loc["genes_lost_with_composite_rows", "ids"] == "A;C;D"
    first = map_genes(values, ids, collapse="mean", composite="first")
    assert first.gene_ids == ["A", "B", "C", "D"]
    assert row(first, "C") == [4, 5]
    split = map_genes(values, ids, collapse="mean", composite="split")
    assert row(split, "C") == row(split, "D") == [5, 6]
    assert row(split, "B") == [2, 3]
    assert metric(split, "genes_that_share_a_row") == 2


def test_collapse_rules_with_missing_values():
    values = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 5.0, 0.0, 5.0], [9.0, NAN, 9.0, 9.0], [0.0, 99.0, NAN, NAN]])
    ids = ["p1", "p2", "p3", "p4"]
    features = pd.DataFrame({"probe_id": ids, "gene_symbol": ["G"] * 3 + ["H"], "entrez_id": [1, 1, 1, 2]})
    assert row(map_genes(values, ids, features, collapse="max_variance", composite="drop"), "G") == [
        0,
        5,
        0,
        5,
    ]
    assert row(map_genes(values, ids, features, collapse="max_mean", composite="drop"), "G")[0] == 9
    assert row(map_genes(values, ids, features, collapse="median", composite="drop"), "G") == [1, 3.5, 3, 5]
    mean = map_genes(values, ids, features, collapse="mean", composite="drop")
    np.testing.assert_allclose(row(mean, "G"), [10 / 3, 3.5, 4, 6])
    np.testing.assert_array_equal(row(mean, "H"), [0, 99, NAN, NAN])


def test_a_tie_goes_to_the_first_row_and_a_sparse_row_last():
    values = np.array([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0], [0.0, NAN, NAN]])
    mapped = map_genes(values, ["G", "G", "G"], collapse="max_variance", composite="drop")
    assert row(mapped, "G") == [1, 2, 3]
    sparse = np.array([[0.0, 90.0, NAN, NAN, NAN], [1.0, 2.0, 3.0, 4.0, 5.0]])
    mapped = map_genes(sparse, ["G", "G"], collapse="max_variance", composite="drop")
    assert row(mapped, "G") == [1, 2, 3, 4, 5]


def test_what_is_lost_is_listed():
    ids = ["p1", "p2", "p3", "p4", "p5"]
    features = pd.DataFrame({"probe_id": ["p1", "p2", "p3", "p4"], "gene_symbol": ["A", None, "A /// B", "A"]})
    mapped = map_genes(np.arange(10.0).reshape(5, 2) ** 2, ids, features, collapse="max_variance", composite="drop")
    assert mapped.gene_ids == ["A"]
    reasons = mapped.lost.set_index("row_id")["reason"].to_dict()
    assert reasons == {"p1": "not_chosen", "p2": "no_symbol", "p3": "composite", "p5": "no_feature"}
    assert metric(mapped, "rows_in") == 5
    assert metric(mapped, "genes_with_several_rows") == 1


def test_several_lines_of_a_probe_make_it_composite():
    features = pd.DataFrame({"probe_id": ["p1", "p1", "p2", "p2"], "gene_symbol": ["A", "B", "C", "C"]})
    mapped = map_genes(np.eye(2), ["p1", "p2"], features, collapse="mean", composite="drop")
    assert mapped.gene_ids == ["C"]


def test_faults_are_named():
    features = pd.DataFrame({"probe_id": ["x1", "x2"], "gene_symbol": ["A", "B"]})
    with pytest.raises(BadInput, match="no row of the matrix is in the feature map") as raised:
        map_genes(np.eye(2), ["p1", "p2"], features, collapse="mean", composite="drop")
    assert "p1" in str(raised.value) and "x1" in str(raised.value)
    with pytest.raises(BadInput, match="more than once") as raised:
        map_genes(np.eye(2), ["x1", "x1"], features, collapse="mean", composite="drop")
    assert "x1" in str(raised.value)
    with pytest.raises(BadInput, match="gene_symbol"):
        map_genes(np.eye(2), ["x1", "x2"], features[["probe_id"]], collapse="mean", composite="drop")
    with pytest.raises(BadInput, match="no row names a gene"):
        map_genes(np.eye(2), ["?|1", "?|2"], collapse="mean", composite="drop")
    with pytest.raises(UsageError):
        map_genes(np.eye(2), ["A", "B"], collapse="max", composite="drop")
    with pytest.raises(UsageError):
        map_genes(np.eye(2), ["A", "B"], collapse="mean", composite="keep")
    with pytest.warns(AnalysisWarning, match="few-features"):
        map_genes(np.eye(5), ["x1", "p2", "p3", "p4", "p5"], features, collapse="mean", composite="drop")


@pytest.mark.parametrize("composite", ["drop", "first", "split"])
def test_xpo1_of_an_ovarian_cohort_stays_itself(shared_data, composite):
    table = pd.read_csv(shared_data / "ovarian" / "GSE12470.expression.tsv.gz", sep="\t", index_col=0)
    mapped = map_genes(table.to_numpy(), table.index, collapse="max_variance", composite=composite)
    assert row(mapped, "XPO1") == table.loc["XPO1"].tolist()
    assert metric(mapped, "composite_rows") == table.index.str.contains("///").sum()


def test_tcga_rows_are_symbols(shared_data):
    table = pd.read_csv(shared_data / "tcga" / "TCGA-CHOL.rsem.tsv.gz", sep="\t", index_col=0)
    mapped = map_genes(table.to_numpy(), table.index, collapse="max_variance", composite="drop")
    assert metric(mapped, "rows_without_symbol") == 29
    assert row(mapped, "XPO1") == table.loc["XPO1|7514"].tolist()


def test_the_brightest_row_is_warned_of_on_a_linear_scale():
    linear = np.array([[100.0, 900.0], [3000.0, 9000.0]])
    with pytest.warns(AnalysisWarning, match="linear-scale"):
        map_genes(linear, ["A", "A"], collapse="max_variance", composite="drop")


def test_older_symbols_are_brought_up_to_date():
    aliases = {"CDK1": ["CDC2", "CDC28A"], "SEPTIN1": ["SEPT1"], "SEPTIN9": ["SEPT1"], "CDC2": []}
    named, renamed, ambiguous = update_symbols([["CDC28A", "CDK1"], ["SEPT1"], ["CDC2"], []], aliases)
    assert named == [["CDK1"], ["SEPT1"], ["CDC2"], []]  # CDC2 is current itself here, so it stays
    assert renamed == {"CDC28A": "CDK1"}
    assert ambiguous == ["SEPT1"]


def test_an_updated_symbol_makes_a_composite_row_plain():
    values = np.array([[1.0, 2.0], [3.0, 5.0]])
    found = map_genes(values, ["CDC2///CDK1", "XPO1"], collapse="max_variance", composite="drop",
                      aliases={"CDK1": ["CDC2"]})  # fmt: skip
    assert found.gene_ids == ["CDK1", "XPO1"]
    assert dict(zip(found.report["metric"], found.report["ids"]))["symbols_updated"] == "CDC2=CDK1"
