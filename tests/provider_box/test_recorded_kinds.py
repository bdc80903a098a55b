"""What the recorded answers of the providers showed, on small answers of our own, without the folder of data."""

import json

import pytest
from provider_box import status

from prognomics.data.feature_map import read_platform
from prognomics.errors import BadInput
from prognomics.sources.gdc_cases import case_row
from prognomics.sources.gdc_counts import CountsTable
from prognomics.sources.geo_soft import read_soft
from prognomics.sources.magetab import read_adf, read_idf, read_sdrf

DESIGN = "^PLATFORM = GPL9\n!Platform_title = a sequencer\n!Platform_technology = high-throughput sequencing\n"
SAGE = """^DATABASE = GeoMiame
^SERIES = GSE9
!Series_geo_accession = GSE9
^PLATFORM = GPL11
!Platform_title = tags
^SAMPLE = GSM1
!Sample_geo_accession = GSM1
!Sample_type = SAGE
!Sample_platform_id = GPL11
#TAG =
#COUNT =
!sample_table_begin
TAG\tCOUNT\tTPM
AAAAAAAAAA\t54\t915.9
AAAAAAAAAC\t1\t16.9
!sample_table_end
"""


def test_tags_are_no_values(tmp_path):
    path = tmp_path / "GSE9.soft"
    path.write_text(SAGE)
    with pytest.raises(BadInput, match="has values"):
        read_soft(path, "GPL11")


def test_a_platform_of_sequencing_has_no_table(tmp_path, fetch, box):
    path = tmp_path / "GPL9.txt"
    path.write_bytes(DESIGN.replace("\n", "\r\n").encode())
    with pytest.raises(BadInput, match="no table"):
        read_platform(path)
    del box.files["/geo/platforms/GPLnnn/GPL1/annot/GPL1.annot.gz"]
    box.files["/geo/query/acc.cgi"] = DESIGN.encode()
    outputs = ("expression", "samples", "features")
    code, said, written = fetch("geo", "GSE1", f"{box.address}/geo", outputs=outputs)
    assert code == 0 and "[genes-not-named]" in said and set(written) == set(outputs)


def test_a_listing_of_two_platforms(fetch, box):
    links = "".join(f'<a href="GSE77-GPL{n}_series_matrix.txt.gz">x</a>  2026-07-01  1.2K\n' for n in (570, 96))
    page = f"<html><head><title>Index of /geo/series</title></head><body><pre>{links}</pre></body></html>"
    box.files["/geo/series/GSEnnn/GSE77/matrix/"] = page.encode()
    code, said, _ = fetch("geo", "GSE77", f"{box.address}/geo")
    assert code == 3 and "GPL570" in said and "GPL96" in said


def test_a_forbidden_folder_does_not_stop_a_series(fetch, box):
    page = b"<html><head><title>403 Forbidden</title></head><body>no</body></html>"
    box.fail("/geo/series/GSEnnn/GSE11/matrix/", status(403, body=page, content_type="text/html"), always=True)
    assert fetch("geo", "GSE11", f"{box.address}/geo")[0] == 0


def test_the_primary_diagnosis_and_the_sex_at_birth_of_a_case():
    diagnoses = [
        {"classification_of_tumor": "metastasis", "diagnosis_is_primary_disease": False, "primary_diagnosis": "none"},
        {"ajcc_pathologic_stage": "Stage III", "diagnosis_is_primary_disease": True, "age_at_diagnosis": 25208},
    ]
    case = {"submitter_id": "A-1", "diagnoses": diagnoses, "demographic": {"sex_at_birth": "female", "gender": None}}
    row = case_row(case, {})
    assert row["diagnoses.ajcc_pathologic_stage"] == "Stage III" and row["demographic.sex_at_birth"] == "female"
    assert row["diagnoses.diagnosis_is_primary_disease"].lower() == "true"
    assert all(isinstance(value, str) for value in row.values())


def test_star_counts_with_tallies_above_the_genes():
    names = ["unstranded", "stranded_first", "stranded_second", "tpm_unstranded", "fpkm_unstranded"]
    lines = [
        "# gene-model: GENCODE v36",
        "\t".join(["gene_id", "gene_name", "gene_type", *names, "fpkm_uq_unstranded"]),
    ]
    lines += [f"N_{kind}\t\t\t9\t9\t9\t\t\t" for kind in ("unmapped", "multimapping", "noFeature", "ambiguous")]
    lines += ["ENSG00000082898.18\tXPO1\tprotein_coding\t40\t20\t20\t44.6685\t1\t1"]
    table = CountsTable("tpm")
    table.add("a", "\n".join([*lines, ""]).encode(), "a.tsv")
    assert table.expression().row_ids == ["ENSG00000082898.18"]
    assert table.expression().values.tolist() == [[44.6685]]


def test_two_lines_for_each_array_of_two_colors(tmp_path):
    head = [
        "Source Name",
        "Characteristics[disease]",
        "Label",
        "Hybridization Name",
        "Array Design REF",
        "Array Data File",
    ]
    rows = [[f"{who} {i}", kind, dye, f"h{i}", "A-AGIL-1", f"{i}.txt"]
            for i in "12" for who, kind, dye in (("tumor", "sarcoma", "Cy5"), ("pool", "none", "Cy3"))]  # fmt: skip
    path = tmp_path / "E-X-1.sdrf.txt"
    path.write_text("".join("\t".join(row) + "\n" for row in [head, *rows]))
    found = read_sdrf(path)
    assert len(found.sheet) == 2 and sorted(found.raw_files) and list(found.designs) == ["A-AGIL-1"]


def test_an_idf_and_a_design_without_genes(tmp_path):
    path = tmp_path / "E-X-1.idf.txt"
    path.write_text("Investigation Title\tSarcomas\ufffd\nSDRF File\tE-X-1.sdrf.txt\n", encoding="utf-8")
    idf = read_idf(path)
    assert idf["investigation title"] and idf["sdrf file"] == ["E-X-1.sdrf.txt"]
    path = tmp_path / "A-X-1.adf.txt"
    path.write_text("Block Column\tBlock Row\tReporter Name\n1\t1\tr1\n1\t2\tr2\n")
    with pytest.raises(BadInput, match="no probes, or no genes"):
        read_adf(path)


def test_a_study_of_mutations_has_no_expression(fetch, box):
    profile = {"molecularProfileId": "online_mutations", "studyId": "online", "datatype": "MAF",
               "molecularAlterationType": "MUTATION_EXTENDED", "name": "Mutations"}  # fmt: skip
    box.files["/datahub/api/studies/online/molecular-profiles"] = json.dumps([profile]).encode()
    code, said, _ = fetch("cbioportal", "online", f"{box.address}/datahub", outputs=("expression",))
    assert code == 3 and "has no expression data" in said
