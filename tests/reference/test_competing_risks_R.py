"""Competing risks against R: survival (survfit of several states, finegray, coxph) and cmprsk (cuminc, crr)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.modeling.coefficient_tests import wald_test
from prognomics.screen.fine_gray_screen import CompetingSamples, fine_gray_screen
from prognomics.survival.competing_risks.fine_gray import fit_fine_gray
from prognomics.survival.competing_risks.gray import gray_test
from prognomics.survival.competing_risks.incidence import cumulative_incidence
from prognomics.survival.cox.proportional_hazards import cox_zph

FOLDER = Path(__file__).parent / "competing_risks"
DATA = {name: part for name, part in pd.read_csv(FOLDER / "data.tsv", sep="\t").groupby("set", sort=False)}
EXPECTED = pd.read_csv(FOLDER / "expected.tsv.gz", sep="\t")


def expected(name: str, what: str) -> pd.DataFrame:
    rows = EXPECTED[(EXPECTED["set"] == name) & (EXPECTED["what"] == what)]
    return rows.pivot(index="key", columns="name", values="value")


@pytest.mark.parametrize("name", DATA)
def test_cumulative_incidence(name):
    data, wanted = DATA[name], expected(name, "incidence")
    checked = 0
    for group in ["all", *data["group"].unique()]:
        part = data if group == "all" else data[data["group"] == group]
        curves = {kind: cumulative_incidence(part["time"], part["cause"], kind) for kind in ("log-log", "plain")}
        for cause in ("event", "competing"):
            rows = wanted[wanted.index.str.startswith(f"{group}|{cause}|")]
            rows = rows.assign(time=[float(key.split("|")[2]) for key in rows.index]).sort_values("time")
            one = curves["log-log"].causes[cause]
            if rows["estimate"].notna().any():
                assert curves["log-log"].time == pytest.approx(rows["time"], rel=1e-9)
                assert one.estimate == pytest.approx(rows["estimate"], abs=1e-10)
                assert one.se == pytest.approx(rows["se"], abs=1e-10)
                assert curves["log-log"].n_risk.tolist() == rows["n_risk"].tolist()
                for kind in ("log-log", "plain"):
                    found = curves[kind].causes[cause]
                    known = (rows["estimate"] > 1e-12) & (rows["estimate"] < 1 - 1e-12)
                    for side, values in (("low", found.ci_low), ("high", found.ci_high)):
                        assert values[known] == pytest.approx(rows[f"{side} {kind}"][known], abs=1e-9)
                checked += 1
            if rows["se_delta"].notna().any():
                assert one.se_delta == pytest.approx(rows["se_delta"], abs=1e-10)
    assert checked >= 2


@pytest.mark.parametrize("name", [name for name in DATA if len(expected(name, "gray"))])
def test_gray(name):
    data = DATA[name]
    for key, row in expected(name, "gray").iterrows():
        strata, cause = key.split()
        found = gray_test(
            data["time"], data["cause"], data["group"], data["stratum"] if strata != "none" else None, int(cause)
        )
        assert found.df == row["df"]
        if row["stat"] >= 0:
            assert found.statistic == pytest.approx(row["stat"], rel=1e-8)
            assert found.p_value == pytest.approx(row["pv"], rel=1e-6, abs=1e-14)
        else:
            assert np.isnan(found.statistic)


def design(data: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    parts = {"x": data["x"]}
    for column in ("z", "group"):
        levels = sorted(data[column].unique())
        parts |= {f"{column}{level}": (data[column] == level).astype(float) for level in levels[1:]}
    return np.column_stack(list(parts.values())), list(parts)


def check_fit(found, names, wanted, rel=1e-7):
    for name, beta, se in zip(names, found.beta, found.se, strict=True):
        assert beta == pytest.approx(wanted.loc[name, "beta"], rel=rel, abs=1e-8)
        assert se == pytest.approx(wanted.loc[name, "se"], rel=rel)
    assert found.loglik == pytest.approx(wanted.loc["model", "loglik"], rel=1e-9)
    assert found.loglik_null == pytest.approx(wanted.loc["model", "loglik_null"], rel=1e-9)
    joint = [i for i, name in enumerate(names) if name.startswith("z")]
    assert wald_test(found, joint).chisq == pytest.approx(wanted.loc["z", "wald"], rel=1e-6)


@pytest.mark.parametrize("name", [name for name in DATA if len(expected(name, "crr"))])
def test_fine_gray_as_crr(name):
    data = DATA[name]
    x, names = design(data)
    found = fit_fine_gray(data["time"], data["cause"], x, columns=names)
    check_fit(found, names, expected(name, "crr"), rel=1e-6)  # crr stops where the gradient is small
    n = len(data)
    for covariates, wanted in ((x[:, 1:], expected(name, "crr")), (np.empty((n, 0)), expected(name, "crr alone"))):
        samples = CompetingSamples(np.arange(n), data["time"].to_numpy(), data["cause"].to_numpy(float),
                                   np.zeros(n, dtype=int), covariates)  # fmt: skip
        screened = fine_gray_screen(data[["x"]].to_numpy().T, samples)
        assert screened.beta[0] == pytest.approx(wanted.loc["x", "beta"], rel=1e-6, abs=1e-8)
        assert screened.se[0] == pytest.approx(wanted.loc["x", "se"], rel=1e-6)


FINEGRAY = [
    (name, strata, ties)
    for name in DATA for strata, ties in (("", "efron"), (" strata", "efron"), (" strata", "breslow"))
    if len(expected(name, f"finegray{strata} {ties}"))
]  # fmt: skip


@pytest.mark.parametrize(("name", "strata", "ties"), FINEGRAY)
def test_fine_gray_as_finegray(name, strata, ties):
    data, wanted = DATA[name], expected(name, f"finegray{strata} {ties}")
    x, names = design(data)
    found = fit_fine_gray(data["time"], data["cause"], x, data["stratum"] if strata else None, ties, names)
    check_fit(found, names, wanted)
    if (strata, ties) == ("", "efron"):
        tests = cox_zph(found, "identity", {"x": [0], "z": [1, 2], "group": list(range(3, len(names)))})
        chisq = expected(name, "zph")["chisq"]
        for term, test in [*tests.terms.items(), ("GLOBAL", tests.overall)]:
            assert test.chisq == pytest.approx(chisq[term], rel=1e-6)
