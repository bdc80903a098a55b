"""False findings without any effect: groups unbalanced over cohorts, and sets of correlated genes."""

import numpy as np
import pandas as pd
import pytest

from prognomics import tools

IGNORE = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def cohorts_without_effect(rng, n_genes=200):
    """Three cohorts that differ in every gene and in how many of their samples are high."""
    sizes, fractions = (30, 30, 20), (0.2, 0.5, 0.8)
    cohort = np.repeat(["a", "b", "c"], sizes)
    high = np.concatenate([rng.permutation(n) < f * n for n, f in zip(sizes, fractions, strict=True)])
    shifts = rng.standard_normal((n_genes, 3))[:, np.repeat([0, 1, 2], sizes)]
    spread = np.sqrt(1 / rng.gamma(4, 0.25, n_genes))[:, None]
    ids = [f"S{i:02d}" for i in range(len(cohort))]
    matrix = pd.DataFrame(8 + shifts + spread * rng.standard_normal((n_genes, len(ids))),
                          [f"G{i}" for i in range(n_genes)], ids)  # fmt: skip
    return pd.DataFrame({"sample_id": ids, "cohort": cohort, "group": np.where(high, "high", "low")}), matrix


def screens_with_findings(method, block, repeats):
    found = 0
    for repeat in range(repeats):
        sheet, matrix = cohorts_without_effect(np.random.default_rng([repeat, 1]))
        table = tools.differential_expression(samples=sheet, expression=matrix, group_column="group", method=method,
                                              block=[block]).table  # fmt: skip
        found += bool((table["q_value"] < 0.05).any())
    return found


@IGNORE
@pytest.mark.slow
@pytest.mark.parametrize("method", ["limma", "wilcoxon"])
def test_screens_within_cohorts_hold_the_false_discovery_rate(method):
    repeats = 200
    limit = 0.05 * repeats + 3 * np.sqrt(0.05 * 0.95 * repeats)
    assert screens_with_findings(method, "auto", repeats) <= limit


@IGNORE
@pytest.mark.slow
def test_screens_across_cohorts_do_not():
    assert screens_with_findings("limma", "none", 20) >= 18


def preranked_p(rng, correlated, n_genes=1000, size=40, n=40):
    """p of one set of genes when the labels of samples are random."""
    common = rng.standard_normal(n) if correlated else np.zeros(n)
    values = rng.standard_normal((n_genes, n))
    values[:size] += 0.5 * common
    high = rng.permutation(n) < n // 2
    difference = values[:, high].mean(axis=1) - values[:, ~high].mean(axis=1)
    table = pd.DataFrame({"gene_id": [f"G{i}" for i in range(n_genes)], "t": difference})
    sets = pd.DataFrame({"gene_id": table["gene_id"][:size], "signature_id": "S"})
    return float(tools.enrichment(table=table, sets=[sets], permutations=1000).table["p_value"].iloc[0])


@pytest.mark.slow
def test_preranked_p_is_uniform_for_independent_genes_only():
    independent = np.array([preranked_p(np.random.default_rng([i, 2]), False) for i in range(400)])
    places = np.sort(independent)
    assert np.abs(places - (np.arange(400) + 0.5) / 400).max() < 1.63 / np.sqrt(400)  # Kolmogorov's 1% limit
    correlated = np.array([preranked_p(np.random.default_rng([i, 3]), True) for i in range(100)])
    assert (correlated < 0.05).mean() > 0.2


@IGNORE
@pytest.mark.slow
def test_permuted_labels_hold_the_level_for_correlated_genes():
    """The set of correlated genes of the test above in two cohorts, labels permuted within them."""
    p_values = []
    for i in range(100):
        rng = np.random.default_rng([i, 4])
        values = rng.standard_normal((300, 40))
        values[:40] += 0.5 * rng.standard_normal(40)
        values[:, 20:] += 2
        ids = [f"S{j:02d}" for j in range(40)]
        matrix = pd.DataFrame(values, [f"G{j:03d}" for j in range(300)], ids)
        sheet = pd.DataFrame({"sample_id": ids, "cohort": np.repeat(["a", "b"], 20),
                              "group": np.where(rng.permutation(40) < 20, "high", "low")})  # fmt: skip
        found = tools.differential_expression(samples=sheet, expression=matrix, group_column="group", permutations=100)
        sets = pd.DataFrame({"gene_id": matrix.index[:40], "signature_id": "S"})
        table = tools.enrichment(table=found.table, sets=[sets], permute="samples", permuted=found.permuted).table
        p_values.append(float(table["p_value"].iloc[0]))
    assert (np.array(p_values) < 0.05).mean() < 0.12  # 5% and three standard errors
