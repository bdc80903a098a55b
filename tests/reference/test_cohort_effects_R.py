"""A marker's effect in each cohort against coxph on scale(marker), strata(cohort), and metafor on top."""

from pathlib import Path

import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning
from prognomics.meta_analysis.cohort_effects import cohort_effects
from prognomics.meta_analysis.pooled_table import meta_analysis

HERE = Path(__file__).parent / "cohort_effects"
REFERENCE = pd.read_csv(HERE / "reference.tsv", sep="\t").set_index(["case", "cohort", "stat"])["value"]
SAMPLES = pd.read_csv(HERE / "samples.tsv", sep="\t")
CASES = {"sd": ("marker", []), "sd_adjusted": ("marker", ["age_years", "stage"]), "group": ("group", []),
         "group_adjusted": ("group", ["age_years"])}  # fmt: skip


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("case", CASES)
def test_as_r(case):
    marker, covariates = CASES[case]
    found = cohort_effects(SAMPLES, "os_time", "os_event", marker, cohort_column="cohort", covariates=covariates)
    table = found.cohorts.set_index("cohort")
    for cohort in "ABCDE":
        for stat in ("n", "events", "log_hr", "se"):
            expected = REFERENCE[case, cohort, stat]
            assert table.loc[cohort, stat] == pytest.approx(expected, rel=1e-7), (cohort, stat)
    assert table.loc["F", "log_hr"] != table.loc["F", "log_hr"] and table.loc["F", "note"] == "no events"
    assert found.stratified["log_hr"] == pytest.approx(REFERENCE[case, "all", "stratified_log_hr"], rel=1e-7)
    assert found.stratified["se"] == pytest.approx(REFERENCE[case, "all", "stratified_se"], rel=1e-7)
    with pytest.warns(AnalysisWarning, match="not pooled: F"):
        pooled = meta_analysis(found.cohorts, tau="reml", hartung_knapp=True, stratified=found.stratified)
    random = pooled[pooled["row_type"] == "random"].iloc[0]
    assert random["log_hr"] == pytest.approx(REFERENCE[case, "all", "random_log_hr"], rel=1e-6)
    assert random["tau2"] == pytest.approx(REFERENCE[case, "all", "tau2"], rel=1e-5, abs=1e-8)
    assert random["q"] == pytest.approx(REFERENCE[case, "all", "q"], rel=1e-6)
