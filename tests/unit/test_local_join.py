"""Local clinical tables and matrices: which row belongs to which sample."""

import gzip

import numpy as np
import pytest

from prognomics.data.signature import read_signature
from prognomics.errors import AnalysisWarning, BadInput
from prognomics.sources.cbioportal import read_study
from prognomics.sources.gdc_cases import portal_case
from prognomics.sources.geo import read_series_matrix
from prognomics.sources.local import read_local

BARCODES = [f"TCGA-KK-{1000 + i}-01A-11R-A12-07" for i in range(4)] + ["TCGA-KK-1000-11A-11R-A12-07"]


@pytest.fixture
def write(tmp_path):
    def write(name, *rows):
        path = tmp_path / name
        path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
        return path

    return write


def matrix(ids):
    return [["gene_id", *ids], ["XPO1", *range(len(ids))], ["TP53", *range(5, 5 + len(ids))]]


@pytest.mark.parametrize("separator", ["-", "."])
def test_patients_by_their_barcodes(write, separator):
    samples = [name[:16].replace("-", separator) for name in BARCODES]
    rows = [["bcr_patient_barcode", "OS"], *([f"TCGA-KK-{1000 + i}", i] for i in (3, 2, 1, 0, 7))]
    cohort = read_local([write("m", *matrix(samples)), write("p", *rows)])
    sheet = cohort.samples.set_index("sample_id")
    assert sheet.loc[samples, "OS"].tolist() == ["0", "1", "2", "3", "0"]
    assert sheet.loc[samples[4], "OS"] == "0" and "TCGA-KK-1007" in sheet.index
    (said,) = (note for note in cohort.notes if "5 samples of the matrix belong to 4 rows" in note)
    assert "1 rows have no sample" in said


@pytest.mark.parametrize("length", [15, 16])
def test_samples_by_their_barcodes(write, length):
    rows = [["sample", "OS"], *([name[:length], i] for i, name in enumerate(BARCODES))]
    cohort = read_local([write("m", *matrix(BARCODES)), write("p", *rows)])
    assert cohort.samples["sample_id"].tolist() == BARCODES
    assert cohort.samples["tissue_type"].tolist() == ["primary"] * 4 + ["normal"]


def test_less_than_half_is_refused_with_a_change(write):
    rows = [["sample", "age"], *([f"s{i}", i] for i in range(9)), ["S9", 9]]
    with pytest.raises(BadInput, match="(?s)only 1 of the 10 .*9 of 9 match if letters"):
        read_local([write("m", *matrix([f"S{i}" for i in range(10)])), write("p", *rows)])


def test_a_column_that_the_sheet_does_not_list_is_no_sample_if_it_is_unlike_the_others(write):
    generator = np.random.default_rng(3)
    genes = generator.normal(8, 2, 40)
    table = [["gene", "S1", "S2", "S3", "S4", "bases"]]
    for i, gene in enumerate(genes):
        table.append([f"G{i}", *(gene + generator.normal(0, 0.3, 4)).round(3), generator.integers(300, 9000)])
    cohort = read_local([write("m", *table), write("p", ["id", "sex"], *([f"S{i}", "f"] for i in (1, 2, 3)))])
    assert cohort.expression.sample_ids == ["S1", "S2", "S3", "S4"]  # S4 is like the others and stays
    assert any("bases" in note for note in cohort.notes)


def test_two_clinical_files_are_joined_by_content(write):
    samples = write("a", ["array", "patient", "site"], *([f"S{i}", f"P{i}", "left"] for i in range(4)))
    patients = write("b", ["who", "status", "site"], *([f"P{i}", "dead", "ward"] for i in range(5)))
    cohort = read_local([patients, write("m", *matrix([f"S{i}" for i in range(4)])), samples])
    assert cohort.samples["sample_id"].tolist() == ["S0", "S1", "S2", "S3"]
    assert cohort.samples["status"].tolist() == ["dead"] * 4 and cohort.samples["site.2"].tolist() == ["ward"] * 4
    other = write("c", ["who", "status"], *([f"Q{i}", "dead"] for i in range(5)))
    with pytest.raises(BadInput, match="two files look like samples"):
        read_local([samples, other])


def test_rows_of_the_portal_become_one_per_case():
    def row(primary, stage, follow_up, treatment):
        return {"cases.submitter_id": "C", "demographic.vital_status": "Alive", "diagnoses.stage": stage,
                "diagnoses.diagnosis_is_primary_disease": primary, "diagnoses.days_to_last_follow_up": follow_up,
                "treatments.type": treatment, "follow_ups.days_to_follow_up": "'--"}  # fmt: skip

    rows = [("false", "Stage I", "900", "x"), ("true", "'--", "400", "y"), ("true", "Stage III", "'--", "z")]
    found = portal_case([row(*cells) for cells in rows])
    assert found["diagnoses.stage"] == "Stage III" and found["treatments.type"] == "y"
    assert found["diagnoses.days_to_last_follow_up"] == "400" and found["days_to_last_contact"] == "900"
    kinds = ("metastasis", "primary")
    unmarked = [{"diagnoses.classification_of_tumor": kind, "diagnoses.stage": kind} for kind in kinds]
    assert portal_case(unmarked)["diagnoses.stage"] == "primary"


@pytest.mark.parametrize("named_by", ["SAMPLE_ID", "PATIENT_ID", "neither"])
def test_patients_of_cbioportal(write, tmp_path, named_by):
    write("meta_study.txt", ["cancer_study_identifier: x"])
    write("data_clinical_sample.txt", ["SAMPLE_ID", "PATIENT_ID"], ["P1-01", "P1"], ["P2-01", "P2"])
    ids = {"SAMPLE_ID": ["P1-01", "P2-01"], "PATIENT_ID": ["P1", "P2"], "neither": ["Q1", "Q2"]}[named_by]
    write("data_clinical_patient.txt", ["PATIENT_ID", "OS_MONTHS"], *([name, 5] for name in ids))
    if named_by == "neither":
        with pytest.raises(BadInput, match="matches no sample of PATIENT_ID of the patients"):
            read_study(tmp_path)
        return
    if named_by == "SAMPLE_ID":
        with pytest.warns(AnalysisWarning, match="PATIENT_ID lists sample ids"):
            sheet = read_study(tmp_path).samples
    else:
        sheet = read_study(tmp_path).samples
    assert sheet["OS_MONTHS"].tolist() == ["5", "5"] and sheet["PATIENT_ID"].tolist() == ["P1", "P2"]


SERIES = """!Series_title\t"made"
!Sample_geo_accession\t"GSM1"\t"GSM2"
!Sample_data_processing\t"one\r\ntwo"\t"three\r\n\r\nfour, ""so"" said"
!Sample_description\t"a stray " stays"\t"b"
!Sample_characteristics_ch1\t"age: 5"\t"age: 6"
!series_matrix_table_begin
"ID_REF"\t"GSM1"\t"GSM2"
"p1"\t1\t
"p2"\t3\t
!series_matrix_table_end
"""


def test_line_breaks_in_cells_of_a_series_matrix(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt.gz"
    path.write_bytes(gzip.compress(SERIES.encode()))
    sheet = read_series_matrix(path).samples
    assert sheet["age"].tolist() == ["5", "6"]
    assert [" ".join(cell.split()) for cell in sheet["data_processing"]] == ["one two", 'three four, "so" said']


def test_a_ragged_row_of_a_series_matrix_is_named(tmp_path):
    path = tmp_path / "m"
    path.write_text(SERIES.replace('"p2"\t3\t', '"p2"\t3'))
    with pytest.raises(BadInput, match="(?s)do not have 3 fields.*has 2.*line 12, row 'p2'"):
        read_series_matrix(path)


def test_a_gene_in_place_of_a_description(tmp_path):
    path = tmp_path / "s.gmt"
    path.write_text("A\tG1\tG2\tG3\nB\thttp://x\tG2\tG3\nC\tna\tG1\tG2\nD\tG9\tG1\tG2\n")
    sets = read_signature(path)
    present = ["G1", "G2", "G3", "G4"]
    with pytest.warns(AnalysisWarning, match="'A', 'G1', is a gene"):
        assert sets.one("A").genes_as(present) == ["G1", "G2", "G3"]
    assert [sets.one(name).genes_as(present) for name in "BCD"] == [["G2", "G3"], ["G1", "G2"], ["G1", "G2"]]
