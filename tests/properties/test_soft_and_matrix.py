"""A family SOFT file and a series matrix of the same data give the same cohort, also with rows that samples lack."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prognomics.sources.geo import read_series_matrix
from prognomics.sources.geo_soft import read_family_soft

values = st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda v: round(v, 4)))


def cell(value):
    return "" if value is None else repr(value)


def as_matrix(rows, ages):
    ids = [f"GSM{i}" for i in range(len(ages))]
    lines = ["!Sample_geo_accession", *(f'"{i}"' for i in ids)], ["!Sample_platform_id", *['"GPL1"'] * len(ids)]
    lines += (["!Sample_characteristics_ch1", *(f'"age: {age}"' for age in ages)],)
    text = ["\t".join(line) for line in lines] + ["!series_matrix_table_begin", "\t".join(["ID_REF", *ids])]
    text += ["\t".join([f"{n}_at", *map(cell, row)]) for n, row in enumerate(rows)]
    return "\n".join([*text, "!series_matrix_table_end", ""])


def as_family(rows, ages, order):
    """Each sample's table in an order of its own; a missing value is an empty cell, or no row at all."""
    text = []
    for i, age in enumerate(ages):
        text += [f"^SAMPLE = GSM{i}", f"!Sample_geo_accession = GSM{i}", "!Sample_platform_id = GPL1",
                 f"!Sample_characteristics_ch1 = age: {age}", "!sample_table_begin", "ID_REF\tCALL\tVALUE"]  # fmt: skip
        places = range(len(rows)) if i == 0 else order
        kept = [n for n in places if i == 0 or n % 2 or rows[n][i] is not None]
        text += [f"{n}_at\tP\t{cell(rows[n][i])}" for n in kept] + ["!sample_table_end"]
    return "\n".join([*text, ""])


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_both_give_the_same(data):
    n_rows, n_samples = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    row = st.lists(values, min_size=n_samples, max_size=n_samples)
    rows = data.draw(st.lists(row, min_size=n_rows, max_size=n_rows))
    ages = data.draw(st.lists(st.integers(1, 99), min_size=n_samples, max_size=n_samples))
    # a sample without a row is one without values, and is excluded
    rows.append([1.0] * n_samples)
    order = data.draw(st.permutations(range(len(rows))))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("matrix", "family")]
        paths[0].write_text(as_matrix(rows, ages))
        paths[1].write_text(as_family(rows, ages, order))
        matrix, family = read_series_matrix(paths[0]), read_family_soft(paths[1])
    assert family.expression.row_ids == matrix.expression.row_ids
    np.testing.assert_array_equal(family.expression.values, matrix.expression.values)
    assert family.samples["age"].tolist() == matrix.samples["age"].tolist() == [str(age) for age in ages]
    assert family.samples["sample_id"].tolist() == matrix.samples["sample_id"].tolist()
