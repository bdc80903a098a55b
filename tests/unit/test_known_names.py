"""What is no gene and no sample: tallies, annotation columns, names damaged by spreadsheets, Ensembl versions."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.feature_columns import assigned_genes
from prognomics.data.feature_map import read_feature_map
from prognomics.data.gather import gather
from prognomics.data.matrix import checked, read_matrix
from prognomics.data.matrix_content import unlike_columns, unlike_rows
from prognomics.data.sheet import as_sheet
from prognomics.data.streamed import open_matrix
from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput
from prognomics.expression.genes import map_genes
from prognomics.io.h5ad import write_h5ad
from prognomics.io.known_names import damaged_names, ensembl_base, tally_rows
from prognomics.sources.expression_table import read_expression

TALLIES = ["__no_feature", "__alignment_not_unique", "N_unmapped", "N_noFeature", "no_feature", "__NO_FEATURE"]
TALLIES += ["Unassigned_NoFeatures", "Total", "Sum", "__total__", "colSums"]
GENES = ["XPO1", "TP53", "NFE2", "N4BP1", "ENSG00000082898.18", "HLA-A", "MARCHF1", "SEPTIN2", "A1BG-AS1", "7SK"]


def test_tallies_are_known_by_name_alone():
    assert tally_rows([*GENES, *TALLIES]) == list(range(len(GENES), len(GENES) + len(TALLIES)))
    assert tally_rows(GENES) == []


@pytest.mark.parametrize("tally", ["__ambiguous", "N_multimapping"])
def test_tallies_are_left_out_of_every_form_of_matrix(tally, tmp_path):
    values, rows = np.arange(12.0).reshape(4, 3), ["A", tally, "B", "C"]
    text, h5ad = tmp_path / "m.tsv", tmp_path / "m.h5ad"
    lines = ["\t".join([name, *map(str, line)]) for name, line in zip(rows, values.tolist(), strict=True)]
    text.write_text("\n".join(["gene_id\tS1\tS2\tS3", *lines, ""]))
    write_h5ad(h5ad, values, rows, ["S1", "S2", "S3"])
    for read in (lambda: read_matrix(text), lambda: read_matrix(h5ad), lambda: read_expression(text)[0]):
        with pytest.warns(AnalysisWarning, match=f"1 rows are tallies of reads.*{tally}"):
            found = read()
        np.testing.assert_array_equal(found.values, values[[0, 2, 3]])
    with pytest.warns(AnalysisWarning, match=tally):
        streamed = open_matrix(h5ad)
    assert streamed.gene_ids == ["A", "B", "C"]
    np.testing.assert_array_equal(np.vstack(list(streamed.blocks())), values[[0, 2, 3]])


@pytest.mark.parametrize("heading", ["Transcript length (including UTRs and CDS)", "Chromosome/scaffold name",
                                     "MedianLength", "exon_count", "GC content"])  # fmt: skip
def test_headings_of_lengths_and_positions_annotate(heading, tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text(f"gene_id\t{heading}\tS1\tS2\nA\t1200\t5.1\t6.2\nB\t900\t7.5\t4.4\n")
    with pytest.warns(AnalysisNote, match="columns that annotate genes"):
        found = read_matrix(path)
    assert list(found.sample_ids) == ["S1", "S2"]


def test_what_spreadsheets_make_of_symbols():
    damaged = ["1-Mar", "02-Sep", "Dec-01", "2006-09-02", "9/2/2006", "43891", "2.31E+13", "#N/A", "#REF!"]
    damaged += ["Sep 02", "44806.0", "3-mrt", "1-set", "1-déc", "01-dic"]
    assert damaged_names([*GENES, "set-1", *damaged]) == damaged
    assert damaged_names(GENES) == []
    assert damaged_names(["43891", "7514", "37000", "1017"]) == []  # Entrez ids
    assert damaged_names(["43891.0", "7514.0", "37000.0", "1017"]) == []  # the same, which pandas read as floats


def test_damaged_symbols_are_no_genes_unless_a_table_says_which():
    values, rows = np.arange(8.0).reshape(4, 2), ["XPO1", "1-Mar", "1-Mar", "2-Sep"]
    with pytest.warns(AnalysisWarning, match="1-Mar.*2-Sep.*aliases"):
        found = map_genes(values, rows, collapse="mean", composite="drop")
    assert found.gene_ids == ["XPO1"] and set(found.lost["reason"]) == {"spreadsheet"}
    with pytest.warns(AnalysisWarning, match="1-Mar"):
        found = map_genes(values, rows, collapse="mean", composite="drop", aliases={"SEPTIN2": ["2-Sep"]})
    assert found.gene_ids == ["XPO1", "SEPTIN2"]


@pytest.mark.parametrize(
    ("name", "base"),
    [("ENSG00000082898.18", "ENSG00000082898"), ("ENSG00000002586.18_PAR_Y", "ENSG00000002586"),
     ("ENSGR0000002586.18", "ENSG00000002586"), ("ENSMUSG00000000001.4", "ENSMUSG00000000001"),
     ("ENST00000401558.6", "ENST00000401558"), ("AC012345.1", "AC012345.1"), ("RP11-34P13.7", "RP11-34P13.7")],
)  # fmt: skip
def test_versions_of_ensembl_ids(name, base):
    assert ensembl_base(name) == base


@pytest.mark.parametrize("versioned", ["matrix", "map", "both"])
def test_ensembl_versions_do_not_keep_a_map_from_matching(versioned, tmp_path):
    suffix = {"matrix": (".3", ""), "map": ("", ".9"), "both": (".3", ".9")}[versioned]
    rows = [f"ENSG0000000000{i}{suffix[0]}" for i in range(4)]
    path = tmp_path / "map.tsv"
    lines = [f"ENSG0000000000{i}{suffix[1]}\tG{i}" for i in range(4)]
    path.write_text("\n".join(["Gene stable ID\tGene name", *lines, ""]))
    with pytest.warns(AnalysisNote):
        features = read_feature_map(path)
    with pytest.warns(AnalysisNote, match="4 rows are matched .* without the version"):
        found = map_genes(np.ones((4, 2)), rows, features, collapse="mean", composite="drop")
    assert found.gene_ids == ["G0", "G1", "G2", "G3"]


def test_ensembl_ids_without_a_map_are_said_to_stay():
    rows = ["ENSG00000000001.2", "ENSG00000000002.4"]
    with pytest.warns(AnalysisWarning, match="stay Ensembl ids; give --features"):
        found = map_genes(np.ones((2, 2)), rows, collapse="mean", composite="drop")
    assert found.gene_ids == ["ENSG00000000001", "ENSG00000000002"]


ANNOTATED = {
    "featureCounts": ("Geneid\tChr\tStart\tEnd\tStrand\tLength\t", "XPO1\tchr2;chr2\t1;9\t5;12\t+;+\t900\t"),
    "StringTie": ("Gene ID\tGene Name\tStrand\tEnd\t", "g1\tXPO1\t+\t5\t"),
    "Entrez beside": ("Symbol\tEntrez\t", "XPO1\t7514\t"),
    "gene length": ("gene\tgene_length\t", "XPO1\t1200\t"),
}


@pytest.mark.parametrize("form", ANNOTATED)
@pytest.mark.parametrize("at_the_end", [False, True])
def test_annotation_columns_are_no_samples(form, at_the_end, tmp_path):
    head, cells = (part.rstrip("\t").split("\t") for part in ANNOTATED[form])
    samples, values = ["S1", "S2", "S3"], ["4.5", "5", "6"]
    if at_the_end:
        head, cells = [head[0], *samples, *head[1:]], [cells[0], *values, *cells[1:]]
    else:
        head, cells = [*head, *samples], [*cells, *values]
    path = tmp_path / "m"
    path.write_text("\t".join(head) + "\n" + "\t".join(cells) + "\n")
    with pytest.warns(AnalysisNote, match="not read as samples"):
        matrix = read_matrix(path)
    assert matrix.sample_ids == samples and matrix.gene_ids == cells[:1]
    np.testing.assert_array_equal(matrix.values, [[4.5, 5, 6]])


def test_a_sheet_may_name_a_sample_like_an_annotation(tmp_path):
    path = tmp_path / "m"
    path.write_text("gene\tLength\tS2\nXPO1\t5\t6\n")
    assert read_expression(path, samples={"Length", "S2"})[0].sample_ids == ["Length", "S2"]


def test_alignments_name_samples(tmp_path):
    path = tmp_path / "m"
    header = "Geneid\tLength\t/a/S1Aligned.sortedByCoord.out.bam\tb/S2.sorted.bam"
    path.write_text(f"# Program:featureCounts\n{header}\nXPO1\t9\t5\t6\n")
    with pytest.warns(AnalysisNote, match="without path and ending"):
        assert read_matrix(path).sample_ids == ["S1", "S2"]


def test_gct_of_both_versions(tmp_path):
    path = tmp_path / "m.gct"
    path.write_text("#1.2\n1\t2\nName\tDescription\tA\tB\nENSG00000082898.16\tXPO1\t1\t2\n")
    with pytest.warns(AnalysisNote):
        old, features = read_expression(path)
    assert features["gene_symbol"].tolist() == ["XPO1"]
    path.write_text("#1.3\n1\t2\t1\t1\nid\tname\tA\tB\nsex\tna\tF\tM\nENSG00000082898.16\tXPO1\t1\t2\n")
    with pytest.warns(AnalysisNote):
        new = read_matrix(path)
    np.testing.assert_array_equal(new.values, old.values)
    path.write_text("#1.2\nmany\nName\tDescription\tA\n")
    with pytest.raises(BadInput, match="numbers of rows and columns"):
        read_matrix(path)


def test_a_numbered_table_is_named_by_its_genes(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text(',gene_symbol,S1,S2\n0,XPO1,1,2\n1,"TP53",3,4\n')
    with pytest.warns(AnalysisNote, match="numbers the rows"):
        assert read_matrix(path).gene_ids == ["XPO1", "TP53"]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_decimal_commas_of_a_matrix(delimiter, tmp_path):
    path = tmp_path / "m"
    path.write_text("gene_id;S1;S2\nA;1,25;2\nB,C;-3,5;4,75e1\n".replace(";", delimiter))
    with pytest.warns(AnalysisNote, match="decimal commas"):
        matrix = read_matrix(path)
    np.testing.assert_array_equal(matrix.values, [[1.25, 2], [-3.5, 47.5]])
    assert matrix.gene_ids == ["A", "B,C"]
    path.write_text("gene_id;S1;S2\nA;1,250;2,000\n".replace(";", delimiter))
    with pytest.raises(BadInput, match="decimal number or thousands"):
        read_matrix(path)


def test_content_is_warned_of_and_stays(tmp_path):
    generator = np.random.default_rng(1)
    values = generator.normal(8, 2, (200, 1)) + generator.normal(0, 0.5, (200, 9))
    values[:, 4] = generator.integers(500, 9000, 200)
    assert unlike_columns(values) == [4]
    values[:, 4] = values[:, 3] * 40  # a bright array is in the others' order
    assert unlike_columns(values) == []
    counts = generator.poisson(100, (50, 6)).astype(float)
    assert unlike_rows(counts) == []
    counts[7] = counts.sum(axis=0)
    assert unlike_rows(counts) == [7]


def test_the_gene_in_a_description_of_clariom():
    cell = ("NM_003400 // RefSeq // Homo sapiens exportin 1 (XPO1), transcript variant 2, mRNA. // chr2 // 100 /// "
            "ENST00000401558 // ENSEMBL // exportin 1 [gene_biotype:x gene_symbol:XPO1] // chr2")  # fmt: skip
    assert assigned_genes(cell) == ("XPO1", "")
    assert assigned_genes("NR_1 // RefSeq // Homo sapiens microRNA 21 (MIR21), microRNA. // chr17") == ("MIR21", "")
    assert assigned_genes("AK1 // GenBank // cDNA clone // chr1") == ("", "")


def test_a_map_from_a_file_of_the_maker(tmp_path):
    path = tmp_path / "f.csv"
    rows = '"Probe Set ID","Title","Gene Symbol"\n"p0","a, b","XPO1"\n"p1","","---"\n'
    path.write_text("#%create_date=2014\n#%chip_type=X\n" + rows)
    with pytest.warns(AnalysisNote, match="Gene Symbol"):
        assert read_feature_map(path)["gene_symbol"].tolist()[0] == "XPO1"
    probes = "Species\tProbe_Id\tILMN_Gene\nHuman\tILMN_1\tXPO1\n"
    path.write_text(f"Illumina\n[Heading]\nDate\t1\n[Probes]\n{probes}[Controls]\nx\n")
    with pytest.warns(AnalysisNote, match="ILMN_Gene"):
        assert read_feature_map(path)["probe_id"].tolist() == ["ILMN_1"]


def test_versions_do_not_keep_cohorts_and_genes_from_matching():
    def part(cohort, rows, ids):
        return (checked(np.arange(2.0 * len(rows)).reshape(len(rows), 2), rows, ids, cohort),
                as_sheet(pd.DataFrame({"sample_id": ids, "cohort": cohort})))  # fmt: skip

    one, first = part("A", ["ENSG00000000001.1", "ENSG00000002586.9", "ENSG00000002586.9_PAR_Y"], ["a1", "a2"])
    two, second = part("B", ["ENSG00000002586.12", "ENSG00000000001.4"], ["b1", "b2"])
    with pytest.warns(AnalysisNote, match="only 0 Ensembl ids .* versions are excluded"):
        parts, _ = gather([one, two], [first, second])
    assert [p.matrix.gene_ids for p in parts] == [["ENSG00000000001", "ENSG00000002586"],
                                                 ["ENSG00000002586", "ENSG00000000001"]]  # fmt: skip
    np.testing.assert_array_equal(parts[0].matrix.values, [[0, 1], [2, 3]])
    with pytest.warns(AnalysisNote, match="found as ENSG00000000001.4"):
        assert two.gene("ENSG00000000001.17").tolist() == [2, 3]
    with pytest.raises(BadInput, match="there is no gene"):
        one.gene("ENSG00000002586")


def test_a_feature_map_of_unknown_headings_is_told_the_known_ones():
    features = pd.DataFrame({"Sonde": ["p1"], "Gensymbol": ["XPO1"]})
    with pytest.raises(BadInput) as fault:
        map_genes(np.ones((1, 2)), ["p1"], features=features, collapse="mean", composite="drop")
    assert "probe_id" in fault.value.hint and "gene_symbol" in fault.value.hint


@pytest.mark.parametrize("head", ["\tSYMBOL", "Sonde\tGensymbol", '""\t"SYMBOL"'])
def test_a_feature_map_with_an_unnamed_or_a_german_first_column(head, tmp_path):
    path = tmp_path / "map.tsv"
    path.write_text(f"{head}\np1\tXPO1\np2\t??\n")
    features = read_feature_map(path)
    genes = map_genes(np.arange(6.0).reshape(2, 3), ["p1", "p2"], features, collapse="mean", composite="drop")
    assert list(genes.gene_ids) == ["XPO1"]
