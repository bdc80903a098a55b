"""Laws that hold for any matrix."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prognomics.expression.combat import combat
from prognomics.expression.genes import map_genes
from prognomics.expression.normalize import standardize
from prognomics.expression.quantile import normalize_quantiles

few = settings(max_examples=40, deadline=None)
numbers = st.floats(-20, 20).map(lambda x: round(x, 3))


@few
@given(arrays(float, st.tuples(st.integers(2, 12), st.integers(2, 8)), elements=numbers), st.randoms())
def test_quantiles_follow_the_order_of_genes_and_samples(values, random):
    found = normalize_quantiles(values)
    genes, samples = list(range(values.shape[0])), list(range(values.shape[1]))
    random.shuffle(genes)
    random.shuffle(samples)
    np.testing.assert_allclose(normalize_quantiles(values[genes][:, samples]), found[genes][:, samples], atol=1e-12)
    for before, after in zip(values.T, found.T):  # order within a sample is kept, ties stay ties
        order = np.argsort(before, kind="stable")
        assert (np.diff(after[order]) >= -1e-12).all()


@few
@given(
    arrays(float, st.tuples(st.integers(1, 8), st.integers(3, 10)), elements=numbers),
    st.floats(0.5, 4),
    st.floats(-5, 5),
)
def test_z_scores_know_no_unit(values, scale, shift):
    z, undefined = standardize(values)
    varying = ~undefined & (values.std(axis=1) > 1e-3)
    np.testing.assert_allclose(standardize(values * scale + shift)[0][varying], z[varying], atol=1e-8)


@few
@given(st.integers(0, 10_000), st.booleans())
def test_combat_moves_with_the_data(seed, parametric):
    rng = np.random.default_rng(seed)
    values = rng.normal(8, 1, (20, 15))
    batch = np.repeat(["a", "b", "c"], 5)
    found = combat(values, batch, parametric=parametric).values
    shift = rng.normal(0, 3, 20)[:, None]
    np.testing.assert_allclose(combat(values + shift, batch, parametric=parametric).values, found + shift, atol=1e-8)
    np.testing.assert_allclose(combat(values * 2, batch, parametric=parametric).values, found * 2, atol=1e-8)


ids = st.lists(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=3).map("///".join), min_size=1, max_size=12)


@few
@given(
    ids,
    st.sampled_from(["max_variance", "max_mean", "median", "mean"]),
    st.sampled_from(["drop", "first", "split"]),
    st.integers(0, 99),
)
def test_no_gene_twice_and_plain_rows_rule(rows, collapse, composite, seed):
    plain = [row for row in rows if len(set(row.split("///"))) == 1]
    if not plain:
        return
    values = np.random.default_rng(seed).normal(size=(len(rows), 4))
    mapped = map_genes(values, rows, collapse=collapse, composite=composite)
    assert len(set(mapped.gene_ids)) == len(mapped.gene_ids)
    keep = [i for i, row in enumerate(rows) if row in plain]
    alone = map_genes(values[keep], [rows[i] for i in keep], collapse=collapse, composite="drop")
    for gene, expected in zip(alone.gene_ids, alone.values):
        np.testing.assert_array_equal(mapped.values[mapped.gene_ids.index(gene)], expected)
