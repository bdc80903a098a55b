"""Tissue types that the names and descriptions of samples contradict."""

import warnings

import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.curation.tissue_words import _contradiction

SAID = {
    "Brain-Met": "metastasis", "BrainMet_3": "metastasis", "A5-Skin#1-Right-Met": "metastasis", "LN_mets": "metastasis",
    "liver metastasis of cancer": "metastasis", "BC00064-RECUR": "recurrence", "local recurrence 2": "recurrence",
    "relapsed tumor": "recurrence", "BC00057-post-chemo": "after treatment", "Post_NAC biopsy": "after treatment",
    "normal breast": "normal tissue", "breast_normal_12": "normal tissue", "Normal1": "normal tissue",
    "healthy donor": "normal tissue", "non-tumor liver": "normal tissue", "adjacent tissue": "normal tissue",
    "patient-derived xenograft": "xenograft", "PDX-12": "xenograft", "MCF7 cell line": "cell line",
    "cell-line": "cell line", "TCGA-FX-A2QS-11A": "normal", "TCGA-K1-A42X-02": "relapse",
    "TARGET-40-NAAEDH-06A": "metastasis", "Benign": "benign", "benign ovarian tumor": "benign",
}  # fmt: skip
SILENT = (
    "", "T01-0145", "primary tumor", "A1-17-Left-Primary-VIM", "primary tumor, later metastasis", "non-metastatic",
    "no metastasis", "not recurrent", "relapse-free", "metastasis-free", "post-menopausal", "postmenopausal",
    "normal-like subtype", "abnormal", "method 3", "Comet", "tumor vs matched normal", "metabolic", "TCGA-K1-A42X-01A",
    "tumor compared to normal", "post-mortem", "N12", "paired normal available",
)  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_what_a_name_says_of_a_constant_primary(text):
    assert _contradiction(text, "primary") == SAID[text]


@pytest.mark.parametrize("text", SILENT)
def test_what_says_nothing(text):
    assert _contradiction(text, "primary") == ""


@pytest.mark.parametrize(("text", "tissue_type"), [
    ("normal breast", "normal"), ("Brain-Met", "metastasis"), ("BC-RECUR", "relapse"), ("MCF7 cell line", "cell_line"),
    ("anything normal", "other"), ("benign", "other"), ("benign breast tissue", "normal"),
    ("post-chemo relapse", "relapse"),
])  # fmt: skip
def test_types_that_fit(text, tissue_type):
    assert _contradiction(text, tissue_type) == ""


def curated(raw, **mapping):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        curate(pd.DataFrame(raw), {"sample_id": "id", "tissue_type": {"constant": "primary"}, **mapping}, "c")
    return [str(w.message) for w in caught if "tissue-type-suspect" in str(w.message)]


def test_titles_and_characteristics_are_read_with_the_ids_of_the_samples():
    raw = {"id": ["a", "b", "c"], "title": ["tumor 1", "liver met 2", "tumor 3"],
           "tissue": ["breast", "", "normal breast"]}  # fmt: skip
    (text,) = curated(raw)
    assert "2 of 3 samples are primary by the mapping" in text
    assert "b (metastasis: 'liver met 2' in 'title')" in text
    assert "c (normal tissue: 'normal breast' in 'tissue')" in text


def test_outcomes_laboratory_values_and_decided_columns_say_nothing_of_the_tissue():
    raw = {"id": ["a", "b"], "site of recurrence": ["relapse in lung", ""], "LDH": ["normal", "high"],
           "metastasis": ["metastasis", "none"], "sample type": ["tumor", "lymph node metastasis"]}  # fmt: skip
    assert len(curated(raw)) == 1
    decided = {"column": "sample type", "values": {"tumor": "primary", "lymph node metastasis": "primary"}}
    assert curated(raw, tissue_type=decided) == []
    assert curated(raw, exclude=[{"column": "id", "values": ["b"], "reason": "no primary"}]) == []


def test_what_is_left_to_otherwise_is_looked_at():
    raw = {"id": ["a", "b-Met"], "type": ["N", "T"]}
    kind = {"when": [{"where": {"type": ["N"]}, "value": "normal"}], "otherwise": "primary"}
    (text,) = curated(raw, tissue_type=kind)
    assert "b-Met (metastasis)" in text


def test_a_whole_cell_says_what_a_sample_is_under_any_heading():
    raw = {"id": ["a", "b", "c", "d"], "Class": ["Malignant", "Benign", "Intermediate", ""],
           "group": ["cancer", "cancer", "healthy donor", "Borderline"]}  # fmt: skip
    (text,) = curated(raw)
    assert "3 of 4 samples" in text
    assert "b (benign: 'Benign' in 'Class')" in text
    assert "c (normal tissue: 'healthy donor' in 'group')" in text
    assert "d (borderline: 'Borderline' in 'group')" in text


@pytest.mark.parametrize("column", ["LDH", "karyotype", "ECG"])
@pytest.mark.parametrize("value", ["normal", "borderline value", "benign course", "control"])
def test_a_laboratory_value_is_no_tissue(column, value):
    assert curated({"id": ["a", "b"], column: [value, "high"]}) == []


def test_earlier_or_other_disease_is_not_the_sample():
    raw = {"id": ["a", "b"], "history of breast disease": ["benign", ""], "other breast": ["Benign", ""]}
    assert curated(raw) == []
