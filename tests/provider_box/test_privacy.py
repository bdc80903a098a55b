"""Contact details of submitters, and messages without names of temporary folders."""

import re

import pandas as pd
import pytest
from box_contents import MADE, TEST_DATA, family, packed, series, with_lines

from prognomics.sources.contacts import is_contact

CONTACTS = ("name", "email", "phone", "fax", "laboratory", "department", "institute", "address", "city", "state",
            "zip/postal_code", "country", "web_link")  # fmt: skip


@pytest.fixture
def sheet(fetch, box):
    def sheet(source, accession, mirror, *more):
        code, said, written = fetch(source, accession, f"{box.address}/{mirror}", *more, outputs=("samples",))
        assert code == 0, said
        return said, pd.read_csv(written["samples"], sep="\t", dtype=str, keep_default_na=False)

    return sheet


def of_geo():
    lines = [f'!Sample_contact_{name}\t"A,,Person"\t"A,,Person"\t"B"' for name in (*CONTACTS, "name")]
    return packed(with_lines(series("GSE1"), *lines))


class TestContacts:
    def test_of_a_series_matrix(self, sheet, box):
        box.files["/geo/series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz"] = of_geo()
        said, table = sheet("geo", "GSE1", "geo")
        assert not [c for c in table.columns if "contact" in c] and "A,,Person" not in table.to_csv()
        assert "[contacts] 14 columns" in said and "--contacts" in said and "age" in table.columns
        said, table = sheet("geo", "GSE1", "geo", "--contacts")
        assert [c for c in table.columns if "contact" in c] == [*(f"contact_{n}" for n in CONTACTS), "contact_name.2"]

    def test_of_a_family(self, sheet, box):
        line = "!Sample_platform_id"
        text = family("GSE11").replace(line, f"!Sample_contact_email = a@example.org\n{line}")
        box.files["/geo/series/GSEnnn/GSE11/soft/GSE11_family.soft.gz"] = packed(text)
        assert "a@example.org" not in sheet("geo", "GSE11", "geo")[1].to_csv()
        assert "a@example.org" in sheet("geo", "GSE11", "geo", "--contacts")[1].to_csv()

    def test_of_an_sdrf(self, sheet, box):
        path = "/biostudies/files/E-MINI-1/E-MINI-1.sdrf.txt"
        head, *rows = box.files[path].decode().splitlines()
        further = ("Provider", "Performer", "Comment[submitter email]")
        box.files[path] = "\n".join(["\t".join([head, *further]), *("\t".join([r, *["X"] * 3]) for r in rows)]).encode()
        assert not set(sheet("arrayexpress", "E-MINI-1", "biostudies")[1].columns) & set(further)
        assert set(further) <= set(sheet("arrayexpress", "E-MINI-1", "biostudies", "--contacts")[1].columns)

    @pytest.mark.parametrize(
        "column",
        ["days_to_last_contact", "contact", "contact lens", "platform_id", "Protocol REF", "name", "Array Design REF",
         "Characteristics[individual]", "country", "provider_id", "address", "Comment[ArrayExpress FTP file]"],
    )  # fmt: skip
    def test_what_is_kept(self, column):
        assert not is_contact(column)


def test_an_archive_is_named_and_no_folder_of_its_content(fetch, box, own_cache):
    folder = TEST_DATA / "mini_cbioportal"
    files = {f"mini/{p.name}": p.read_bytes() for p in folder.iterdir()}
    matrix = files["mini/data_expression_median.txt"]
    faults = {
        "text": {"mini/data_expression_median.txt": matrix.replace(b"\n", b"\tx\n").replace(b"\tx\n", b"\tP1-09\n", 1)},
        "no samples": {"mini/data_clinical_sample.txt": b"PATIENT_ID\tX\nP1\t1\n"},
        "outside": {"mini/meta_expression_median.txt": files["mini/meta_expression_median.txt"].replace(
            b"data_expression_median.txt", b"../../x.txt")},
    }  # fmt: skip
    for number, changed in enumerate(faults.values()):
        box.files[f"/datahub/mini{number}.tar.gz"] = packed(MADE.tar_of({**files, **changed}))
        code, said, _ = fetch("cbioportal", f"mini{number}", f"{box.address}/datahub")
        assert code == 3, said
        assert ".prognomics-" not in said and f"mini{number}.tar.gz: mini" in said, said
        assert "asks it again" in said


def test_processed_data_in_an_archive(fetch, box):
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("s1.txt", "ID_REF\tVALUE\n1_at\tabc\n")
        archive.writestr("s2.txt", "ID_REF\tVALUE\n1_at\t1\n")
    for name in ("s1.txt", "s2.txt"):
        del box.files[f"/biostudies/files/E-MINI-2/{name}"]
    box.files["/biostudies/files/E-MINI-2/E-MINI-2.processed.1.zip"] = out.getvalue()
    code, said, _ = fetch("arrayexpress", "E-MINI-2", f"{box.address}/biostudies", outputs=("expression",))
    assert code == 3 and "abc" in said and "E-MINI-2.processed.1.zip" in said and ".prognomics-" not in said


def test_a_download_that_is_not_taken(fetch, box):
    """Neither the part in the cache that holds it has a name that means anything to a reader."""
    box.files["/geo/series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz"] = packed(series("GSE1"))[:-30]
    code, said, _ = fetch("geo", "GSE1", f"{box.address}/geo")
    assert code == 5 and "truncated" in said and not re.search(r"parts/[0-9a-f]{20}", said), said
