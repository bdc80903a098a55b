"""One file gives the same values to every tool, and no text makes a reader fail but with a message."""

import io
import warnings

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prognomics import tools
from prognomics.data.tables import read_cells
from prognomics.errors import BadInput
from prognomics.io.text_table import parse_text_table
from prognomics.sources.sheet import read_sheet

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
GENES, SAMPLES = ["XPO1", "TP53", "MYC", "EGFR", "CDK1"], ["S1", "S2", "S3", "S4"]
VALUES = np.round(np.random.default_rng(5).normal(7, 2, (5, 4)), 3)


def lines(delimiter="\t", comma=False, head=("gene_id",), cells=lambda gene: (gene,)):
    yield delimiter.join([*head, *SAMPLES])
    for gene, row in zip(GENES, VALUES.tolist(), strict=True):
        yield delimiter.join([*cells(gene), *(str(v).replace(".", ",") if comma else str(v) for v in row)])


def workbook():
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Table S2. Expression"])
    book.active.append([])
    for i, line in enumerate(lines()):
        book.active.append([c if i == 0 or j == 0 else float(c) for j, c in enumerate(line.split("\t"))])
    book.save(content)
    return content.getvalue()


def text(found, encoding="utf-8"):
    return ("\n".join(found) + "\n").encode(encoding)


SPECIMENS = {
    "plain": text(lines()),
    "comma": text(lines(",")),
    "semicolon with decimal commas": text(lines(";", comma=True)),
    "tab with decimal commas": text(lines(comma=True)),
    "utf-16": text(lines(), "utf-16"),
    "row names of R": text(lines(head=())),
    "comments": text(["# Program:x", *lines()]),
    "title": text(["Table S1. Expression", "", *lines()]),
    "GCT": text(["#1.2", "5\t4", *lines(head=("Name", "Description"), cells=lambda g: (g, g))]),
    "annotation": text(lines(head=("Geneid", "Chr", "Start", "End", "Strand", "Length"),
                             cells=lambda g: (g, "chr1", "1", "9", "+", "900"))),
    "tallies": text([*lines(), "__no_feature\t9\t9\t9\t9", "N_unmapped\t1\t1\t1\t1"]),
    "spreadsheet": workbook(),
}  # fmt: skip


@pytest.mark.parametrize("form", SPECIMENS)
def test_every_tool_reads_the_same(form, tmp_path):
    path = tmp_path / "matrix.dat"
    path.write_bytes(SPECIMENS[form])
    made = {
        "fetch_cohort": tools.fetch_cohort(source="local", local_path=[f"expression={path}"]).expression,
        "normalize": tools.normalize(expression=path, method="none").expression,
        "map_genes": tools.map_genes(expression=path).expression,
    }
    for tool, matrix in made.items():
        assert (matrix.gene_ids, matrix.sample_ids) == (GENES, SAMPLES), tool
        np.testing.assert_array_equal(matrix.values, VALUES, tool)


CLINICAL = [
    ["sample", "stage, grade", "size_cm", "remark"],
    ["S1", "II", "3.5", "seen\nagain"],
    ["S2", "III", "12.25", "a; b, c"],
    ["S3", "", "0.5", 'the "third"'],
]


def clinical(delimiter, comma=False, quoted=True):
    rows = [list(row) for row in CLINICAL]
    for row in rows[1:]:
        row[2] = row[2].replace(".", ",") if comma else row[2]
    write = lambda cell: '"' + cell.replace('"', '""') + '"' if quoted else cell  # noqa: E731
    return [delimiter.join(map(write, row)) for row in rows]


def clinical_workbook():
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Clinical data"])
    for i, row in enumerate(CLINICAL):
        book.active.append([float(c) if i and j == 2 else c or None for j, c in enumerate(row)])
    book.save(content)
    return content.getvalue()


SHEETS = {
    "tab": text(clinical("\t")),
    "comma": text(clinical(",")),
    "semicolon with decimal commas": text(clinical(";", comma=True)),
    "byte order mark": text(clinical(","), "utf-8-sig"),
    "utf-16": text(clinical("\t"), "utf-16"),
    "title": text(["Clinical data", *clinical("\t")]),
    "comment": text(["# exported", *clinical(",")]),
    "spreadsheet": clinical_workbook(),
}
MAPPING = """
sample_id: sample
tissue_type: {constant: primary}
columns: {size_cm: {column: size_cm, number: true%s}}
keep: ["stage, grade", remark]
"""


@pytest.mark.parametrize("form", SHEETS)
def test_every_tool_reads_the_same_sheet(form, tmp_path):
    path, mapping = tmp_path / "sheet.dat", tmp_path / "mapping.yml"
    path.write_bytes(SHEETS[form])
    mapping.write_text(MAPPING % (", decimal: ','" if "commas" in form else ""))
    fetched = tools.fetch_cohort(source="local", local_path=[f"samples={path}"]).samples
    fetched_path = tmp_path / "fetched.tsv"
    fetched.to_csv(fetched_path, sep="\t", index=False)
    for source in (path, fetched_path):
        curated = tools.curate_samples(samples=source, mapping=mapping, cohort="C").samples
        assert curated["sample_id"].tolist() == ["S1", "S2", "S3"]
        assert curated["size_cm"].astype(float).tolist() == [3.5, 12.25, 0.5]
        assert [v if v == v and v is not None else "" for v in curated["stage, grade"]] == ["II", "III", ""]
        assert [" ".join(v.split()) for v in curated["remark"]] == ["seen again", "a; b, c", 'the "third"']


@given(st.text(alphabet="ab1,;.\t\n\"# '-é", max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_table_or_is_refused(content):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            table = parse_text_table(content, "t", needs_rows=False)
        except BadInput:
            return
    assert len(set(table.names)) == len(table.names) and all(table.names)
    assert all(len(row) == len(table.names) for row in table.rows) and len(table.lines) == len(table.rows)


CELLS = st.text(alphabet="abcXYZ 019.-_é", min_size=1, max_size=6).map(str.strip).filter(lambda c: c and c != "NA")


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=6), st.sampled_from("\t;,"))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("t") / "t"
    path.write_text("\n".join(delimiter.join(row) for row in [["id", "x", "y"], *rows]) + "\n", encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert read_sheet(path).to_numpy().tolist() == rows
        assert read_cells(path).to_numpy().tolist() == rows
