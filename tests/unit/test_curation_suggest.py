"""Drafted mappings: explained, complete where the sheet is plain, TODO where a person must decide."""

import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.curation.suggest import draft_text, suggest
from prognomics.data.mapping import load_mapping
from prognomics.errors import BadInput
from prognomics.sources.sheet import read_sheet

PLAIN = pd.DataFrame(
    {
        "geo_accession": ["GSM1", "GSM2", "GSM3"],
        "patient": ["p1", "p2", "p3"],
        "tissue": ["primary tumor", "normal skin", "primary tumor"],
        "OS_days": ["900", "", "1000"],
        "OS_status": ["dead", "[Not Available]", "alive"],
        "age at diagnosis": ["50", "60", "70"],
        "gender": ["M", "F", "F"],
        "notes\n# x": ["a", "b", "c"],
    }
)


def test_a_plain_sheet_needs_no_completion():
    draft = suggest(PLAIN)
    curated = curate(PLAIN, load_mapping(draft_text(draft)), "C")
    samples = curated.samples
    assert samples["tissue_type"].tolist() == ["primary", "normal", "primary"]
    assert samples["os_event"].tolist()[::2] == [1, 0] and samples["os_event"].isna().tolist()[1]
    assert samples["sex"].tolist() == ["male", "female", "female"]
    assert draft.mapping["missing"] == ["[Not Available]"]
    assert draft.unused == ["notes\n# x"]
    explained = {field for field, _ in draft.reasons}
    assert explained >= {"sample_id", "tissue_type", "endpoints.os.time", "columns.sex"}


def test_what_is_not_known_is_left_to_a_person():
    raw = pd.DataFrame({"id": ["a", "b"], "time": ["5", "9"], "event": ["0", "1"], "sex": ["1", "2"]})
    mapping = suggest(raw).mapping
    assert mapping["tissue_type"] == {"constant": "TODO"}
    assert mapping["endpoints"]["followup"]["time"] == {"column": "time", "unit": "TODO"}
    assert "columns" not in mapping  # which sex is 1?
    assert "which is male?" in draft_text(suggest(raw))
    with pytest.raises(BadInput, match="TODO"):
        load_mapping(draft_text(suggest(raw)))


def test_barcodes_are_read():
    raw = pd.DataFrame({"sample": ["TCGA-AA-0001-01", "TCGA-AA-0001-11", "TCGA-AA-0002-20"]})
    mapping = suggest(raw).mapping
    assert mapping["tissue_type"]["values"] == {"01": "primary", "11": "normal", "20": "TODO"}
    assert mapping["patient_id"]["column"] == "sample"


def test_the_last_follow_up_completes_the_time_to_death():
    raw = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "patient_id": ["p", "p", "q"],
            "vital_status": ["Dead", "Alive", "Alive"],
            "days_to_death": ["900", "", ""],
            "days_to_last_follow_up": ["", "1000", "1100"],
            "agents": ["['x', 'y']", "[Not Available]", "z"],
        }
    )
    draft = suggest(raw)
    time = draft.mapping["endpoints"]["os"]["time"]
    assert time == {"event": "days_to_death", "censored": "days_to_last_follow_up", "unit": "days"}
    reasons = " ".join(text for _, text in draft.reasons)
    assert "2 of 2 censored rows have no 'days_to_death'" in reasons and "see one_sample_per" in reasons
    alone = suggest(raw.drop(columns="days_to_last_follow_up"))
    assert "look for a column of the last follow-up" in draft_text(alone)


def test_a_list_is_no_missing_value(shared_data):
    draft = suggest(read_sheet(shared_data / "gdc" / "TARGET-OS.clinical.tsv.gz"))
    assert set(draft.mapping["missing"]) <= {"Not Reported", "not reported", "Unknown"}


def test_an_empty_sheet_is_refused():
    with pytest.raises(BadInput, match="empty"):
        suggest(pd.DataFrame({"a": []}))
