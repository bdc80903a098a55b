"""Every provider by accession: the right artifacts from documented layouts, and clear words where there are none."""

import hashlib
import json
import tarfile

import pandas as pd
import pytest

MIRRORS = {"geo": "geo", "arrayexpress": "biostudies", "gdc": "gdc", "cbioportal": "datahub", "xena": "xena"}
ALL = ("expression", "samples", "features")


@pytest.fixture
def get(fetch, box):
    """Fetch from the box; the tables that were written, by output."""

    def get(source, accession, *more, outputs=ALL):
        code, said, written = fetch(source, accession, f"{box.address}/{MIRRORS[source]}", *more, outputs=outputs)
        assert code == 0, said
        return {name: pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False) for name, path in written.items()}

    return get


@pytest.fixture
def refused(fetch, box):
    def refused(source, accession, *more, outputs=("expression", "samples")):
        code, said, _ = fetch(source, accession, f"{box.address}/{MIRRORS[source]}", *more, outputs=outputs)
        return code, said

    return refused


def names(path):
    with tarfile.open(path) as archive:
        return {m.name: archive.extractfile(m).read() for m in archive}


class TestGeo:
    def test_a_series(self, get, box):
        made = get("geo", "gse1")
        assert made["expression"].columns.tolist() == ["gene_id", "GSM1", "GSM2", "GSM3"]
        assert made["samples"]["age"].tolist() == ["50"] * 3
        assert made["features"]["gene_symbol"].tolist() == ["XPO1", "TP53"]

    def test_only_what_is_asked_for_is_fetched(self, get, box):
        get("geo", "GSE1", outputs=("samples",))
        assert box.paths() == ["/geo/series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz"]

    def test_several_platforms(self, get, refused):
        code, said = refused("geo", "GSE12345")
        assert code == 3 and "GPL1, GPL2" in said and "--platform" in said
        code, said = refused("geo", "GSE12345", "--platform", "GPL570")
        assert code == 3 and "not measured on GPL570" in said
        # GPL2 has no annotation file: its own table serves
        made = get("geo", "GSE12345", "--platform", "gpl2")
        assert made["features"]["gene_symbol"].tolist() == ["XPO1", "TP53"]

    def test_raw_files(self, fetch, box):
        code, said, written = fetch("geo", "GSE1", f"{box.address}/geo", outputs=("raw",))
        assert code == 0, said
        assert list(names(written["raw"])) == ["GSM1.CEL.gz", "GSM2.CEL.gz"]
        assert box.paths() == ["/geo/series/GSEnnn/GSE1/suppl/GSE1_RAW.tar"]
        assert refused_raw(fetch, box, "GSE12345") == 5

    @pytest.mark.parametrize(
        ("accession", "words"),
        [
            ("GSE2", "no series GSE2 at the source"),
            ("GSE7", "private until Jan 01, 2031"),
            ("GSE6", "not yet approved by GEO curators"),
            ("GSE8", "withdrawn from GEO"),
            ("GSE9", "has no series matrix"),
        ],
    )
    def test_what_is_not_there(self, refused, accession, words):
        code, said = refused("geo", accession)
        assert code == 5 and words in said and accession in said

    def test_a_series_without_values(self, refused, get):
        code, said = refused("geo", "GSE10")
        assert code == 3 and "GSE10_counts.txt.gz" in said
        assert len(get("geo", "GSE10", outputs=("samples",))["samples"]) == 3

    def test_a_mirror_without_pages_of_accessions(self, refused, box):
        del box.files["/geo/query/acc.cgi"]
        code, said = refused("geo", "GSE7")
        assert code == 5 and "no series GSE7" in said and "private and embargoed" in said


def refused_raw(fetch, box, accession):
    return fetch("geo", accession, f"{box.address}/geo", outputs=("raw",))[0]


class TestArrayExpress:
    def test_a_study(self, get):
        made = get("arrayexpress", "E-MINI-1")
        assert made["expression"].columns.tolist() == ["gene_id", "hyb 1", "hyb 2", "hyb 3"]
        assert made["expression"]["hyb 2"].tolist() == ["1.2", "2.2", "3.2"]
        assert made["samples"]["Characteristics[overall survival]"].tolist() == ["10", "20", "30"]
        assert made["features"]["gene_symbol"].tolist()[:2] == ["XPO1", "TP53"]

    def test_one_file_a_sample(self, get):
        """The rows of the second file come in another order."""
        made = get("arrayexpress", "E-MINI-2", outputs=("expression", "samples"))
        assert made["expression"].values.tolist() == [["1_at", "1.5", "2.5"], ["2_at", "1.25", "2.25"]]
        assert made["samples"]["sample_id"].tolist() == ["a1", "a2"]
        one = get("arrayexpress", "E-MINI-2", "--dataset", "s1.txt", outputs=("expression",))
        assert one["expression"].columns.tolist() == ["gene_id", "a1"]
        packed = get("arrayexpress", "E-MINI-2", "--dataset", "E-MINI-2.processed.1.zip", outputs=("expression",))
        assert packed["expression"].values.tolist() == [["1_at", "1.5", "2.5"], ["2_at", "1.25", "2.25"]]

    def test_raw_files(self, fetch, box):
        code, said, written = fetch("arrayexpress", "E-MINI-1", f"{box.address}/biostudies", outputs=("raw",))
        assert code == 0, said
        assert names(written["raw"]) == {f"hyb{i}.CEL": f"[CEL] {i}".encode() for i in (1, 2, 3)}

    def test_files_that_stand_in_archives_only(self, fetch, get, box):
        del box.files["/biostudies/files/E-MINI-2/s1.txt"], box.files["/biostudies/files/E-MINI-2/s2.txt"]
        made = get("arrayexpress", "E-MINI-2", outputs=("expression",))
        assert made["expression"].columns.tolist() == ["gene_id", "a1", "a2"]
        code, said, written = fetch("arrayexpress", "E-MINI-2", f"{box.address}/biostudies", outputs=("raw",))
        assert code == 0, said
        assert list(names(written["raw"])) == ["s1.CEL", "s2.CEL"]

    def test_a_file_of_another_study(self, refused, box):
        path = "/biostudies/files/E-MINI-1/E-MINI-1.sdrf.txt"
        box.files[path] = box.files[path].replace(b"processed.txt", b"../E-X/processed.txt")
        code, said = refused("arrayexpress", "E-MINI-1")
        assert code == 3 and "none of the study's" in said

    def test_a_study_with_another_accession(self, fetch, box):
        folder, idf = "/biostudies/files/E-MINI-1", "E-MINI-1.idf.txt"
        for name in list(box.files):
            if name.startswith(folder):
                box.files[name.replace("E-MINI-1/", "E-GEOD-5/").replace(idf, "E-GEOD-5.idf.txt")] = box.files[name]
        box.files[f"{folder}/{idf}"] += b"Comment[SecondaryAccession]\tGSE77\tERP000001\n"
        for accession, other in (("E-GEOD-5", "GSE5"), ("E-MINI-1", "GSE77")):
            code, said, _ = fetch("arrayexpress", accession, f"{box.address}/biostudies", outputs=("samples",))
            assert code == 0 and f"{accession} has the same data as {other} of GEO: take only one of them" in said

    def test_what_is_not_there(self, refused):
        code, said = refused("arrayexpress", "E-GEOD-781")
        assert code == 5 and "GSE781" in said
        code, said = refused("arrayexpress", "S-BSST7")
        assert code == 5 and "no IDF" in said
        code, said = refused("arrayexpress", "E-MINI-1", "--dataset", "procesed.txt")
        assert code == 3 and "processed.txt" in said


class TestGdc:
    def test_a_project(self, get, box):
        made = get("gdc", "TCGA-MINI")
        samples = [f"TCGA-AA-000{c}" for c in ("1-01A", "1-11A", "2-02A", "3-01A")]
        assert made["expression"].columns.tolist()[1:] == samples
        assert made["expression"].iloc[0].tolist() == ["ENSG00000082898.18", "100", "101", "102", "103"]
        sheet = made["samples"]
        assert sheet["sample_id"].tolist() == made["expression"].columns.tolist()[1:]
        assert sheet["tissue_type"].tolist() == ["primary", "normal", "relapse", "primary"]
        assert sheet["patient_id"].nunique() == 3
        assert sheet["diagnoses.primary_diagnosis"].tolist() == ["Leiomyosarcoma, NOS"] * 4
        assert sheet["demographic.days_to_death"].tolist() == ["300", "300", "", "302"]
        assert sheet["days_to_last_contact"].tolist() == ["700", "700", "701", "702"]
        assert made["features"]["gene_symbol"].tolist() == ["XPO1", "TP53", "MYC"]
        bodies = [json.loads(body) for _, path, _, body in box.asked if path == "/gdc/data"]
        assert bodies == [{"ids": ["uuid-0", "uuid-1", "uuid-2", "uuid-3"]}]

    def test_tpm(self, get):
        made = get("gdc", "TCGA-MINI", "--quantity", "tpm", outputs=("expression",))
        assert made["expression"].iloc[0].tolist()[1:] == ["10", "10.1", "10.2", "10.3"]

    def test_the_clinical_table_needs_no_counts(self, get, box):
        get("gdc", "TCGA-MINI", outputs=("samples",))
        assert not [path for path in box.paths() if path.startswith("/gdc/data")]

    def test_many_files_come_in_batches_and_pages(self, get, box, monkeypatch):
        monkeypatch.setattr("prognomics.sources.gdc.FILES_AT_ONCE", 3)
        monkeypatch.setattr("prognomics.sources.gdc.PAGE_SIZE", 2)
        made = get("gdc", "TCGA-MINI")
        assert made["expression"].shape == (3, 5) and len(made["samples"]) == 4
        # a single file is asked for by name
        assert [p for p in box.paths() if p.startswith("/gdc/data")] == ["/gdc/data", "/gdc/data/uuid-3"]

    @pytest.mark.parametrize(
        ("project", "code", "words"),
        [
            ("TCGA-WHAT", 5, "no project TCGA-WHAT"),
            ("TCGA-SOON", 5, "not released yet"),
            ("TCGA-NONE", 3, "no STAR counts of open access"),
        ],
    )
    def test_what_is_not_there(self, refused, project, code, words):
        assert refused("gdc", project)[0] == code and words in refused("gdc", project)[1]

    def test_a_name_that_is_near(self, refused, box):
        assert "did you mean TCGA-MINI?" in refused("gdc", "TCGA-MINNI")[1]
        box.files["/gdc/projects"] = b"[1, 2]"
        code, said = refused("gdc", "TCGA-MINNI")
        assert code == 5 and "did you mean" not in said and "no project TCGA-MINNI" in said

    def test_raw_files(self, fetch, box):
        code, said, written = fetch("gdc", "TCGA-MINI", f"{box.address}/gdc", outputs=("raw",))
        assert code == 0, said
        assert len(names(written["raw"])) == 4


class TestCbioportal:
    def test_an_archive(self, get, box):
        made = get("cbioportal", "mini")
        assert made["samples"]["OS_STATUS"].tolist()[0] == "1:DECEASED"
        assert made["expression"]["gene_id"].tolist() == ["XPO1", "TP53"]
        assert made["features"]["entrez_id"].tolist() == ["7514", "7157"]
        assert box.paths() == ["/datahub/mini.tar.gz"]

    def test_the_api(self, get):
        made = get("cbioportal", "online")
        assert made["expression"].values.tolist() == [["TP53", "7.157", "8.157"], ["XPO1", "7.514", "8.514"]]
        assert made["samples"]["OS_STATUS"].tolist() == ["1:DECEASED", "0:LIVING"]
        assert made["samples"]["SAMPLE_TYPE"].tolist() == ["Primary", ""]
        chosen = get("cbioportal", "online", "--dataset", "mrna_z", outputs=("expression",))
        assert chosen["expression"].shape == (2, 3)

    def test_genes_come_in_pieces(self, get, box, monkeypatch):
        monkeypatch.setattr("prognomics.sources.cbioportal_api._VALUES_AT_ONCE", 2)
        assert get("cbioportal", "online", outputs=("expression",))["expression"].shape == (2, 3)
        assert sum("molecular-data" in path for path in box.paths()) == 2

    def test_what_is_not_there(self, refused):
        code, said = refused("cbioportal", "nothing_tcga")
        assert code == 5 and "no study nothing_tcga" in said and "did you mean nothing_tcga_2018?" in said
        code, said = refused("cbioportal", "online", "--dataset", "mrna_zz")
        assert code == 3 and "online_mrna" in said


class TestXena:
    def test_the_gdc_hub(self, get):
        made = get("xena", "TCGA-MINI")
        assert made["expression"].shape == (3, 5)
        assert made["samples"]["tissue_type"].tolist() == ["primary", "normal", "relapse", "primary"]
        assert made["samples"]["OS.time"].tolist() == ["300", "", "", "303"]
        assert made["features"]["gene_symbol"].tolist() == ["XPO1", "TP53", "MYC"]

    def test_another_data_set(self, get):
        made = get("xena", "TCGA-MINI", "--dataset", "star_counts", outputs=("expression",))
        assert made["expression"].iloc[0, 1] == "9"

    def test_the_tcga_hub_without_survival(self, get):
        made = get("xena", "TCGA.MINI.sampleMap")
        assert made["expression"]["gene_id"].tolist() == ["XPO1", "TP53"] == made["features"]["gene_symbol"].tolist()
        assert made["samples"]["age"].tolist() == ["50", "60"]

    def test_what_is_not_there(self, refused):
        code, said = refused("xena", "TCGA-WHAT")
        assert code == 5 and "xenabrowser.net" in said


SEVERAL = {"geo": "GSE1", "arrayexpress": "E-MINI-1", "gdc": "TCGA-MINI", "cbioportal": "mini", "xena": "TCGA-MINI"}


@pytest.mark.parametrize("source", SEVERAL)
def test_offline_gives_the_same_again(get, box, source):
    first = get(source, SEVERAL[source])
    n_asked = len(box.asked)
    again = get(source, SEVERAL[source], "--offline")
    assert len(box.asked) == n_asked
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, again[name])


@pytest.mark.parametrize("source", SEVERAL)
def test_offline_without_a_copy(refused, box, source):
    code, said = refused(source, SEVERAL[source], "--offline")
    assert code == 5 and "not in the cache" in said and not box.asked


def test_the_api_of_cbioportal_offline(get):
    first = get("cbioportal", "online")
    pd.testing.assert_frame_equal(first["expression"], get("cbioportal", "online", "--offline")["expression"])


@pytest.mark.parametrize("source", SEVERAL)
@pytest.mark.parametrize("accession", ["../x", "GSE1/../..", "", "a b", "x?y=1", "http://x", "GSE" + "1" * 200])
def test_accessions_of_no_form(refused, box, source, accession):
    code, said = refused(source, accession)
    assert code in (2, 3) and not box.asked


def test_what_the_record_says(fetch, box, tmp_path):
    """The files by their checksums, and no address: the same from any mirror."""
    record = tmp_path / "record.json"
    code, _, _ = fetch("geo", "GSE1", f"{box.address}/geo", "--out-record", str(record))
    said = json.loads(record.read_text())
    name = "GSE1_series_matrix.txt.gz"
    matrix = box.files[f"/geo/series/GSEnnn/GSE1/matrix/{name}"]
    assert f"{name}: SHA-256 {hashlib.sha256(matrix).hexdigest()}" in [n["text"] for n in said["notes"]]
    assert code == 0 and "127.0.0.1" not in record.read_text() and "mirror" not in said["parameters"]


@pytest.mark.parametrize(("source", "accession"), [("geo", "GSE1"), ("arrayexpress", "E-MINI-1")])
def test_a_mirror_named_by_its_host_alone(fetch, box, source, accession):
    """Its files stand at its root, or below the path that the source has."""
    code, said, _ = fetch(source, accession, box.address)
    assert code == 0, said
    assert fetch(source, accession, f"{box.address}/", "--offline")[0] == 0
    code, said, _ = fetch("geo", "GSE7", box.address)
    assert code == 5 and "private until" in said


def test_a_mirror_for_a_whole_study(box, fetch, monkeypatch):
    monkeypatch.setenv("PROGNOMICS_MIRROR_GEO", f"{box.address}/geo")
    from prognomics.sources.geo_series import SITE

    assert SITE.through(None).address("query", "acc.cgi") == f"{box.address}/geo/query/acc.cgi"
    assert SITE.through("https://m.org/geo/").address("files", "series") == "https://m.org/geo/series"
