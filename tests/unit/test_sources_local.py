"""Local tables: recognized by content, read exactly, and refused with the place of the fault."""

import gzip
import re
import warnings

import numpy as np
import pytest

from prognomics.data.feature_map import read_platform
from prognomics.errors import AnalysisWarning, BadInput, UsageError
from prognomics.io.text_file import text_blocks
from prognomics.sources.expression_table import read_expression
from prognomics.sources.local import read_local
from prognomics.sources.recognize import recognize

MATRIX = b"gene\tA\tB\tC\nTP53\t1\t2\t3\nXPO1\t4\tNA\t6\nMYC\t\t8\t-9.5e-1\n"
SHEET = b"sample\tage\tstatus\nA\t50\tdead\nB\t60\talive\nC\tNA\tdead\n"
VALUES = np.array([[1, 2, 3], [4, np.nan, 6], [np.nan, 8, -0.95]])


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content)
        return path

    return write


def workbook(text):
    """The table as XLSX, numbers as numbers."""
    import io

    from openpyxl import Workbook

    book, content = Workbook(), io.BytesIO()
    for line in text.decode().splitlines():
        cells = [float(c) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", c) else c or None for c in line.split("\t")]
        book.active.append(cells)
    book.save(content)
    return content.getvalue()


DRESSINGS = {
    "plain": lambda text: text,
    "gzip": gzip.compress,
    "crlf": lambda text: text.replace(b"\n", b"\r\n"),
    "old mac": lambda text: text.replace(b"\n", b"\r"),
    "bom": lambda text: b"\xef\xbb\xbf" + text,
    "utf-16": lambda text: text.decode().encode("utf-16"),
    "big-endian utf-16": lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
    "utf-16 without a mark": lambda text: text.decode().encode("utf-16-le"),
    "big-endian utf-16 without a mark": lambda text: text.decode().encode("utf-16-be"),
    "comment": lambda text: b"# made by hand\n" + text,
    "title": lambda text: b"Table S1. All of it\n\n" + text,
    "spreadsheet": lambda text: workbook(text),
    "comma": lambda text: text.replace(b"\t", b","),
    "semicolon": lambda text: text.replace(b"\t", b";"),
    "no last line end": lambda text: text.rstrip(b"\n"),
    "blank lines": lambda text: text + b"\n\n",
    "quoted": lambda text: b"\n".join(
        b"\t".join(b'"%s"' % cell for cell in line.split(b"\t")) for line in text.split(b"\n")[:-1]
    ),
}


@pytest.mark.parametrize("dressing", DRESSINGS)
def test_every_dressing_gives_the_same(dressing, write):
    dress = DRESSINGS[dressing]
    # names say nothing: content decides
    cohort = read_local([write("one.dat", dress(SHEET)), write("two.dat", dress(MATRIX))])
    np.testing.assert_array_equal(cohort.expression.values, VALUES)
    assert cohort.expression.row_ids == ["TP53", "XPO1", "MYC"]
    assert cohort.expression.sample_ids == ["A", "B", "C"]
    assert list(cohort.samples.columns) == ["sample_id", "sample", "age", "status"]
    assert cohort.samples["age"].tolist() == ["50", "60", "NA"]


BAD_MATRICES = {
    "empty": (b"", "is empty", ""),
    "blank": (b" \n\n", "is empty", ""),
    "empty gzip": (gzip.compress(b""), "is empty", ""),
    "binary": (bytes(range(256)) * 20, "binary", ""),
    "spreadsheet": (b"PK\x03\x04" + MATRIX, "spreadsheet", ""),
    "damaged utf-16": (MATRIX.decode().encode("utf-16")[:-1], "UTF-16", ""),
    "truncated gzip": (gzip.compress(MATRIX * 50)[:-20], "truncated", ""),
    "gzip with a damaged middle": (gzip.compress(MATRIX * 50)[:30] + b"x" * 40, "truncated or damaged", ""),
    "too many fields": (MATRIX + b"EGFR\t1\t2\t3\t4\n", "do not have 4 fields", "line 5"),
    "too few fields": (MATRIX + b"EGFR\t1\t2\n", "do not have 4 fields", "line 5"),
    "text in a number": (MATRIX + b"EGFR\t1\tabc\t3\n", "'abc'", "line 5, row 'EGFR', column 'B'"),
    "a boolean": (MATRIX + b"EGFR\t1\t2\tTRUE\n", "'TRUE'", "column 'C'"),
    "a decimal comma": (MATRIX + b"EGFR\t1,5\t2\t3\n", "'1,5'", "not a comma"),
    "an empty row name": (MATRIX + b"\t1\t2\t3\n", "empty", "number 4"),
    "a repeated sample": (MATRIX.replace(b"B", b"A", 1), "sample", "header"),
    "a late zero byte": (MATRIX * 1 + b"G\t1\t2\t3\n" * 9000 + b"\x00\n", "binary data", ""),
}


@pytest.mark.parametrize("fault", BAD_MATRICES)
def test_a_faulty_matrix_is_refused_with_its_place(fault, write):
    content, what, where = BAD_MATRICES[fault]
    path = write("matrix", content)
    with pytest.raises(BadInput) as caught:
        read_local([f"expression={path}"])
    assert what in str(caught.value) and where in str(caught.value)


def test_a_repeated_row_is_passed_on_with_a_warning(write):
    path = write("matrix", MATRIX + b"TP53\t1\t2\t3\n")
    with pytest.warns(AnalysisWarning, match="TP53; map_genes"):
        cohort = read_local([f"expression={path}"])
    assert cohort.expression.row_ids == ["TP53", "XPO1", "MYC", "TP53"]


def test_a_faulty_cell_is_found_without_naming_roles(write):
    with pytest.raises(BadInput, match="'two'"):
        read_local([write("m", MATRIX.replace(b"2", b"two")), write("s", SHEET)])


BAD_SHEETS = {
    "ragged": (SHEET + b"D\t50\n", "line 5"),
    "a column twice": (SHEET.replace(b"status", b"age"), "(?s)occur twice.*age"),
    "a nameless column": (SHEET.replace(b"status", b""), "column 3"),
    "a repeated sample": (SHEET + b"A\t50\tdead\n", "more than once: A"),
    "only a header": (b"sample\tage\n", "no rows"),
}


@pytest.mark.parametrize("fault", BAD_SHEETS)
def test_a_faulty_sheet_is_refused_with_its_place(fault, write):
    content, text = BAD_SHEETS[fault]
    with pytest.raises(BadInput, match=text):
        read_local([write("sheet", content)])


def test_samples_in_rows_are_turned(write):
    turned = b"id\tTP53\tXPO1\nA\t1\t2\nB\t3\t4\nC\t5\t6\n"
    cohort = read_local([write("m", turned), write("s", SHEET)])
    assert cohort.expression.row_ids == ["TP53", "XPO1"]
    np.testing.assert_array_equal(cohort.expression.values, [[1, 3, 5], [2, 4, 6]])
    assert any("turned" in note for note in cohort.notes)


def test_the_matching_column_names_the_samples(write):
    sheet = b"patient\tage\tarray\np1\t50\tA\np1\t50\tB\np2\t60\tC\n"
    cohort = read_local([write("m", MATRIX), write("s", sheet)])
    assert cohort.samples["sample_id"].tolist() == ["A", "B", "C"]
    assert any("'array'" in note for note in cohort.notes)


def test_two_tables_of_numbers_are_told_apart(write):
    scores = b"id\tx1\tx2\nA\t1\t2\nB\t3\t4\nC\t5\t6\n"
    cohort = read_local([write("m", MATRIX), write("s", scores)])
    assert cohort.samples["x1"].tolist() == ["1", "3", "5"]


def test_ambiguous_files_say_what_to_do(write):
    with pytest.raises(BadInput, match="expression=FILE"):
        read_local([write("a", MATRIX), write("b", MATRIX)])


def test_no_common_sample(write):
    with pytest.raises(BadInput, match="the sample sheet matches no sample of the matrix"):
        read_local([write("m", MATRIX), write("s", b"sample\tage\tstatus\nX\t50\tdead\nY\t60\talive\n")])


def test_missing_paths_are_usage_faults(tmp_path):
    with pytest.raises(UsageError):
        read_local([tmp_path / "none"])
    with pytest.raises(UsageError):
        read_local([])


def test_a_folder_needs_the_cohorts_prefix(write, tmp_path):
    for name in ("S1", "S10"):
        write(f"set/{name}.expression.tsv", MATRIX)
        write(f"set/{name}.clinical.tsv", SHEET)
    write("set/README.md", b"words\n")
    with pytest.raises(BadInput, match="--accession"):
        read_local([tmp_path / "set"])
    assert read_local([tmp_path / "set"], accession="s1").expression.sample_ids == ["A", "B", "C"]
    with pytest.raises(BadInput, match="holds no table"):
        read_local([tmp_path / "set"], accession="S2")


def test_symbol_and_entrez_rows_make_features(write):
    path = write("m", b"gene\tA\tB\n?|1\t0\t0\nTP53|7157\t1\t2\n")
    expression, features = read_expression(path)
    assert expression.row_ids == ["?|1", "TP53|7157"]
    assert features.to_numpy().tolist() == [["?|1", "", "1"], ["TP53|7157", "TP53", "7157"]]


def test_infinite_values_are_missing_and_warned_of(write):
    with pytest.warns(AnalysisWarning, match="infinite-values"):
        expression, _ = read_expression(write("m", MATRIX + b"EGFR\t-Inf\tinf\t3\n"))
    assert np.isnan(expression.values[3]).tolist() == [True, True, False]


def test_a_stray_carriage_return_is_no_line_end(write):
    expression, _ = read_expression(write("m", MATRIX.replace(b"XPO1\t4", b"XPO1\r\t4")))
    assert expression.row_ids == ["TP53", "XPO1", "MYC"]
    with pytest.raises(BadInput, match="line 3, row 'XPO1', column 'A'"):
        read_expression(write("n", MATRIX.replace(b"\t4\t", b"\t4\r5\t")))


def test_an_odd_quote_is_plain_text(write):
    expression, _ = read_expression(write("m", MATRIX + b'5"UTR\t1\t2\t3\nH\t1\t2\t3\n'))
    assert expression.row_ids[3:] == ['5"UTR', "H"]


def test_row_names_of_r_shift_no_column(write):
    expression, _ = read_expression(write("m", b"A\tB\nTP53\t1\t2\nXPO1\t3\t4\n"))
    assert expression.sample_ids == ["A", "B"] and expression.row_ids == ["TP53", "XPO1"]


def test_latin_1_words_survive(write):
    cohort = read_local([write("s", SHEET + "D\t1\tdécédé\n".encode("latin-1"))])
    assert cohort.samples["status"].iloc[-1] == "décédé"


@pytest.mark.parametrize("block_bytes", [1, 2, 7, 1000])
def test_blocks_hold_whole_lines_at_any_size(write, block_bytes):
    path = write("m", MATRIX.replace(b"\n", b"\r\n"))
    blocks = list(text_blocks(path, max(block_bytes, 4)))
    assert b"".join(blocks) == MATRIX
    assert all(block.endswith(b"\n") for block in blocks)


def test_a_feature_map_is_recognized(write):
    path = write("f", b"ID\tGene Symbol\tENTREZ_GENE_ID\n1_at\tDDR1 /// MIR4640\t780 /// 100616237\n2_at\t\t\n")
    features = read_platform(path)
    assert features.to_numpy().tolist() == [
        ["1_at", "DDR1 /// MIR4640", "780 /// 100616237"],
        ["2_at", "", ""],
    ]
    standard = write("g", b"probe_id\tgene_symbol\tentrez_id\n1_at\tDDR1\t780\n")
    assert recognize(standard) == "features"


@pytest.mark.parametrize("entity", ["^DATABASE = x\n^SERIES = GSE1", "^SAMPLE = GSM1", "^DATASET = GDS1"])
def test_soft_records_are_recognized(write, entity):
    path = write("f", f"{entity}\n!x = y\n".encode())
    assert recognize(path) == "soft"
    with pytest.raises(BadInput, match="SOFT file"):
        read_local([path])


def test_the_real_tables(shared_data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = shared_data / "ovarian"
        shapes = {
            name: read_local([folder], accession=name).expression.values.shape
            for name in ("GSE51088", "GSE12470", "GSE19829", "GSE8842")
        }
        cholangio = read_local([shared_data / "tcga"])
        combat = shared_data / "combat"
        bladder = read_local([combat / f"bladderbatch.{part}.tsv.gz" for part in ("expression", "pheno")])
    assert shapes == {
        "GSE51088": (8211, 172), "GSE12470": (16889, 53), "GSE19829": (8995, 42), "GSE8842": (6536, 83),
    }  # fmt: skip
    assert cholangio.expression.values.shape == (20531, 45)
    assert cholangio.features.set_index("probe_id").loc["XPO1|7514", "entrez_id"] == "7514"
    assert bladder.expression.values.shape == (22283, 57) and len(bladder.samples) == 57


RNA_SEQ = (
    '!Series_geo_accession\t"GSE1"\n!Sample_title\t"T 1"\t"T 2"\n!Sample_geo_accession\t"GSM1"\t"GSM2"\n'
    '!Sample_characteristics_ch1\t"age: 50"\t"age: 60"\n!series_matrix_table_begin\n"ID_REF"\t"GSM1"\t"GSM2"\n'
    "!series_matrix_table_end\n"
)


@pytest.mark.parametrize("names", ["GSM2\tGSM1", "T 2\tT 1"])
def test_a_series_without_values_beside_a_table(tmp_path, names):
    """RNA sequencing: the values stand in a supplementary file, whose columns are accessions or titles."""
    (tmp_path / "GSE1_series_matrix.txt").write_text(RNA_SEQ)
    (tmp_path / "GSE1_counts.tsv").write_text(f"GeneID\t{names}\n7514\t5\t6\n7157\t7\t8\n")
    cohort = read_local([tmp_path])
    assert cohort.samples["sample_id"].tolist() == (["GSM1", "GSM2"] if "GSM" in names else ["T 1", "T 2"])
    assert cohort.samples["age"].tolist() == ["50", "60"]
    assert cohort.expression.sample_ids == names.split("\t")
    assert cohort.features["entrez_id"].tolist() == ["7514", "7157"]
    assert "geo_accession: GSE1" in cohort.notes


def test_a_series_with_values_beside_a_table(tmp_path):
    full = RNA_SEQ.replace('"GSM2"\n!series_matrix_table_end', '"GSM2"\n"1_at"\t1\t2\n!series_matrix_table_end')
    (tmp_path / "GSE1_series_matrix.txt").write_text(full)
    (tmp_path / "GSE1_counts.tsv").write_text("GeneID\tGSM1\tGSM2\n7514\t5\t6\n7157\t7\t8\n")
    with pytest.raises(BadInput, match="holds values, and so does a second file"):
        read_local([tmp_path])
    (tmp_path / "GSE1_samples.tsv").write_text("sample\tage\nGSM1\t5\nGSM2\t6\n")
    with pytest.raises(BadInput, match="holds its samples itself"):
        read_local([tmp_path])
