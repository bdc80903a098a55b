"""Columns that are computed, and warnings of what looks wrong, by hand-made sheets."""

import json

import numpy as np
import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.data.mapping import load_mapping
from prognomics.errors import AnalysisWarning, BadInput

pytestmark = pytest.mark.filterwarnings("error::prognomics.errors.AnalysisWarning")
PRIMARY = {"constant": "primary"}


def sheet(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"sample": [f"s{i}" for i in range(1, n + 1)], **columns})


def endpoint(**fields):
    base = {
        "definition": "death from any cause",
        "time": {"column": "days", "unit": "days"},
        "event": {"column": "vital", "event": ["deceased"], "censored": ["living"]},
    }
    return {"os": {**base, **{k: {**base[k], **v} for k, v in fields.items()}}}


def test_conditions_on_several_columns():
    raw = sheet(site=["lung", "limb", "limb", "NA"], when=["later", "first", "later", "first"])
    tissue = {
        "when": [
            {"where": {"site": ["lung"]}, "value": "metastasis"},
            {"where": {"site": "limb", "when": "later"}, "value": "relapse"},
        ],
        "otherwise": "primary",
    }
    site = {"when": [{"where": {"site": "NA"}, "value": "not given"}]}
    samples = curate(raw, {"tissue_type": tissue, "columns": {"site": site}}, "C").samples
    assert samples["tissue_type"].tolist() == ["metastasis", "primary", "relapse", "primary"]
    assert samples["site"].tolist() == [None, None, None, "not given"]


def test_numbers_become_classes_and_dates_become_times():
    raw = sheet(
        age=["59", "60", "", "71"],
        surgery=["2001-02-01", "2001-02-01T08:00", "2000-01-01", ""],
        last=["2001-02-03", "2002-02-01", "", "2001-01-01"],
        vital=["deceased", "living", "", ""],
    )
    ages = {"column": "age", "breaks": [60, 70], "labels": ["<60", "60s", "70+"]}
    time = {"column": "last", "since": "surgery", "unit": "days"}
    spec = {"tissue_type": PRIMARY, "endpoints": endpoint(time=time)}
    spec["columns"] = {"age_group": ages, "wait_days": {"column": "last", "since": "surgery"}}
    samples = curate(raw, spec, "C").samples
    assert samples["age_group"].tolist() == ["<60", "60s", None, "70+"]
    np.testing.assert_array_equal(samples["wait_days"], [2, 365, np.nan, np.nan])
    np.testing.assert_allclose(samples["os_time"], [2 / 30.4375, 365 / 30.4375, np.nan, np.nan])
    with pytest.raises(BadInput, match="'1.2.2001'.*\n.*s1"):
        curate(raw.assign(surgery="1.2.2001"), spec, "C")


def test_what_no_value_covers_may_have_a_word():
    spec = {"column": "g", "values": {"a": "A"}, "otherwise": "rest"}
    samples = curate(sheet(g=["a", "b", ""]), {"tissue_type": PRIMARY, "columns": {"g": spec}}, "C")
    assert samples.samples["g"].tolist() == ["A", "rest", "rest"]


def test_an_exchanged_flag_is_warned_of():
    event = {"event": "living", "censored": "deceased"}
    raw = sheet(days=["900", "800"], vital=["living", "deceased"])
    with pytest.warns(AnalysisWarning, match="event-words-suspect.*'living' is declared as event"):
        curate(raw, {"tissue_type": PRIMARY, "endpoints": endpoint(event=event)}, "C")
    times = [*range(900, 912), *range(300, 312)]
    raw = sheet(days=[str(t) for t in times], vital=["a"] * 12 + ["b"] * 12)
    spec = endpoint(event={"event": "a", "censored": "b"})
    with pytest.warns(AnalysisWarning, match="event-times-suspect.*12 samples with an event are seen longer"):
        curate(raw, {"tissue_type": PRIMARY, "endpoints": spec}, "C")


def test_short_months_are_suspect():
    raw = sheet(days=[str(i / 2) for i in range(1, 21)], vital=["deceased"] * 20)
    with pytest.warns(AnalysisWarning, match="longest time is 10 months; are these years"):
        curate(raw, {"tissue_type": PRIMARY, "endpoints": endpoint(time={"unit": "months"})}, "C")


def test_samples_that_agree_may_be_of_one_patient():
    raw = sheet(days=["900", "800", "900"], vital=["living", "deceased", "living"], age=["50", "60", "50"])
    age = {"age_years": {"column": "age", "unit": "years"}}
    spec = {"tissue_type": PRIMARY, "endpoints": endpoint(), "columns": age}
    with pytest.warns(AnalysisWarning, match="possible-duplicates.*1 groups.*: s1/s3; name the patients"):
        curate(raw, spec, "C")
    curate(raw, {**spec, "patient_id": "sample"}, "C")


def test_the_guide_shows_a_valid_mapping(repository):
    text = (repository / "docs" / "mapping.md").read_text(encoding="utf-8")
    mapping = load_mapping(text.partition("```yaml\n")[2].partition("```")[0], "docs/mapping.md")
    schema = json.loads((repository / "tool_specs" / "schema" / "mapping.schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]) == set(mapping)
    assert set(schema["properties"]["expect"]["properties"]) == set(mapping["expect"])
