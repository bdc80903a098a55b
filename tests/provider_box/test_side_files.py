"""A side file that fails costs nothing of what has come; forbidden folders and mirrors of buckets."""

import json

import pandas as pd
import pytest
from box_contents import CHALLENGE, packed
from provider_box import instead, status

ANNOTATION = "/geo/platforms/GPLnnn/GPL1/annot/GPL1.annot.gz"
FORBIDDEN = status(403, body=b"<html><title>Access forbidden!</title></html>", content_type="text/html")
MIRRORS = {"geo": "geo", "arrayexpress": "biostudies", "gdc": "gdc", "cbioportal": "datahub", "xena": "xena"}


@pytest.fixture
def get(fetch, box):
    def get(source, accession, *more, outputs=("expression", "samples", "features")):
        code, said, written = fetch(source, accession, f"{box.address}/{MIRRORS[source]}", *more, outputs=outputs)
        return code, said, {n: pd.read_csv(p, sep="\t", dtype=str, keep_default_na=False) for n, p in written.items()}

    return get


SIDES = {
    "geo": ("GSE1", ANNOTATION),
    "arrayexpress": ("E-MINI-1", "/biostudies/files/A-MINI-1/A-MINI-1.adf.txt"),
    "xena": ("TCGA-MINI", "/xena/download/gencode.v36.annotation.gtf.gene.probemap"),
}


@pytest.mark.parametrize("source", SIDES)
@pytest.mark.parametrize(
    "fault", [status(404), FORBIDDEN, status(503), instead(CHALLENGE), instead(packed("x\ty\n1\t2\n"))],
    ids=["404", "403", "503", "page", "rubbish"],
)  # fmt: skip
def test_a_feature_map_that_fails(get, box, source, fault):
    accession, path = SIDES[source]
    box.fail(path, fault, always=True)
    code, said, made = get(source, accession)
    assert code == 0 and "[genes-not-named]" in said and "came whole" in said, said
    assert made["features"]["probe_id"].tolist() == made["expression"]["gene_id"].tolist()
    assert set(made["features"]["gene_symbol"]) == {""} and len(made["samples"]) > 0
    code, said, _ = get(source, accession, outputs=("features",))
    assert code in (3, 5) and "genes-not-named" not in said


def test_the_next_source_of_genes_is_asked(get, box):
    """A page in place of the annotation: the platform's own record serves."""
    box.files["/geo/platforms/GPLnnn/GPL2/annot/GPL2.annot.gz"] = CHALLENGE
    code, said, made = get("geo", "GSE12345", "--platform", "GPL2")
    assert code == 0 and "genes are those of its own table" in said and "challenge" in said
    assert made["features"]["gene_symbol"].tolist() == ["XPO1", "TP53"]


def test_a_survival_table_that_fails(get, box):
    path = "/xena/download/TCGA-MINI.survival.tsv.gz"
    box.fail(path, status(500), always=True)
    code, said, made = get("xena", "TCGA-MINI")
    assert code == 0 and "[source-file-missing]" in said and "OS.time" not in made["samples"].columns


def test_phenotypes_that_are_not_there(get, box):
    del box.files["/xena/download/TCGA-MINI.clinical.tsv.gz"]
    code, said, made = get("xena", "TCGA-MINI", outputs=("samples",))
    assert code == 0 and "no phenotypes of TCGA-MINI" in said and "OS.time" in made["samples"].columns


def test_an_idf_that_fails(get, box):
    box.fail("/biostudies/files/E-MINI-1/E-MINI-1.idf.txt", status(404), status(404))
    code, said, made = get("arrayexpress", "E-MINI-1", outputs=("expression", "samples"))
    assert code == 0 and "the IDF of E-MINI-1 is missing" in said and made["expression"].shape == (3, 4)


@pytest.mark.parametrize("answer", [instead(b""), instead(CHALLENGE), FORBIDDEN], ids=["empty", "page", "403"])
def test_processed_files_that_do_not_come_singly(get, box, answer):
    """BioStudies gives some files empty with a status of 200: the archive has them."""
    for name in ("s1.txt", "s2.txt"):
        box.fail(f"/biostudies/files/E-MINI-2/{name}", answer, always=True)
    code, said, made = get("arrayexpress", "E-MINI-2", outputs=("expression",))
    assert code == 0 and "E-MINI-2.processed.1.zip" in said
    assert made["expression"].values.tolist() == [["1_at", "1.5", "2.5"], ["2_at", "1.25", "2.25"]]
    assert get("arrayexpress", "E-MINI-2", "--offline", outputs=("expression",))[0] == 0


@pytest.mark.parametrize("answer", [status(504, body=b"<html>Gateway</html>"), instead(b"<html><title>504</title>")])
def test_more_files_than_the_gdc_serves_at_once(get, box, answer):
    whole = box.files["/gdc/data"]

    def served(query, body):
        return None if len(json.loads(body)["ids"]) > 2 else whole(query, body)

    def at_most_two(handler, content):
        answer(handler, b"") if not content else handler.ranged(content)

    box.files["/gdc/data"] = served
    box.fail("/gdc/data", at_most_two, always=True)
    code, said, made = get("gdc", "TCGA-MINI", outputs=("expression",))
    assert code == 0 and made["expression"].iloc[0].tolist()[1:] == ["100", "101", "102", "103"]


class TestForbiddenFolders:
    """A 403 on a folder's listing is no answer on the series: the family file and the accession's page are asked."""

    def test_the_family_is_read(self, get, box):
        box.fail("/geo/series/GSEnnn/GSE11/matrix/", FORBIDDEN, always=True)
        code, said, made = get("geo", "GSE11")
        assert code == 0 and "the family SOFT file is read instead" in said and made["expression"].shape == (2, 3)

    @pytest.mark.parametrize("answer", [status(503), instead(CHALLENGE, "text/html")], ids=["503", "page"])
    def test_so_for_other_failures(self, get, box, answer):
        box.fail("/geo/series/GSEnnn/GSE11/matrix/", answer, always=True)
        assert get("geo", "GSE11")[0] == 0

    @pytest.mark.parametrize(
        ("accession", "words"),
        [("GSE7", "private until"), ("GSE2", "no series"), ("GSE6", "not yet approved"), ("GSE18", "GSE16, GSE17")],
    )
    def test_the_state_is_asked(self, get, box, accession, words):
        box.fail(f"/geo/series/GSEnnn/{accession}/matrix/", FORBIDDEN, always=True)
        code, said, _ = get("geo", accession)
        assert code == 5 and words in said

    def test_a_challenge_in_place_of_the_state(self, get, box):
        box.files["/geo/query/acc.cgi"] = CHALLENGE
        code, said, _ = get("geo", "GSE7")
        assert code == 5 and "there is no series" not in said and "does not state why" in said and "challenge" in said

    def test_supplementary_files_that_cannot_be_listed(self, get, box):
        box.fail("/geo/series/GSEnnn/GSE10/suppl/", FORBIDDEN, always=True)
        code, said, _ = get("geo", "GSE10")
        assert code == 3 and "no expression matrix" in said


class TestMirrorsOfBuckets:
    @pytest.mark.parametrize("mirror", ["xena", ""])
    def test_forbidden_is_absent(self, fetch, box, mirror):
        """Behind a mirror a bucket still answers 403 for what is not there: star_fpkm takes the place of star_tpm."""
        base = f"/{mirror}/download" if mirror else "/download"
        for name in [n for n in box.files if n.startswith("/xena/download/")]:
            box.files[name.replace("/xena/download", base)] = box.files[name]
        box.files[f"{base}/TCGA-MINI.star_fpkm.tsv.gz"] = box.files.pop(f"{base}/TCGA-MINI.star_tpm.tsv.gz")
        del box.files[f"{base}/TCGA-MINI.survival.tsv.gz"]
        for name in ("star_tpm.tsv.gz", "survival.tsv.gz", "survival.tsv"):
            denied = status(403, body=b"<Error><Code>AccessDenied</Code></Error>")
            box.fail(f"{base}/TCGA-MINI.{name}", denied, always=True)
        code, said, written = fetch("xena", "TCGA-MINI", f"{box.address}/{mirror}".rstrip("/"))
        assert code == 0 and "expression from TCGA-MINI.star_fpkm.tsv.gz" in said, said
        assert set(written) == {"expression", "samples"}

    def test_an_archive_that_is_forbidden_is_asked_of_the_api(self, get, box):
        box.fail("/datahub/online.tar.gz", FORBIDDEN, always=True)
        assert get("cbioportal", "online", outputs=("expression",))[0] == 0

    def test_the_api_is_no_bucket(self, get, box):
        box.fail("/datahub/online.tar.gz", FORBIDDEN, always=True)
        box.fail("/datahub/api/studies/online", FORBIDDEN, always=True)
        code, said, _ = get("cbioportal", "online", outputs=("samples",))
        assert code == 5 and "does not give the file out (403" in said

    def test_the_etag_of_a_mirror_is_no_checksum(self, get, box):
        other = {"ETag": '"' + "0" * 32 + '"'}
        box.fail("/datahub/mini.tar.gz", lambda handler, content: handler.whole(content, headers=other), always=True)
        assert get("cbioportal", "mini", outputs=("samples",))[0] == 0
