"""Built-in mappings of standardized sources, studies that use them, and the catalog of cohorts."""

import pandas as pd
import pytest
import yaml

from prognomics.cli import commands
from prognomics.curation.curate import curate
from prognomics.data.standard_mappings import STANDARDS, fitted_mapping, standard_mapping
from prognomics.errors import BadInput, UsageError
from prognomics.runtime.guard import guarded
from prognomics.sources.gdc_cases import case_row
from prognomics.sources.local import read_local
from prognomics.sources.sheet import read_sheet
from prognomics.study.catalog import catalog, catalog_entry, catalog_table
from prognomics.study.check import check_study
from prognomics.study.endpoint_advice import AGAINST, CAUTION, endpoint_notes
from prognomics.study.file import endpoint_definitions, read_study
from prognomics.study.new import new_study
from prognomics.study.plan import make_plan

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
PROJECTS = (
    "ACC BLCA BRCA CESC CHOL COAD DLBC ESCA GBM HNSC KICH KIRC KIRP LAML LGG LIHC LUAD LUSC MESO OV PAAD PCPG PRAD "
    "READ SARC SKCM STAD TGCT THCA THYM UCEC UCS UVM"
).split()


def curated(standard, raw):
    return curate(raw, fitted_mapping(standard, raw.columns.tolist()), "C")


def case(i, status, death, contact, **more):
    return {
        "submitter_id": f"TCGA-AA-000{i}",
        "demographic": {
            "vital_status": status,
            "days_to_death": death,
            "age_at_index": 50 + i,
            "sex_at_birth": "female",
        },
        "diagnoses": [{"days_to_last_follow_up": contact, "ajcc_pathologic_stage": "Stage IIIA", "tumor_grade": "G2"}],
        "samples": [{"submitter_id": f"TCGA-AA-000{i}-01A", "sample_type": "Primary Tumor"}],
        **more,
    }


def test_cases_of_the_gdc():
    cases = [
        case(1, "Dead", 609, None),
        case(2, "Alive", None, 913),
        case(3, "Not Reported", None, 5),
        case(4, "Alive", 3, 304),
    ]
    rows = [{"sample_id": c["samples"][0]["submitter_id"], **case_row(c, c["samples"][0])} for c in cases]
    normal = {"submitter_id": "TCGA-AA-0001-11A", "sample_type": "Solid Tissue Normal"}
    rows.append({"sample_id": normal["submitter_id"], **case_row(cases[0], normal)})
    samples = curated("gdc", pd.DataFrame(rows).fillna("")).samples
    assert samples["os_time"].round().tolist()[:2] == [20, 30] and samples["os_event"].tolist()[:2] == [1, 0]
    assert samples["os_event"].isna().tolist() == [False, False, True, False, True]
    assert samples["os_time"].round().tolist()[3] == 10  # the time of the last contact, whatever days_to_death is
    assert (
        set(samples["stage"]) == {"III"}
        and set(samples["sex"]) == {"female"}
        and samples["age_years"].tolist()[0] == 51
    )
    assert samples["tissue_type"].tolist()[-1] == "normal"


def test_a_study_of_cbioportal_has_the_endpoints_whose_columns_are_there():
    raw = pd.DataFrame(
        {
            "sample_id": ["P1-01", "P1-06", "P2-01"],
            "PATIENT_ID": ["P1", "P1", "P2"],
            "AGE": ["50", "50", ">89"],
            "SAMPLE_TYPE": ["Primary", "Metastasis", ""],
            "OS_STATUS": ["1:DECEASED", "1:DECEASED", "LIVING"],
            "OS_MONTHS": ["10", "10", "20"],
            "PFS_STATUS": ["1:PROGRESSION", "1:PROGRESSION", "0:CENSORED"],
            "PFS_MONTHS": ["5", "5", "20"],
            "SEX": ["Female", "Female", "Male"],
        }
    )
    found = curated("cbioportal", raw)
    assert list(found.endpoints) == ["os", "pfs"]
    assert found.samples["os_event"].isna().tolist() == [False, True, False]  # one outcome per patient
    assert found.samples["age_years"].tolist() == [50, 50, 89] and found.samples["sex"].tolist()[2] == "male"


def test_an_unknown_word_of_a_status_stops():
    raw = pd.DataFrame({"sample_id": ["a"], "PATIENT_ID": ["a"], "OS_STATUS": ["Perhaps"], "OS_MONTHS": ["5"]})
    with pytest.raises(BadInput, match="not declared as event or censored: 'Perhaps'"):
        curated("cbioportal", raw)


def test_the_first_tissue_column_that_is_there_counts():
    raw = pd.DataFrame(
        {"sample_id": ["TCGA-AA-0001-01", "TCGA-AA-0001-11"], "OS": ["1", "1"], "OS.time": ["300", "300"]}
    )
    samples = curated("xena", raw).samples
    assert samples["tissue_type"].tolist() == ["primary", "normal"] and samples["os_event"].isna().tolist() == [
        False,
        True,
    ]


def test_patients_of_the_clinical_data_resource_are_primary_tumors():
    raw = pd.DataFrame(
        {
            "bcr_patient_barcode": ["TCGA-AA-0001"],
            "type": ["ACC"],
            "PFI": ["1"],
            "PFI.time": ["300"],
            "OS": ["#N/A"],
            "OS.time": ["#N/A"],
        }
    )
    samples = curated("tcga_cdr", raw).samples
    assert (
        samples["tissue_type"].tolist() == ["primary"]
        and samples["pfi_event"].tolist() == [1]
        and samples["os_event"].isna().all()
    )


@pytest.mark.parametrize("standard", STANDARDS)
def test_a_sheet_of_something_else_is_refused(standard):
    with pytest.raises(BadInput, match="sample ids|none of the endpoints|does not tell tumors"):
        fitted_mapping(standard, ["sample_id", "weight"] if standard != "gdc" else ["weight"])
    with pytest.raises(BadInput, match="none of the endpoints|does not tell tumors"):
        fitted_mapping(standard, ["sample_id", "tissue_type", "patient_id"])


def test_an_unknown_standard_is_refused():
    with pytest.raises(BadInput, match="there is no built-in mapping 'geo'"):
        standard_mapping("geo")


@pytest.mark.parametrize(
    ("standard", "place", "events"),
    [
        ("tcga_cdr", "sarcoma/TCGA-SARC.CDR_clinical.tsv.gz", {"os": 98, "dss": 81, "dfi": 66, "pfi": 137}),
        ("xena", "tcga", {"os": 18, "dss": 16, "dfi": 10, "pfi": 20}),
        ("cbioportal", "cbioportal/study_es_0", {"os": 87, "dfs": 57}),
    ],
)
def test_real_tables_have_the_events_of_their_papers(shared_data, standard, place, events):
    path = shared_data / place
    accession = "TCGA-CHOL" if place == "tcga" else None
    raw = read_sheet(path) if path.is_file() else read_local([path], accession=accession).samples
    found = curated(standard, raw)
    assert {e: int((found.samples[f"{e}_event"] == 1).sum()) for e in found.endpoints} == events


@pytest.mark.parametrize(
    ("source", "accessions", "endpoint"),
    [
        ("gdc", [f"TCGA-{p}" for p in PROJECTS], "os"),
        ("xena", ["TCGA.SARC.sampleMap"], "pfi"),
        ("cbioportal", ["sarc_tcga_pan_can_atlas_2018"], "pfs"),
        ("demo", ["DEMO1", "DEMO2"], "mfs"),
    ],
)
def test_a_new_study_can_be_planned(tmp_path, source, accessions, endpoint):
    path = tmp_path / "study.yml"
    path.write_text(new_study("XPO1", source, accessions, endpoint), encoding="utf-8")
    study = read_study(path)
    assert check_study(path) == []
    assert len(study.cohorts) == len(accessions) and len(set(endpoint_definitions(study).values())) == 1
    assert len(make_plan(study).jobs) > len(accessions)


def test_what_is_advised_of_an_endpoint_is_noted():
    text = new_study("HLA-A", "gdc", ["TCGA-BRCA"])
    assert "advises caution with OS for BRCA" in text and yaml.safe_load(text)["marker"] == "HLA-A"
    assert not endpoint_notes("TCGA-SARC", "os") and not endpoint_notes("TCGA.BRCA.sampleMap", "pfi")
    assert endpoint_notes("prad_tcga_pan_can_atlas_2018", "os")
    assert "advises against DFI for UVM" in endpoint_notes("uvm_tcga_pan_can_atlas_2018", "dfs")[0]
    assert "PFI is preferred" in endpoint_notes("TCGA-TGCT", "os")[0]
    assert "PFI is preferred" not in endpoint_notes("TCGA-PCPG", "os")[0]
    assert len(endpoint_notes("TCGA.SARC.sampleMap", "dss")) == 1 and not endpoint_notes("TCGA.UVM.sampleMap", "dss")
    for marks in (AGAINST, CAUTION):
        assert {cancer for cancers in marks.values() for cancer in cancers} < set(PROJECTS)
    assert not any(set(AGAINST[endpoint]) & set(CAUTION[endpoint]) for endpoint in AGAINST)


@pytest.mark.parametrize(
    ("source", "accessions", "endpoint", "said"),
    [
        ("geo", ["GSE1"], "os", "no built-in mapping"),
        ("gdc", ["TCGA-SARC"], "pfi", "gdc has no endpoint 'pfi'"),
        ("xena", ["TCGA-SARC"], "pfi", "overall survival only"),
        ("gdc", ["TCGA-SARC", "TCGA-SARC"], "os", "each cohort once"),
    ],
)
def test_what_cannot_become_a_study_is_refused(source, accessions, endpoint, said):
    with pytest.raises(UsageError, match=said):
        new_study("XPO1", source, accessions, endpoint)


def test_on_the_command_line(tmp_path, capsys):
    def run(*words):
        return guarded(lambda: commands.main(list(words), "prognomics", standalone_mode=False), debug=False)

    path = tmp_path / "s.yml"
    given = ("study", "new", "--gene", "XPO1", "--source", "gdc", "--accession", "TCGA-SARC")
    assert run(*given, "--out", str(path)) == 0 and read_study(path).raw["marker"] == "XPO1"
    assert run(*given, "--out", str(path)) == 2
    assert run("cohorts", "list") == 0 and "GSE21050" in capsys.readouterr().out
    assert run("cohorts", "show", "gse21050") == 0 and run("cohorts", "show", "gse2105") == 3


def test_every_mapping_is_in_the_catalog(repository):
    files = {path.stem for path in (repository / "studies" / "mappings").glob("*.yml")}
    assert set(catalog()) == files and all(name in catalog_table() for name in files)
    assert catalog_entry("gse1992").startswith("about:")
