"""Matrices of one cohort by sample or batch are put side by side by their rows."""

import numpy as np
import pytest

from prognomics.data.sample_joins import matching_at_least
from prognomics.errors import BadInput
from prognomics.sources.local_forms import fetch_local

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisNote")
GENES = [f"ENSG{i:011d}" for i in range(1, 21)]


def feature_counts(path, samples, genes=GENES, first=0):
    """A table of featureCounts; the count of gene i in sample j is 10 i + j + first."""
    head = "Geneid Chr Start End Strand Length".split() + [f"/data/bam/{sample}.bam" for sample in samples]
    lines = ['# Program:featureCounts v2.0.1; Command:"featureCounts" "-o" "x"', "\t".join(head)]
    for gene in genes:
        counts = [str(10 * GENES.index(gene) + j + first) for j in range(len(samples))]
        lines.append("\t".join([gene, "1;1", "100;300", "200;400", "+;+", "202", *counts]))
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def fetch(*paths, **options):
    return fetch_local(paths, **{"accession": None, "platform": None, "dataset": None, "quantity": None, **options})


def test_feature_counts_by_sample_and_by_batch(tmp_path):
    one = feature_counts(tmp_path / "a.txt", ["S1"])
    two = feature_counts(tmp_path / "b.txt", ["S2"], GENES[::-1], first=1)
    more = feature_counts(tmp_path / "c.txt", ["S3", "S4"], first=2)
    sheet = tmp_path / "clinical.csv"
    sheet.write_text("sample,age\nS1,50\nS2,51\nS3,52\nS4,53\n")
    got = fetch(one, two, more, str(sheet))
    matrix = got.expression()
    assert matrix.sample_ids == ["S1", "S2", "S3", "S4"] and matrix.row_ids == GENES
    np.testing.assert_array_equal(matrix.values, 10 * np.arange(20)[:, None] + np.arange(4))
    assert got.samples()["age"].tolist() == ["50", "51", "52", "53"]


def test_a_single_file_of_one_sample_is_a_matrix(tmp_path):
    matrix = fetch(feature_counts(tmp_path / "a.txt", ["S1"])).expression()
    assert matrix.sample_ids == ["S1"] and matrix.row_ids == GENES


def test_a_folder_of_files_of_one_sample_each(tmp_path):
    for i in range(3):
        feature_counts(tmp_path / f"{i}.txt", [f"S{i}"], first=i)
    assert fetch(str(tmp_path)).expression().sample_ids == ["S0", "S1", "S2"]


def test_columns_headed_alike_are_named_by_their_files(tmp_path):
    for sample in ("GSM1", "GSM2"):
        (tmp_path / f"{sample}.counts.txt.dat").write_text("gene_id\tcount\n" + "".join(f"{g}\t5\n" for g in GENES))
    matrix = fetch(*(str(tmp_path / f"GSM{i}.counts.txt.dat") for i in (1, 2))).expression()
    assert matrix.sample_ids == ["GSM1", "GSM2"]


def test_rows_that_only_one_has_are_missing_in_the_other_and_said(tmp_path):
    paths = feature_counts(tmp_path / "a.txt", ["S1"]), feature_counts(tmp_path / "b.txt", ["S2"], GENES[:15])
    with pytest.warns(match="15 rows are in both a.txt and b.txt; 5 only in a.txt"):
        matrix = fetch(*paths).expression()
    assert np.isnan(matrix.values).sum() == 5


def test_what_does_not_belong_together_is_refused(tmp_path):
    one = feature_counts(tmp_path / "a.txt", ["S1", "S2"])
    with pytest.raises(BadInput, match="in two matrices"):
        fetch(one, feature_counts(tmp_path / "b.txt", ["S2", "S3"])).expression()
    (tmp_path / "c.tsv").write_text("gene_id\tS8\tS9\n" + "".join(f"GENE{i}\t5\t6\n" for i in range(20)))
    with pytest.raises(BadInput, match="not a further part of a.txt: 0 rows"):
        fetch(one, str(tmp_path / "c.tsv")).expression()


def test_the_fraction_that_must_match(tmp_path):
    one = feature_counts(tmp_path / "a.txt", [f"S{i}" for i in range(10)])
    sheet = tmp_path / "clinical.csv"
    sheet.write_text("sample,age\n" + "".join(f"S{i},5{i % 10}\n" for i in range(7, 17)))
    with pytest.raises(BadInput, match="only 3 of the 10 samples"):
        fetch(one, str(sheet)).samples()
    with matching_at_least(0.2):
        assert len(fetch(one, str(sheet)).samples()) == 10
