"""Values that dominate a variable: one rule for a variable and for the genes of a matrix."""

import numpy as np

from prognomics.modeling.influential import far_genes, far_values


def test_the_far_value_is_found_and_ordinary_ones_are_not():
    values = np.append(np.random.default_rng(1).normal(60, 10, 50), 99999)
    assert far_values(values).tolist() == [50]
    assert len(far_values(values[:-1])) == 0
    assert len(far_values([0.0, 1.0, 99999.0])) == 0  # too few to say
    assert len(far_values(np.r_[np.zeros(50), 1.0])) == 0  # a rare flag
    assert far_values(np.r_[np.zeros(50), np.ones(10), 2.0, np.nan, 5000.0]).tolist() == [62]


def test_several_codes_of_missing_values_are_found_together():
    values = np.append(np.random.default_rng(1).normal(60, 5, 60), [999.0] * 6)
    assert sorted(far_values(values)) == list(range(60, 66))


def test_the_genes_of_a_matrix_follow_the_same_rule():
    rng = np.random.default_rng(2)
    for n in (3, 8, 41, 200):
        genes = np.vstack([rng.standard_normal((40, n)), np.exp(4 * rng.standard_normal((60, n))),
                           np.round(np.exp(2 * rng.standard_normal((60, n))) - 0.9)])  # fmt: skip
        genes[::7, 0] = np.nan
        genes[3, n - 1] = 1e6
        far = {gene: far_values(row) for gene, row in enumerate(genes)}
        assert far_genes(genes) == [(gene, int(found[0])) for gene, found in far.items() if len(found)]
