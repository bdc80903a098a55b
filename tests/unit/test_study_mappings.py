"""The mappings of the studies hold on the real cohorts, expectations included."""

import importlib.util

import pytest

from prognomics.artefacts.mapping import load_mapping
from prognomics.clinical.curation import curate
from prognomics.sources.local import read_local
from prognomics.sources.survset import read_survset

LOCAL = {
    "gse51088": ("ovarian", "GSE51088", 172, 112),
    "gse12470": ("ovarian", "GSE12470", 53, None),
    "gse19829": ("ovarian", "GSE19829", 42, 23),
    "gse8842": ("ovarian", "GSE8842", 83, 15),
    "tcga_chol": ("tcga", "TCGA-CHOL", 45, 18),
}


def read_mapping(repository, name):
    return load_mapping(
        (repository / "studies" / "mappings" / f"{name}.yml").read_text("utf-8"), f"{name}.yml"
    )


@pytest.mark.skipif(importlib.util.find_spec("SurvSet") is None, reason="SurvSet is not installed")
@pytest.mark.parametrize(
    ("name", "n", "events"), [("gse1992", 124, 35), ("gse3143", 158, 50), ("gse4335", 115, 38)]
)
def test_breast(repository, name, n, events):
    curated = curate(read_survset(name).samples, read_mapping(repository, name), name)
    assert len(curated.samples) == n
    assert curated.samples["followup_event"].sum() == events
    assert "does not say" in curated.endpoints["followup"]


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("name", LOCAL)
def test_local(repository, shared_data, name):
    folder, accession, n, events = LOCAL[name]
    raw = read_local([shared_data / folder], accession=accession)
    curated = curate(raw.samples, read_mapping(repository, name), name)
    assert len(curated.samples) == n
    assert curated.flow["events"].tolist()[-1 if events is None else 1] == events


def test_the_tissue_types_of_gse51088(repository, shared_data):
    raw = read_local([shared_data / "ovarian"], accession="GSE51088")
    samples = curate(raw.samples, read_mapping(repository, "gse51088"), "GSE51088").samples
    primary = samples[samples["tissue_type"] == "primary"]
    assert (primary["os_event"].notna().sum(), primary["os_event"].sum()) == (122, 93)
