"""Counts of groups name whom they count."""

import pytest

from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.results.declarations import Declarations

ROC = {"n_high": 1148, "n_low": 218, "population": "all", "learnt_in": "tissue_type=primary versus tissue_type=normal",
       "n_case": 1362, "n_control": 4, "n_high_case": 1148, "n_high_control": 0}  # fmt: skip


def test_low_cases_are_told_from_low_controls():
    assert cut_counts(ROC, Declarations()) == (
        "1,148 high, 218 low of all samples; of these 1,148 high, 214 low of primary tumors and "
        "0 high, 4 low of normal samples"
    )


def test_a_cut_without_controls_names_its_population():
    row = {"n_high": 10, "n_low": 12, "population": "tissue_type=primary & cohort=a", "learnt_in": "all"}
    assert cut_counts(row, Declarations()) == "10 high, 12 low of primary tumors with cohort=a"
    assert cut_counts({"n_high": 10, "n_low": 12}, Declarations()) == "10 high, 12 low of all samples"


def test_the_words_of_the_study_name_a_population():
    declared = Declarations(populations={"tumors": {"title": "Untreated tumors", "where": ["tissue_type=primary"]}})
    assert cut_counts(ROC, declared).endswith("214 low of untreated tumors and 0 high, 4 low of normal samples")


@pytest.mark.parametrize(("conditions", "words"), [
    ((), "all samples"),
    (("tissue_type=primary",), "primary tumors"),
    (("tissue_type=normal,primary",), "normal samples and primary tumors"),
    (("stage=II", "tissue_type=metastasis"), "metastases with stage=II"),
    (("tissue_type!=normal",), "samples with tissue_type!=normal"),
    (("tissue_type=unheard",), "samples with tissue_type=unheard"),
    (("one sample per patient",), "samples with one sample per patient"),
])  # fmt: skip
def test_tissue_types_are_words(conditions, words):
    assert Declarations().population_words(conditions) == words
