"""Splines, interactions, Firth's penalty, entry rules and the tables that apply a model, checkable by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import chdtrc

from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.modeling.design_matrix import build_design
from prognomics.modeling.design_terms import expand_design
from prognomics.modeling.splines import harrell_knots, spline_basis
from prognomics.survival.cox import outputs as outputs
from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.firth import fit_firth
from prognomics.survival.cox.fit import fit_cox

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.fixture
def sheet():
    generator = np.random.default_rng(5)
    n = 150
    age, grade = generator.normal(60, 10, n), generator.choice(["one", "two", "three"], n)
    time = generator.exponential(np.exp(-0.03 * (age - 60) - 0.5 * (grade == "two"))) * 30
    return pd.DataFrame({
        "sample_id": [f"s{i}" for i in range(n)], "os_time": np.ceil(time),
        "os_event": (generator.random(n) < 0.7).astype(int), "age": age, "grade": grade,
        "sex": generator.choice(["f", "m"], n), "noise": generator.normal(size=n),
        "cohort": np.repeat(["A", "B"], n // 2),
    })  # fmt: skip


def analyzed(frame, covariates, **options):
    return cox_analysis(frame, "os_time", "os_event", covariates, **options)


def test_spline_basis_by_hand():
    basis = spline_basis(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    # (x-1)^3 - 2 (x-2)^3 + (x-3)^3, over (3-1)^2
    np.testing.assert_allclose(basis[:, 0], [0, 1, 2, 3, 4])
    np.testing.assert_allclose(basis[:, 1], np.array([0, 0, 1, 6, 12]) / 4)


def test_knots_of_a_small_sample_are_the_fifth_from_the_ends():
    np.testing.assert_allclose(harrell_knots(np.arange(1.0, 52.0), 3), [5, 26, 47])
    np.testing.assert_allclose(harrell_knots(np.arange(101.0), 5), [5, 27.5, 50, 72.5, 95])
    with pytest.raises(Refused, match="distinct values"):
        harrell_knots(np.repeat([1.0, 2.0], 30), 4)


def test_interaction_columns_are_products():
    frame = pd.DataFrame({"a": ["x", "y", "y"], "b": [1.0, 2.0, 3.0]})
    design = expand_design(build_design(frame, ["a", "b"], np.ones(3)), {}, [("a", "b")])
    assert design.columns == ("a=y", "b", "a=y:b") and design.terms[2].labels == ("y",)
    np.testing.assert_allclose(design.x[:, 2], [0, 2, 3])


def test_firth_of_three_samples_is_the_maximum_of_its_likelihood():
    x = np.array([[1.0], [1.0], [0.0]])
    found = fit_firth(fit_cox([1, 2, 3], [1, 1, 1], x, ties="breslow"), x)
    b = np.linspace(1, 2, 2_000_001)
    one, two = 2 * np.exp(b) / (2 * np.exp(b) + 1), np.exp(b) / (np.exp(b) + 1)
    value = 2 * b - np.log(2 * np.exp(b) + 1) - np.log(np.exp(b) + 1) + np.log(one * (1 - one) + two * (1 - two)) / 2
    assert found.fit.beta[0] == pytest.approx(b[value.argmax()], abs=1e-6)
    assert found.fit.reason == ("",)


def test_firth_gives_what_has_no_maximum(sheet):
    sheet.loc[sheet["grade"] == "two", "os_event"] = 0
    plain, firth = (analyzed(sheet, ["grade"], penalty=p, model="univariable") for p in ("none", "firth"))
    row = [a.table.query("level == 'two' and row_type == 'level'").iloc[0] for a in (plain, firth)]
    assert row[0]["estimable"] == "no" and row[1]["estimable"] == "yes"
    assert 0 < row[1]["ci_low"] < row[1]["hr"] < row[1]["ci_high"] < 1 and row[1]["p_lr"] < 1e-3
    with pytest.raises(UsageError, match="robust"):
        analyzed(sheet, ["grade"], penalty="firth", cluster="cohort")


def test_entry_rules_side_by_side(sheet):
    found = analyzed(sheet, ["age", "grade", "noise", "sex"], entry="both", entry_alpha=0.05, keep=["sex"])
    table = found.table.drop_duplicates(["model", "term"]).set_index(["model", "term"])["selected_by"]
    assert set(table["multivariable"]) == {"all"} and set(table["multivariable"].index) >= {"noise", "sex"}
    assert table["selected", "age"] == "univariable" and table["selected", "sex"] == "kept"
    assert ("selected", "noise") not in table.index


def test_coefficients_and_baseline_apply_the_model(sheet):
    found = analyzed(sheet, ["age", "grade", "sex"], splines=["age"], interactions=[("grade", "sex")])
    rows, curve = outputs.coefficients_table(found), outputs.baseline_table(found)
    values = {}
    for _, row in rows.iterrows():
        if row["kind"] == "spline":
            basis = spline_basis(sheet["age"].to_numpy(), np.array(row["knots"].split(), dtype=float))
            values[row["column"]] = basis[:, row["column"].count("'")]
        elif row["kind"] == "factor":
            values[row["column"]] = (sheet[row["term"]] == row["level"]).to_numpy(dtype=float)
        else:
            left, right = row["column"].split(":")
            values[row["column"]] = values[left] * values[right]
    predictor = sum(b * (values[c] - m) for c, b, m in zip(rows["column"], rows["beta"], rows["centre"], strict=True))
    steps = curve[curve["stratum"] == "A"]
    at = np.searchsorted(steps["time_months"], sheet["os_time"], side="right") - 1
    hazard = np.append(steps["cumulative_hazard"], 0)[at] * np.exp(predictor)
    inside = (sheet["cohort"] == "A").to_numpy()
    # with Efron's ties a sample that dies is not exposed to all of the tied hazard; censored ones are to all of it
    there = inside & (sheet["os_event"] == 0).to_numpy()
    martingale = outputs.residual_table(found)["martingale"].to_numpy()
    np.testing.assert_allclose(-hazard[there], martingale[there], rtol=1e-8)


def test_added_value_compares_the_same_samples(sheet):
    sheet.loc[:20, "noise"] = np.nan
    found = analyzed(sheet, ["noise", "age", "sex"], markers=["noise"], interactions=[("noise", "sex")])
    row = outputs.added_table(found).iloc[0]
    assert row["df"] == 2 and row["standard"] == "age + sex" and row["n"] == len(sheet) - 21
    smaller = analyzed(sheet[sheet["noise"].notna()], ["age", "sex"], model="multivariable").model.iloc[0]
    assert row["loglik_standard"] == pytest.approx(smaller["loglik"])
    assert row["lr"] == pytest.approx(2 * (row["loglik"] - smaller["loglik"]))
    assert row["aic_standard"] == pytest.approx(smaller["aic"])
    with pytest.raises(UsageError, match="no marker"):
        outputs.added_table(analyzed(sheet, ["age"]))


def test_an_infinite_coefficient_has_no_baseline(sheet):
    sheet.loc[sheet["grade"] == "two", "os_event"] = 0
    with pytest.warns(AnalysisWarning, match="infinite"), pytest.raises(Refused, match="baseline"):
        outputs.baseline_table(analyzed(sheet, ["grade"], model="univariable"))


def test_weights_and_entries_that_do_not_count(sheet):
    sheet["w"], sheet["late"] = 1.0, 0.0
    sheet.loc[0, "w"] = 0.0
    sheet.loc[1, "late"] = sheet.loc[1, "os_time"]
    with pytest.warns(AnalysisWarning) as caught:
        found = analyzed(sheet, ["age"], weights="w", entry_time="late")
    assert {"zero-weights", "never-under-observation"} <= {w.message.code for w in caught}
    assert found.model["n_missing"].tolist() == [2, 2]
    whole = analyzed(sheet.iloc[2:], ["age"])
    np.testing.assert_allclose(found.table["beta"].astype(float), whole.table["beta"].astype(float))


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"splines": ["grade"]}, BadInput, "'grade' is not numeric"),
        ({"splines": ["nothing"]}, BadInput, "nothing"),
        ({"interactions": [("age", "noise")]}, BadInput, "noise"),
        ({"interactions": [("age", "age")]}, UsageError, "itself"),
        ({"penalty": "ridge"}, UsageError, "ridge"),
        ({"keep": ["noise"]}, BadInput, "noise"),
        ({"markers": ["noise"]}, BadInput, "noise"),
    ],
)
def test_what_is_refused(sheet, options, error, said):
    with pytest.raises(error, match=said):
        analyzed(sheet, ["age", "grade"], **options)


def test_interval_and_p_of_firth_never_contradict_each_other():
    rng = np.random.default_rng(7)
    contradicted = 0
    for _ in range(60):
        n = 30
        x = np.column_stack([rng.random(n) < 0.25, rng.standard_normal(n)]).astype(float)
        frame = pd.DataFrame({"time": rng.exponential(10 / np.exp(1.2 * x[:, 0])), "event": rng.random(n) < 0.4})
        frame = frame.assign(group=np.where(x[:, 0] > 0, "b", "a"), score=x[:, 1])
        found = cox_analysis(frame, "time", "event", ["group", "score"], penalty="firth", model="multivariable")
        rows = found.table[found.table["row_type"] == "level"]
        outside = (rows["ci_low"] > 1) | (rows["ci_high"] < 1)
        assert ((rows["p_value"] < 0.05) == outside).all()
        np.testing.assert_allclose(rows["p_value"], rows["p_lr"], rtol=1e-9)
        np.testing.assert_allclose(chdtrc(1, rows["statistic"].astype(float) ** 2), rows["p_value"], rtol=1e-9)
        omnibus = found.table[found.table["row_type"] == "omnibus"]
        np.testing.assert_allclose(omnibus["p_value"], omnibus["p_lr"], rtol=1e-9)
        assert found.table["method"].str.contains("intervals and p-values of the profile").all()
        wald = chdtrc(1, (rows["beta"] / rows["se"]).astype(float) ** 2)
        contradicted += int(((wald < 0.05) != outside).sum())
    assert contradicted > 0  # data on which Wald's p would have contradicted the interval


def test_an_interaction_with_a_stratum(sheet):
    interactions = [("noise", "cohort")]
    found = analyzed(sheet, ["noise", "age"], strata=["cohort"], interactions=interactions)
    assert set(found.table["term"]) == {"noise", "age", "noise:cohort"}
    within = found.table[(found.table["row_type"] == "within") & (found.table["model"] == "multivariable")]
    assert within["level"].tolist() == ["A", "B"] and within["n"].tolist() == [75, 75]
    with pytest.raises(UsageError, match="covariate and a stratum"):
        analyzed(sheet, ["noise", "cohort"], strata=["cohort"], interactions=interactions)
    with pytest.raises(BadInput, match="no covariate 'cohort'"):
        analyzed(sheet, ["noise"], strata=["none"], interactions=interactions)


def test_a_cohort_in_which_the_marker_separates_leaves_the_others_their_ratio(sheet):
    sheet["mark"] = np.where(np.arange(len(sheet)) % 3 == 0, "high", "low")
    sheet.loc[(sheet["cohort"] == "A") & (sheet["mark"] == "high"), "os_event"] = 0
    found = analyzed(sheet, ["mark"], strata=["cohort"], interactions=[("mark", "cohort")], model="multivariable")
    rows = found.table[found.table["row_type"] == "within"].set_index("level")
    alone = analyzed(sheet[sheet["cohort"] == "B"], ["mark"], model="multivariable").table
    assert rows.loc["high:A", "estimable"] == "no"
    beta = alone.loc[alone["row_type"] == "level", "beta"].iloc[0]
    assert rows.loc["high:B", "beta"] == pytest.approx(beta, rel=1e-6)
    assert found.table.loc[found.table["row_type"] == "omnibus", "p_lr"].iloc[-1] < 0.05
