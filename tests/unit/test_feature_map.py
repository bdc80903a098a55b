"""Feature maps under other headings, from files and as Python objects."""

import gzip

import pandas as pd
import pytest

from prognomics.data.feature_columns import assigned_genes, feature_columns, plain_name
from prognomics.data.feature_map import read_feature_map, read_platform, with_feature_names
from prognomics.data.registry import artifact
from prognomics.data.store import accept
from prognomics.errors import BadInput
from prognomics.sources.recognize import recognize

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisNote")

HEADINGS = {
    "as fetch_cohort writes it": ["probe_id", "gene_symbol", "entrez_id"],
    "GEO annotation": ["ID", "Gene symbol", "Gene ID"],
    "Affymetrix on GEO": ["ID", "Gene Symbol", "ENTREZ_GENE_ID"],
    "Agilent on GEO": ["ID", "GENE_SYMBOL", "GENE"],
    "Illumina on GEO": ["ID", "ILMN_Gene", "Entrez_Gene_ID"],
    "Affymetrix's own": ["Probe Set ID", "Gene Symbol", "Entrez Gene"],
    "R": ["PROBEID", "SYMBOL", "ENTREZID"],
    "upper case": ["ID", "SYMBOL", "ENTREZ"],
}


@pytest.mark.parametrize("name", HEADINGS)
def test_headings_are_recognized(name, tmp_path):
    """A column GENE beside GENE_SYMBOL is none of symbols."""
    path = tmp_path / "features"
    path.write_text("\t".join(HEADINGS[name]) + "\n1_at\tXPO1\t7514\n1_at\tRAN\t5901\n2_at\t\t\n")
    table = read_feature_map(path)
    assert table["probe_id"].tolist() == ["1_at", "1_at", "2_at"]
    assert table["gene_symbol"].fillna("").tolist() == ["XPO1", "RAN", ""]


def test_which_columns_were_taken_is_noted(tmp_path):
    table = pd.DataFrame({"ID": ["1_at"], "Gene Symbol": ["XPO1"], "note": ["kept"]})
    with pytest.warns(match="'ID' and genes in 'Gene Symbol'"):
        named = accept(artifact("feature_map"), table)
    assert named.columns.tolist() == ["probe_id", "gene_symbol", "entrez_id", "note"]
    assert with_feature_names(named) is named


ASSIGNMENT = (
    "NM_003400 // XPO1 // exportin 1 // 2p15 // 7514 /// ENST00000401558 // XPO1 // exportin 1 // 2p15 // 7514"
    " /// NR_1 // --- // unknown // --- // --- /// NM_006325 // RAN // RAN // 12q24 // 5901"
)


def test_assignments_of_genes(tmp_path):
    assert assigned_genes(ASSIGNMENT) == ("XPO1 /// RAN", "7514 /// 5901")
    assert assigned_genes("---") == assigned_genes("") == assigned_genes("//") == ("", "")
    path = tmp_path / "f"
    path.write_text(f"ID\tprobeset_id\tgene_assignment\n1\t1\t{ASSIGNMENT}\n2\t2\t---\n")
    for read in (read_feature_map, read_platform):
        table = read(path)
        assert table["gene_symbol"].tolist() == ["XPO1 /// RAN", ""]
        assert table["entrez_id"].tolist() == ["7514 /// 5901", ""]
    # symbols of their own come before those of the assignment
    assert feature_columns(["ID", "gene_assignment", "Symbol"]).assignment is None


def test_records_of_geo_are_feature_maps(tmp_path):
    text = "^Annotation\n!platform_table_begin\nID\tGene title\tGene symbol\n1_at\tt\tXPO1\n!platform_table_end\n"
    path = tmp_path / "GPL1.annot.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert read_feature_map(path)["gene_symbol"].tolist() == ["XPO1"]


def test_tables_without_genes_are_left_as_they_are(tmp_path):
    path = tmp_path / "f"
    path.write_text("ID\tlength\n1_at\t5\n")
    assert read_feature_map(path).columns.tolist() == ["ID", "length"]
    with pytest.raises(BadInput, match="no probes, or no genes"):
        read_platform(path)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("ID\tGene Symbol\tENTREZ_GENE_ID\n1_at\tXPO1\t7514\n2_at\tTP53\t7157\n", "features"),
        ("ID\tgene_assignment\n1\tx // XPO1\n2\ty // TP53\n", "features"),
        ("GeneID\tGSM1\tGSM2\n7514\t5\t6\n7157\t7\t8\n", "expression"),
        ("id\tage\tgene\nP1\t5\tx\nP2\t6\ty\n", "samples"),
    ],
)
def test_tables_are_told_apart(tmp_path, text, role):
    path = tmp_path / "f"
    path.write_text(text)
    assert recognize(path) == role


def test_one_spelling():
    assert plain_name(" Gene Symbol") == plain_name("GENE_SYMBOL") == plain_name("gene.symbol") == "gene_symbol"
