"""Meta-analysis against metafor."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.meta_analysis.effects_table import extract_effects
from prognomics.meta_analysis.pooled_table import meta_analysis
from prognomics.meta_analysis.pooling import pool

HERE = Path(__file__).parent / "meta"
REFERENCE = pd.read_csv(HERE / "reference.tsv", sep="\t", skipinitialspace=True)
REFERENCE = REFERENCE.set_index(["case", "stat"])["value"]
EFFECTS = pd.read_csv(HERE / "effects.tsv", sep="\t")
CASES = [case for case in REFERENCE.index.get_level_values(0).unique() if not case.startswith("ten.")]


@pytest.mark.parametrize("case", CASES)
def test_pooled(case):
    name, method, test = case.split(".")
    data = EFFECTS[EFFECTS["set"] == name]
    knapp = test == "knha"
    tau = {"REML": "reml", "DL": "dl", "PM": "pm", "FE": "fixed"}[method]
    result = pool(data["log_hr"], data["se"], tau=tau, hartung_knapp=knapp)
    found = {
        "effect": result.effect,
        "se": result.se,
        "ci_low": result.ci_low,
        "ci_high": result.ci_high,
        "statistic": result.statistic,
        "p": result.p_value,
        "tau2": result.tau2,
        "i2": result.i2,
        "q": result.q,
        "q_p": result.q_p,
        "pi_low": result.pi_low,
        "pi_high": result.pi_high,
    }
    if (case, "tau2_low") in REFERENCE.index:
        for stat in ("tau2_low", "tau2_high"):
            assert getattr(result, stat) == pytest.approx(REFERENCE[case, stat], rel=1e-7, abs=1e-9), stat
    if result.widened:
        fixed = pool(data["log_hr"], data["se"], tau="fixed", hartung_knapp=False)
        assert REFERENCE[case, "ci_high"] - REFERENCE[case, "ci_low"] < fixed.ci_high - fixed.ci_low
        assert result.ci_high - result.ci_low == pytest.approx(fixed.ci_high - fixed.ci_low)
        found = {stat: found[stat] for stat in ("effect", "tau2", "i2", "q", "q_p")}
    for stat, value in found.items():
        if stat.startswith("pi") and (len(data) < 5 or method == "FE"):
            assert np.isnan(value)
            continue
        # metafor's REML stops when tau2 moves by less than its threshold
        assert value == pytest.approx(REFERENCE[case, stat], rel=1e-7, abs=1e-9), stat


@pytest.mark.parametrize("smallest", [1e-3, 1e-9, 1e-12])
@pytest.mark.parametrize("n", [2, 3, 6])
def test_one_cohort_far_more_precise_than_the_others(smallest, n):
    """In exact arithmetic: floating-point sums of weights differ by less than their rounding."""
    effects, se = np.array([0.3125, 0.9, -0.2, 0.75, 0.4, 1.1])[:n], np.array([smallest, 0.2, 0.3, 0.25, 0.4, 0.5])[:n]
    b, w = [Fraction(v) for v in effects], [1 / Fraction(v) ** 2 for v in se]
    total = sum(w)
    mean = sum(x * y for x, y in zip(w, b, strict=True)) / total
    q = sum(x * (y - mean) ** 2 for x, y in zip(w, b, strict=True))
    spread = total - sum(x**2 for x in w) / total
    tau2 = max(0, (q - (n - 1)) / spread)
    for tau in ("dl", "fixed", "reml", "pm"):
        found = pool(effects, se, tau=tau, hartung_knapp=False)
        assert found.q == pytest.approx(float(q), rel=1e-10)
        assert np.isfinite([found.effect, found.se, found.i2, found.ci_low, found.ci_high]).all()
        if tau == "dl":
            assert found.tau2 == pytest.approx(float(tau2), rel=1e-10)
            assert found.i2 == pytest.approx(float(100 * tau2 / (tau2 + (n - 1) / spread)), rel=1e-10)
        if tau == "fixed":
            assert found.effect == pytest.approx(float(mean), rel=1e-14)


@pytest.mark.parametrize("name", ["mixed", "wide", "huge"])
def test_leave_one_out(name):
    data = EFFECTS[EFFECTS["set"] == name].reset_index(drop=True)
    data["cohort"] = [f"C{i}" for i in range(1, len(data) + 1)]
    table = meta_analysis(data, tau="reml", hartung_knapp=True).set_index(["row_type", "cohort"])
    for i, cohort in enumerate(data["cohort"], start=1):
        row = table.loc[("leave_out", cohort)]
        assert row["log_hr"] == pytest.approx(REFERENCE[f"{name}.REML.knha", f"without{i}"], rel=1e-5)
        assert row["se"] == pytest.approx(REFERENCE[f"{name}.REML.knha", f"without_se{i}"], rel=1e-5)


@pytest.mark.parametrize("scale", ["difference", "log_ratio"])
def test_subgroups_of_cohorts_and_asymmetry(repository, scale):
    data = extract_effects(pd.read_csv(repository / "test-data" / "ten.effects.tsv", sep="\t"), scale, "platform")
    table = meta_analysis(data, tau="reml", hartung_knapp=False, scale=scale, given=True)
    egger = table[table["row_type"] == "egger"].iloc[0]
    for column, stat in (("statistic", "t"), ("p_value", "p"), ("estimate", "slope"), ("se", "se")):
        assert egger[column] == pytest.approx(REFERENCE["ten.egger", stat], rel=1e-6)
    rows = table[table["row_type"] == "subgroup"].set_index("subgroup")
    for name in ("array", "sequencing"):
        assert rows.loc[name, "estimate"] == pytest.approx(REFERENCE["ten.subgroups", name], rel=1e-6)
        assert rows.loc[name, "se"] == pytest.approx(REFERENCE["ten.subgroups", f"{name}_se"], rel=1e-6)
        if scale == "log_ratio":
            assert rows.loc[name, "hr"] == pytest.approx(np.exp(REFERENCE["ten.subgroups", name]), rel=1e-6)
        else:
            assert np.isnan(rows.loc[name, "hr"])
            assert rows.loc[name, "ci_low"] < rows.loc[name, "estimate"] < rows.loc[name, "ci_high"]
    test = table[table["row_type"] == "subgroup_test"].iloc[0]
    assert test["q"] == pytest.approx(REFERENCE["ten.subgroups", "q"], rel=1e-6)
    assert test["q_p"] == pytest.approx(REFERENCE["ten.subgroups", "q_p"], rel=1e-6)
    few = meta_analysis(data.iloc[:9], tau="reml", hartung_knapp=False, scale=scale)
    assert "egger" not in set(few["row_type"])
