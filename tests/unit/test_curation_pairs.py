"""Drafts where names do not tell which time and status belong together, and codes that only a codebook explains."""

import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.curation.suggest import draft_text, suggest
from prognomics.errors import AnalysisWarning

MONTHS = ["12.5", "30", "61.2", "8", "44", "19.7", "73", "5.1", "27", "90.4"]


def sheet(**columns):
    n = len(MONTHS)
    return pd.DataFrame({"patient": [f"P{i}" for i in range(n)], **{k: (v * n)[:n] for k, v in columns.items()}})


@pytest.mark.parametrize("codes", [["1", "2"], ["1.0", "2.0"], ["2", "3"], ["1", "2", "3"]])
def test_codes_that_the_sheet_does_not_explain_are_left_to_the_codebook(codes):
    draft = suggest(sheet(os_months=MONTHS, status=codes))
    spec = draft.mapping["endpoints"]["os"]
    assert spec["time"] == {"column": "os_months", "unit": "months"}
    assert spec["event"]["column"] == "status" and spec["event"]["censored"] == ["TODO"]
    [asked] = spec["event"]["event"]
    assert asked.startswith("TODO") and all(repr(code) in asked for code in codes)
    text = draft_text(draft)
    named = [code.removesuffix(".0") for code in codes]
    assert f"'status' is coded {', '.join(named[:-1])} and {named[-1]}: which is the event? The codebook" in text
    assert "only time and the only status" in text
    assert "looks like a" not in text


def test_a_code_next_to_0_and_1_is_asked_for():
    draft = suggest(sheet(os_months=MONTHS, status=["0", "1", "2"]))
    spec = draft.mapping["endpoints"]["os"]["event"]
    assert spec == {"column": "status", "event": ["1", "TODO: '2'"], "censored": ["0"]}
    assert "the codebook of the study decides what '2' in 'status' means" in draft_text(draft)


def test_the_only_time_and_the_only_status_with_words_of_a_competing_event():
    raw = sheet(months=MONTHS, first_event=["no event", "metastasis", "died without metastasis"])
    draft = suggest(raw)
    assert draft.mapping["endpoints"] == {
        "mfs": {
            "definition": "metastasis",
            "time": {"column": "months", "unit": "months"},
            "event": {
                "column": "first_event",
                "event": ["metastasis"],
                "censored": ["no event"],
                "competing": ["died without metastasis"],
            },
        }
    }
    assert curate(raw, draft.mapping, "C").samples["mfs_event"].tolist()[:3] == [0, 1, 2]


@pytest.mark.parametrize(("words", "name"), [(["alive", "dead"], "os"), (["no", "yes"], "followup")])
def test_a_plain_time_takes_the_endpoint_of_the_words(words, name):
    draft = suggest(sheet(months=MONTHS, status=words))
    assert list(draft.mapping["endpoints"]) == [name]
    assert draft.mapping["endpoints"][name]["event"]["censored"] == [words[0]]


@pytest.mark.parametrize(
    "columns",
    [
        {"os_months": MONTHS, "relapse": ["no", "yes"]},
        {"os_months": MONTHS, "status": ["no event", "metastasis"]},
        {"os_months": MONTHS, "dfs_months": MONTHS[::-1], "status": ["1", "2"]},
    ],
)
def test_a_time_and_a_status_of_different_endpoints_are_not_paired(columns):
    draft = suggest(sheet(**columns))
    assert "endpoints" not in draft.mapping
    [doubt] = [text for field, text in draft.unsure if field == "endpoints"]
    assert all(repr(column) in doubt for column in columns) and "under endpoints" in doubt


def test_why_the_tissue_is_taken_or_left_open_is_said_once_and_differs():
    said = {}
    for columns in (
        {"os_months": MONTHS, "os_status": ["0", "1"]},
        {"os_time": ["5", "9"], "os_status": ["0", "1"]},
        {},
    ):
        draft = suggest(sheet(**columns))
        [reason] = [text for field, text in draft.reasons + draft.unsure if field == "tissue_type"]
        said[reason] = draft.mapping["tissue_type"]["constant"]
    assert list(said.values()) == ["primary", "TODO", "TODO"]


def mapping(**event):
    endpoint = {"definition": "death", "time": {"column": "t", "unit": "months"}, "event": {"column": "s", **event}}
    return {"sample_id": "patient", "tissue_type": {"constant": "primary"}, "endpoints": {"os": endpoint}}


@pytest.mark.parametrize(
    ("event", "censored"),
    [("2", ["1"]), (2, [1]), ("2", ["0", "1"]), ("2:dead", ["1:alive"]), ("2:DECEASED", ["1:LIVING"])],
)
def test_a_greater_code_than_1_may_be_the_event(event, censored, recwarn):
    raw = sheet(t=MONTHS, s=[str(event), *map(str, censored)])
    curate(raw, mapping(event=[event], censored=censored), "C")
    assert "event-words-suspect" not in [getattr(w.message, "code", "") for w in recwarn]


@pytest.mark.parametrize(
    ("event", "censored"),
    [("0", "1"), ("no", "yes"), ("alive", "dead"), ("0:LIVING", "1:DECEASED"), ("2:alive", "1:dead")],
)
def test_exchanged_codes_and_words_are_still_suspect(event, censored):
    with pytest.warns(AnalysisWarning, match="event-words-suspect"):
        curate(sheet(t=MONTHS, s=[event, censored]), mapping(event=[event], censored=[censored]), "C")
