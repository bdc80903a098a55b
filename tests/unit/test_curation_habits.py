"""How clinical tables write a status, thousands, dates and bounds: read right, or said."""

import warnings

import pandas as pd
import pytest

from prognomics import tools
from prognomics.curation.curate import curate
from prognomics.curation.event_words import in_words
from prognomics.curation.suggest import draft_text, suggest
from prognomics.data.mapping import load_mapping
from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput
from prognomics.io.thousands import thousands_mark

N = 24
IDS = [f"K{i:02d}" for i in range(N)]
DEAD = [i % 3 == 0 for i in range(N)]
DAYS = [150 + 97 * i for i in range(N)]


def table(**columns):
    return pd.DataFrame({"sample": IDS, **columns}, dtype=object)


def words(*pair):
    return [pair[0] if dead else pair[1] for dead in DEAD]


def curated(raw):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)
        return curate(raw, load_mapping(draft_text(suggest(raw))), "C").samples


STATUS = {
    "status": ("DOD", "NED"), "outcome": ("died of disease", "alive with disease"), "Status": ("DOC", "AWD"),
    "Status at last follow-up": ("D", "A"), "OS censor (0=alive, 1=dead)": ("1", "0"), "Vitalstatus": ("tot", "lebt"),
    "Survival status (1=alive, 2=dead)": ("2", "1"), "status (0=dead; 1=alive)": ("0", "1"),
    "OS_status (dead: 1, alive: 0)": ("1", "0"), "vital_0_alive_1_dead": ("1", "0"), "etat": ("décédé", "perdu de vue"),
}  # fmt: skip


@pytest.mark.parametrize("heading", STATUS)
def test_words_and_legends_of_a_status(heading):
    samples = curated(table(**{heading: words(*STATUS[heading]), "OS_days": [str(day) for day in DAYS]}))
    assert samples["os_event"].tolist() == [float(dead) for dead in DEAD]
    assert samples["os_time"].tolist() == pytest.approx([day / 30.4375 for day in DAYS])


@pytest.mark.parametrize("mark", [",", ".", "'", " ", "\u202f"])
def test_separators_of_thousands(mark):
    written = [f"{day:,}".replace(",", mark) for day in DAYS]
    samples = curated(table(vital_status=words("dead", "alive"), OS_days=written))
    assert samples["os_time"].tolist() == pytest.approx([day / 30.4375 for day in DAYS])


def test_what_is_no_separator_of_thousands():
    assert thousands_mark(["1.445", "2.001", "934"]) == "."
    assert thousands_mark(["1.445", "2.001", "3"]) == ""  # decimals among small integers
    assert thousands_mark(["1.445", "2.001", "1934"]) == ""
    assert thousands_mark(["1.44", "2.001", "934"]) == ""


def test_a_point_that_may_separate_thousands_stops_until_it_is_declared():
    written = [f"{day:,}".replace(",", ".") for day in DAYS]
    raw = table(vital=words("dead", "alive"), days=written)
    endpoint = {"definition": "death", "time": {"column": "days", "unit": "days"},
                "event": {"column": "vital", "event": "dead", "censored": "alive"}}  # fmt: skip
    mapping = {"tissue_type": {"constant": "primary"}, "endpoints": {"os": endpoint}}
    with pytest.raises(BadInput, match="'1.023' among integers below 1,000") as error:
        curate(raw, mapping, "C")
    assert 'thousands: "."' in error.value.hint
    samples = curate(raw, {**mapping, "thousands": "."}, "C").samples
    assert samples["os_time"].max() == pytest.approx(max(DAYS) / 30.4375)
    assert curate(raw, {**mapping, "decimal": "."}, "C").samples["os_time"].max() == pytest.approx(926 / 30.4375)


@pytest.mark.parametrize("form", ["%d-%b-%y", "%Y%m%d", "%b %d, %Y"])
def test_dates_of_further_forms(form):
    start = pd.Timestamp("2010-03-14")
    ends = [(start + pd.Timedelta(days=day)).strftime(form) for day in DAYS]
    dates = {"Date of diagnosis": [start.strftime(form)] * N, "Date of last follow-up": ends}
    samples = curated(table(vital_status=words("dead", "alive"), **dates))
    assert samples["os_time"].tolist() == pytest.approx([day / 30.4375 for day in DAYS])


@pytest.mark.parametrize("odd", [">60", "60+", "<1", "-9"])
def test_a_time_with_cells_that_are_none_is_named(odd):
    raw = table(vital_status=words("dead", "alive"), OS_months=[odd, odd, odd, *(str(day / 30) for day in DAYS[3:])])
    assert f"column 'OS_months' looks like a time, but has {odd!r}" in draft_text(suggest(raw))


def test_late_events_are_a_doubt_only_where_the_coding_may_be_turned():
    days = [str(4000 + i if i % 2 else 1000 + i) for i in range(N)]
    for pair, kind in ((("dead", "alive"), AnalysisNote), (("1", "0"), AnalysisWarning)):
        endpoint = {"definition": "death", "time": {"column": "days", "unit": "days"},
                    "event": {"column": "vital", "event": pair[0], "censored": pair[1]}}  # fmt: skip
        raw = table(vital=[pair[0] if i % 2 else pair[1] for i in range(N)], days=days)
        with pytest.warns(AnalysisWarning, match="event-times-suspect") as told:
            curate(raw, {"tissue_type": {"constant": "primary"}, "endpoints": {"os": endpoint}}, "C")
        assert [type(w.message) for w in told if w.message.code == "event-times-suspect"] == [kind]
    assert in_words(["1:DECEASED"], ["0:LIVING"]) and in_words(["DOD"], ["NED", "AWD"])
    assert not in_words(["yes"], ["no"]) and not in_words(["b"], ["a"])


def test_a_cohort_that_is_named_after_its_file_is_noted(repository):
    data = repository / "test-data"
    given = {"samples": data / "alpha.clinical.tsv", "mapping": data / "alpha.mapping.yml"}
    found = {w.code: w.text for w in tools.curate_samples(**given).warnings}
    assert "'alpha.clinical' is taken from the name of the file" in found["named-after-file"]
    assert "named-after-file" not in {w.code for w in tools.curate_samples(**given, cohort="alpha").warnings}


def test_a_cover_sheet_of_one_line_is_passed_over(tmp_path):
    from openpyxl import Workbook

    from prognomics.sources.sheet import read_sheet

    book = Workbook()
    book.active.append(["Read me"])
    sheet = book.create_sheet("Patients")
    for row in (["sample", "age"], ["A", 50], ["B", 60]):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    with pytest.warns(AnalysisNote, match="sheet 'Patients'"):
        assert read_sheet(tmp_path / "t.xlsx")["age"].tolist() == ["50", "60"]


def test_characteristics_become_columns(tmp_path):
    rows = [["", "title", "characteristics_ch1", "characteristics_ch1.1", "characteristics_ch1.2"]]
    for i, (day, dead) in enumerate(zip(DAYS, DEAD, strict=True)):
        pairs = [f"os days: {day}", f"vital status: {'dead' if dead else 'alive'}"]
        rows.append([f"GSM{i}", f"tumor {i}", *(pairs if i % 2 else pairs[::-1]), "" if i == 3 else "age: 61"])
    path = tmp_path / "pheno.csv"
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")
    draft = tmp_path / "draft.yml"
    draft.write_text(tools.curate_samples(samples=path, suggest=True).mapping)
    result = tools.curate_samples(samples=path, mapping=draft, cohort="C")
    assert "characteristics" in {w.code for w in result.warnings}
    samples = result.samples
    assert samples["os_event"].astype(float).tolist() == [float(dead) for dead in DEAD]
    assert samples["os_time"].tolist() == pytest.approx([day / 30.4375 for day in DAYS])
    assert samples["age_years"].isna().tolist() == [i == 3 for i in range(N)]
