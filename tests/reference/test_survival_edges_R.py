"""Curves that end at 0 and likelihoods with a value far out, against survfit and coxph (make_edges.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.curves.kaplan_meier import kaplan_meier, survival_quantile

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
FOLDER = Path(__file__).parent / "survival"
DATA = dict(list(pd.read_csv(FOLDER / "edges_data.tsv", sep="\t", float_precision="round_trip").groupby("set")))
EXPECTED = pd.read_csv(FOLDER / "edges_expected.tsv", sep="\t", float_precision="round_trip")
CASES = {key: part.set_index("stat")["value"] for key, part in EXPECTED.groupby(["set", "kind"])}


@pytest.mark.parametrize("case", [key for key in CASES if key[0].startswith("end")], ids="-".join)
def test_weighted_curve_that_ends_at_0(case: tuple[str, str]) -> None:
    data, r = DATA[case[0]], CASES[case]
    curve = kaplan_meier(data["time"], data["event"], case[1], weights=data["weight"].to_numpy())
    last = [curve.survival[-1], curve.se[-1], curve.ci_low[-1], curve.ci_high[-1]]
    np.testing.assert_allclose(last, r[["survival", "se", "ci_low", "ci_high"]], atol=1e-12)
    median = survival_quantile(curve)
    found = [median.estimate, median.ci_low, median.ci_high]
    np.testing.assert_allclose(found, r[["median", "median_low", "median_high"]], rtol=1e-12)


@pytest.mark.parametrize("case", [key for key in CASES if key[0].startswith("far")], ids="-".join)
def test_cox_model_with_a_value_far_out(case: tuple[str, str]) -> None:
    data, r = DATA[case[0]].rename(columns={"time": "t"}), CASES[case]
    entry = "entry" if data["entry"].any() else None
    found = cox_analysis(
        data, data["t"].to_numpy(), data["event"].to_numpy(), ["x"], ties=case[1], model="univariable", entry_time=entry
    )
    row = found.table.iloc[0]
    np.testing.assert_allclose([row["beta"], row["se"]], r[["beta", "se"]], rtol=1e-7)
    np.testing.assert_allclose(found.model["loglik"].iloc[0], r["loglik"], rtol=1e-12)
