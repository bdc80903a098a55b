"""One extreme value, and heavy tails, in every tool that fits a Cox model: numbers, and a warning of the sample."""

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import AnalysisWarning
from prognomics.survival.cox.fit import fit_cox


@pytest.fixture
def sheet():
    rng = np.random.default_rng(4)
    n = 160
    score = np.exp(4 * rng.standard_normal(n))
    age = np.round(rng.normal(60, 10, n), 1)
    time = np.round(rng.exponential(40, n) / np.exp(0.4 * np.log(score) / 4), 2) + 0.1
    frame = pd.DataFrame({"sample_id": [f"S{i:03d}" for i in range(n)], "os_time": time, "age": age, "score": score})
    frame["os_event"], frame["cohort"] = (rng.random(n) < 0.6).astype(int), np.repeat(["a", "b"], n // 2)
    frame["patient_id"], frame["tissue_type"] = frame["sample_id"], "primary"
    return frame


def with_outlier(frame):
    frame = frame.copy()
    frame.loc[7, "age"] = 99999
    return frame


def fitted(frame, name, strata=None):
    return fit_cox(frame["os_time"], frame["os_event"], frame[name].to_numpy(float), strata, eps=1e-15)


def test_cox_estimates_an_age_of_99999_and_names_the_sample(sheet):
    with pytest.warns(AnalysisWarning, match=r"age: sample S007 \(99999\)") as caught:
        found = tools.cox(samples=with_outlier(sheet), covariate=["age"], endpoint="os", model="univariable")
    assert [w.message.code for w in caught].count("influential-value") == 1
    row = found.table.iloc[0]
    fit = fitted(with_outlier(sheet), "age", sheet["cohort"])
    assert row["estimable"] == "yes" and row["beta"] == pytest.approx(fit.beta[0], rel=1e-6)


def test_ordinary_values_are_not_called_influential(sheet):
    sheet["nodes"] = np.random.default_rng(1).poisson(1.0, len(sheet))
    sheet["rare"] = (np.arange(len(sheet)) == 3).astype(int)
    with pytest.warns(AnalysisWarning) as caught:
        tools.cox(samples=sheet, covariate=["age", "nodes", "rare"], endpoint="os", strata=["none"])
    assert "influential-value" not in [w.message.code for w in caught]


def test_screen_estimates_heavy_tails_and_names_gene_and_sample(sheet):
    genes = pd.DataFrame([sheet["score"], sheet["age"], with_outlier(sheet)["age"]], ["HEAVY", "CALM", "FAR"])
    genes.columns = sheet["sample_id"]
    with pytest.warns(AnalysisWarning, match=r"FAR \(sample S007\)") as caught:
        table = tools.screen(samples=sheet, expression=genes, endpoint="os", strata=["none"]).table
    assert not any("CALM" in str(w.message) for w in caught)
    table = table.set_index("gene_id")
    assert table["flag"].isna().all()
    for gene, column, frame in (("HEAVY", "score", sheet), ("FAR", "age", with_outlier(sheet))):
        fit = fitted(frame, column)
        assert table.loc[gene, "beta"] == pytest.approx(fit.beta[0], rel=1e-6)
        assert table.loc[gene, "se"] == pytest.approx(fit.se[0], rel=1e-6)


def test_evaluate_model_judges_a_model_with_an_extreme_value(sheet):
    with pytest.warns(AnalysisWarning, match="influential-value.*S007"):
        table = tools.evaluate_model(samples=with_outlier(sheet), covariate=["age"], marker_column="score",
                                     endpoint="os", at=[24.0], bootstraps=5).table  # fmt: skip
    rows = table[table["metric"].str.startswith("harrell")]
    assert len(rows) and np.isfinite(rows["estimate"].astype(float)).all()


def test_meta_analysis_keeps_a_cohort_with_an_extreme_value(sheet):
    with pytest.warns(AnalysisWarning, match="age in a: sample S007"):
        table = tools.meta_analysis(samples=with_outlier(sheet), marker_column="score", covariate=["age"],
                                    endpoint="os").table  # fmt: skip
    cohorts = table[table["row_type"] == "cohort"]
    assert np.isfinite(cohorts["log_hr"].astype(float)).all() and not cohorts["note"].str.contains("not pooled").any()


def test_a_cohort_that_falls_out_of_a_meta_analysis_has_its_reason(sheet):
    third = sheet[:40].assign(cohort="c", sample_id=[f"T{i}" for i in range(40)], os_event=0)
    third["patient_id"] = third["sample_id"]
    with pytest.warns(AnalysisWarning, match=r"not pooled: c \(no events\)"):
        tools.meta_analysis(samples=pd.concat([sheet, third]), marker_column="score", endpoint="os")
