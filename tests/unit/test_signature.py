"""Signature files in every form, and the identifiers that a matrix uses."""

import gzip

import pandas as pd
import pytest

from prognomics.data.registry import artifact
from prognomics.data.signature import aliases_of, read_signature
from prognomics.data.store import accept
from prognomics.errors import AnalysisWarning, BadInput


@pytest.fixture
def read(tmp_path):
    def made(text):
        path = tmp_path / "galaxy.dat"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_signature(path)

    return made


@pytest.mark.parametrize("text", [
    "gene_id\tweight\nA\t1\nB\t-2\n", "symbol,weight\nA,1\nB,-2\n", '"Gene Symbol","Weight"\r\n"A","1"\r\n"B","-2"\r\n',
    "# made by hand\ngene.symbol\tWeight\nA\t1\nB\t-2\n", gzip.compress(b"gene_id\tweight\nA\t1\nB\t-2\n", mtime=0),
])  # fmt: skip
def test_tables(read, text):
    signature = read(text).one(None)
    assert (signature.genes, signature.weights, signature.name) == (("A", "B"), (1.0, -2.0), "")


def test_a_table_of_several_signatures(read):
    found = read("signature_id,gene_symbol,gene_entrez_id,gene_weight\none,A,1,NA\ntwo,B,2,0.5\none,C,3,NA\n")
    assert found.names == ["one", "two"]
    one = found.one("one")
    assert one.identifiers == {"gene_id": ("A", "C"), "entrez_id": ("1", "3")} and one.weights is None
    assert found.one("two").weights == (0.5,)
    with pytest.raises(BadInput, match="no signature 'tow'"):
        found.one("tow")
    with pytest.raises(BadInput, match="2 signatures"):
        found.one(None)


def test_gene_sets(read):
    found = read("UP\thttp://x\tA\tB\t\nDOWN\tna\tC\tD\tE\n")
    assert [(s.name, s.genes) for s in found.signatures] == [("UP", ("A", "B")), ("DOWN", ("C", "D", "E"))]
    with pytest.raises(BadInput, match="same name"):
        read("UP\tna\tA\tB\nUP\tna\tC\tD\n")


def test_one_gene_a_line(read):
    plain = read("A\nB\n\nC\n").one(None)
    assert plain.genes_as(["A", "B", "C"]) == ["A", "B", "C"]
    assert read("symbol\nA\nB\n").one(None).genes_as(["A", "B"]) == ["A", "B"]


def test_a_heading_is_told_from_a_gene_by_the_matrix(read):
    listed = read("CINSARC\nA\nB\n").one(None)
    assert listed.name == "CINSARC"
    with pytest.warns(AnalysisWarning, match="taken for a heading"):
        assert listed.genes_as(["A", "B"]) == ["A", "B"]
    old = read("C13orf34\nA\nB\n").one(None)
    assert old.genes_as(["BORA", "A", "B"], {"BORA": ["C13orf34"]}) == ["C13orf34", "A", "B"]


def test_the_identifiers_of_the_matrix_are_used(read):
    signature = read("gene_symbol\tentrez_id\nA\t11\nB\t22\nC\tNA\n").one(None)
    assert signature.genes_as(["A", "C"]) == ["A", "B", "C"]
    with pytest.warns(AnalysisWarning, match="entrez_id"):
        assert signature.genes_as(["11", "22"]) == ["11", "22"]


def test_genes_that_stand_twice_are_counted(read):
    with pytest.warns(AnalysisWarning, match="1 genes stand twice"):
        assert read("gene_id\nA\nB\nA\n").one(None).genes_as(["A"]) == ["A", "B"]


@pytest.mark.parametrize(("text", "message"), [
    ("", "empty"), ("A\tB\n1\t2\n", "without a column of genes"), ("gene_id\tweight\nA\theavy\n", "no number"),
    ("gene_id\tweight\nA\n", "row 2"), ("gene_id\tweight\n", "no gene"), ("A\n", "single line"),
    (b"\x89HDF\r\n\x1a\n\x00\x00", "HDF5"), ("# only\n# comments\n", "no gene"),
])  # fmt: skip
def test_malformed(read, text, message):
    with pytest.raises(BadInput, match=message):
        read(text)


def test_given_as_objects():
    kind = artifact("signature")
    assert accept(kind, ["A", "B"]).one(None).genes == ("A", "B")
    frame = pd.DataFrame({"gene_id": ["A", "B"], "weight": [0.5, 1.0]})
    assert accept(kind, frame).one(None).weights == (0.5, 1.0)


def test_aliases():
    table = pd.DataFrame({"gene_id": ["BORA", "CDK1", "CDK1"], "alias": ["C13orf34", "CDC2|CDC28A", float("nan")]})
    assert aliases_of(table) == {"BORA": ["C13orf34"], "CDK1": ["CDC2", "CDC28A"]}


def test_the_published_lists(shared_data):
    lists = [read_signature(shared_data / "signatures" / name).one(None)
             for name in ("cinsarc_hacksig.csv", "cinsarc_hofvander.txt")]  # fmt: skip
    assert [len(s) for s in lists] == [67, 67]
    assert set(lists[0].genes) ^ set(lists[1].genes) == {"CKAP5", "KIFC1"}
    assert lists[0].identifiers["entrez_id"][0] == "54443" and lists[0].weights is None


@pytest.mark.parametrize("text", [b"PRO\rG\tEEN\n", b"gene_id,weight\nA\rB,1\n", b'gene_id,weight\n"A,1\n'])
def test_cells_that_cannot_be_told_apart(tmp_path, text):
    path = tmp_path / "f"
    path.write_bytes(text)
    with pytest.raises(BadInput):
        read_signature(path)


@pytest.mark.parametrize(("word", "first"), [("Xpo1", "XPO1"), ("XPO1", "XPO1"), ("na", None), ("CDK", None)])
def test_a_description_that_is_a_gene_but_for_its_case(read, word, first):
    signature = read(f"SET\t{word}\tCDK1\tTP53\n").one("SET")
    present = {"XPO1", "CDK1", "TP53", "NA"}
    if first is None:
        assert signature.genes_as(present) == ["CDK1", "TP53"]
        return
    with pytest.warns(AnalysisWarning, match="signature-description"):
        assert signature.genes_as(present) == [first, "CDK1", "TP53"]


def test_a_set_without_a_name_is_refused(read):
    with pytest.raises(BadInput, match="no name"):
        read("A\tna\tCDK1\n\tna\tTP53\n")
