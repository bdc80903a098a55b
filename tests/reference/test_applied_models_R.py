"""Locked Cox models on other samples against predict.coxph and survfit of the same models."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.data.model_file import parse_model
from prognomics.learning.applied import apply_locked, predicted_survival
from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.locked import locked_cox_model

REFERENCE = pd.read_csv(Path(__file__).parent / "models" / "applied_models.tsv", sep="\t", comment="#")
SCENARIOS = {
    "numeric_factor": dict(covariates=["age_years", "XPO1_group"]),
    "levels": dict(covariates=["stage", "sex"]),
    "interaction": dict(covariates=["age_years", "sex"], interactions=[("age_years", "sex")]),
    "breslow": dict(covariates=["age_years", "XPO1_group"], ties="breslow"),
}


@pytest.fixture(scope="module")
def cohorts(repository):
    read = dict(sep="\t", dtype={"sample_id": str}, keep_default_na=False, na_values=["", "NA"])
    sheet = pd.read_csv(repository / "test-data" / "both.samples.tsv", **read)
    sheet = sheet.merge(pd.read_csv(repository / "test-data" / "both.groups.tsv", **read), on="sample_id", how="left")
    return {name: part.reset_index(drop=True) for name, part in sheet.groupby("cohort")}


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_as_r(scenario, cohorts):
    options = {"model": "multivariable", "eps": 1e-14, **SCENARIOS[scenario]}
    found = cox_analysis(cohorts["alpha"], "os_time", "os_event", **options)
    model = parse_model(locked_cox_model(found).text(), "a file")  # through its file
    new = cohorts["beta"]
    linear = apply_locked(model, new, None).linear_predictor
    expected = REFERENCE[REFERENCE["scenario"] == scenario].set_index("sample_id").reindex(new["sample_id"])
    known = expected["linear_predictor"].notna().to_numpy()
    assert known.sum() > 20
    np.testing.assert_array_equal(~np.isnan(linear), known)
    np.testing.assert_allclose(linear[known], expected["linear_predictor"][known], rtol=1e-8, atol=1e-9)
    survival = predicted_survival(model, linear, np.array([12.0, 36.0]))
    end = model.horizon_months
    for column, months in enumerate((12, 36)):
        values = expected[f"survival_{months}"].to_numpy()[known]
        if months <= end:
            np.testing.assert_allclose(survival[known, column], values, rtol=1e-8)
        else:
            assert np.isnan(survival[:, column]).all()
