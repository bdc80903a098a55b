"""Samples of one patient whose outcomes differ are named, whichever of them is kept."""

import warnings

import pandas as pd
import pytest

from prognomics.curation.curate import curate

RAW = {
    "sample": ["a1", "a2", "b1", "b2", "c1", "d1"],
    "patient": ["a", "a", "b", "b", "c", "d"],
    "tissue": ["T", "T", "T", "N", "T", "T"],
    "time": ["10", "10.05", "20", "90", "5", "6"],
    "status": ["1", "1", "0", "1", "1", "0"],
}
MAPPING = {
    "sample_id": "sample", "patient_id": "patient",
    "tissue_type": {"column": "tissue", "values": {"T": "primary", "N": "normal"}},
    "endpoints": {"os": {"definition": "death", "time": {"column": "time", "unit": "months"},
                         "event": {"column": "status", "event": ["1"], "censored": ["0"]}}},
    "one_sample_per": {"column": ["patient_id", "tissue_type"]},
}  # fmt: skip


def said(changes=None, **mapping):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        curate(pd.DataFrame({**RAW, **(changes or {})}), {**MAPPING, **mapping}, "c")
    return [str(w.message) for w in caught if "[patient-outcomes-differ]" in str(w.message)]


def test_rounded_times_and_other_tissues_agree():
    assert said() == []


@pytest.mark.parametrize(("changes", "text"), [
    ({"time": ["10", "12", "20", "90", "5", "6"]}, "a (a1 10 months, event; a2 12 months, event)"),
    ({"status": ["1", "0", "0", "1", "1", "0"]}, "a (a1 10 months, event; a2 10.05 months, censored)"),
])  # fmt: skip
def test_a_different_time_or_status_is_named(changes, text):
    (found,) = said(changes)
    assert "os: 1 of 1 patients with several samples of one tissue type" in found and text in found


def test_it_is_said_without_a_choice_of_samples_too():
    mapping = {name: value for name, value in MAPPING.items() if name != "one_sample_per"}
    changes = {"time": ["10", "12", "20", "90", "5", "6"]}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        curate(pd.DataFrame({**RAW, **changes}), mapping, "c")
    assert any("[patient-outcomes-differ]" in str(w.message) for w in caught)


def test_samples_that_do_not_have_the_endpoint_say_nothing():
    endpoint = {**MAPPING["endpoints"]["os"], "only": {"tissue_type": ["normal"]}}
    assert said({"time": ["10", "12", "20", "90", "5", "6"]}, endpoints={"os": endpoint}) == []


def test_an_outcome_that_is_missing_in_one_sample_says_nothing():
    assert said({"time": ["10", "", "20", "90", "5", "6"]}) == []
