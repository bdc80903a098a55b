"""GEO series that have more or less than a series matrix: families, kin, and values computed by NCBI."""

import json

import pandas as pd
import pytest
from box_contents import CHALLENGE, packed, series
from provider_box import status

FOLDER = "/geo/series/GSEnnn"
ALL = ("expression", "samples", "features")


@pytest.fixture
def geo(fetch, box):
    """Fetch from the box: exit code, what was said, tables by output."""

    def geo(accession, *more, outputs=ALL):
        code, said, written = fetch("geo", accession, f"{box.address}/geo", *more, outputs=outputs)
        return code, said, {n: pd.read_csv(p, sep="\t", dtype=str, keep_default_na=False) for n, p in written.items()}

    return geo


class TestFamily:
    """The family SOFT file takes the place of a series matrix that is not there or cannot be used."""

    def test_no_matrix(self, geo, box):
        code, said, made = geo("GSE11")
        assert code == 0 and "no series matrix of GSE11: the family SOFT file is read instead" in said
        assert made["expression"].values.tolist() == [["1_at", "1.5", "2.5"], ["2_at", "1.25", "2.25"]]
        assert made["samples"]["age"].tolist() == ["51", "52"]
        assert made["features"]["gene_symbol"].tolist() == ["XPO1", "TP53"]
        assert box.paths().count(f"{FOLDER}/GSE11/soft/GSE11_family.soft.gz") == 1

    def test_genes_of_the_file_itself(self, geo, box):
        """No annotation file of the platform: the family's own table serves, and nothing more is asked for."""
        del box.files["/geo/platforms/GPLnnn/GPL1/annot/GPL1.annot.gz"]
        code, said, made = geo("GSE11")
        assert code == 0 and "genes are those of the family SOFT file" in said
        assert made["features"]["entrez_id"].tolist() == ["7514", "7157"]
        assert not [path for path in box.paths() if "acc.cgi" in path]

    def test_several_platforms(self, geo):
        code, said, _ = geo("GSE12")
        assert code == 3 and "GPL1 (2 samples), GPL7 (2 samples)" in said and "--platform" in said
        code, said, made = geo("GSE12", "--platform", "GPL7", outputs=("expression", "samples"))
        assert code == 0 and made["expression"].columns.tolist() == ["gene_id", "GSM2", "GSM4"]
        assert made["samples"]["platform_id"].tolist() == ["GPL7"] * 2

    def test_a_matrix_that_cannot_be_used(self, geo, box):
        code, said, made = geo("GSE13")
        assert code == 0 and "GSE13 cannot be used (the table of values has no end" in said
        assert made["expression"].shape == (2, 3)
        del box.files[f"{FOLDER}/GSE13/soft/GSE13_family.soft.gz"]
        code, said, _ = geo("GSE13", "--offline")
        assert code == 0  # both are in the cache

    def test_without_a_family_the_fault_of_the_matrix_stands(self, geo, box):
        del box.files[f"{FOLDER}/GSE13/soft/GSE13_family.soft.gz"]
        code, said, _ = geo("GSE13")
        assert code == 3 and "has no end" in said and "SOFT" not in said

    def test_a_platform_to_choose_is_no_reason(self, geo, box):
        two = series("GSE1", samples=2).replace('"GPL1"\t"GPL1"', '"GPL1"\t"GPL5"')
        box.files[f"{FOLDER}/GSE1/matrix/GSE1_series_matrix.txt.gz"] = packed(two)
        code, said, _ = geo("GSE1")
        assert code == 3 and "several platforms" in said and not [p for p in box.paths() if "/soft/" in p]

    def test_values_that_the_matrix_lacks(self, geo, box):
        """The samples state rows, the matrix has none; who wants the samples alone downloads no family."""
        assert geo("GSE14", outputs=("samples",))[0] == 0
        assert not [path for path in box.paths() if "/soft/" in path]
        code, said, made = geo("GSE14", outputs=("expression",))
        assert code == 0 and "GSE14 holds no values: the family SOFT file is read instead" in said
        assert made["expression"].columns.tolist() == ["gene_id", "GSM1", "GSM2"]
        # samples that state no rows have none elsewhere
        code, said, _ = geo("GSE10")
        assert code == 3 and not [path for path in box.paths() if "GSE10" in path and "/soft/" in path]

    def test_offline(self, geo, box):
        code, said, _ = geo("GSE11", "--offline")
        assert code == 5 and "not in the cache" in said and not box.asked
        first = geo("GSE11")[2]
        asked = len(box.asked)
        code, said, again = geo("GSE11", "--offline")
        assert code == 0 and len(box.asked) == asked
        pd.testing.assert_frame_equal(first["expression"], again["expression"])

    def test_the_record_says_so(self, fetch, box, tmp_path):
        record = tmp_path / "record.json"
        assert fetch("geo", "GSE11", f"{box.address}/geo", "--out-record", str(record))[0] == 0
        told = [entry["text"] for entry in json.loads(record.read_text())["notes"]]
        assert any("family SOFT file is read instead" in text for text in told)
        assert any(text.startswith("GSE11_family.soft.gz: SHA-256") for text in told)

    @pytest.mark.parametrize("code", [403, 500])
    def test_a_server_that_fails_is_no_reason(self, geo, box, code):
        """A matrix that is there, but is not given now, must not be silently replaced."""
        box.fail(f"{FOLDER}/GSE13/matrix/GSE13_series_matrix.txt.gz", status(code), always=True)
        assert geo("GSE13")[0] == 5 and not [path for path in box.paths() if "/soft/" in path]

    def test_a_cut_download_of_a_family(self, geo, box):
        path = f"{FOLDER}/GSE11/soft/GSE11_family.soft.gz"
        box.files[path] = box.files[path][:-30]
        code, said, _ = geo("GSE11")
        assert code == 5 and "truncated" in said


class TestKin:
    def test_a_superseries_without_values_names_its_parts(self, geo):
        code, said, _ = geo("GSE15")
        assert code == 3 and "GSE15 is a SuperSeries: fetch its parts, GSE16, GSE17" in said
        code, said, _ = geo("GSE15", outputs=("samples",))
        assert code == 0 and "take either it or its parts" in said

    def test_a_superseries_without_files(self, geo):
        code, said, _ = geo("GSE18")
        assert code == 5 and "SuperSeries without files of its own" in said and "GSE16, GSE17" in said

    def test_a_part_says_whose_it_is(self, geo):
        code, said, _ = geo("GSE16")
        assert code == 0 and "GSE16 is a SubSeries of GSE15: that one holds the same samples" in said
        assert "PRJ1" not in said


class TestNcbiCounts:
    """Values computed by NCBI: rows are Entrez ids, columns stand in the order of the sheet."""

    @pytest.mark.parametrize(
        ("values", "first"),
        [("ncbi_counts", ["10", "30"]), ("ncbi_tpm", ["1.5", "3.5"]), ("ncbi_fpkm", ["0.25", "0.5"])],
    )
    def test_values(self, geo, values, first):
        code, said, made = geo("GSE10", "--values", values)
        assert code == 0, said
        assert made["expression"].values.tolist()[0] == ["7514", *first]
        assert made["expression"].columns.tolist() == ["gene_id", "GSM1", "GSM3"]
        assert made["samples"]["sample_id"].tolist() == ["GSM1", "GSM2", "GSM3"]
        assert made["features"][["probe_id", "gene_symbol", "entrez_id"]].values.tolist() == [
            ["7514", "XPO1", "7514"], ["7157", "TP53", "7157"]]  # fmt: skip
        assert "2 of 3 samples" in said and "no values of 1 samples: GSM2" in said

    def test_the_address_is_that_of_geo(self, geo, box):
        geo("GSE10", "--values", "ncbi_counts", outputs=("expression",))
        name = "GSE10_raw_counts_GRCh38.p13_NCBI.tsv.gz"
        assert box.paths()[-1] == f"/geo/download/?type=rnaseq_counts&acc=GSE10&format=file&file={name}"

    def test_a_series_of_mice(self, geo):
        code, said, made = geo("GSE1", "--values", "ncbi_counts")
        assert code == 0 and "GRCm39" in said and made["features"]["gene_symbol"].tolist() == ["Xpo1", "TP53"]

    def test_a_series_that_was_not_counted(self, geo, box):
        code, said, _ = geo("GSE16", "--values", "ncbi_counts")
        assert code == 5 and "NCBI has computed no RNA-seq values of GSE16" in said and "--values matrix" in said

    @pytest.mark.parametrize("page", [b"<html><title>GEO</title></html>", CHALLENGE])
    def test_a_page_in_place_of_the_counts(self, geo, box, page):
        """A page is no answer to the question whether there are counts: that is a 404."""
        box.files["/geo/download/"] = lambda query, body: page
        code, said, _ = geo("GSE10", "--values", "ncbi_tpm")
        assert code == 5 and "web page instead of the file" in said
        assert "computed no" not in said and "is not known" in said

    def test_a_page_in_place_of_the_annotation(self, geo, box):
        """Matrix and samples are kept, and gene_info gives the symbols."""
        of_values = box.files["/geo/download/"]
        box.files["/geo/download/"] = lambda query, body: CHALLENGE if "annot" in query else of_values(query, body)
        for accession, symbol in (("GSE10", "XPO1"), ("GSE1", "Xpo1")):
            code, said, made = geo(accession, "--values", "ncbi_counts")
            assert code == 0 and "symbols are those of its gene_info" in said and "challenge" in said
            assert made["expression"].columns.tolist()[:2] == ["gene_id", "GSM1"]
            assert made["features"][["probe_id", "gene_symbol", "entrez_id"]].values.tolist() == [
                ["7514", symbol, "7514"], ["7157", "", "7157"]]  # fmt: skip

    @pytest.mark.parametrize("gene_info", [None, CHALLENGE, packed("a\tb\n1\t2\n"), packed("#GeneID\tSymbol\n1\tA\n")])
    def test_no_names_of_the_genes(self, geo, box, gene_info):
        del box.files["/geo/genes/Homo_sapiens.gene_info.gz"]
        if gene_info:
            box.files["/geo/genes/Homo_sapiens.gene_info.gz"] = gene_info
        of_values = box.files["/geo/download/"]
        box.files["/geo/download/"] = lambda query, body: None if "annot" in query else of_values(query, body)
        code, said, made = geo("GSE10", "--values", "ncbi_counts")
        assert code == 0 and "[genes-not-named]" in said and "Entrez ids without symbols" in said
        assert len(made["expression"]) == 2 and len(made["samples"]) == 3
        assert made["features"]["entrez_id"].tolist() == ["7514", "7157"]

    def test_a_table_of_other_samples(self, geo, box):
        table = packed("GeneID\tGSM7\tGSM8\n7514\t1\t2\n")
        box.files["/geo/download/"] = lambda query, body: table
        code, said, _ = geo("GSE10", "--values", "ncbi_counts")
        assert code == 3 and "names no sample of the series GSE10" in said

    def test_the_sheet_alone_needs_no_counts(self, geo, box):
        assert geo("GSE10", "--values", "ncbi_counts", outputs=("samples",))[0] == 0
        assert not [path for path in box.paths() if "download" in path]

    def test_a_series_without_values_says_that_there_may_be_counts(self, geo):
        assert "--values ncbi_counts" in geo("GSE10")[1]

    def test_offline(self, geo, box):
        code, said, _ = geo("GSE10", "--values", "ncbi_counts", "--offline")
        assert code == 5 and "not in the cache" in said
        first = geo("GSE10", "--values", "ncbi_counts")[2]
        asked = len(box.asked)
        assert geo("GSE10", "--values", "ncbi_counts", "--offline")[2]["expression"].equals(first["expression"])
        assert len(box.asked) == asked

    def test_files_on_disk_have_no_such_choice(self, geo, tmp_path):
        path = tmp_path / "GSE1_series_matrix.txt"
        path.write_text(series("GSE1"))
        code, said, _ = geo("GSE1", "--values", "ncbi_tpm", "--local-path", str(path))
        assert code == 2 and "by accession" in said
