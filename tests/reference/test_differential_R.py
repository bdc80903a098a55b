"""Differential expression against limma and edgeR: lmFit, eBayes, voom, calcNormFactors, filterByExpr."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.stats.lowess import lowess

HERE = Path(__file__).parent / "differential"
WANTED = dict(tuple(pd.read_csv(HERE / "reference.tsv.gz", sep="\t", na_values=["NA", "NaN"]).groupby("setting")))
SEVERAL = pd.read_csv(HERE / "several.tsv.gz", sep="\t", na_values=["NA", "NaN"])
SAMPLES = pd.read_csv(HERE / "samples.tsv", sep="\t", dtype=str)
GROUP = {"group_column": "group"}
COUNTS = {"method": "voom", "block": ["none"]}
CALLS = {
    "plain": ("full", GROUP | {"block": ["none"]}),
    "block": ("full", GROUP),
    "trend": ("full", GROUP | {"trend": True, "block": ["cohort"]}),
    "covariates": ("full", GROUP | {"covariate": ["age", "grade"]}),
    "gaps": ("gaps", GROUP),
    "gaps_trend": ("gaps", GROUP | {"covariate": ["age"], "trend": True}),
    "continuous": ("full", {"score_column": "score"}),
    "levels": ("full", {"group_column": "three", "level": "z", "reference": "x"}),
    "pairs": ("full", {"group_column": "tissue", "pair_column": "patient_id"}),
    "pairs_gaps": ("gaps", {"group_column": "tissue", "pair_column": "patient_id"}),
    "few": ("full", GROUP | {"block": ["none"]}),
    "gene": ("full", {"gene": "G050"}),
    "voom_none": ("counts", GROUP | COUNTS | {"normalize": "none"}),
    "voom_tmm": ("counts", GROUP | COUNTS),
    "voom_block": ("counts", GROUP | COUNTS | {"block": ["cohort"], "covariate": ["age"]}),
    "voom_kept": ("counts", GROUP | COUNTS | {"filter": False}),
}


def matrix(name):
    return pd.read_csv(HERE / f"{name}.tsv", sep="\t", index_col="gene_id")


@pytest.mark.parametrize("setting", CALLS)
@pytest.mark.filterwarnings("ignore")
def test_as_limma(setting):
    name, options = CALLS[setting]
    samples = SAMPLES.iloc[[*range(4), *range(20, 24)]] if setting == "few" else SAMPLES
    found = tools.differential_expression(samples=samples, expression=matrix(name), **options).table
    found = found.set_index("gene_id")
    wanted = WANTED[setting].set_index("gene_id")
    missing = {"G045"} if name == "gaps" else set()
    assert set(found.index) == set(wanted.index) | missing
    assert found.loc[list(missing), "p_value"].isna().all()
    for column in wanted.columns.drop("setting"):
        np.testing.assert_allclose(
            found.loc[wanted.index, column].astype(float), wanted[column], rtol=1e-6, atol=1e-9, err_msg=column
        )


@pytest.mark.parametrize(("setting", "options"), [
    ("f_plain", {"block": ["none"]}), ("f_block", {"covariate": ["age"]}),
    ("f_trend", {"covariate": ["age"], "trend": True}), ("f_gaps", {"covariate": ["age"]}), ("f_voom", COUNTS),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_any_of_several_groups_as_limma(setting, options):
    """topTable of the coefficients of all groups, whichever two of them are compared."""
    wanted = SEVERAL[SEVERAL["setting"] == setting].set_index("gene_id")
    x = matrix({"f_voom": "counts", "f_gaps": "gaps"}.get(setting, "full"))
    pairs = [("z", "x"), ("y", "x")] + [("x", "y")] * (
        setting not in ("f_gaps", "f_voom")
    )  # else it depends on the base
    for level, reference in pairs:
        found = tools.differential_expression(samples=SAMPLES, expression=x, group_column="three", level=level,
                                              reference=reference, **options).table.set_index("gene_id")  # fmt: skip
        assert set(wanted.index) <= set(found.index) and (found["f_df"].astype(float).dropna() == 2).all()
        for column in ("f", "f_p_value", "f_q_value"):
            np.testing.assert_allclose(found.loc[wanted.index, column].astype(float), wanted[column], rtol=1e-6,
                                       atol=1e-9, err_msg=column)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_two_groups_and_rank_tests_have_no_f():
    for options in (GROUP, {"group_column": "three", "level": "z", "reference": "x", "method": "wilcoxon"}):
        found = tools.differential_expression(samples=SAMPLES, expression=matrix("full"), **options).table
        assert found[["f", "f_df", "f_p_value", "f_q_value"]].astype(float).isna().all().all()


def test_lowess_as_r():
    values, smooth = matrix("full").to_numpy(), pd.read_csv(HERE / "lowess.tsv", sep="\t")
    x, y = lowess(values[0], values[1], 0.5)
    np.testing.assert_allclose(x, smooth["x"])
    np.testing.assert_allclose(y, smooth["y"], rtol=1e-9)


@pytest.mark.parametrize("far", [1e2, 1e5, 1e8])
def test_trend_where_few_genes_have_means_far_from_the_others(far):
    """Values that are not logarithms (make_far_means.R)."""
    x = pd.read_csv(HERE / "far_means_data.tsv", sep="\t", float_precision="round_trip")
    r = pd.read_csv(HERE / "far_means_expected.tsv", sep="\t", float_precision="round_trip")
    x, r = x[x["far"] == far].drop(columns="far"), r[r["far"] == far].set_index("gene_id")
    ids = list(x.columns[1:])
    sheet = pd.DataFrame({"sample_id": ids, "group": ["N"] * 7 + ["T"] * 8})
    found = tools.differential_expression(
        samples=sheet, expression=x, group_column="group", level="T", reference="N", trend=True
    ).table.set_index("gene_id")
    for column in ("log_fc", "t", "p_value", "df"):
        np.testing.assert_allclose(found.loc[r.index, column], r[column], rtol=1e-6, atol=1e-12)
