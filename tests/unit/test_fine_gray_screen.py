"""The Fine-Gray screen: the numbers of single models, whatever a gene looks like."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.matrix import ExpressionMatrix
from prognomics.errors import UsageError
from prognomics.screen.analysis import screen_analysis
from prognomics.screen.fine_gray_screen import CompetingSamples, fine_gray_screen
from prognomics.survival.competing_risks.fine_gray import fit_fine_gray
from prognomics.survival.competing_risks.regression import competing_regression
from prognomics.survival.cox.proportional_hazards import cox_zph

N = 150


def a_study(digits=0, strata=1, seed=4):
    rng = np.random.default_rng(seed)
    time, causes = np.round(rng.exponential(20, N), digits), rng.choice([0.0, 1.0, 2.0], N)
    values = rng.normal(8, 1, (12, N))
    values[1] *= 1e6
    values[2, :20] = np.nan
    values[3] = 5.0
    values[4] = np.round(values[4])
    values[5] = causes == 1
    values[6, 0] = 1e7
    values[7, causes == 1] = np.nan
    values[8] = np.nan
    return values, time, causes, rng.integers(0, strata, N)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize(("digits", "strata"), [(6, 1), (0, 1), (0, 3)])
@pytest.mark.parametrize("adjusted", [False, True])
def test_each_gene_has_the_numbers_of_its_own_model(ties, digits, strata, adjusted):
    values, time, causes, stratum = a_study(digits, strata)
    more = np.random.default_rng(1).normal(0, 1, (N, 1 if adjusted else 0))
    found = fine_gray_screen(values, CompetingSamples(np.arange(N), time, causes, stratum, more), ties)
    for gene in (0, 1, 2, 4, 6, 9, 10, 11):
        known = ~np.isnan(values[gene])
        design = np.column_stack([more, values[gene]])[known]
        fit = fit_fine_gray(time[known], causes[known], design, stratum[known], ties)
        assert (found.n[gene], found.events[gene]) == (known.sum(), (causes[known] == 1).sum())
        for one, other in ((found.beta, fit.beta[-1]), (found.se, fit.se[-1]), (found.loglik, fit.loglik)):
            assert one[gene] == pytest.approx(other, rel=1e-6)
        wanted = cox_zph(fit, "identity").terms[fit.columns[-1]].chisq
        assert found.ph_chisq[gene] == pytest.approx(wanted, rel=1e-5, abs=1e-9)
    assert found.state[[3, 5, 7, 8]].tolist() == ["constant", "separated", "no_events", "no_events"]
    assert np.isnan(found.beta[[3, 5, 7, 8]]).all()


def test_columns_in_another_order():
    values, time, causes, stratum = a_study()
    columns = np.random.default_rng(2).permutation(N)
    one = fine_gray_screen(values, CompetingSamples(np.arange(N), time, causes, stratum, np.empty((N, 0))))
    mixed = CompetingSamples(columns, time[columns], causes[columns], stratum[columns], np.empty((N, 0)))
    other = fine_gray_screen(values, mixed)
    np.testing.assert_allclose(one.beta, other.beta, rtol=1e-9)
    np.testing.assert_allclose(one.se, other.se, rtol=1e-9)


@pytest.mark.parametrize("covariates", [[], ["age"]])
def test_rows_are_those_of_competing_risks(covariates):
    values, time, causes, stratum = a_study(0, 2)
    frame = pd.DataFrame({"sample_id": [f"S{i}" for i in range(N)], "cohort": stratum.astype(str), "t": time,
                          "c": causes, "age": np.random.default_rng(3).normal(60, 9, N)})  # fmt: skip
    matrix = ExpressionMatrix(values[9:], ["a", "b", "c"], frame["sample_id"].tolist(), "matrix")
    shared = {"covariates": covariates, "endpoint": "dss", "competing": causes == 2}
    event = np.where(causes == 2, 0.0, causes)
    for method in ("fine_gray", "cause_specific"):
        table = screen_analysis(frame, time, event, matrix, method=method, **shared).table
        for row in range(3):
            sheet = frame.assign(gene=values[9 + row])
            wanted = competing_regression(sheet, "t", "c", ["gene", *covariates], model=method).table.iloc[0]
            for column in ("beta", "se", "hr", "ci_low", "ci_high", "p_value"):
                assert table[column].iloc[row] == pytest.approx(wanted[column], rel=1e-6)
        assert table["strata"].unique().tolist() == ["cohort"]


def test_resampling_is_of_cox_screens():
    values, time, causes, _ = a_study()
    frame = pd.DataFrame({"sample_id": [f"S{i}" for i in range(N)]})
    matrix = ExpressionMatrix(values[9:], ["a", "b", "c"], frame["sample_id"].tolist(), "matrix")
    with pytest.raises(UsageError, match="Cox screens"):
        screen_analysis(frame, time, (causes == 1) * 1.0, matrix, method="fine_gray", permutations=5)


def test_no_competing_events_warn():
    values, time, causes, _ = a_study()
    frame = pd.DataFrame({"sample_id": [f"S{i}" for i in range(N)]})
    matrix = ExpressionMatrix(values[9:], ["a", "b", "c"], frame["sample_id"].tolist(), "matrix")
    event = (causes == 1) * 1.0
    with pytest.warns(UserWarning, match="is the Cox model"):
        fine = screen_analysis(frame, time, event, matrix, method="fine_gray", ties="efron").table
    cox = screen_analysis(frame, time, event, matrix, method="cox").table
    assert fine["beta"].to_numpy() == pytest.approx(cox["beta"].to_numpy(), rel=1e-6)
