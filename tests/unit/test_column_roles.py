"""Columns next to the values of samples, tables of tests, samples in rows, compounds of symbol and identifier."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.compound_names import compound_symbol, without_numbers
from prognomics.data.matrix import checked, read_matrix
from prognomics.data.signature import read_signature
from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput
from prognomics.expression.gene_names import split_gene_id
from prognomics.expression.genes import map_genes
from prognomics.io.known_names import tally_rows
from prognomics.sources.local import read_local
from prognomics.sources.recognize import recognize

GENES = ["XPO1", "TP53", "MYC", "EGFR", "GAPDH", "ACTB"]


def table(path, header, cells, preamble=""):
    """A matrix of six genes whose cells repeat `cells`."""
    rows = [[gene, *(cell.format(i=i) for cell in cells)] for i, gene in enumerate(GENES, start=1)]
    path.write_text(preamble + "\n".join("\t".join(row) for row in [header, *rows]) + "\n")
    return path


BESIDE = {
    "GenomeStudio": (".AVG_Signal", [".Detection Pval", ".NARRAYS", ".ARRAY_STDEV", ".BEAD_STDERR", ".Avg_NBEADS"]),
    "MAS 5": ("_Signal", ["_Detection", "_Detection_p-value"]),
    "Cufflinks": ("_FPKM", ["_conf_lo", "_conf_hi", "_status"]),
    "bare names": ("", [" Detection Pval"]),
}


@pytest.mark.parametrize("form", BESIDE)
def test_what_accompanies_a_value_is_no_sample(form, tmp_path):
    value, others = BESIDE[form]
    samples = [f"S{i}{value}" for i in (1, 2, 3)]
    header = ["ID", *(name for i in (1, 2, 3) for name in (f"S{i}{value}", *(f"S{i}{other}" for other in others)))]
    cells = ["{i}50.5", *("P" if other.endswith(("Detection", "status")) else "0.01" for other in others)] * 3
    path = table(tmp_path / "m.txt", header, cells)
    assert recognize(path) == "expression"
    with pytest.warns(AnalysisNote, match="not read as samples"):
        found = read_matrix(path)
    assert found.sample_ids == samples
    np.testing.assert_array_equal(found.values[:, 0], [150.5, 250.5, 350.5, 450.5, 550.5, 650.5])


def test_lines_of_a_preamble_are_titles(tmp_path):
    preamble = "Illumina Inc. GenomeStudio version 1.9.0\nNormalization = none\nError Model = none\n\n"
    path = table(tmp_path / "m.txt", ["TargetID", "A.AVG_Signal", "B.AVG_Signal"], ["{i}", "2"], preamble)
    with pytest.warns(AnalysisNote, match=r"3 line\(s\) above the header"):
        assert read_matrix(path).gene_ids == GENES


@pytest.mark.parametrize("heads", [["abundance.A", "abundance.B", "counts.A", "counts.B", "length.A", "length.B"],
                                   ["A_FPKM", "B_FPKM", "A_count", "B_count"]])  # fmt: skip
def test_several_values_per_sample_stop(heads, tmp_path):
    path = table(tmp_path / "m.txt", ["gene_id", *heads], ["5"] * len(heads))
    with pytest.raises(BadInput, match="several values of each sample") as error:
        read_matrix(path)
    assert heads[0] in error.value.hint


@pytest.mark.parametrize("heads", [["baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj"],
                                   ["logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B"],
                                   ["logFC", "logCPM", "F", "PValue", "FDR"]])  # fmt: skip
def test_a_table_of_tests_is_no_matrix_and_no_sheet(heads, tmp_path):
    path = table(tmp_path / "results.tsv", ["", *heads], ["0.5"] * len(heads))
    for read in (read_matrix, lambda path: read_local([path])):
        with pytest.raises(BadInput, match="table of tests"):
            read(path)
    path = table(tmp_path / "both.tsv", ["gene", *heads, "S1", "S2"], ["0.5"] * len(heads) + ["{i}", "3"])
    with pytest.warns(AnalysisNote, match="not read as samples"):
        assert read_matrix(path).sample_ids == ["S1", "S2"]


@pytest.mark.parametrize("tally", ["__AMBIGUOUS", "unassigned_ambiguity", "Unassigned", "n_unmapped", "N.noFeature",
                                   "X__no_feature", "no feature", "__no_feature.1", "Total reads"])  # fmt: skip
def test_tallies_in_any_spelling(tally):
    assert tally_rows([tally]) == [0]
    assert tally_rows(["SUMO1", "NSUN2", "AMBP", "N4BP1", "MAPK1", "MAPPED1"]) == []


COMPOUNDS = {
    "ENSG00000082898.18|XPO1": "XPO1", "XPO1|ENSG00000082898": "XPO1", "ENSG00000082898.3_XPO1": "XPO1",
    "XPO1 (7514)": "XPO1", "HLA-A (3105)": "HLA-A", "NM_003400|XPO1": "XPO1", "XPO1|7514": "XPO1", "?|100130426": "",
    "ENST00000401558.7|ENSG00000082898.18|OTTHUMG1|OTTHUMT1|XPO1-201|XPO1|4500|protein_coding|": "XPO1",
    "ENSG00000082898|NA": "ENSG00000082898", "ENSG00000002586.18_PAR_Y": None, "A|B": None, "HLA-A": None,
}  # fmt: skip


@pytest.mark.parametrize("name", COMPOUNDS)
def test_compounds_of_symbol_and_identifier(name):
    assert compound_symbol(name) == COMPOUNDS[name]
    assert split_gene_id("SLC35E2A|SLC35E2B|9906") == ["SLC35E2A", "SLC35E2B"]


def test_symbols_next_to_numbers():
    assert without_numbers(["7514_XPO1", "7157_TP53"]) == ["XPO1", "TP53"]
    assert without_numbers(["CUST_1", "CUST_2", "CUST_3"]) is None
    assert without_numbers(["HLA_1", "TP53", "MYC"]) is None


MAPS = [
    (["ENSG00000000001", "ENSG00000000002"], ["ENSG00000000001.4|XPO1", "ENSG00000000002.1|TP53"]),
    (["XPO1", "TP53"], ["XPO1|7514", "TP53|7157"]),
    (["XPO1|7514", "TP53|7157"], ["7514", "7157"]),
    (["7514_at", "7157_at"], ["7514", "7157"]),
]


@pytest.mark.parametrize(("rows", "probes"), MAPS)
def test_rows_and_probes_match_by_a_part(rows, probes):
    features = pd.DataFrame({"probe_id": probes, "gene_symbol": ["XPO1", "TP53"]})
    with pytest.warns(AnalysisNote, match="by a part of their names"):
        found = map_genes(np.eye(2), rows, features, collapse="mean", composite="drop")
    assert found.gene_ids == ["XPO1", "TP53"]


def test_rows_that_are_no_symbols_are_warned_of():
    rows = {"are probes": ["1007_s_at", "1053_at"], "are transcripts": ["ENST00000000001.2", "ENST00000000002"]}
    for said, names in rows.items():
        with pytest.warns(AnalysisWarning, match=f"{said}.*{names[0]}"):
            map_genes(np.eye(2), names, collapse="mean", composite="drop")


def test_names_that_differ_in_case_are_proposed():
    features = pd.DataFrame({"probe_id": ["ab1", "ab2"], "gene_symbol": GENES[:2]})
    with pytest.raises(BadInput, match="no row of the matrix") as error:
        map_genes(np.eye(2), ["AB1", "AB2"], features, collapse="mean", composite="drop")
    assert "2 of 2 match if letters of upper and lower case" in error.value.hint


@pytest.mark.parametrize("name", ["{}", "{} (7514)"])
def test_samples_in_rows(name, tmp_path):
    columns = [name.format(gene) for gene in GENES]
    with pytest.raises(BadInput, match="samples in rows"):
        checked(np.ones((3, 6)), ["P1", "P2", "P3"], columns, "m")
    path = tmp_path / "m.csv"
    path.write_text("\n".join([",".join(["", *columns]), *(f"P{i},1.5,2.5,3,4,5,{i}" for i in (1, 2, 3))]) + "\n")
    found = read_local([path])
    assert any("was turned" in text for text in found.notes)
    assert found.expression.sample_ids == ["P1", "P2", "P3"] and found.expression.row_ids == columns
    np.testing.assert_array_equal(found.expression.values[5], [1, 2, 3])
    assert checked(np.ones((6, 3)), GENES, ["P1", "P2", "P3"], "m").gene_ids == GENES


def test_gene_sets_with_weights_and_semicolons(tmp_path):
    path = tmp_path / "s.txt"
    path.write_text("A\thttp://x\tXPO1,1.5\tTP53,-2\nB\t\tMYC,1.0\tEGFR,1.0\n")
    weighted, plain = read_signature(path).signatures
    assert weighted.weights == (1.5, -2.0) and weighted.identifiers["gene_id"] == ("XPO1", "TP53")
    assert plain.weights is None and plain.identifiers["gene_id"] == ("MYC", "EGFR")
    path.write_text("gene;coef\nXPO1;1,5\nTP53;-2,25\n")
    assert read_signature(path).one(None).weights == (1.5, -2.25)


@pytest.mark.parametrize("heading", ["Total exon length", "length_kb", "bp", "mappable_length", "EffLength", "txLength",
                                     "gene.len", "exons", "chromosome_location", "nt", "Gene size (bp)"])  # fmt: skip
def test_lengths_and_places_under_any_name_are_no_samples(heading, tmp_path):
    path = table(tmp_path / "m.txt", ["gene_id", heading, "S1", "S2"], ["{i}200", "5.5", "6.5"])
    with pytest.warns(AnalysisNote, match="not read as samples"):
        assert read_matrix(path).sample_ids == ["S1", "S2"]


def test_points_that_may_separate_thousands_stop_a_matrix(tmp_path):
    path = table(tmp_path / "m.txt", ["gene_id", "S1", "S2"], ["{i}.445", "934"])
    with pytest.raises(BadInput, match="'1.445' among integers below 1,000"):
        read_matrix(path)
    path = table(tmp_path / "m.txt", ["gene_id", "S1", "S2"], ["{i}.445", "9"])
    assert read_matrix(path).values[0].tolist() == [1.445, 9]


@pytest.mark.parametrize("word", ["n/a", "NaN", ".", "null", "#N/A"])
def test_missing_is_spelled_alike_for_all_readers(word, tmp_path):
    path = table(tmp_path / "m.txt", ["gene_id", "S1", "S2"], [word, "{i}.5"])
    for read in (read_matrix, lambda path: read_local([path]).expression):
        assert np.isnan(read(path).values[:, 0]).all()
