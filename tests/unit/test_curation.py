"""The mapping language, by hand-made sheets."""

import numpy as np
import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.data.mapping import dump_mapping, load_mapping
from prognomics.errors import AnalysisWarning, BadInput

pytestmark = pytest.mark.filterwarnings("error::prognomics.errors.AnalysisWarning")


def sheet(**columns):
    return pd.DataFrame({"sample": [f"s{i}" for i in range(1, 1 + len(next(iter(columns.values()))))], **columns})


RAW = sheet(
    type=["Tumor", "tumor", "healthy", "borderline", "tumor"],
    days=["304.375", "0609", "", "100", "NA"],
    vital=["deceased", "LIVING", "", "living", "Not Reported"],
    age=["50", "61.5", "x", "70", "40"],
    grade=["1", "2", "", "3", "1.0"],
)
MAPPING = """
sample_id: sample
tissue_type: {column: type, values: {tumor: primary, healthy: normal}}
missing: [x, Not Reported]
endpoints:
  os:
    definition: death from any cause
    time: {column: days, unit: days}
    event: {column: vital, event: [deceased], censored: [living]}
columns:
  age_years: {column: age, unit: years}
  grade: {column: grade, values: {1: low, 2: high, 3: high}}
keep: [vital]
exclude:
  - {column: type, values: [borderline], reason: not invasive}
expect: {n: 4, events: {os: 1}, levels: {tissue_type: {primary: 3, normal: 1}}}
"""


def mapping(text=MAPPING, **fields):
    return {**load_mapping(text), **fields}


def endpoint(**fields):
    base = load_mapping(MAPPING)["endpoints"]["os"]
    return {
        "os": {
            **base,
            **{k: {**base[k], **v} if isinstance(v, dict) and k in base else v for k, v in fields.items()},
        }
    }


def test_a_sheet_is_curated():
    curated = curate(RAW, mapping(), "C1")
    samples = curated.samples
    standard = ["sample_id", "patient_id", "cohort", "tissue_type"]
    assert list(samples.columns) == [*standard, "os_time", "os_event", "age_years", "grade", "vital"]
    assert samples["sample_id"].tolist() == ["s1", "s2", "s3", "s5"] == samples["patient_id"].tolist()
    assert samples["tissue_type"].tolist() == ["primary", "primary", "normal", "primary"]
    np.testing.assert_array_equal(samples["os_time"], [10, 609 / 30.4375, np.nan, np.nan])
    np.testing.assert_array_equal(samples["os_event"], [1, 0, np.nan, np.nan])
    np.testing.assert_array_equal(samples["age_years"], [50, 61.5, np.nan, 40])
    assert samples["grade"].tolist() == ["low", "high", None, "low"]
    assert samples["vital"].tolist() == ["deceased", "LIVING", None, None]
    assert set(samples["cohort"]) == {"C1"}
    assert curated.endpoints == {"os": "death from any cause"}
    assert list(curated.flow.columns) == ["step", "rule", "n", "events", "n_dropped", "dropped_ids"]
    assert curated.flow.to_numpy().tolist() == [
        ["raw", "rows of the raw sheet", 5, 1, 0, ""],
        ["exclude", "type is borderline: not invasive", 4, 1, 1, "s4"],
        ["curated", "rows of the curated sheet", 4, 1, 0, ""],
        ["endpoint:os", "death from any cause", 2, 1, 0, ""],
    ]


def test_numbers_and_missing_cells_from_python_are_accepted():
    raw = sheet(days=[304.375, None], vital=["deceased", np.nan], code=[1, 2])
    curated = curate(raw, {
        "tissue_type": {"constant": "primary"}, "endpoints": endpoint(),
        "columns": {"er": {"column": "code", "values": {"1": "positive", "2": "negative"}}},
    }, "C")  # fmt: skip
    assert curated.samples["er"].tolist() == ["positive", "negative"]
    assert curated.samples["os_time"].iloc[0] == 10 and np.isnan(curated.samples["os_event"].iloc[1])


@pytest.mark.parametrize(
    ("unit", "value", "months"),
    [
        ("days", "365.25", 12.0),
        ("days", "30.4375", 1.0),
        ("weeks", "30.4375", 7.0),
        ("months", "1.7", 1.7),
        ("years", "3.3", 3.3 * 12),
    ],
)
def test_units_become_months(unit, value, months):
    raw = sheet(days=[value], vital=["living"])
    curated = curate(raw, {"tissue_type": {"constant": "primary"}, "endpoints": endpoint(time={"unit": unit})}, "C")
    assert curated.samples["os_time"].tolist() == [months]


def test_age_in_days_becomes_years():
    raw = sheet(age=["3652.5"])
    spec = {
        "tissue_type": {"constant": "primary"},
        "columns": {"age_years": {"column": "age", "unit": "days"}},
    }
    assert curate(raw, spec, "C").samples["age_years"].tolist() == [10.0]
    spec["columns"] = {"age": {"column": "age", "unit": "days"}}
    with pytest.raises(BadInput, match="_years"):
        curate(raw, spec, "C")


def test_numbers_are_scaled():
    spec = {"tissue_type": {"constant": "primary"}, "columns": {"size_cm": {"column": "mm", "scale": 0.1}}}
    np.testing.assert_allclose(curate(sheet(mm=["25", ""]), spec, "C").samples["size_cm"], [2.5, np.nan])


def test_barcodes_name_tissue_and_patient():
    raw = pd.DataFrame({"barcode": ["TCGA-AA-0001-01", "TCGA-AA-0001-11", "TCGA-AA-0002-01A"]})
    spec = load_mapping("""
patient_id: {column: barcode, extract: "^TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}"}
tissue_type: {column: barcode, extract: "^TCGA-..-....-(\\\\d\\\\d)", values: {01: primary, 11: normal}}
""")
    samples = curate(raw, spec, "C").samples
    assert samples["patient_id"].tolist() == ["TCGA-AA-0001", "TCGA-AA-0001", "TCGA-AA-0002"]
    assert samples["tissue_type"].tolist() == ["primary", "normal", "primary"]
    with pytest.raises(BadInput, match="'X'"):
        curate(pd.DataFrame({"barcode": ["X"]}), spec, "C")


def test_the_first_filled_column_counts():
    raw = sheet(death=["304.375", ""], follow=["200", "608.75"], vital=["deceased", "living"])
    spec = endpoint(time={"column": ["death", "follow"]})
    samples = curate(raw, {"tissue_type": {"constant": "primary"}, "endpoints": spec}, "C").samples
    assert samples["os_time"].tolist() == [10, 20]


def test_a_listed_value_wins_over_missing():
    raw = sheet(node=["0", "NA", "x", ""])
    spec = {
        "tissue_type": {"constant": "primary"},
        "missing": ["x"],
        "columns": {"node": {"column": "node", "values": {"0": "negative", "NA": "not assessed"}}},
    }
    assert curate(raw, spec, "C").samples["node"].tolist() == ["negative", "not assessed", None, None]


@pytest.mark.parametrize(("other", "last"), [("missing", None), ("keep", "odd")])
def test_other_values_by_declaration(other, last):
    spec = {
        "tissue_type": {"constant": "primary"},
        "columns": {"g": {"column": "g", "values": {"a": "A", "b": None}, "other": other}},
    }
    assert curate(sheet(g=["a", "b", "odd"]), spec, "C").samples["g"].tolist() == ["A", None, last]


def test_one_sample_per_patient():
    raw = sheet(patient=["p1", "p1", "p2", "p3"], type=["relapse", "primary", "primary", "relapse"])
    base = {"patient_id": "patient", "tissue_type": "type"}
    first = curate(raw, {**base, "one_sample_per": "patient_id"}, "C")
    assert first.samples["sample_id"].tolist() == ["s1", "s3", "s4"]
    assert first.flow["dropped_ids"].tolist()[1] == "s2" and first.flow["events"].isna().all()
    rule = {"column": "patient_id", "prefer": {"tissue_type": ["primary", "relapse"]}}
    assert curate(raw, {**base, "one_sample_per": rule}, "C").samples["sample_id"].tolist() == [
        "s2",
        "s3",
        "s4",
    ]


def test_an_endpoint_for_some_samples_only():
    raw = sheet(type=["primary", "normal"], days=["304.375", "304.375"], vital=["deceased", "deceased"])
    spec = {"tissue_type": "type", "endpoints": endpoint()}
    with pytest.warns(AnalysisWarning, match="normals-with-outcome"):
        curate(raw, spec, "C")
    curated = curate(raw, {**spec, "endpoints": endpoint(only={"tissue_type": ["primary"]})}, "C")
    assert curated.samples["os_event"].isna().tolist() == [False, True]
    assert curated.flow["events"].tolist() == [1, 1, 1]


EXCLUSIONS = {
    "values": ({"column": "g", "values": ["b", "NA"]}, ["s1", "s3", "s5"]),
    "except": ({"column": "g", "except": ["a"]}, ["s1"]),
    "missing": ({"column": "g", "missing": True}, ["s1", "s2", "s5"]),
    "below": ({"column": "age", "below": 18}, ["s2", "s3", "s4", "s5"]),
    "above": ({"column": "age", "above": 60}, ["s1", "s2", "s4", "s5"]),
}


@pytest.mark.parametrize("kind", EXCLUSIONS)
def test_exclusions(kind):
    rule, kept = EXCLUSIONS[kind]
    raw = sheet(g=["a", "B", "", "NA", "c"], age=["17", "18", "61", "", "60"])
    spec = {"tissue_type": {"constant": "primary"}, "exclude": [{**rule, "reason": "because"}]}
    assert curate(raw, spec, "C").samples["sample_id"].tolist() == kept


WARNINGS = {
    "time-unit-suspect": ("months", [f"{30 * i}" for i in range(1, 31)], "900 months"),
    "zero-times": (
        "days",
        [*[str(500 + i) for i in range(10)], "0"],
        "1 times are 0, 1 of them with an event",
    ),
}


@pytest.mark.parametrize("code", WARNINGS)
def test_suspect_times_are_warned_of(
    code,
):
    unit, times, text = WARNINGS[code]
    raw = sheet(days=times, vital=["deceased"] * len(times))
    with pytest.warns(AnalysisWarning, match=f"{code}.*{text}"):
        curated = curate(raw, {"tissue_type": {"constant": "primary"}, "endpoints": endpoint(time={"unit": unit})}, "C")
    assert curated.samples["os_time"].notna().all()


def test_short_days_are_suspect():
    raw = sheet(days=[str(i) for i in range(1, 21)], vital=["deceased"] * 20)
    with pytest.warns(AnalysisWarning, match="are these months"):
        curate(raw, {"tissue_type": {"constant": "primary"}, "endpoints": endpoint()}, "C")


def test_duplicated_patients_and_half_outcomes_are_warned_of():
    raw = sheet(patient=["p", "p"], days=["900", ""], vital=["living", "living"])
    spec = {"tissue_type": {"constant": "primary"}}
    with pytest.warns(AnalysisWarning, match="duplicated-patients.*: p;"):
        curate(raw, {**spec, "patient_id": "patient"}, "C")
    with pytest.warns(AnalysisWarning, match="incomplete-outcome.*1 samples"):
        curate(raw, {**spec, "endpoints": endpoint()}, "C")


BAD_SHEETS = {
    "an unlisted level": ({"type": ["tumor", "cyst"]}, "'cyst'.*s2"),
    "an unlisted event word": ({"vital": ["deceased", "alive"]}, r"'alive' \(1 samples\)"),
    "a negative time": ({"days": ["5", "-3"]}, r"negative.*\n.*s2 \(-3 days\)"),
    "text in a time": ({"days": ["5", "six"]}, "'six'"),
    "text in a number": ({"age": ["5", ">90"]}, "'>90'"),
    "a repeated sample id": ({"sample": ["a", "a"]}, "more than once: a"),
    "an empty sample id": ({"sample": ["a", " "]}, "row 2"),
    "an unknown column": ({"Type": ["tumor"] * 2, "type": None}, r"did you mean Type\?"),
}


@pytest.mark.parametrize("fault", BAD_SHEETS)
def test_a_faulty_sheet_is_refused(fault):
    change, text = BAD_SHEETS[fault]
    raw = sheet(type=["tumor"] * 2, days=["9", "9"], vital=["living"] * 2, age=["50"] * 2, grade=["1"] * 2)
    for column, values in change.items():
        raw = raw.drop(columns=column) if values is None else raw.assign(**{column: values})
    spec = mapping()
    del spec["expect"], spec["exclude"]
    with pytest.raises(BadInput, match=f"(?s){text}"):
        curate(raw, spec, "C")


EXPECTATIONS = {
    "n": ({"n": 9}, "n: expected 9, found 4"),
    "events": ({"events": {"os": 2}}, "events of os: expected 2, found 1"),
    "complete": ({"complete": {"os": 4}}, "complete of os: expected 4, found 2"),
    "a level": ({"levels": {"grade": {"low": 3, "high": 1, "NA": 1}}}, "grade = low: expected 3, found 2"),
    "an unexpected level": ({"levels": {"grade": {"low": 2}}}, r"not expected: high \(1\): s2"),
    "the rows of a level": ({"levels": {"grade": {"low": 3, "high": 1}}}, r"found 2 \(s1, s5\)"),
    "the rows without an outcome": ({"complete": {"os": 4}}, r"found 2 \(s3, s5\)"),
    "a gap": ({"present": ["age_years", "grade"]}, "age_years is missing in 1 samples: s3; .*grade is missing"),
    "a repeat": ({"unique": ["grade"]}, "grade is not unique in 2 samples: s1, s5"),
    "a range": ({"ranges": {"age_years": [45, 60]}}, "45 to 60 in 2 samples: s2, s5"),
    "a part": (
        {"among": [{"where": {"tissue_type": "primary"}, "n": 2}]},
        "among tissue_type = primary: n: expected 2, found 3",
    ),
    "an unknown endpoint": ({"events": {"mfs": 2}}, "no endpoint 'mfs'"),
}


@pytest.mark.parametrize("what", EXPECTATIONS)
def test_failed_expectations_tell_both_numbers(what):
    expect, text = EXPECTATIONS[what]
    with pytest.raises(BadInput, match=text):
        curate(RAW, mapping(expect=expect), "C")


ENDPOINT = (
    "{{tissue_type: t, endpoints: {{os: {{definition: d, time: {{column: a, unit: {}}}, event: {{column: b, {}}}}}}}}}"
)
BAD_MAPPINGS = {
    "an unknown field": ("tissue_typ: x", "unknown field 'tissue_typ' .*tissue_type"),
    "a missing field": ("columns: {}", "'tissue_type' is missing"),
    "an unknown unit": (
        ENDPOINT.format("day", "event: 1, censored: 0"),
        "endpoints.os.time.unit: 'day' is none of",
    ),
    "no event words": (
        ENDPOINT.format("days", "censored: 0"),
        "endpoints.os.event: the field 'event' is missing",
    ),
    "a typo deep down": (
        "tissue_type: t\ncolumns:\n  age_years: {colum: age}\n",
        "(?s)columns.age_years: unknown field 'colum'.*line 3",
    ),
    "constant and column": ("tissue_type: {constant: primary, column: t}", "stand alone"),
    "neither": ("tissue_type: {values: {a: b}}", "give 'column', 'constant' or 'when'"),
    "too few labels": ("columns: {a: {column: a, breaks: [1, 2], labels: [x, y]}}\ntissue_type: t", "divide 3 classes"),
    "breaks that fall": ("columns: {a: {column: a, breaks: [2, 1], labels: [x, y, z]}}\ntissue_type: t", "must ascend"),
    "breaks alone": ("columns: {a: {column: a, breaks: [1]}}\ntissue_type: t", "belong together"),
    "two fates of the rest": ("columns: {a: {column: a, other: keep, otherwise: x}}\ntissue_type: t", "exclude each"),
    "dates in months": ("columns: {a_days: {column: a, since: b, unit: months}}\ntissue_type: t", "counts days"),
    "a bad expression": ("tissue_type: {column: t, extract: '('}", "not a regular expression"),
    "a draft": ("tissue_type: {column: t, values: {a: TODO}}", "tissue_type.values.a: still says TODO"),
    "two rules in one": (
        "{tissue_type: t, exclude: [{column: a, values: [1], below: 3, reason: r}]}",
        "exactly one of",
    ),
    "a key twice": ("tissue_type: a\ntissue_type: b\n", "(?s)given twice.*line 2"),
    "no mapping": ("- a\n- b\n", "not of type object"),
    "nothing": ("", "not of type object"),
    "broken YAML": ("tissue_type: {column: a\ncolumns: x", "(?s)not valid YAML.*line 2"),
    "an alias": ("a: &x [1]\nb: *x\n", "aliases"),
    "a count in words": ("{tissue_type: t, expect: {n: many}}", "expect.n: 'many' is not of type integer"),
}


@pytest.mark.parametrize("fault", BAD_MAPPINGS)
def test_a_faulty_mapping_names_the_field(fault):
    text, message = BAD_MAPPINGS[fault]
    with pytest.raises(BadInput, match=message):
        load_mapping(text, "m.yml")


def test_words_stay_as_written():
    loaded = load_mapping("{tissue_type: {column: t, values: {01: 'x', yes: no, 2002-08-20: 1, 1.50: NA}}}")
    assert loaded["tissue_type"]["values"] == {"01": "x", "yes": "no", "2002-08-20": 1, "1.50": "NA"}


def test_a_written_mapping_reads_back():
    loaded = load_mapping(MAPPING)
    loaded["columns"]["odd"] = {"column": "a: b", "values": {"01": "007", "null": "true", "": "1"}}
    assert load_mapping(dump_mapping(loaded)) == loaded


def test_a_word_cannot_be_event_and_censored():
    with pytest.raises(BadInput, match="both as event and as censored"):
        curate(RAW, mapping(endpoints=endpoint(event={"event": ["LIVING"]})), "C")


def test_a_column_clash_is_refused():
    with pytest.raises(BadInput, match="'grade' already"):
        curate(RAW, mapping(keep=["grade"]), "C")
    with pytest.raises(BadInput, match="own field"):
        curate(RAW, mapping(columns={"cohort": "type"}), "C")


def test_nothing_left_is_refused():
    rule = {"column": "type", "except": ["none of these"], "reason": "r"}
    with pytest.raises(BadInput, match="no sample is left"):
        curate(RAW, mapping(exclude=[rule], expect={}), "C")
