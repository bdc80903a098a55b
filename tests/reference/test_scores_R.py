"""Scores of signatures against GSVA, and singscore against its published formula in R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.data.signature import read_signature
from prognomics.signature import score_analysis

HERE = Path(__file__).parent / "scores"

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def scored(matrix, file, method, pairs=(), normalize=True):
    values, genes = matrix.to_numpy(float), list(matrix.index)
    wanted = score_analysis.signatures_to_score(file, [], pairs)
    found, _ = score_analysis.find_signatures(values, genes, wanted, {}, method, 0.1)
    scores = score_analysis.score_samples(values, found, method, normalize=normalize)
    return pd.DataFrame(scores, index=[s.name for s in found], columns=matrix.columns)


def compare(matrix, file, expected, pair):
    assert len(expected)
    for (method, name), rows in expected.groupby(["method", "set"]):
        normalize = method != "ssgsea_raw"
        pairs = [pair] if name == "pair" else ()
        scores = scored(matrix, file, method.removesuffix("_raw"), pairs, normalize)
        mine = scores.iloc[0] if pairs else scores.loc[name]
        np.testing.assert_allclose(mine[rows["sample"]], rows["value"], rtol=1e-9, atol=1e-10, err_msg=name)


def test_agrees_with_GSVA_and_the_formula():
    matrix = pd.read_csv(HERE / "data.tsv", sep="\t", index_col=0)
    expected = pd.read_csv(HERE / "reference.tsv", sep="\t", skipinitialspace=True)
    compare(matrix, read_signature(HERE / "sets.gmt"), expected, ("UP", "DOWN"))


@pytest.mark.parametrize("cohort", ["TCGA-CHOL", "GSE8842"])
def test_real_cohorts(shared_data, tmp_path, cohort):
    if cohort == "TCGA-CHOL":
        matrix = np.log2(pd.read_csv(shared_data / "tcga/TCGA-CHOL.rsem.tsv.gz", sep="\t", index_col=0) + 1.0)
        matrix.index = [name.split("|")[0] for name in matrix.index]
        matrix = matrix[~matrix.index.duplicated()]
    else:
        matrix = pd.read_csv(shared_data / f"ovarian/{cohort}.expression.tsv.gz", sep="\t", index_col=0).dropna()
    genes = read_signature(shared_data / "signatures/cinsarc_hofvander.txt").one(None).genes
    present = set(matrix.index)
    sets = {"CINSARC": [g for g in genes if g in present], "FIRST": first_fifty(matrix.index)}
    (tmp_path / "sets.gmt").write_text("".join("\t".join([n, "na", *g]) + "\n" for n, g in sets.items()))
    expected = pd.read_csv(HERE / "real_reference.tsv", sep="\t", skipinitialspace=True)
    expected = expected[expected["cohort"] == cohort]
    compare(matrix, read_signature(tmp_path / "sets.gmt"), expected, ("CINSARC", "FIRST"))


def first_fifty(genes):
    return sorted(genes)[:50]
