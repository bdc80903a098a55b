"""Counts of groups name whom they count."""

from prognomics.report.page.cut_counts import cut_counts

ROC = {"n_high": 1148, "n_low": 218, "population": "all", "learnt_in": "tissue_type=primary versus tissue_type=normal",
       "n_case": 1362, "n_control": 4, "n_high_case": 1148, "n_high_control": 0}  # fmt: skip


def test_low_cases_are_told_from_low_controls():
    assert cut_counts(ROC) == (
        "1,148 high, 218 low of all samples; of these 1,148 high, 214 low of tissue_type=primary and "
        "0 high, 4 low of tissue_type=normal"
    )


def test_a_cut_without_controls_names_its_population():
    row = {"n_high": 10, "n_low": 12, "population": "tissue_type=primary & cohort=a", "learnt_in": "all"}
    assert cut_counts(row) == "10 high, 12 low of the samples with tissue_type=primary and cohort=a"
    assert cut_counts({"n_high": 10, "n_low": 12}) == "10 high, 12 low of all samples"
