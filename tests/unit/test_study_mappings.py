"""The mappings of the studies hold on the real cohorts, expectations included."""

import importlib.util

import pytest

from prognomics.curation.curate import curate
from prognomics.data.mapping import load_mapping
from prognomics.errors import AnalysisWarning
from prognomics.sources.local import read_local
from prognomics.sources.sheet import read_sheet
from prognomics.sources.survset import read_survset

LOCAL = {
    "gse51088": ("ovarian", "GSE51088", 172, 112),
    "gse12470": ("ovarian", "GSE12470", 53, None),
    "gse19829": ("ovarian", "GSE19829", 42, 23),
    "gse8842": ("ovarian", "GSE8842", 83, 15),
    "tcga_chol": ("tcga", "TCGA-CHOL", 45, 18),
}


TABLES = {
    "target_os": ("gdc/TARGET-OS.clinical.tsv.gz", 156, {"os": 54}),
    "sarcoma_rnaseq": ("sarcoma/meta_data.txt", 704, {"mfs": 140}),
    "tcga_sarc_cdr": ("sarcoma/TCGA-SARC.CDR_clinical.tsv.gz", 264, {"os": 98, "dss": 81, "dfi": 66, "pfi": 137}),
}


def read_mapping(repository, name):
    return load_mapping((repository / "studies" / "mappings" / f"{name}.yml").read_text("utf-8"), f"{name}.yml")


@pytest.mark.skipif(importlib.util.find_spec("SurvSet") is None, reason="SurvSet is not installed")
@pytest.mark.parametrize(("name", "n", "events"), [("gse1992", 124, 28), ("gse3143", 158, 50), ("gse4335", 115, 38)])
def test_breast(repository, name, n, events):
    curated = curate(read_survset(name).samples, read_mapping(repository, name), name)
    assert len(curated.samples) == n
    assert curated.samples["followup_event"].sum() == events
    assert (curated.samples["tissue_type"] != "primary").sum() == (7 if name == "gse1992" else 0)
    assert curated.samples.query("tissue_type != 'primary'")["followup_event"].isna().all()
    assert "does not say" in curated.endpoints["followup"]


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("name", LOCAL)
def test_local(repository, shared_data, name):
    folder, accession, n, events = LOCAL[name]
    raw = read_local([shared_data / folder], accession=accession)
    curated = curate(raw.samples, read_mapping(repository, name), name)
    assert len(curated.samples) == n
    assert curated.flow["events"].tolist()[-1 if events is None else 1] == events


def test_the_tissue_types_of_gse51088(repository, shared_data):
    raw = read_local([shared_data / "ovarian"], accession="GSE51088")
    samples = curate(raw.samples, read_mapping(repository, "gse51088"), "GSE51088").samples
    primary = samples[samples["tissue_type"] == "primary"]
    assert (primary["os_event"].notna().sum(), primary["os_event"].sum()) == (122, 93)


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("name", TABLES)
def test_tables(repository, shared_data, name):
    place, n, events = TABLES[name]
    curated = curate(read_sheet(shared_data / place), read_mapping(repository, name), name)
    assert len(curated.samples) == n
    assert {e: int(curated.samples[f"{e}_event"].sum()) for e in curated.endpoints} == events


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_primaries_and_repeated_patients_of_tcga_sarc(repository, shared_data):
    raw = read_sheet(shared_data / TABLES["tcga_sarc_cdr"][0])
    samples = curate(raw, read_mapping(repository, "tcga_sarc_cdr"), "S").samples
    counts = samples["tissue_type"].value_counts().to_dict()
    assert counts == {"primary": 258, "relapse": 3, "normal": 2, "metastasis": 1}
    assert samples["patient_id"].duplicated().sum() == 6
    assert samples.loc[samples["tissue_type"] != "primary", "os_event"].isna().all()


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_a_study_folder(repository, shared_data):
    raw = read_local([shared_data / "cbioportal" / "study_es_0"]).samples
    curated = curate(raw, read_mapping(repository, "study_es_0"), "C")
    assert len(curated.samples) == 841 and curated.samples["os_event"].sum() == 87
    dropped = curated.flow.set_index("step").loc["one_sample_per", "dropped_ids"].split(",")
    assert {"TCGA-A1-A0SB-02", "TCGA-E2-A15E-06"} < set(dropped) and len(dropped) == 4


def test_a_series(repository, shared_data):
    raw = read_local([shared_data / "geo" / "GSE87437_series_matrix.txt.gz"]).samples
    samples = curate(raw, read_mapping(repository, "gse87437"), "G").samples
    assert samples["chemotherapy_response"].value_counts().to_dict() == {"poor": 11, "good": 10}


def test_pairs_that_may_be_of_one_patient_are_found(repository, shared_data):
    raw = read_sheet(shared_data / "ovarian" / "GSE51088.clinical.tsv.gz")
    with pytest.warns(AnalysisWarning, match="5 groups of samples agree in age, time and status"):
        curate(raw, read_mapping(repository, "gse51088"), "O")


@pytest.mark.parametrize("name", ["tcga_sarc_cdr", "sarcoma_rnaseq"])
def test_an_inverted_flag_is_noticed_by_words_and_by_times(repository, shared_data, name):
    mapping = read_mapping(repository, name)
    del mapping["expect"]
    for endpoint in mapping["endpoints"].values():
        event = endpoint["event"]
        event["event"], event["censored"] = event["censored"], event["event"]
    with pytest.warns(AnalysisWarning) as told:
        curate(read_sheet(shared_data / TABLES[name][0]), mapping, "S")
    assert {"event-words-suspect", "event-times-suspect"} <= {w.message.code for w in told}
