"""What a source gives is what its built-in mapping reads: fetched, then curated without a mapping."""

import pytest

from prognomics.cli import commands
from prognomics.runtime.guard import guarded

MIRRORS = {"gdc": ("TCGA-MINI", "gdc"), "xena": ("TCGA-MINI", "xena"), "cbioportal": ("mini", "datahub")}


@pytest.mark.parametrize("source", MIRRORS)
def test_fetched_tables_are_curated_without_a_mapping(fetch, box, tmp_path, source):
    accession, mirror = MIRRORS[source]
    code, said, written = fetch(source, accession, f"{box.address}/{mirror}")
    assert code == 0, said
    out = tmp_path / "curated.tsv"
    words = [
        "curate_samples",
        "--samples",
        str(written["samples"]),
        "--standard",
        source,
        "--cohort",
        "C",
        "--out-samples",
        str(out),
    ]
    assert guarded(lambda: commands.main(words, "prognomics", standalone_mode=False), debug=False) == 0
    head = out.read_text(encoding="utf-8").splitlines()[0].split("\t")
    assert head[:4] == ["sample_id", "patient_id", "cohort", "tissue_type"] and {"os_time", "os_event"} <= set(head)
