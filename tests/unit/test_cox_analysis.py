"""Designs, strata and tables of a Cox analysis."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.strata import resolve_strata
from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput, Refused, UsageError
from prognomics.modeling.design_matrix import build_design
from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.tables import MODEL_COLUMNS, PH_COLUMNS, TABLE_COLUMNS

COMMON = ["endpoint", "population", "n_missing", "method", "note"]
CONTRACT_TABLE = (
    "model row_type term level reference unit n events n_level events_level beta se hr ci_low ci_high statistic df "
    "p_value p_lr strata ties selected_by estimable"
)
CONTRACT_MODEL = (
    "model n events loglik_null loglik lr df p_lr wald p_wald score p_score concordance concordance_se aic epv"
)

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.fixture
def sheet():
    generator = np.random.default_rng(11)
    n = 200
    marker = generator.choice(["low", "high"], n)
    frame = pd.DataFrame(
        {
            "sample_id": [f"s{i}" for i in range(n)],
            "time": np.round(generator.exponential(30, n) * np.where(marker == "high", 0.4, 1.0), 1),
            "event": (generator.random(n) < 0.8).astype(float),
            "marker": marker,
            "grade": generator.choice(["G1", "G2", "G3"], n),
            "age_years": generator.normal(60, 10, n).round(),
            "smoker": generator.random(n) < 0.5,
            "cohort": np.repeat(["A", "B"], n // 2),
            "noise": generator.normal(size=n).astype(str),
        }
    )
    frame.loc[:9, "grade"] = None
    frame.loc[5:14, "time"] = np.nan
    return frame


def test_tables_have_the_columns_in_order(sheet):
    result = cox_analysis(sheet, "time", "event", ["marker", "grade", "age_years"], endpoint="os", population="all")
    assert list(result.table.columns) == [*TABLE_COLUMNS, *COMMON] == [*CONTRACT_TABLE.split(), *COMMON]
    assert list(result.model.columns) == [*MODEL_COLUMNS, *COMMON]
    assert list(result.model.columns)[:16] == CONTRACT_MODEL.split()
    assert list(result.ph.columns) == [*PH_COLUMNS, *COMMON]
    assert list(result.ph.columns)[:6] == ["model", "term", "transform", "chisq", "df", "p_value"]
    rows = result.table.query("model == 'multivariable'")
    assert list(zip(rows["row_type"], rows["term"], rows["level"].fillna("-"), strict=True)) == [
        ("reference", "marker", "low"), ("level", "marker", "high"), ("omnibus", "marker", "-"),
        ("reference", "grade", "G1"), ("level", "grade", "G2"), ("level", "grade", "G3"), ("omnibus", "grade", "-"),
        ("level", "age_years", "-"),
    ]  # fmt: skip
    assert result.table["strata"].unique().tolist() == ["cohort"]
    assert result.table["estimable"].unique().tolist() == ["yes"]


def test_each_univariable_model_uses_its_own_complete_cases(sheet):
    table = cox_analysis(sheet, "time", "event", ["marker", "grade"]).table
    n = table.groupby(["model", "term"])["n"].first()
    assert n["univariable", "marker"] == 190
    assert n["univariable", "grade"] == n["multivariable", "marker"] == 185
    assert (table["n"] + table["n_missing"] == 200).all()
    levels = table.query("model == 'univariable' and term == 'grade' and row_type != 'omnibus'")
    assert levels["n_level"].sum() == 185 and levels["events_level"].sum() == levels["events"].iloc[0]


@pytest.mark.filterwarnings("default::prognomics.errors.AnalysisWarning")
def test_models_of_different_samples_are_named(sheet):
    sheet.loc[20:89, "age_years"] = np.nan
    with pytest.warns(AnalysisWarning, match="of 120 samples, models of one covariate are of up to 190") as given:
        cox_analysis(sheet, "time", "event", ["marker", "age_years"])
    assert "without a value: age_years: 70" in str(given[0].message)
    with pytest.warns(AnalysisNote, match="of 120 samples"):
        cox_analysis(sheet, "time", "event", ["marker", "age_years"], complete_cases=True)


def test_lr_of_a_univariable_factor_is_that_of_the_model(sheet):
    result = cox_analysis(sheet, "time", "event", ["grade"], model="univariable")
    omnibus = result.table.query("row_type == 'omnibus'").iloc[0]
    assert omnibus["p_lr"] == pytest.approx(result.model["p_lr"].iloc[0])
    assert omnibus["p_value"] == pytest.approx(result.model["p_wald"].iloc[0])
    assert omnibus["df"] == 2


def test_only_significant_covariates_enter(sheet):
    names = ["marker", "smoker", "noise"]
    result = cox_analysis(sheet, "time", "event", names, entry="univariable", entry_alpha=1e-3)
    together = result.table.query("model == 'multivariable'")
    assert set(together["term"]) == {"marker"} and set(together["selected_by"]) == {"univariable"}
    with pytest.raises(Refused, match="no covariate has p"):
        cox_analysis(sheet, "time", "event", ["noise"], model="multivariable", entry="univariable", entry_alpha=1e-6)
    with pytest.warns(AnalysisWarning, match="no covariate has p"):
        alone = cox_analysis(sheet, "time", "event", ["noise"], entry="univariable", entry_alpha=1e-6)
    assert set(alone.table["model"]) == {"univariable"}


def test_level_without_events_keeps_the_others(sheet):
    sheet.loc[sheet["grade"] == "G3", "event"] = 0
    with pytest.warns(AnalysisWarning, match="not estimable"):
        result = cox_analysis(sheet, "time", "event", ["grade", "age_years"], model="multivariable")
    table = result.table.set_index(["term", "level"])
    row = table.loc[("grade", "G3")]
    assert row["estimable"] == "no" and np.isnan(row["beta"]) and np.isnan(row["p_value"])
    assert 0 < row["p_lr"] < 0.01 and row["events_level"] == 0
    assert table.loc[("grade", "G2"), "estimable"] == "yes"
    omnibus = result.table.query("row_type == 'omnibus'").iloc[0]
    assert np.isnan(omnibus["p_value"]) and omnibus["p_lr"] < 0.01
    assert result.table.query("term == 'age_years'")["estimable"].tolist() == ["yes"]


def test_single_level_factor(sheet):
    sheet["site"] = "limb"
    with pytest.raises(Refused, match="nothing can be estimated"):
        cox_analysis(sheet, "time", "event", ["site"])
    result = cox_analysis(sheet, "time", "event", ["site", "marker"], model="multivariable")
    rows = result.table.query("term == 'site'")
    assert rows["row_type"].tolist() == ["reference", "omnibus"]
    assert "one level" in rows["note"].iloc[1]
    assert result.ph.query("term == 'site'")["p_value"].isna().all()


def test_warnings_of_the_analysis(sheet):
    with pytest.warns(AnalysisWarning, match="fewer than 10 events"):
        cox_analysis(sheet.head(24), "time", "event", ["marker", "grade"], model="multivariable")
    with pytest.warns(AnalysisWarning, match="stratified model"):
        cox_analysis(sheet, "time", "event", ["marker"], strata=["none"])


def test_what_is_refused(sheet):
    with pytest.raises(BadInput, match="marke"):
        cox_analysis(sheet, "time", "event", ["marke"])
    with pytest.raises(Refused, match="has the event"):
        cox_analysis(sheet.assign(event=0), "time", "event", ["marker"])
    with pytest.raises(UsageError, match="covariate and a stratum"):
        cox_analysis(sheet, "time", "event", ["cohort"])
    with pytest.raises(UsageError, match="named twice"):
        cox_analysis(sheet, "time", "event", ["marker", "marker"], model="multivariable")
    with pytest.raises(BadInput, match="is to be numeric"):
        cox_analysis(sheet, "time", "event", ["grade"], numerics=["grade"])
    with pytest.raises(BadInput, match="level"):
        cox_analysis(sheet, "time", "event", ["grade"], reference_levels={"grade": "G4"})


def test_kinds_and_references(sheet):
    design = build_design(
        sheet, ["grade", "smoker", "age_years", "noise"], sheet["event"], reference_levels={"grade": "G2"}
    )
    assert [term.kind for term in design.terms] == ["factor", "factor", "numeric", "numeric"]
    assert design.columns == ("grade=G1", "grade=G3", "smoker=True", "age_years", "noise")
    assert design.terms[0].levels == ("G2", "G1", "G3")
    assert build_design(sheet, ["age_years"], sheet["event"], factors=["age_years"]).terms[0].kind == "factor"


def test_strata_words(sheet):
    assert resolve_strata(sheet, ["auto"]) == ["cohort"]
    assert resolve_strata(sheet.assign(cohort="A"), ["auto"]) == []
    assert resolve_strata(sheet, ["none"]) == resolve_strata(sheet, []) == []
    assert resolve_strata(sheet, ["smoker", "cohort"]) == ["smoker", "cohort"]
    with pytest.raises(UsageError, match="stands alone"):
        resolve_strata(sheet, ["auto", "cohort"])
    with pytest.raises(BadInput, match="smokr"):
        resolve_strata(sheet, ["smokr"])
