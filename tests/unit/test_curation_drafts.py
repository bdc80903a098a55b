"""Drafts of the tables that people have: which time with which status, dates, languages, what is left to decide."""

import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.curation.headings import endpoint_of, named_endpoint, plain, stem
from prognomics.curation.suggest import draft_text, suggest
from prognomics.curation.suggest_tissue import tissue_of
from prognomics.data.mapping import load_mapping
from prognomics.errors import AnalysisWarning, BadInput
from prognomics.sources.magetab import read_sdrf
from prognomics.sources.sheet import read_sheet

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
N = 24
IDS = [f"K{i:02d}" for i in range(N)]
DEAD = [i % 3 == 0 for i in range(N)]
MONTHS = [5 + 3.5 * i for i in range(N)]


def table(**columns):
    return pd.DataFrame({"sample": IDS, **columns})


def words(event, censored, flags=DEAD):
    return [event if flag else censored for flag in flags]


def run(raw):
    """The curated samples of a draft, as it is."""
    return curate(raw, load_mapping(draft_text(suggest(raw))), "C").samples


def check(raw, name="os", times=MONTHS, flags=DEAD):
    samples = run(raw)
    assert samples[f"{name}_time"].tolist() == pytest.approx(times, rel=1e-3)
    assert samples[f"{name}_event"].tolist() == [float(flag) for flag in flags]


def test_the_status_with_the_stem_of_the_time_is_taken():
    vital = words("Dead", "Alive")
    vital[3], vital[4] = "Alive", "Dead"
    raw = table(
        VITAL_STATUS=vital,
        OS_STATUS=words("1:DECEASED", "0:LIVING"),
        OS_MONTHS=[f"{t:g}" for t in MONTHS],
        DAYS_TO_DEATH=[f"{t * 30.4375:.0f}" if d else "" for t, d in zip(MONTHS, DEAD, strict=True)],
    )
    check(raw)
    assert "'VITAL_STATUS' contradicts it in 2 rows: K03, K04" in draft_text(suggest(raw))


def test_words_for_missing_of_the_providers():
    days = [f"{t * 30.4375:.6g}" for t in MONTHS]
    raw = table(
        **{
            "demographic.vital_status": words("Dead", "Alive"),
            "demographic.days_to_death": [d if flag else "'--" for d, flag in zip(days, DEAD, strict=True)],
            "diagnoses.days_to_last_follow_up": ["'--" if flag else d for d, flag in zip(days, DEAD, strict=True)],
            "diagnoses.ajcc_pathologic_stage": ["Stage I", "'--"] * 12,
            "diagnoses.ajcc_pathologic_t": ["T1", "T2"] * 12,
            "demographic.sex_at_birth": ["male", "female"] * 12,
        }
    )
    check(raw)
    mapping = suggest(raw).mapping
    assert mapping["missing"] == ["'--"] and set(mapping["columns"]) == {"stage", "sex"}
    assert mapping["columns"]["stage"]["values"] == {"Stage I": "Stage I"}


def test_calendar_years_are_no_times():
    raw = table(
        vital_status=words("dead", "alive"),
        year_of_death=[str(2001 + i % 9) if d else "" for i, d in enumerate(DEAD)],
        days_to_last_known_alive=["900"] * N,
    )
    assert "year_of_death" in suggest(raw).unused


def test_a_unit_must_fit_its_values():
    raw = table(os_months=[f"{t * 30:g}" for t in MONTHS], os_status=words("1", "0"))
    assert suggest(raw).mapping["endpoints"]["os"]["time"]["unit"].startswith("TODO")
    with pytest.raises(BadInput, match="TODO"):
        load_mapping(draft_text(suggest(raw)))


def test_times_that_match_doubly_are_left_to_a_person_with_their_names():
    raw = table(os_time_a=["5", "6", "7"] * 8, os_time_b=["50", "3", "11"] * 8, os_event=words("1", "0"))
    text = draft_text(suggest(raw))
    assert "TODO: ''os_time_a'' or ''os_time_b''" in text or "TODO: 'os_time_a' or 'os_time_b'" in text


def test_the_same_time_in_two_units_is_no_double_match():
    check(
        table(
            os_days=[f"{t * 30.4375:g}" for t in MONTHS], os_months=[f"{t:g}" for t in MONTHS], os_event=words("1", "0")
        )
    )


@pytest.mark.parametrize(
    ("headings", "event", "censored", "sexes"),
    [
        (
            ("Probe", "Gesamtüberleben (Monate)", "Status Gesamtüberleben", "Geschlecht", "Alter"),
            "verstorben",
            "lebt",
            "mw",
        ),
        (("Proben-ID", "Ueberlebenszeit [Monate]", "Tod", "Geschlecht", "Alter"), "ja", "nein", "mw"),
        (("échantillon", "survie globale (mois)", "statut survie globale", "sexe", "âge"), "décédé", "vivant", "MF"),
        (("échantillon", "délai décès (mois)", "décès", "Sexe", "Age"), "oui", "non", "MF"),
        (("id", "Overall Survival (Months)", "Overall Survival Status", "Sex", "Age"), "Deceased", "Living", "MF"),
        (("id", "OSmonths", "OSevent", "gender", "age"), "1", "0", "mf"),
        (("id", "t.os.months", "e.os", "gender", "age"), "1", "0", "mf"),
        (
            ("id", "survival time, months", "lost to follow-up or dead", "gender", "age"),
            "dead",
            "lost to follow-up",
            "mf",
        ),
    ],
)
def test_headings_of_several_languages(headings, event, censored, sexes):
    cells = (IDS, [f"{t:g}" for t in MONTHS], words(event, censored), list(sexes) * 12, ["55"] * N)
    raw = pd.DataFrame(dict(zip(headings, cells, strict=True)))
    check(raw)
    samples = run(raw)
    assert samples["sex"].tolist() == ["male", "female"] * 12 and set(samples["age_years"]) == {55}


def test_a_german_table_with_dates_and_decimal_commas():
    start = pd.Timestamp("2009-10-22")
    end = [start + pd.Timedelta(days=round(t * 30.4375)) for t in MONTHS]
    raw = pd.DataFrame(
        {
            "Probe": IDS,
            "Diagnosedatum": start.strftime("%d.%m.%Y"),
            "letzter Kontakt (Datum)": [d.strftime("%d.%m.%Y") for d in end],
            "Status": words("verstorben", "lebt"),
            "Größe": ["3,5", "4,25"] * 12,
            "Alter": ["61", ">89"] + ["55,5"] * 22,
        }
    )
    raw["Diagnosedatum"] = [start.strftime("%d.%m.%Y")] * 12 + [
        (start + pd.Timedelta(days=1)).strftime("%d.%m.%Y")
    ] * 12
    mapping = suggest(raw).mapping
    assert mapping["endpoints"]["os"]["time"] == {
        "column": "letzter Kontakt (Datum)",
        "since": "Diagnosedatum",
        "date_format": "dd.mm.yyyy",
    }
    samples = run(raw)
    assert samples["os_time"].tolist() == pytest.approx(MONTHS, abs=0.06)
    assert samples["tumor_size"].tolist()[:2] == [3.5, 4.25] and samples["age_years"].tolist()[:3] == [61, 89, 55.5]


def test_the_order_of_day_and_month_is_left_to_a_person_where_the_values_do_not_decide():
    raw = table(
        date_of_diagnosis=["01/02/2009", "03/04/2010"] * 12,
        date_of_last_contact=["05/06/2012", "07/08/2013"] * 12,
        vital_status=words("dead", "alive"),
    )
    text = str(suggest(raw).mapping["endpoints"]["os"]["time"]["date_format"])
    assert text == "TODO: 'dd/mm/yyyy' or 'mm/dd/yyyy'"


def test_a_date_of_death_and_one_of_the_last_contact():
    raw = table(
        date_of_surgery=["22/10/2008"] * 12 + ["23/10/2008"] * 12,
        vital_status=words("dead", "alive"),
        date_of_death=words("21/01/2010", ""),
        last_follow_up_date=["25/12/2012"] * 23 + ["26/12/2012"],
    )
    time = suggest(raw).mapping["endpoints"]["os"]["time"]
    assert time == {
        "event": "date_of_death",
        "censored": "last_follow_up_date",
        "since": "date_of_surgery",
        "date_format": "dd/mm/yyyy",
    }


def test_what_yes_means_is_asked_where_the_heading_leaves_it_open():
    raw = table(time_months=[f"{t:g}" for t in MONTHS], censored=words("1", "0"))
    assert "mean censored, or the event?" in draft_text(suggest(raw))
    raw = table(os_months=[f"{t:g}" for t in MONTHS], os_status=words("2", "1"))
    assert "is coded 1 and 2: which is the event?" in draft_text(suggest(raw))
    check(table(os_months=[f"{t:g}" for t in MONTHS], alive=words("no", "yes")))


def test_deaths_of_other_causes_compete_in_disease_specific_survival():
    raw = table(
        dss_months=[f"{t:g}" for t in MONTHS],
        dss_status=["died of other causes" if i == 1 else w for i, w in enumerate(words("died of disease", "alive"))],
    )
    assert run(raw)["dss_event"].tolist()[:3] == [1, 2, 0]


def test_one_sample_of_each_patient_is_kept_and_normals_have_no_outcome():
    raw = table(
        patient=["p0", "p0", "p1", "p1", *[f"p{i}" for i in range(4, N)]],
        OS_MONTHS=[f"{t:g}" for t in MONTHS],
        tissue_type=["primary", "normal", "primary", "primary", *["primary"] * 20],
        OS_STATUS=words("1:DECEASED", "0:LIVING"),
    )
    samples = run(raw)
    assert len(samples) == N - 1 and samples["os_event"].isna().tolist()[:2] == [False, True]
    assert "1 patients have several samples of one tissue type" in draft_text(suggest(raw))


def test_a_comma_that_may_separate_thousands_is_not_read():
    raw = table(OS_MONTHS=[f"{t:g}" for t in MONTHS], OS_STATUS=words("1", "0"), tumor_size=["1,200", "35"] * 12)
    assert "tumor_size" not in suggest(raw).mapping.get("columns", {})
    assert "does the comma of '1,200' separate thousands?" in draft_text(suggest(raw))


@pytest.mark.parametrize(
    ("text", "tissue"),
    [
        ("newly diagnosed patient; failure (relapse)", "primary"),
        ("Recurrent Tumor", "relapse"),
        ("Solid Tissue Normal", "normal"),
        ("tumor-adjacent normal", "normal"),
        ("non-tumor liver", "normal"),
        ("liver metastasis", "metastasis"),
        ("tumor without metastasis", "primary"),
        ("Metastase", "metastasis"),
        ("Normalgewebe", "normal"),
        ("tumeur", "primary"),
        ("AML with normal karyotype", "primary"),
        ("cell line", "cell_line"),
        ("plasma", "TODO"),
        ("other", "other"),
    ],
)
def test_tissues(text, tissue):
    assert tissue_of(text.replace("AML", "leukemia")) == tissue


def test_headings():
    assert [
        named_endpoint(h)
        for h in ("OS.time", "Overall Survival (Months)", "t.dmfs", "Krankheitsfreies Überleben", "cost")
    ] == ["os", "os", "dmfs", "dfs", ""]
    assert plain("daysToDeath.Événement") == "days to death evenement"
    assert stem("OS_MONTHS") == stem("OS_STATUS") == "os" and endpoint_of("vital_status") == "os"


LUAD = ("recordings/xena/TCGA-LUAD.GDC_phenotype.tsv.gz", "recordings/xena/TCGA-LUAD.survival.tsv")


@pytest.mark.parametrize(
    ("name", "events", "n"),
    [
        ("recordings/xena/TCGA-LUAD.survival.tsv", {"os": 183}, 552),
        ("gdc/TARGET-OS.clinical.tsv.gz", {"os": 53}, 156),
        ("sarcoma/TCGA-SARC.CDR_clinical.tsv.gz", {"os": 98, "dss": 81, "dfi": 66, "pfi": 137}, 264),
        ("sarcoma/meta_data.txt", {"mfs": 140}, 704),
        ("ovarian/GSE51088.clinical.tsv.gz", {"os": 93}, 172),
        ("ovarian/GSE19829.GPL8300.clinical.tsv.gz", {"os": 23}, 42),
        ("ovarian/GSE8842.clinical.tsv.gz", {"os": 14}, 83),
    ],
)
def test_drafts_of_real_tables_run_and_have_their_endpoints(shared_data, name, events, n):
    samples = run(read_sheet(shared_data / name))
    found = {c.removesuffix("_event"): int((samples[c] == 1).sum()) for c in samples if c.endswith("_event")}
    assert found == events and len(samples) >= n


def test_phenotypes_of_the_gdc_hub(shared_data):
    time = suggest(read_sheet(shared_data / LUAD[0])).mapping["endpoints"]["os"]["time"]
    assert time["event"] == "days_to_death.diagnoses" and time["censored"][0] == "days_to_last_follow_up.diagnoses"


def test_a_developmental_stage_is_no_stage_of_a_tumor(shared_data):
    for path in sorted((shared_data / "recordings" / "arrayexpress").glob("*.sdrf.txt")):
        assert "stage" not in suggest(read_sdrf(path).sheet).mapping.get("columns", {})


@pytest.mark.parametrize(
    ("heading", "event", "censored"),
    [
        ("outcome", "died", "alive"),
        ("last known status", "expired", "alive with disease"),
        ("vital state", "D", "A"),
        ("dead (1) or alive (0)", "1", "0"),
    ],
)
def test_words_that_tell_the_dead_are_a_status_whatever_their_heading(heading, event, censored):
    check(table(**{"surv.time.months": [f"{t:g}" for t in MONTHS], heading: words(event, censored)}))


def test_decimals_with_three_digits_everywhere_are_no_thousands():
    check(table(OS_MONTHS=[f"{t:.3f}".replace(".", ",") for t in MONTHS], OS_STATUS=words("DEAD", "ALIVE")))


def test_bare_numbers_of_a_status_are_noted():
    raw = table(OS_MONTHS=[f"{t:g}" for t in MONTHS], OS_STATUS=words("1", "0"))
    assert "are bare numbers: 1 is taken as the event" in draft_text(suggest(raw))


def test_units_in_the_cells():
    raw = table(
        age=[f"{40 + i} years" for i in range(N)],
        os_time=[f"{t:g} months" for t in MONTHS],
        vital=words("dead", "alive"),
    )
    check(raw)
    mapping = suggest(raw).mapping
    assert mapping["endpoints"]["os"]["time"]["unit"] == "months"
    assert mapping["columns"]["age_years"]["unit"] == "years"


def test_units_in_the_cells_that_differ_are_noted():
    raw = table(
        os_time=[f"{t:g} months" if i else "3 years" for i, t in enumerate(MONTHS)], vital=words("dead", "alive")
    )
    assert any("in several units: months, years" in text for _, text in suggest(raw).unsure)


def test_a_unit_in_the_cells_against_the_heading_is_left_to_a_person():
    raw = table(os_months=[f"{t * 30:.0f} days" for t in MONTHS], os_status=words("dead", "alive"))
    assert suggest(raw).mapping["endpoints"]["os"]["time"]["unit"] == "TODO: days?"


def test_a_draft_expects_events_with_a_time():
    raw = table(os_months=["" if i < 3 else f"{t:g}" for i, t in enumerate(MONTHS)], os_status=words("dead", "alive"))
    mapping = load_mapping(draft_text(suggest(raw)))
    assert mapping["expect"]["events"]["os"] == sum(DEAD[3:])
    with pytest.warns(AnalysisWarning, match="incomplete-outcome"):
        curate(raw, mapping, "T")


@pytest.mark.parametrize("heading", ["lebend", "survived", "alive", "en vie", "vivant", "living"])
def test_headings_whose_yes_is_no_event(heading):
    raw = table(os_months=[f"{t:g}" for t in MONTHS], **{heading: words("no", "yes")})
    event = suggest(raw).mapping["endpoints"]["os"]["event"]
    assert (event["event"], event["censored"]) == (["no"], ["yes"])


def test_another_status_in_words_confirms_bare_numbers():
    bare = table(OS_months=[f"{t:g}" for t in MONTHS], OS=words("1", "0"))
    doubts = lambda raw: [text for field, text in suggest(raw).unsure if field == "endpoints.os.event"]  # noqa: E731
    assert any("bare numbers" in text for text in doubts(bare))
    assert doubts(bare.assign(vital_status=words("Dead", "Alive"))) == []
    assert any("contradicts" in text for text in doubts(bare.assign(vital_status=words("Alive", "Dead"))))


def test_ids_of_a_repository_name_samples_whatever_their_heading():
    raw = table(os_months=[f"{t:g}" for t in MONTHS], os_status=words("dead", "alive"))
    raw.insert(0, "alt_sample_name", [f"tumor {i}" for i in range(N)])
    raw.insert(2, "Name in the repository", [f"GSM{100 + i}" for i in range(N)])
    assert suggest(raw).mapping["sample_id"] == "Name in the repository"


def test_none_of_python_is_missing_where_it_stands_among_numbers():
    raw = table(
        os_months=["None" if i < 2 else f"{t:g}" for i, t in enumerate(MONTHS)],
        vital=["None" if i < 2 else w for i, w in enumerate(words("dead", "alive"))],
    )
    assert suggest(raw).mapping["missing"] == ["None"]
    findings = table(
        os_months=[f"{t:g}" for t in MONTHS], vital=words("dead", "alive"), grade=["None", "high"] * (N // 2)
    )
    assert "missing" not in suggest(findings).mapping


def test_a_time_and_status_that_repeat_another_are_no_doubt():
    raw = table(_OS=[f"{t * 30:.0f}" for t in MONTHS], _OS_IND=words("1", "0"))
    raw = raw.assign(_TIME_TO_EVENT=raw["_OS"], _EVENT=raw["_OS_IND"])
    suggested = suggest(raw)
    assert set(suggested.mapping["endpoints"]) == {"os"}
    assert {field for field, _ in suggested.unsure if field.startswith("endpoints")} == {"endpoints.os.event"}
    other = suggest(raw.assign(_TIME_TO_EVENT=[f"{t * 20:.0f}" for t in MONTHS]))
    assert any("name no endpoint" in text for _, text in other.unsure)
