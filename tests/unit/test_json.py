"""JSON from strangers: nested without end, numbers without end, no JSON at all."""

import json

import pytest

from prognomics.data.registry import artifact
from prognomics.data.store import read
from prognomics.errors import BadInput
from prognomics.io.json_text import parse_json
from prognomics.sources.gdc_cases import case_row
from prognomics.sources.gdc_local import read_gdc_sheet

HOSTILE = {"deep": "[" * 100_000, "number": '{"a": ' + "9" * 10_000 + "}", "cut": '{"a": ', "none": "a\tb\n"}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_texts(tmp_path, kind):
    for text in (HOSTILE[kind], HOSTILE[kind].encode()):
        with pytest.raises(ValueError):
            parse_json(text)
    path = tmp_path / "a.json"
    path.write_text(HOSTILE[kind])
    with pytest.raises(BadInput, match="no run record"):
        read(artifact("run_record"), path)
    with pytest.raises(BadInput, match="no JSON"):
        read_gdc_sheet([path])


def test_a_case_within_a_case():
    inner = {"a": 1}
    for _ in range(200):
        inner = {"a": inner}
    with pytest.raises(BadInput, match="nested too deeply"):
        case_row({"submitter_id": "p", "demographic": inner}, {})
    assert case_row(json.loads('{"submitter_id": "p", "demographic": {"a": {"b": 2}}}'), {})["demographic.a.b"] == "2"
