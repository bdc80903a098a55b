"""Drafted mappings: explained, complete where the sheet is plain, TODO where a person must decide."""

import pandas as pd
import pytest

from prognomics.artefacts.mapping import load_mapping
from prognomics.clinical.curation import curate
from prognomics.clinical.suggest import draft_text, suggest
from prognomics.errors import BadInput

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
    assert mapping["columns"]["sex"]["values"] == {"1": "TODO", "2": "TODO"}
    with pytest.raises(BadInput, match="TODO"):
        load_mapping(draft_text(suggest(raw)))


def test_barcodes_are_read():
    raw = pd.DataFrame({"sample": ["TCGA-AA-0001-01", "TCGA-AA-0001-11", "TCGA-AA-0002-20"]})
    mapping = suggest(raw).mapping
    assert mapping["tissue_type"]["values"] == {"01": "primary", "11": "normal", "20": "TODO"}
    assert mapping["patient_id"]["column"] == "sample"


def test_an_empty_sheet_is_refused():
    with pytest.raises(BadInput, match="empty"):
        suggest(pd.DataFrame({"a": []}))
