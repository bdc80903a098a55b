"""Readers and writers: what they accept, what they refuse and how they say it."""

import gzip

import numpy as np
import pandas as pd
import pytest

from prognomics.data import store
from prognomics.data.gather import gather
from prognomics.data.matrix import ExpressionMatrix, read_matrix
from prognomics.data.registry import artifact, artifact_names
from prognomics.data.sheet import as_sheet, read_sheet
from prognomics.data.streamed import StreamedMatrix, open_matrix
from prognomics.data.tables import format_cell, read_cells
from prognomics.errors import AnalysisWarning, BadInput, Refused
from prognomics.io.file_kinds import sha256
from prognomics.io.h5ad import gene_blocks, write_h5ad

MATRIX = "gene_id\tS1\tS2\tS3\nXPO1\t1.5\t2\tNA\nTP53\t-1\t\t0.1\n"


def put(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def matrix():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(30, 7))
    values[3, 2] = np.nan
    return ExpressionMatrix(values, [f"G{i}" for i in range(30)], [f"S{i}" for i in range(7)])


class TestMatrix:
    def test_values_and_missing(self, tmp_path):
        read = read_matrix(put(tmp_path, "m", MATRIX))
        assert read.gene_ids == ["XPO1", "TP53"] and read.sample_ids == ["S1", "S2", "S3"]
        np.testing.assert_array_equal(read.values, [[1.5, 2, np.nan], [-1, np.nan, 0.1]])

    @pytest.mark.parametrize("ending", [".tsv", ".tsv.gz", ".h5ad"])
    def test_formats_are_recognized_by_content(self, matrix, tmp_path, ending):
        kind = artifact("expression_matrix")
        path = tmp_path / "x.dat"
        store.write(kind, matrix, path, kind.format_of(f"a{ending}"))
        if ending == ".tsv.gz":
            path.write_bytes(gzip.compress(path.read_bytes()))
        read = read_matrix(path)
        np.testing.assert_allclose(read.values, matrix.values, rtol=1e-9)
        assert (read.gene_ids, read.sample_ids) == (matrix.gene_ids, matrix.sample_ids)

    def test_h5ad_keeps_every_digit_and_is_deterministic(self, matrix, tmp_path):
        kind = artifact("expression_matrix")
        for name in ("a.h5ad", "b.h5ad"):
            store.write(kind, matrix, tmp_path / name, kind.format_of("x.h5ad"))
        np.testing.assert_array_equal(read_matrix(tmp_path / "a.h5ad").values, matrix.values)
        assert (tmp_path / "a.h5ad").read_bytes() == (tmp_path / "b.h5ad").read_bytes()

    def test_anndata_reads_what_we_write_and_we_read_it(self, matrix, tmp_path):
        anndata = pytest.importorskip("anndata")
        kind = artifact("expression_matrix")
        store.write(kind, matrix, tmp_path / "a.h5ad", kind.format_of("x.h5ad"))
        theirs = anndata.read_h5ad(tmp_path / "a.h5ad")
        np.testing.assert_array_equal(theirs.X.T, matrix.values)
        assert theirs.obs_names.tolist() == matrix.sample_ids and theirs.var_names.tolist() == matrix.gene_ids
        theirs.write_h5ad(tmp_path / "b.h5ad")
        np.testing.assert_array_equal(read_matrix(tmp_path / "b.h5ad").values, matrix.values)

    def test_sparse_h5ad(self, matrix, tmp_path):
        anndata = pytest.importorskip("anndata")
        from scipy import sparse

        dense = np.where(np.isnan(matrix.values), 0, np.round(matrix.values))
        made = anndata.AnnData(sparse.csr_matrix(dense.T))
        made.write_h5ad(tmp_path / "s.h5ad")
        np.testing.assert_array_equal(read_matrix(tmp_path / "s.h5ad").values, dense)

    def test_gene_blocks_stream_the_same_values(self, matrix, tmp_path):
        kind = artifact("expression_matrix")
        store.write(kind, matrix, tmp_path / "a.h5ad", kind.format_of("x.h5ad"))
        blocks = list(gene_blocks(tmp_path / "a.h5ad", 8))
        assert sum(map(len, blocks)) == 30
        np.testing.assert_array_equal(np.vstack(blocks), matrix.values)
        streamed = open_matrix(tmp_path / "a.h5ad")
        assert isinstance(streamed, StreamedMatrix)
        assert (streamed.gene_ids, streamed.sample_ids) == (matrix.gene_ids, matrix.sample_ids)
        np.testing.assert_array_equal(np.vstack(list(streamed.blocks())), np.vstack(list(matrix.blocks())))

    def test_text_and_sparse_matrices_are_read_whole(self, matrix, tmp_path):
        kind = artifact("expression_matrix")
        store.write(kind, matrix, tmp_path / "a.tsv", kind.format_of("x.tsv"))
        assert isinstance(open_matrix(tmp_path / "a.tsv"), ExpressionMatrix)

    def test_an_infinite_value_of_a_streamed_matrix_is_told(self, tmp_path):
        write_h5ad(tmp_path / "a.h5ad", np.array([[1.0, np.inf], [2.0, 3.0]]), ["A", "B"], ["S1", "S2"])
        with pytest.raises(BadInput, match="A, S2"):
            list(open_matrix(tmp_path / "a.h5ad").blocks())

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("gene_id\tS1\nA\t1\nA\t2\n", "gene ids occur twice"),
            ("gene_id\tS1\tS1\nA\t1\t2\n", "sample ids occur twice"),
            ("gene_id\tS1\nA\tabc\n", "'abc'"),
            ("gene_id\tS1\tS2\nA\t1\n", "do not have 3 fields as the header; the first has 2"),
            ("gene_id\tS1\tS2\nA\t1\t2\t3\n", "do not have 3 fields as the header; the first has 4"),
            ("gene_id\tS1\nA\tinf\n", "infinite"),
            ("gene_id\tS1\n", "no rows"),
            ("gene_id\nA\n", "one column"),
            ("", "empty"),
            (b"\x7fELF\x00\x01\x02\x00" * 50, "binary"),
            (gzip.compress(MATRIX.encode() * 50_000, mtime=0)[:200], "damaged"),
            (b"\x89HDF\r\n\x1a\n" + b"\x00" * 100, "damaged"),
        ],
    )
    def test_bad_input_says_what_is_wrong(self, tmp_path, content, says):
        with pytest.raises(BadInput, match=says) as caught:
            read_matrix(put(tmp_path, "bad", content))
        assert "bad" in caught.value.where

    def test_text_is_named_with_gene_and_sample(self, tmp_path):
        with pytest.raises(BadInput) as caught:
            read_matrix(put(tmp_path, "m", "gene_id\tS1\tS2\nA\t1\t2\nB\t1\tx7\n"))
        assert "line 3, gene 'B', sample 'S2'" in caught.value.where

    def test_windows_line_ends_and_latin1(self, tmp_path):
        read = read_matrix(put(tmp_path, "m", "gene_id\tS\u00e4\r\nA\t1\r\n".encode("latin-1")))
        assert read.sample_ids == ["S\u00e4"]

    def test_an_unknown_gene_is_answered_with_near_names(self, matrix):
        with pytest.raises(BadInput) as caught:
            matrix.gene("g3")
        assert "G3" in caught.value.hint


SHEET = pd.DataFrame({
    "sample_id": ["a", "b", "c", "d"], "cohort": ["x", "x", "y", "y"], "stage": ["I", "II", None, "I"],
    "os_time": ["10", "0", "5", "20"], "os_event": ["1", "0", "1", "0"],
})  # fmt: skip


class TestSheet:
    def test_filters(self):
        sheet = as_sheet(SHEET)
        assert sheet.subset(["stage=I"]).sample_ids == ["a", "d"]
        assert sheet.subset(["stage=I,II", "cohort!=y"]).sample_ids == ["a", "b"]
        assert sheet.subset(["stage!=I"]).sample_ids == ["b", "c"]
        assert sheet.subset(["stage=NA"]).sample_ids == ["c"]
        assert sheet.subset(["cohort=y", "stage=I"]).population == "cohort=y & stage=I"

    def test_a_misspelt_value_is_an_error_with_near_names(self):
        with pytest.raises(BadInput, match="'1'"):
            as_sheet(SHEET).subset(["stage=1"])

    def test_a_partly_unknown_value_is_warned_of(self):
        with pytest.warns(AnalysisWarning, match="IV"):
            assert as_sheet(SHEET).subset(["stage=I,IV"]).sample_ids == ["a", "d"]

    def test_columns_by_number(self):
        assert as_sheet(SHEET).resolve("column:3") == "stage"
        with pytest.raises(BadInput, match="column:9"):
            as_sheet(SHEET).resolve("column:9")

    @pytest.mark.parametrize(("table", "advice"), [
        ({"group": ["x", "y"], "UID": ["b", "Z"]}, "rename its column 'UID', of which 1 of 2 values are samples"),
        ({"UID": ["b_run1"], "score": [1.5]}, "ids of the samples to sample_id; the columns are UID, score"),
        ({}, "rename the column"),
    ])  # fmt: skip
    def test_an_annotation_without_ids_is_told_which_column_has_them(self, table, advice):
        with pytest.raises(BadInput) as stopped:
            as_sheet(SHEET).annotate(pd.DataFrame(table), "g.tsv")
        assert advice in stopped.value.hint

    def test_annotation(self):
        sheet = as_sheet(SHEET).annotate(pd.DataFrame({"sample_id": ["b", "a"], "group": ["low", "high"]}), "g")
        assert sheet.frame["group"].tolist()[:2] == ["high", "low"] and sheet.frame["group"].isna().sum() == 2

    @pytest.mark.parametrize(
        ("table", "says"),
        [
            ({"sample_id": ["a"], "stage": ["I"]}, "stand in the sample sheet already"),
            ({"sample_id": ["z"], "group": ["I"]}, "matches no sample of the sample sheet"),
            ({"sample_id": ["a", "a"], "group": ["I", "I"]}, "occur twice"),
            ({"id": ["a"]}, "no column sample_id"),
        ],
    )
    def test_bad_annotations(self, table, says):
        with pytest.raises(BadInput, match=says):
            as_sheet(SHEET).annotate(pd.DataFrame(table), "g.tsv")

    def test_endpoint(self):
        with pytest.warns(AnalysisWarning, match="are 0"):
            endpoint = as_sheet(SHEET).endpoint("os")
        assert endpoint.n_events == 2 and endpoint.known.all()
        cut = endpoint.censored_at(6)
        assert cut.time_months.tolist() == [6, 0, 5, 6] and cut.event.tolist() == [0, 0, 1, 0]

    @pytest.mark.parametrize(
        ("column", "value", "error", "says"),
        [
            ("os_event", "3", BadInput, "contains 3.0"),
            ("os_time", "-1", BadInput, "negative"),
            ("os_time", "soon", BadInput, "'soon'"),
            ("os_time", None, Refused, "no sample has both"),
        ],
    )
    def test_bad_endpoints(self, column, value, error, says):
        frame = SHEET.copy()
        frame[column] = value if value is None else [value, *frame[column][1:]]
        with pytest.raises(error, match=says):
            as_sheet(frame).endpoint("os")

    def test_an_unknown_endpoint_names_those_there_are(self):
        with pytest.raises(BadInput) as caught:
            as_sheet(SHEET).endpoint("mfs")
        assert "os" in caught.value.hint

    def test_tissue_types_are_checked(self):
        with pytest.raises(BadInput, match="tumour"):
            as_sheet(SHEET.assign(tissue_type="tumour"))

    @pytest.mark.parametrize(
        ("content", "says"),
        [("sample_id\tx\na\t1\na\t2\n", "occur twice"), ("id\tx\na\t1\n", "no column sample_id"),
         ("sample_id\tx\tx\na\t1\t2\n", "column names occur twice"), ("sample_id\tx\na\t1\t3\n", "2 fields.*has 3"),
         ("sample_id\tx\n", "no sample"),
         ("sample_id\tx\n\t1\n", "no sample_id")],
    )  # fmt: skip
    def test_bad_sheets(self, tmp_path, content, says):
        with pytest.raises(BadInput, match=says):
            read_sheet(put(tmp_path, "s.tsv", content))

    def test_quoted_tabs_stay_in_their_cell(self, tmp_path):
        assert read_cells(put(tmp_path, "s", 'sample_id\tx\na\t"1\t2"\n'))["x"].tolist() == ["1\t2"]


class TestGather:
    def test_order_and_leftovers(self, matrix):
        sheet = as_sheet(pd.DataFrame({"sample_id": ["S2", "S0", "Z"], "cohort": ["x", "x", "x"]}))
        with pytest.warns(AnalysisWarning) as caught:
            parts, joined = gather([matrix], [sheet])
        assert {w.message.code for w in caught} == {"samples-without-expression", "samples-without-sheet"}
        assert joined.sample_ids == ["S2", "S0"] == parts[0].matrix.sample_ids
        np.testing.assert_array_equal(parts[0].matrix.values, matrix.values[:, [2, 0]])

    def test_nothing_in_common(self, matrix):
        sheet = as_sheet(pd.DataFrame({"sample_id": ["Z"], "cohort": ["x"]}))
        with pytest.raises(BadInput, match="matches no sample"):
            gather([matrix], [sheet])


class TestTables:
    def test_cells(self):
        cells = [1.0, 1 / 3, float("nan"), None, True, np.float64(1e-300), 7, "a\tb\n", np.bool_(False)]
        assert [format_cell(c) for c in cells] == ["1", "0.3333333333", "NA", "NA", "yes", "1e-300", "7", "a b", "no"]

    def test_columns_come_in_the_declared_order(self, tmp_path):
        kind = artifact("centroids")
        store.write(kind, pd.DataFrame({"high": [1], "gene_id": ["a"]}), tmp_path / "t", kind.formats[0])
        assert (tmp_path / "t").read_text() == "gene_id\thigh\na\t1\n"

    def test_checksums_are_of_the_decompressed_content(self, tmp_path):
        assert sha256(put(tmp_path, "a", MATRIX)) == sha256(put(tmp_path, "b", gzip.compress(MATRIX.encode())))

    def test_every_artifact_definition_loads(self):
        assert len(artifact_names()) > 20
        for name in artifact_names():
            assert artifact(name).formats
