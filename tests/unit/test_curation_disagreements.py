"""Fields of several columns whose values differ: named with ids, the first is taken."""

import warnings

import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.data.mapping import load_mapping

MAPPING = """
sample_id: id
patient_id: {column: [case, donor]}
tissue_type: {constant: primary}
endpoints:
  os:
    definition: death from any cause
    time: {column: [months_old, months_new], unit: months}
    event: {column: [status_old, status_new], event: [dead, died], censored: [alive]}
columns:
  sex: {column: [sex, gender], values: {M: male, F: female, male: male}}
  size_cm: {column: [size_a, size_b], number: true}
"""
SAME = {
    "id": ["a", "b", "c"], "case": ["p", "q", ""], "donor": ["p", "", "r"], "months_old": ["10", "", "30"],
    "months_new": ["10.0", "20", "30.1"], "status_old": ["dead", "alive", ""], "status_new": ["died", "", "alive"],
    "sex": ["M", "F", "F"], "gender": ["male", "f", ""], "size_a": ["1.0", "", "3"], "size_b": ["1", "2", ""],
}  # fmt: skip


def said(mapping=MAPPING, **columns):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        samples = curate(pd.DataFrame({**SAME, **columns}), load_mapping(mapping), "A").samples
    return samples, [w.message.text for w in told if w.message.code == "contradicting-columns"]


def test_values_of_the_same_meaning_agree():
    samples, texts = said()
    assert texts == []
    assert samples["os_time"].tolist() == [10, 20, 30] and samples["patient_id"].tolist() == ["p", "q", "r"]


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (
            "donor",
            "x",
            "patient_id: 1 samples have different values in 'case', 'donor'; the first is taken: a (case p, donor x)",
        ),
        ("months_new", "14", "endpoints.os.time: 1 samples have different values in 'months_old', 'months_new'"),
        ("status_new", "alive", "endpoints.os.event: 1 samples have different values in 'status_old', 'status_new'"),
        ("gender", "F", "columns.sex: 1 samples have different values in 'sex', 'gender'"),
        ("size_b", "1.2", "columns.size_cm: 1 samples have different values in 'size_a', 'size_b'"),
    ],
)
def test_values_that_differ_are_listed(column, value, text):
    samples, texts = said(**{column: [value, *SAME[column][1:]]})
    assert len(texts) == 1 and texts[0].startswith(text) and "a (" in texts[0]
    assert samples.loc[0, ["patient_id", "os_time", "os_event", "sex", "size_cm"]].tolist() == ["p", 10, 1, "male", 1]


def test_a_time_of_the_event_and_one_of_the_last_contact_differ_rightly():
    mapping = MAPPING.replace("months_new", "months_to_last_contact")
    assert said(mapping, months_to_last_contact=["7", "20", "31"])[1] == []
