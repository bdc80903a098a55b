"""A signature's genes as the heat map shows them."""

import numpy as np

from prognomics.data.matrix import ExpressionMatrix
from prognomics.signature.signature_values import signature_values


def test_genes_are_standardized_within_groups():
    values = np.array([[1.0, 3.0, 10.0, 14.0], [5.0, 5.0, 1.0, np.nan], [0.0, 0.0, 0.0, 0.0]])
    matrix = ExpressionMatrix(values, ["a", "b", "c"], ["s1", "s2", "s3", "s4"])
    found = signature_values(matrix, ["b", "a"], ["x", "x", "y", "y"])
    assert found.index.tolist() == ["b", "a"]
    np.testing.assert_allclose(found.loc["a"], np.array([-1, 1, -1, 1]) / np.sqrt(2))
    assert found.loc["b"].isna().all()  # constant in one group, a single value in the other


def test_without_groups_over_all_samples():
    found = signature_values(ExpressionMatrix(np.array([[1.0, 2.0, 3.0]]), ["a"], ["s1", "s2", "s3"]), ["a"])
    np.testing.assert_allclose(found.loc["a"], [-1, 0, 1])
