"""Logistic models against glm, clogit, brglm2 and pROC; see logistic/make_references.R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.data.sheet import as_sheet
from prognomics.errors import Refused
from prognomics.regression.analysis import logistic_analysis
from prognomics.regression.outcome import binary_outcome

HERE = Path(__file__).parent / "logistic"
SHEET = as_sheet(pd.read_csv(HERE / "data.tsv", sep="\t"))
REFERENCE = pd.read_csv(HERE / "references.tsv", sep="\t", comment="#").set_index(["case", "term", "quantity"])["value"]
SETTINGS = {
    "plain": {"covariates": ["marker", "age", "stage"], "strata": ["none"]},
    "interaction": {"covariates": ["marker", "treatment", "age"], "strata": ["none"],
                    "interactions": [("marker", "treatment")]},
    "cohort": {"covariates": ["marker", "age", "stage"], "strata": ["auto"]},
    "pair": {"covariates": ["marker", "age", "stage"], "strata": ["pair"]},
    "firth": {"covariates": ["marker", "age", "rare"], "strata": ["none"], "penalty": "firth"},
}  # fmt: skip
TERMS = {"stageII": ("stage", "II"), "stageIII": ("stage", "III"), "treatmentnone": ("treatment", "none"),
         "marker:treatmentnone": ("marker:treatment", "none")}  # fmt: skip
LOG = {"low": "ci_low", "high": "ci_high"}
COLUMNS = {"beta": "beta", "se": "se", "p": "p_value", "p_lr": "p_lr"}


def analyzed(case, **changes):
    setting = {**SETTINGS[case], **changes}
    return logistic_analysis(SHEET.frame, binary_outcome(SHEET, "response"), model="multivariable", **setting)


@pytest.fixture(scope="module")
def found():
    return {case: analyzed(case) for case in SETTINGS}


@pytest.mark.parametrize("case", SETTINGS)
def test_coefficients_and_profile_limits(case, found):
    table = found[case].table
    checked = 0
    for term, quantity in REFERENCE[case].index:
        if term == "model":
            continue
        expected = REFERENCE[case, term, quantity]
        if term == "(Intercept)":
            if quantity == "beta":
                assert found[case].model["intercept"].iloc[0] == pytest.approx(expected, rel=1e-6, abs=1e-8)
            continue
        name, level = TERMS.get(term, (term, None))
        rows = table[(table["term"] == name) & (table["row_type"] == "level")]
        row = rows[rows["level"] == level].iloc[0] if level else rows.iloc[0]
        if quantity in LOG:
            assert np.log(row[LOG[quantity]]) == pytest.approx(expected, rel=1e-6, abs=1e-7), (term, quantity)
        elif quantity.startswith("confint"):  # interpolated in R
            got = np.log(row[LOG[quantity.removeprefix("confint_")]])
            assert got == pytest.approx(expected, abs=0.01 * row["se"]), (term, quantity)
        elif not (quantity == "p_lr" and "interaction" in str(row["note"])):
            assert row[COLUMNS[quantity]] == pytest.approx(expected, rel=1e-6, abs=1e-9), (term, quantity)
        checked += 1
    assert checked > 8


@pytest.mark.parametrize("case", SETTINGS)
def test_whole_model(case, found):
    row = found[case].model.iloc[0]
    for quantity in ("loglik", "loglik_null", "aic", "brier", "auc", "auc_low", "auc_high"):
        if (case, "model", quantity) in REFERENCE.index:
            assert row[quantity] == pytest.approx(REFERENCE[case, "model", quantity], rel=1e-8), quantity
    if case in ("cohort", "pair"):
        assert np.isnan(row["brier"]) and np.isnan(row["intercept"])


def test_wald_and_profile_rows_agree_with_their_columns(found):
    table = found["plain"].table
    row = table[table["term"] == "marker"].iloc[0]
    half = 1.959963984540054 * row["se"]
    assert np.log([row["ci_wald_low"], row["ci_wald_high"]]) == pytest.approx([row["beta"] - half, row["beta"] + half])
    assert (row["ci_low"] > 1) == (row["p_lr"] < 0.05)


def test_effect_within_levels_is_that_of_the_other_reference(found):
    """The rows of type within are the main effect when each level of the treatment is the reference."""
    within = found["interaction"].table.query("row_type == 'within'").set_index("level")
    for level in ("drug", "none"):
        turned = analyzed("interaction", reference_levels={"treatment": level}).table
        main = turned[(turned["term"] == "marker") & (turned["row_type"] == "level")].iloc[0]
        for column in ("odds_ratio", "ci_low", "ci_high", "p_value"):
            assert within.loc[level, column] == pytest.approx(main[column], rel=1e-6), (level, column)
        assert (within.loc[level, "ci_low"] > 1) == (within.loc[level, "p_lr"] < 0.05)


def test_separation_is_not_estimable_and_its_test_is_given():
    setting = {**SETTINGS["firth"], "penalty": "none"}
    found = logistic_analysis(SHEET.frame, binary_outcome(SHEET, "response"), model="multivariable", **setting)
    rows = found.table.set_index("term")
    assert rows.loc["rare", "estimable"] == "no" and np.isnan(rows.loc["rare", "odds_ratio"])
    assert rows.loc["rare", "p_lr"] < 0.001
    assert rows.loc[["marker", "age"], "ci_low"].notna().all()


def test_one_case_per_stratum_under_firth_is_a_cox_model_with_breslow_ties():
    """With one case in each matched set the exact conditional likelihood is the partial likelihood at one time."""
    from prognomics.regression.firth import fit_firth
    from prognomics.regression.fit import fit_logistic
    from prognomics.survival.cox.firth import fit_firth as firth_cox
    from prognomics.survival.cox.fit import fit_cox

    rng = np.random.default_rng(4)
    strata, x = np.repeat(np.arange(30), 4), rng.normal(size=(120, 2))
    case = np.arange(120) % 4 == 0
    x[case, 0] += 0.6
    one = fit_firth(fit_logistic(case, x, strata), x)
    other = firth_cox(fit_cox(np.ones(120), case, x, strata, ties="breslow"), x)
    np.testing.assert_allclose(one.fit.beta, other.fit.beta, rtol=1e-7)
    np.testing.assert_allclose(one.profile_limits(), [other.ci_low, other.ci_high], rtol=1e-7)
    assert one.test([0]).p_value == pytest.approx(other.test([0]).p_value, rel=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_complete_separation_is_called_so(seed):
    """Also if the last steps promise less than rounding and would lead far away from the end of the likelihood."""
    rng = np.random.default_rng(seed)
    n = 25
    frame = pd.DataFrame({"x": 1000 * rng.normal(size=n), "z": rng.integers(0, 2, n), "g": rng.choice(list("abc"), n)})
    frame["y"] = (frame["x"] > frame["x"].median()).astype(int)
    sheet = as_sheet(frame.assign(sample_id=[f"s{i}" for i in range(n)]))
    with pytest.raises(Refused, match="nothing can be estimated") as told:
        logistic_analysis(sheet.frame, binary_outcome(sheet, "y"), ["x", "z", "g"], model="multivariable")
    assert "extreme" not in str(told.value)
