"""Differential expression: which samples and genes have a part, and models whose columns depend on each other."""

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.data.matrix import ExpressionMatrix
from prognomics.errors import BadInput, Refused, UsageError
from prognomics.expression.differential import genes_of_marker
from prognomics.stats.linear_by_gene import fit_by_gene, linear_design
from prognomics.stats.moderated import inverse_trigamma, squeeze_variances

QUIET = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.fixture
def study():
    rng = np.random.default_rng(5)
    n = 40
    ids = [f"S{i:02d}" for i in range(n)]
    sheet = pd.DataFrame({
        "sample_id": ids, "patient_id": [f"P{i // 2}" for i in range(n)], "cohort": ["a"] * 24 + ["b"] * 16,
        "G1_group": rng.choice(["low", "high"], n), "tissue": ["normal", "tumor"] * (n // 2),
        "age": rng.normal(60, 9, n),
    })  # fmt: skip
    values = rng.standard_normal((30, n)) + 8
    return sheet, pd.DataFrame(values, [f"G{i}" for i in range(30)], ids)


def table(sheet, matrix, **options):
    return tools.differential_expression(samples=sheet, expression=matrix, **options).table.set_index("gene_id")


@QUIET
@pytest.mark.parametrize("method", ["limma", "wilcoxon"])
def test_order_of_samples_and_shifts_of_cohorts_do_not_matter(study, method):
    sheet, matrix = study
    first = table(sheet, matrix, group_column="G1_group", method=method)
    assert "G1" not in first.index and len(first) == 29
    moved = matrix + np.where(sheet["cohort"] == "b", 5.0, 0.0)
    second = table(sheet.iloc[::-1], moved.iloc[:, ::-1], group_column="G1_group", method=method).loc[first.index]
    columns = ["n", "log_fc", "t", "p_value", "q_value"]
    np.testing.assert_allclose(second[columns], first[columns], rtol=1e-9)


@QUIET
def test_ranks_are_those_of_the_comparison_of_every_gene(study):
    sheet, matrix = study
    found = table(sheet, matrix, group_column="tissue", method="wilcoxon")
    other = tools.compare_groups(samples=sheet, expression=matrix, gene=["G2"], group_column="tissue").genes
    wanted = other.set_index("gene").loc[found.index]
    np.testing.assert_allclose(found["p_value"], wanted["p_value"])
    np.testing.assert_allclose(found["log_fc"], wanted["difference"])


@QUIET
def test_pairs_by_signed_ranks(study):
    sheet, matrix = study
    found = table(sheet.iloc[1:], matrix, group_column="tissue", method="wilcoxon", pair_column="patient_id")
    wanted = tools.compare_groups(samples=sheet, expression=matrix, gene=["G7"], group_column="tissue",
                                  test="wilcoxon_signed_rank", pair_column="patient_id",
                                  where=["sample_id!=S00"])  # fmt: skip
    row = wanted.table[wanted.table["row_type"] == "pair"].iloc[0]
    assert found.loc["G7", "p_value"] == pytest.approx(row["p_value"])
    assert found.loc["G7", ["n", "n_level"]].tolist() == [38, 19]


def test_rows_of_the_marker():
    values = np.zeros((4, 2))
    plain = ExpressionMatrix(values, ["XPO1", "XPO1_alt", "TP53", "group"], ["a", "b"])
    assert genes_of_marker(["XPO1_group"], plain) == ["XPO1"]
    assert genes_of_marker(["XPO1_alt_group"], plain) == ["XPO1_alt"]
    assert genes_of_marker(["XPO12_group"], plain) == [] and genes_of_marker(["stage"], plain) == []
    probes = ExpressionMatrix(values, ["p1", "p2", "p3", "p4"], ["a", "b"], symbols=["XPO1", "XPO1", "TP53", "MYC"])
    assert genes_of_marker(["XPO1_group"], probes) == ["p1", "p2"] == genes_of_marker(["p2"], probes)


def test_dependent_columns_are_dropped_and_a_dependent_contrast_is_refused():
    rng = np.random.default_rng(1)
    n = 20
    a, x = np.arange(n) % 2.0, rng.standard_normal(n)
    nuisance = np.column_stack([np.ones(n), a, 1 - a, x])
    design = linear_design(nuisance, rng.standard_normal(n))
    assert design.columns.shape == (n, 4)
    with pytest.raises(Refused, match="confounded"):
        linear_design(nuisance, 2 * a + 3 * x - 1)
    values = rng.standard_normal((3, n))
    fit = fit_by_gene(values, design)
    weighted = fit_by_gene(values, design, np.full_like(values, 7.0))
    np.testing.assert_allclose(weighted.coefficient, fit.coefficient)
    np.testing.assert_allclose(weighted.unscaled * np.sqrt(weighted.variance), fit.unscaled * np.sqrt(fit.variance))


def test_many_columns_give_the_same_as_few_at_a_time(monkeypatch):
    rng = np.random.default_rng(3)
    values, design = rng.standard_normal((5, 30)), linear_design(np.ones((30, 1)), rng.standard_normal(30))
    values[rng.random(values.shape) < 0.2] = np.nan
    first = fit_by_gene(values, design)
    monkeypatch.setattr("prognomics.stats.linear_by_gene.MANY_COLUMNS", 0)
    monkeypatch.setattr("prognomics.stats.linear_by_gene.BLOCK_VALUES", 40)
    second = fit_by_gene(values, design)
    np.testing.assert_allclose(second.coefficient, first.coefficient)
    np.testing.assert_allclose(second.variance, first.variance)


def test_large_values_keep_their_digits():
    rng = np.random.default_rng(4)
    values, design = rng.standard_normal((2, 30)), linear_design(np.ones((30, 1)), rng.standard_normal(30))
    first, second = fit_by_gene(values, design), fit_by_gene(values + 2.0**30, design)
    np.testing.assert_allclose(second.variance, first.variance, rtol=1e-5)


def test_squeezing():
    with pytest.raises(Refused, match="no gene has more samples"):
        squeeze_variances(np.full(3, np.nan), np.zeros(3))
    one = squeeze_variances(np.array([2.0]), np.array([5.0]))
    assert (one.df_prior, one.posterior[0], one.df_total[0]) == (0.0, 2.0, 5.0)
    with pytest.warns(UserWarning, match="more than half"):
        squeeze_variances(np.array([0.0, 0.0, 1.0]), np.full(3, 4.0))
    for y in (1e-4, 0.3, 5.0, 1e8):
        assert inverse_trigamma(float(np.pi**2 / 6)) == pytest.approx(1.0)
        assert inverse_trigamma(y) > 0


@QUIET
@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"group_column": "tissue", "level": "tumor", "reference": "tumor"}, UsageError, "both"),
        ({"group_column": "tissue", "where": ["tissue=tumor"]}, Refused, "two groups"),
        ({"score_column": "age", "where": ["sample_id=S01"]}, Refused, "does not vary"),
        ({"score_column": "age", "method": "wilcoxon"}, UsageError, "two groups"),
        ({"group_column": "G1_group", "pair_column": "sample_id"}, Refused, "0 pairs"),
        ({"group_column": "tissue", "omit_gene": ["nothing"]}, BadInput, "nothing"),
        ({"group_column": "tissue", "covariate": ["tissue"]}, Refused, "confounded"),
    ],
)
def test_refusals(study, options, error, words):
    with pytest.raises(error, match=words):
        table(*study, **options)


def test_cohorts_outside_the_model_are_warned_of(study):
    with pytest.warns(UserWarning, match="2 cohorts"):
        table(*study, group_column="G1_group", block=["none"])


def test_the_heat_map_has_the_first_genes_standardized_within_cohorts():
    """Genes higher in the level first; only samples of the two groups; a continuous marker from low to high."""
    from prognomics.expression.differential import differential_table, prepare_genes
    from prognomics.expression.differential_heatmap import top_genes
    from prognomics.expression.differential_samples import compare_continuous, compare_levels

    rng = np.random.default_rng(4)
    n = 90
    sheet = pd.DataFrame({"sample_id": [f"S{i:02d}" for i in range(n)], "cohort": np.repeat(["a", "b"], 45),
                          "kind": np.tile(["x", "y", "z"], 30)})  # fmt: skip
    values = rng.normal(size=(30, n)) + 8 * (sheet["cohort"] == "b").to_numpy()
    values[:3, sheet["kind"] == "z"] += 2
    values[3:5, sheet["kind"] == "z"] -= 2
    x = ExpressionMatrix(values, [f"G{i:02d}" for i in range(30)], sheet["sample_id"].tolist())
    adjusting = {"covariates": [], "factors": [], "numerics": [], "block": ["auto"], "pairs": None, "pair_column": None}
    usable, options = np.ones(n, bool), {"method": "limma", "normalize": "none", "keep_expressed": False, "omit": []}
    levels = compare_levels(sheet, usable, "kind", "z", "x", **adjusting)
    slope = compare_continuous(sheet, usable, values[7], "G07", **adjusting)
    ids = sheet["sample_id"].tolist()
    table = differential_table(x, levels, ids, **options)
    shown, group = top_genes(prepare_genes(x, levels, ids, **options), levels, table, 5)
    assert sorted(shown.index[:3]) == ["G00", "G01", "G02"] and sorted(shown.index[3:]) == ["G03", "G04"]
    assert group.value_counts().to_dict() == {"x": 30, "z": 30} and list(group.index) == list(shown.columns)
    cohort = sheet.set_index("sample_id")["cohort"].loc[shown.columns]
    assert shown.T.groupby(cohort.to_numpy()).mean().abs().to_numpy().max() < 1e-12
    table = differential_table(x, slope, ids, **options)
    shown, group = top_genes(prepare_genes(x, slope, ids, **options), slope, table, 4)
    assert shown.shape == (4, n) and list(group[:45].unique()) == ["lower half"]
    assert (np.diff(pd.Series(values[7], ids)[shown.columns]) >= 0).all()
