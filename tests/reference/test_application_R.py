"""apply_model against R: a Cox model of one cohort in another, and fixed coefficients in both, stratified."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import Refused

REFERENCE = pd.read_csv(Path(__file__).parent / "learning" / "application.tsv", sep="\t", comment="#")
pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def same(table, scenario, cohort, rtol):
    expected = REFERENCE[REFERENCE["scenario"] == scenario]
    rows = table[table["cohort"] == cohort]
    assert len(expected) >= 3
    for one in expected.itertuples():
        months = rows["time_months"].astype(float)
        at = months.isna() if np.isnan(one.time_months) else months == one.time_months
        found = rows[(rows["statistic"] == one.statistic) & at]
        assert len(found) == 1, one
        assert float(found["estimate"].iloc[0]) == pytest.approx(one.estimate, rel=rtol), one
        assert float(found["se"].iloc[0]) == pytest.approx(one.se, rel=rtol), one


@pytest.fixture(scope="module")
def files(repository):
    data = repository / "test-data"
    return {"samples": data / "both.samples.tsv", "expression": data / "both.tsv", "endpoint": "os"}


@pytest.fixture(scope="module")
def fitted(files):
    return tools.cox(**files, gene=["XPO1"], covariate=["age_years"], model="multivariable", where=["cohort=alpha"],
                     cut_quantile=[0.5])  # fmt: skip


def test_a_model_of_one_cohort_in_another(files, fitted):
    found = tools.apply_model(model=fitted.fitted, **files, where=["cohort=beta"], at=[12, 24]).validation
    same(found, "beta", "beta", 1e-7)
    whole = found[found["cohort"] == "all"].reset_index(drop=True)
    own = found[found["cohort"] == "beta"].reset_index(drop=True)
    np.testing.assert_allclose(whole["estimate"].astype(float), own["estimate"].astype(float), rtol=1e-12)


def test_tables_of_a_model_do_what_its_file_does(files, fitted):
    options = dict(**files, where=["cohort=beta"], at=[12, 24])
    model = tools.apply_model(model=fitted.fitted, **options)
    tables = tools.apply_model(coefficients=fitted.coefficients, baseline=fitted.baseline, **options)
    drop = ["group"]
    pd.testing.assert_frame_equal(model.scores.drop(columns=drop), tables.scores.drop(columns=drop), rtol=1e-12)
    grouped = model.validation["statistic"].str.startswith("hr_high")
    pd.testing.assert_frame_equal(model.validation[~grouped].drop(columns="model").reset_index(drop=True),
                                  tables.validation.drop(columns="model"), rtol=1e-9)  # fmt: skip


def test_all_cohorts_are_compared_within_cohorts(files):
    published = pd.DataFrame({"term": ["age_years", "XPO1"], "beta": [0.03, 0.2]})
    found = tools.apply_model(coefficients=published, **files, at=[24]).validation
    same(found, "both", "all", 1e-7)
    assert found["cohort"].unique().tolist() == ["alpha", "beta", "all"]
    absolute = found[found["statistic"].isin(["brier", "observed_expected"])]
    assert len(absolute) == 9 and absolute["estimate"].isna().all()
    assert (absolute["note"] == "the model has no baseline survival").all()


def test_its_linear_predictor_in_evaluate_model(files, fitted):
    """Harrell's C of the marker is that of the locked linear predictor; it is not fitted again to genes."""
    found = tools.evaluate_model(model=fitted.fitted, **files, where=["cohort=beta"], at=[24], bootstraps=0).table
    row = found[(found["metric"] == "harrell_c") & (found["model"] == "marker")].iloc[0]
    expected = REFERENCE[(REFERENCE["scenario"] == "beta") & (REFERENCE["statistic"] == "c_harrell")].iloc[0]
    assert row["estimate"] == pytest.approx(expected["estimate"], rel=1e-9)
    with pytest.raises(Refused, match="derivation"):
        tools.evaluate_model(model=fitted.fitted, **files, at=[24], bootstraps=0)
    rest = tools.evaluate_model(model=fitted.fitted, **files, exclude_derivation=True, at=[24], bootstraps=0)
    row = rest.table[(rest.table["metric"] == "harrell_c") & (rest.table["model"] == "marker")].iloc[0]
    assert row["estimate"] == pytest.approx(expected["estimate"], rel=1e-9)
    assert row["population"] == "not in the derivation of the model"
    assert [w.code for w in rest.warnings].count("derivation-excluded") == 1
