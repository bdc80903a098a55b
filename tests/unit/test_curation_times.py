"""Times by status, dates, notations of numbers, competing events, and what contradicts itself."""

import re

import numpy as np
import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.data.dates import fitting_formats, parse_date, strptime_format
from prognomics.data.mapping import load_mapping
from prognomics.data.time_units import named_unit, unit_doubt
from prognomics.errors import AnalysisWarning, BadInput

pytestmark = pytest.mark.filterwarnings("error::prognomics.errors.AnalysisWarning")


def curated(raw, endpoints, more=""):
    mapping = load_mapping(f"sample_id: id\ntissue_type: {{constant: primary}}\n{more}\nendpoints:\n{endpoints}")
    return curate(pd.DataFrame(raw), mapping, "C").samples


OS = "  os:\n    definition: d\n    time: {time}\n    event: {{column: vital, event: [dead], censored: [alive]}}\n"


def test_each_status_has_its_own_time():
    raw = {"id": ["a", "b", "c"], "vital": ["dead", "alive", "dead"], "death": ["304.375", "", "608.75"],
           "contact": ["300", "913.125", ""]}  # fmt: skip
    samples = curated(raw, OS.format(time="{event: death, censored: contact, unit: days}"))
    assert samples["os_time"].tolist() == [10, 30, 20]


def test_each_status_may_have_its_own_unit_and_columns():
    raw = {"id": ["a", "b", "c"], "vital": ["dead", "alive", "alive"], "death": ["10", "", ""],
           "days": ["", "", "304.375"], "years": ["", "2", ""]}  # fmt: skip
    time = "{event: {column: death, unit: months}, censored: {column: [days, years], unit: days}}"
    samples = curated(raw, OS.format(time=time))
    assert samples["os_time"].tolist() == pytest.approx([10, 2 / 30.4375, 10])


def test_a_time_of_the_event_in_a_sample_without_it_is_listed():
    raw = {"id": list("abcd"), "vital": ["dead", "alive", "alive", "dead"], "days_to_death": ["900", "700", "", "650"],
           "days_to_last_follow_up": ["800", "1500", "500", "1400"]}  # fmt: skip
    with pytest.warns(AnalysisWarning) as told:
        samples = curated(raw, OS.format(time="{event: days_to_death, censored: days_to_last_follow_up, unit: days}"))
    texts = [w.message.text for w in told]
    assert samples["os_time"].iloc[1] == pytest.approx(1500 / 30.4375)
    assert any("1 samples have no event, but a time of it" in t and "b (" in t for t in texts)
    assert any("1 deaths are earlier than a contact" in t and "d (" in t for t in texts)
    with pytest.warns(AnalysisWarning) as told:
        curated(raw, OS.format(time="{column: [days_to_death, days_to_last_follow_up], unit: days}"))
    assert {w.message.text for w in told} == set(texts)


def test_a_relapse_before_the_last_contact_is_no_contradiction():
    raw = {"id": list("ab"), "relapse": ["yes", "no"], "time_to_relapse": ["10", ""], "last_contact": ["40", "30"]}
    samples = curated(
        raw,
        """
  rfs:
    definition: relapse
    time: {event: time_to_relapse, censored: last_contact, unit: months}
    event: {column: relapse, event: "yes", censored: "no"}
""",
    )
    assert samples["rfs_time"].tolist() == [10, 30]


@pytest.mark.parametrize(
    ("date_format", "dates"),
    [
        ("dd/mm/yyyy", ["22/10/2008", "01/11/2008"]),
        ("'%d/%m/%Y'", ["22/10/2008", "1/11/2008"]),
        ("dd.mm.yyyy", ["22.10.2008", "01.11.2008"]),
        ("dd.mm.yy", ["22.10.08", "01.11.08"]),
        ("mm/dd/yyyy", ["10/22/2008", "11/01/2008"]),
        ("dd-mmm-yyyy", ["22-Okt-2008", "1-NOV-2008"]),
        ("yyyymmdd", ["20081022", "20081101"]),
        ("excel", ["39743", "39753"]),
        ("yyyy-mm-dd", ["2008-10-22 00:00:00", "2008-11-01T10:15"]),
    ],
)
def test_dates_are_read_in_the_declared_format(date_format, dates):
    raw = {"id": ["a"], "vital": ["dead"], "first": dates[:1], "last": dates[1:]}
    samples = curated(raw, OS.format(time=f"{{column: last, since: first, date_format: {date_format}}}"))
    assert samples["os_time"].tolist() == pytest.approx([10 / 30.4375])
    for_all = curated(raw, OS.format(time="{column: last, since: first}"), f"date_format: {date_format}")
    assert for_all["os_time"].tolist() == samples["os_time"].tolist()


def test_a_date_in_another_format_names_those_that_fit():
    raw = {"id": ["a"], "vital": ["dead"], "first": ["22/10/2008"], "last": ["01/11/2008"]}
    with pytest.raises(BadInput, match="say date_format: dd/mm/yyyy$"):
        curated(raw, OS.format(time="{column: last, since: first}"))
    raw["first"] = ["02/10/2008"]
    with pytest.raises(BadInput, match="dd/mm/yyyy or mm/dd/yyyy; the values do not decide it"):
        curated(raw, OS.format(time="{column: last, since: first}"))
    raw["first"] = ["31/02/2008"]
    with pytest.raises(BadInput, match=re.escape("'31/02/2008'")):
        curated(raw, OS.format(time="{column: last, since: first, date_format: dd/mm/yyyy}"))


def test_what_is_no_format_of_dates_is_refused():
    with pytest.raises(BadInput, match="is not a format of dates"):
        load_mapping("tissue_type: {constant: primary}\ndate_format: whenever\n")
    for text in ("dd/mm", "%d/%m/%Y %Q", "yyyy"):
        with pytest.raises(ValueError):
            strptime_format(text)
    assert parse_date("13/13/2008", strptime_format("dd/mm/yyyy")) is None
    assert fitting_formats(["2008-10-22"]) == ["yyyy-mm-dd"]


def test_decimal_commas_and_thousands_are_declared():
    raw = {"id": list("abc"), "vital": ["dead", "alive", "alive"], "t": ["14,7", "1.200,5", "12.5"]}
    columns = "\ncolumns:\n  size: {column: t, decimal: ',', thousands: '.'}"
    with pytest.warns(AnalysisWarning, match="1200.5 months, which is 100 years"):
        samples = curated(raw, OS.format(time="{column: t, unit: months}") + columns, "decimal: ','\nthousands: '.'")
    assert samples["os_time"].tolist() == [14.7, 1200.5, 12.5] == samples["size"].tolist()


@pytest.mark.parametrize(
    ("cells", "notation", "advice"),
    [
        (["14,7", "3"], "", 'say decimal: ","'),
        (["1,200", "3"], "", 'decimal: "," if the comma is the decimal one, or thousands: ","'),
        (["1,200,300", "3"], "", 'say thousands: ","'),
        (["1.200", "3,5"], "decimal: ','", 'say thousands: "."'),
        (["1 200", "3"], "", 'say thousands: " "'),
        (["12 months", "3"], "", "cut the number out with extract:"),
    ],
)
def test_another_notation_stops_with_advice(cells, notation, advice):
    raw = {"id": ["a", "b"], "vital": ["dead", "alive"], "t": cells}
    with pytest.raises(BadInput, match=re.escape(advice)):
        curated(raw, OS.format(time="{column: t, unit: months}"), notation)


def test_ids_are_replaced_and_extracted_in_the_order_written():
    raw = pd.DataFrame({"id": ["TCGA.AB.1234.01A", "TCGA.AB.1235.01A"]})
    for spec in ("{column: id, replace: {'.': '-'}, extract: '^TCGA-..-....-..'}",
                 r"{column: id, extract: '^TCGA\...\.....\...', replace: {'.': '-'}}"):  # fmt: skip
        mapping = load_mapping(f"sample_id: {spec}\ntissue_type: {{constant: primary}}\n")
        assert curate(raw, mapping, "C").samples["sample_id"].tolist() == ["TCGA-AB-1234-01", "TCGA-AB-1235-01"]


DSS = """
  dss:
    definition: death from the disease
    time: {column: t, unit: months}
    event: %s
expect: {events: {dss: 1}, competing: {dss: 1}}
"""


@pytest.mark.parametrize(
    "event",
    [
        "{column: cause, event: [cancer], competing: [other], censored: [none]}",
        "{when: [{where: {vital: dead, cause: cancer}, value: event}, {where: {vital: dead}, value: competing}],"
        " otherwise: censored}",
    ],
)
def test_competing_events_are_two(event):
    raw = {"id": list("abc"), "t": ["1", "2", "3"], "vital": ["dead", "dead", "alive"],
           "cause": ["cancer", "other", "none"]}  # fmt: skip
    assert curated(raw, DSS % event)["dss_event"].tolist() == [1, 2, 0]


def test_a_word_is_declared_once():
    raw = {"id": ["a"], "t": ["1"], "cause": ["x"]}
    with pytest.raises(BadInput, match="declared both as event and as competing"):
        curated(raw, DSS % "{column: cause, event: [x], competing: [X], censored: [none]}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{column: t}", "the field 'unit' is missing"),
        ("{event: t, censored: t}", "the field 'unit' is missing"),
        ("{event: t, unit: days}", "the field 'censored' is missing"),
        ("{column: t, event: t, unit: days}", "'column' does not go together with event"),
        ("{event: {column: t}, censored: t, since: d, unit: months}", "say unit: days"),
    ],
)
def test_a_time_is_complete_and_of_one_kind(text, said):
    with pytest.raises(BadInput, match=re.escape(said)):
        load_mapping(f"tissue_type: {{constant: primary}}\nendpoints:\n{OS.format(time=text)}")


def test_an_event_is_of_words_or_of_rules():
    with pytest.raises(BadInput, match="'when' does not go together with"):
        load_mapping("tissue_type: {constant: primary}\nendpoints:\n" + DSS.partition("expect")[0]
                     % "{column: v, when: [{where: {v: x}, value: event}]}")  # fmt: skip


def test_endpoints_that_contradict_each_other_are_listed():
    raw = {"id": list("abc"), "OS_MONTHS": ["20", "0", "30"], "vital": ["dead", "dead", "alive"],
           "DFS_MONTHS": ["3", "66.7", "30.05"], "DSS_STATUS": ["0", "0", "1"]}  # fmt: skip
    text = OS.format(time="{column: OS_MONTHS, unit: months}")
    with pytest.warns(AnalysisWarning) as told:
        curated(raw, text)
    texts = [w.message.text for w in told]
    assert any("1 samples have a time of dfs (column 'DFS_MONTHS')" in t and "b (" in t for t in texts)
    assert any("1 of them with an event" in t and t.endswith(": b") for t in texts)
    text += "  dss:\n    definition: d\n    time: {column: OS_MONTHS, unit: months}\n"
    text += "    event: {column: DSS_STATUS, event: 1, censored: 0}\n"
    with pytest.warns(AnalysisWarning) as told:
        curated(raw, text)
    assert any("have the event of dss, but are alive by os: c" in w.message.text for w in told)


def test_a_death_without_a_time_is_listed():
    raw = {"id": list("abc"), "t": ["20", "", ""], "vital": ["dead", "dead", "alive"]}
    with pytest.warns(AnalysisWarning, match="1 with an event have no time: b"):
        curated(raw, OS.format(time="{column: t, unit: months}"))


def test_units_are_doubted():
    months = np.array([5, 40, 60, 90, 100, 110, 120, 130, 140, 150.0])
    assert not unit_doubt(months, "months")
    assert "131 years" in unit_doubt(np.array([1573.0]), "months")
    assert "half of the times exceed" in unit_doubt(months + 250, "months")
    assert "are these months?" in unit_doubt(months, "days") and "are these years?" in unit_doubt(months / 12, "months")
    assert not unit_doubt(np.array([np.nan]), "days") and not unit_doubt(np.array([3.0]), "months")
    headings = ("OS.days", "daysToDeath", "os_time", "survival (months)", "Tage", "mois", "days_months")
    assert [named_unit(name) for name in headings] == ["days", "days", "", "months", "days", "months", ""]


def test_words_that_differ_in_case_only_cover_other_cases_too():
    raw = {"id": list("abc"), "t": ["20", "5", "7"], "vital": ["Dead ", "dead", "ALIVE"]}
    text = OS.format(time="{column: t, unit: months}").replace("[dead]", "[dead, DEAD]")
    assert curated(raw, text)["os_event"].tolist() == [1, 1, 0]
