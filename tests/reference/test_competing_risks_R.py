"""Competing risks against R: survival (survfit of several states, finegray, coxph) and cmprsk (cuminc, crr)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.survival.competing_risks.gray import gray_test
from prognomics.survival.competing_risks.incidence import cumulative_incidence

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
