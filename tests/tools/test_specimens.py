"""The real cohorts against what is said of them: tissues, batches, outcomes. Shapes stand in the readers' tests."""

from pathlib import Path

import numpy as np
import pytest

from prognomics.curation.curate import curate
from prognomics.data.mapping import load_mapping
from prognomics.expression.affymetrix.cdf import read_cdf
from prognomics.expression.genes import map_genes
from prognomics.sources.local import read_local
from prognomics.sources.sheet import read_sheet

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")

TISSUES = {
    ("ovarian", "GSE51088"): {"primary": 123, "other": 17, "metastasis": 17, "normal": 15},
    ("ovarian", "GSE12470"): {"primary": 43, "normal": 10},
    ("ovarian", "GSE19829"): {"primary": 42},
    ("ovarian", "GSE8842"): {"primary": 68, "other": 15},
    ("tcga", "TCGA-CHOL"): {"primary": 36, "normal": 9},
}


@pytest.mark.parametrize(("folder", "accession"), TISSUES)
def test_tissues(repository, shared_data, folder, accession):
    name = accession.lower().replace("-", "_")
    mapping = load_mapping((repository / "studies" / "mappings" / f"{name}.yml").read_text("utf-8"), name)
    samples = curate(read_local([shared_data / folder], accession=accession).samples, mapping, accession).samples
    assert samples["tissue_type"].value_counts().to_dict() == TISSUES[folder, accession]


def test_raw_words_of_gse51088(shared_data):
    raw = read_local([shared_data / "ovarian"], accession="GSE51088").samples
    assert raw["sample_type"].value_counts().to_dict() == {
        "tumor": 123, "metastatic": 17, "healthy": 15, "borderline": 12, "benign": 5}  # fmt: skip
    assert set(raw["vital_status"]) == {"living", "deceased", ""}


def test_a_row_that_names_xpo1_among_others(shared_data):
    """GSE12470 has a row of XPO1 and one of many genes; only the first gives its values."""
    expression = read_local([shared_data / "ovarian"], accession="GSE12470").expression
    named = [row for row in expression.row_ids if "XPO1" in row.split("///")]
    assert len(named) == 2 and named[1] == "XPO1" and len(named[0].split("///")) > 20
    mapped = map_genes(expression.values, expression.row_ids, collapse="max_variance", composite="split")
    own = expression.values[expression.row_ids.index("XPO1")]
    np.testing.assert_array_equal(mapped.values[mapped.gene_ids.index("XPO1")], own)


def test_batches_of_the_bladder_cohort(shared_data):
    sheet = read_local([shared_data / "combat"], accession="bladderbatch").samples
    assert sheet["batch"].nunique() == 5 and (sheet["cancer"] == "Normal").sum() == 8


def test_the_sarcoma_tables(repository, shared_data):
    """481 patients with metastasis-free survival, 140 events; a CINSARC score a sample."""
    path = repository / "studies" / "mappings" / "sarcoma_rnaseq.yml"
    raw = read_sheet(shared_data / "sarcoma" / "meta_data.txt")
    samples = curate(raw, load_mapping(path.read_text("utf-8"), path.name), "S").samples
    assert (samples["mfs_event"].notna().sum(), samples["mfs_event"].sum()) == (481, 140)
    assert read_sheet(shared_data / "sarcoma" / "GSVA_CINSARC.txt").shape == (704, 2)


def test_list_valued_cells_of_target_os(shared_data):
    raw = read_sheet(shared_data / "gdc" / "TARGET-OS.clinical.tsv.gz")
    assert raw.shape == (162, 76)
    assert raw.isin(["Not Reported"]).any().any() and raw.apply(lambda c: c.str.startswith("[")).any().any()


def test_the_real_chip(shared_data):
    layout = read_cdf(Path(shared_data / "cel" / "Hu6800.CDF.gz"))
    assert (layout.columns, layout.rows, len(layout.probeset_ids), layout.cells.size) == (536, 536, 7129, 140_983)
