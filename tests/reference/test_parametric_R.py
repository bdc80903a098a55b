"""Parametric survival models against R: `survreg`, a Poisson `glm` on split follow-up, and `optim` with `pgamma`."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.survival.parametric.analysis import parametric_analysis
from prognomics.survival.parametric.families import FAMILIES
from prognomics.survival.parametric.fit import DISTRIBUTIONS, PIECEWISE, fit_parametric
from prognomics.survival.parametric.lifelines_models import lifelines_optimum

FOLDER = Path(__file__).parent
DATA = pd.read_csv(FOLDER / "survival" / "data.tsv", sep="\t")
EXPECTED = pd.read_csv(FOLDER / "parametric" / "expected.tsv", sep="\t")
OURS = {"lognormal": "log_normal", "loglogistic": "log_logistic", "piecewise": PIECEWISE}
CASES = [tuple(key) for key in EXPECTED[["set", "distribution"]].drop_duplicates().to_numpy()]


@pytest.mark.parametrize(("name", "distribution"), CASES)
def test_models(name, distribution):
    wanted = EXPECTED[(EXPECTED["set"] == name) & (EXPECTED["distribution"] == distribution)].set_index("name")
    data = DATA[(DATA["dataset"] == name) & (DATA["time"] > 0)].reset_index(drop=True)
    ours = OURS.get(distribution, distribution)
    at = np.quantile(data["time"], [0.25, 0.75]) * [1, 3]
    breaks = wanted.loc[["break"], "value"].tolist() if distribution == "piecewise" else []
    found = parametric_analysis(
        data, "time", "event", ["x1", "group"], distributions=[ours], breaks=breaks, at=at, strata=["none"]
    )
    table = found.table.set_index(found.table["term"] + found.table["level"].fillna("").astype(str))
    loose = 2e-4 if distribution == "generalized_gamma" else 1e-6
    for term, row in wanted[wanted["se"].notna()].iterrows():
        own = {"Log(scale)": "log(scale)"}.get(term, term)
        if term.startswith("factor(piece)"):
            own = table.index[table.index.str.startswith("log(rate)")][int(term[-1]) - 1]
        assert table.loc[own, "beta"] == pytest.approx(row["value"], rel=loose, abs=loose)
        assert table.loc[own, "se"] == pytest.approx(row["se"], rel=loose)
    fit, survival = found.fit.iloc[0], found.survival
    for cell, key in (("loglik", "loglik"), ("loglik_null", "loglik_null"), ("aic", "AIC"), ("bic", "BIC")):
        if key in wanted.index:
            assert fit[cell] == pytest.approx(wanted.loc[key, "value"], rel=1e-8)
    for i in (0, 1):
        if f"S{i + 1}" in wanted.index:
            assert survival["survival"][i] == pytest.approx(wanted.loc[f"S{i + 1}", "value"], abs=1e-7)


@pytest.mark.parametrize("q", [-2.0, -0.5, -1e-5, 1e-5, 0.03, 0.6, 1.0, 3.0])
def test_generalized_gamma_is_a_distribution(q):
    family, w = FAMILIES["generalized_gamma"], np.linspace(-3, 2, 41)
    density, step = np.exp(family.log_density(w, q)), 1e-6
    survival = [np.exp(family.log_survival(w + d, q)) for d in (-step, step)]
    assert (survival[0] - survival[1]) / (2 * step) == pytest.approx(density, rel=1e-4, abs=1e-8)
    slope = [family.log_density(w + d, q) for d in (-step, step)]
    assert (slope[1] - slope[0]) / (2 * step) == pytest.approx(family.slope(w, q), rel=1e-4, abs=1e-4)
    curvature = [family.slope(w + d, q) for d in (-step, step)]
    assert (curvature[1] - curvature[0]) / (2 * step) == pytest.approx(family.curvature(w, q), rel=1e-4, abs=1e-4)


def test_generalized_gamma_includes_the_others():
    w = np.linspace(-4, 2, 25)
    gamma = FAMILIES["generalized_gamma"]
    assert gamma.log_survival(w, 1.0) == pytest.approx(FAMILIES["weibull"].log_survival(w, 0), rel=1e-10)
    assert gamma.log_density(w, 2e-4) == pytest.approx(FAMILIES["log_normal"].log_density(w, 0), abs=1e-2)


def frame(n=300, seed=1):
    rng = np.random.default_rng(seed)
    made = pd.DataFrame({"group": rng.choice(["low", "mid", "high"], n), "age": rng.normal(60, 9, n)})
    made["cohort"] = np.repeat(["a", "b"], n // 2)
    time = np.exp(3 + 0.5 * (made["group"] == "high") - 0.02 * (made["age"] - 60)) * rng.weibull(1.6, n)
    end = rng.uniform(5, 60, n)
    made["t"], made["e"] = np.minimum(time, end), (time <= end).astype(int)
    return made


def test_truth_is_recovered_and_intervals_cover_it():
    hits = []
    for seed in range(100):
        data = frame(seed=seed)
        x = np.column_stack([data["age"], data["group"] == "high"])
        fit = fit_parametric("weibull", data["t"], data["e"], x, ("age", "high"), start=[4.2, -0.02, 0.5, -0.5])
        hits.append(abs(fit.theta[1] + 0.02) < 1.96 * fit.se[1])
    assert 0.89 <= np.mean(hits) <= 0.99


def columns_of(data):
    x = np.column_stack([data["age"], data["group"] == "high"]).astype(float)
    return (x - x.mean(axis=0)) / x.std(axis=0)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_lifelines_finds_the_optimum_that_newton_makes_exact(name):
    data = frame()
    arrays = (data["t"].to_numpy(), data["e"].to_numpy(), columns_of(data))
    breaks = (10.0, 25.0) if name == PIECEWISE else ()
    first = lifelines_optimum(name, *arrays, breaks)
    fit = fit_parametric(name, *arrays, ("age", "high"), breaks)
    assert first == pytest.approx(fit.theta, abs=0.02)
    assert fit.method.startswith("maximum likelihood, lifelines ") and "Fitter, then Newton" in fit.method
    given = fit_parametric(name, *arrays, ("age", "high"), breaks, start=fit.theta)
    assert given.theta == pytest.approx(fit.theta, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_without_convergence_of_lifelines_the_numbers_are_the_same(name, monkeypatch):
    import lifelines
    from lifelines.exceptions import ConvergenceError

    def fails(*_, **__):
        raise ConvergenceError("no")

    breaks = [10.0, 25.0] if name == PIECEWISE else []
    given = {"distributions": [name], "breaks": breaks, "at": [12.0]}
    found = parametric_analysis(frame(), "t", "e", ["age"], "group", **given)
    for fitter in {kind for kind in vars(lifelines).values() if isinstance(kind, type) and hasattr(kind, "fit")}:
        monkeypatch.setattr(fitter, "fit", fails)
    own = parametric_analysis(frame(), "t", "e", ["age"], "group", **given)
    for ours, theirs in ((own.fit, found.fit), (own.table, found.table), (own.survival, found.survival)):
        assert ours["method"].str.contains(r"lifelines \w+Fitter did not converge").all()
        assert theirs["method"].str.contains("then Newton").all()
        numbers = ours.select_dtypes("number")
        pd.testing.assert_frame_equal(numbers, theirs[numbers.columns], rtol=1e-5, atol=1e-7)


def test_proportional_models_give_hazard_ratios():
    found = parametric_analysis(frame(), "t", "e", ["age"], distributions=["weibull", "exponential", PIECEWISE])
    rows = found.table[(found.table["term"] == "age")].set_index("distribution")
    assert (rows["hr"] > 1).all()
    assert rows.loc["exponential", "hr"] == pytest.approx(1 / rows.loc["exponential", "time_ratio"])
    assert np.isnan(rows.loc[PIECEWISE, "time_ratio"])
    assert set(found.table["strata"]) == {"cohort"}


def test_a_level_without_events_is_not_estimable_and_changes_nothing_else():
    data = frame()
    data.loc[data["group"] == "mid", "e"] = 0
    others = data[data["group"] != "mid"]
    for name in DISTRIBUTIONS:
        given = {"distributions": [name], "breaks": [10.0, 20.0] if name == PIECEWISE else []}
        whole = parametric_analysis(data, "t", "e", ["age"], "group", **given).table.set_index(["term", "level"])
        part = parametric_analysis(others, "t", "e", ["age"], "group", **given).table.set_index(["term", "level"])
        mid = whole.loc[("group", "mid")]
        assert mid["estimable"] == "no" and np.isnan(mid["beta"]) and "without events" in mid["note"]
        age = ("age", np.nan)
        assert whole.loc[[age], "beta"].iloc[0] == pytest.approx(part.loc[[age], "beta"].iloc[0], rel=1e-6)
        moved = parametric_analysis(data, "t", "e", ["age"], "group", reference_levels={"group": "mid"}, **given).table
        levels = moved[(moved["term"] == "group") & (moved["row_type"] == "level")]
        assert (levels["estimable"] == "no").all() and levels["note"].str.contains("reference level").all()


def test_collinear_columns_zero_times_and_extrapolation():
    data = frame().assign(twice=lambda d: 2 * d["age"])
    data.loc[:1, "t"] = 0
    with pytest.warns(AnalysisWarning) as given:
        found = parametric_analysis(
            data, "t", "e", ["age", "twice"], "group", at=[12, 500], distributions=["log_normal"]
        )
    assert {w.message.code for w in given} == {"zero-times-left-out", "extrapolation"}
    row = found.table[found.table["term"] == "twice"].iloc[0]
    assert row["estimable"] == "no" and "no information" in row["note"]
    far = found.survival[found.survival["time_months"] == 500]
    assert (far["extrapolated"] == "yes").all() and far["kaplan_meier"].isna().all()
    assert found.fit["n"].tolist() == [298]
    assert found.table["n_missing"].iloc[0] == 2


def test_survival_follows_the_data():
    found = parametric_analysis(frame(2000), "t", "e", ["age"], "group", at=[10, 20], distributions=["weibull"])
    assert (found.survival["survival"] - found.survival["kaplan_meier"]).abs().max() < 0.05
    inside = found.survival[["ci_low", "survival", "ci_high"]].to_numpy()
    assert (np.diff(inside, axis=1) > 0).all()
    assert found.curve["survival"].between(0, 1).all()


def test_what_cannot_be_fitted():
    data = frame()
    with pytest.raises(Refused, match="has the event"):
        parametric_analysis(data.assign(e=0, one=1), "t", "e", ["age"])
    with pytest.raises(BadInput, match="distribution"):
        parametric_analysis(data, "t", "e", distributions=["gumbel"])
    with pytest.raises(UsageError, match="group and a covariate"):
        parametric_analysis(data, "t", "e", ["group"], "group")
    with pytest.raises(Refused, match="between --breaks"):
        parametric_analysis(data, "t", "e", distributions=[PIECEWISE], breaks=[1e-6, 400])
    with pytest.raises(Refused, match="no maximum"):
        fit_parametric("log_normal", np.full(6, 3.0), np.ones(6), np.zeros((6, 0)))
