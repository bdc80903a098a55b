"""Parametric models with late entry against a Poisson glm on split follow-up, and R's densities (make_late_entry.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, Refused
from prognomics.survival.curves.kaplan_meier import kaplan_meier, survival_at
from prognomics.survival.parametric.analysis import parametric_analysis

FOLDER = Path(__file__).parent
DATA = pd.read_csv(FOLDER / "survival" / "cox_more_data.tsv", sep="\t", float_precision="round_trip")
DATA = DATA.dropna(subset=["age"], ignore_index=True)
EXPECTED = pd.read_csv(FOLDER / "parametric" / "late_entry_expected.tsv", sep="\t")


def analysis(distribution, data=DATA, **options):
    return parametric_analysis(data, "time", "event", ["age", "gene"], distributions=[distribution], strata=["none"],
                               breaks=[10, 25] if distribution.startswith("piece") else [], **options)  # fmt: skip


@pytest.mark.parametrize("distribution", EXPECTED["distribution"].unique().tolist())
def test_coefficients_and_likelihood(distribution):
    wanted = EXPECTED[EXPECTED["distribution"] == distribution].set_index("name")
    found = analysis(distribution, entry_months="entry")
    table = found.table.set_index("term")
    rates = [term for term in table.index if term.startswith("log(rate)")]
    for name, row in wanted[wanted["se"].notna()].iterrows():
        own = rates[int(name[-1]) - 1] if name.startswith("factor(piece)") else name
        assert table.loc[own, "beta"] == pytest.approx(row["value"], rel=1e-6)
        assert table.loc[own, "se"] == pytest.approx(row["se"], rel=1e-5)
    assert found.fit["loglik"][0] == pytest.approx(wanted.loc["loglik", "value"], rel=1e-9)
    assert found.fit["lr"][0] > 0


def test_generalized_gamma_is_not_fitted_with_late_entry():
    with pytest.raises(Refused, match="no distribution"):
        analysis("generalized_gamma", entry_months="entry")
    with pytest.warns(AnalysisWarning, match="generalized_gamma: it is not fitted"):
        found = parametric_analysis(DATA, "time", "event", ["age"], strata=["none"], entry_months="entry",
                                    distributions=["generalized_gamma", "weibull"])  # fmt: skip
    assert found.fit["distribution"].tolist() == ["weibull"]


def test_entry_at_zero_is_none():
    plain, zero = (analysis("weibull", **more).table for more in ({}, {"entry_months": np.zeros(len(DATA))}))
    np.testing.assert_allclose(zero["beta"], plain["beta"], rtol=1e-8)
    np.testing.assert_allclose(zero["se"], plain["se"], rtol=1e-7)


def test_survival_is_next_to_the_curve_from_entry():
    found = analysis("weibull", entry_months="entry", at=[24]).survival
    curve = kaplan_meier(DATA["time"], DATA["event"], entry=DATA["entry"].to_numpy())
    assert found["kaplan_meier"][0] == pytest.approx(survival_at(curve, np.array([24.0])).survival[0])


def test_who_enters_at_the_end_is_excluded_with_a_warning():
    late = DATA.assign(entry=np.where(np.arange(len(DATA)) < 3, DATA["time"], DATA["entry"]))
    with pytest.warns(AnalysisWarning, match="3 samples enter at or after"):
        found = analysis("exponential", late, entry_months="entry")
    assert found.fit["n"][0] == len(DATA) - 3
