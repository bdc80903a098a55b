"""The screen: both ways to compute agree, flags, pooling, permutation, stability, the whole table."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from prognomics import tools
from prognomics.cutpoint import cut_statistics
from prognomics.cutpoint.logrank_scores import rank_follow_up
from prognomics.data.matrix import ExpressionMatrix
from prognomics.errors import Refused, UsageError
from prognomics.io.h5ad import write_h5ad
from prognomics.meta_analysis.pooling import pool
from prognomics.screen import cox_adjusted, cox_screen, logrank_screen
from prognomics.screen.analysis import screen_analysis
from prognomics.screen.flags import few_values
from prognomics.screen.follow_up import martingale_residuals, sort_follow_up
from prognomics.screen.permutation import step_down_max_t
from prognomics.screen.pooled import pool_genes
from prognomics.survival.cox.analysis import cox_analysis


@pytest.fixture(scope="module")
def study():
    """120 samples of three cohorts, 40 genes; the first gene matters, some are odd."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(40, 120))
    cohort = np.repeat(["a", "b", "c"], 40)
    time = np.ceil(rng.exponential(40 * np.exp(-0.8 * values[0])))
    event = (rng.random(120) < 0.6).astype(float)
    values[1], values[2, :] = 4.0, np.nan
    values[3] = np.where(event == 1, -time, -1000.0)  # separates: whoever dies has the largest value at risk
    values[4][rng.random(120) < 0.3] = np.nan
    values[5] = np.round(values[5])
    values[6, event == 1] = np.nan
    ids = [f"S{i}" for i in range(120)]
    frame = pd.DataFrame({"sample_id": ids, "cohort": cohort, "age_years": rng.normal(60, 8, 120).round()})
    return frame, time, event, ExpressionMatrix(values, [f"G{i}" for i in range(40)], ids)


def _same(first, second):
    for field in fields(first):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if one.dtype == object:
            assert list(one) == list(other)
        else:
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-9, err_msg=field.name)


@pytest.mark.parametrize("strata", [None, "cohort"])
@pytest.mark.parametrize("adjusted", [False, True])
def test_compiled_and_numpy_agree(study, strata, adjusted, monkeypatch):
    frame, time, event, matrix = study
    follow_up = sort_follow_up(time, event, None if strata is None else frame[strata])
    covariates = frame[["age_years"]].to_numpy()[follow_up.columns] if adjusted else None
    ranked = rank_follow_up(time[follow_up.columns], event[follow_up.columns], follow_up.stratum)
    made = []
    for loops in (cox_screen.compiled_loops(), None):
        for module in (cox_screen, logrank_screen, cox_adjusted, cut_statistics):
            monkeypatch.setattr(module, "compiled_loops", lambda loops=loops: loops)
        made.append(
            (
                cox_screen.cox_screen(matrix.values, follow_up, "efron", covariates),
                logrank_screen.logrank_screen(matrix.values, follow_up),
                logrank_screen.logrank_screen(matrix.values, follow_up, np.full(40, 0.5)),
                cut_statistics.best_cuts(matrix.values[:, follow_up.columns], ranked, 0.1),
            )
        )
    for one, other in zip(*made, strict=True):
        _same(one, other)


def test_threads_change_no_bit(study):
    frame, time, event, matrix = study
    follow_up = sort_follow_up(time, event, frame["cohort"])
    values = np.tile(matrix.values, (20, 1))
    for screen in (cox_screen.cox_screen, logrank_screen.logrank_screen):
        one, many = (screen(values, follow_up, threads=threads) for threads in (1, 4))
        for field in fields(one):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(many, field.name))


def test_threads_change_no_best_cut(study):
    _, time, event, matrix = study
    values = np.tile(matrix.values, (20, 1))
    one, many = (cut_statistics.best_cuts(values, rank_follow_up(time, event), 0.1, threads) for threads in (1, 4))
    for field in fields(one):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(many, field.name))


def test_flags(study):
    frame, time, event, matrix = study
    table = screen_analysis(frame, time, event, matrix, method="cox", strata=["none"]).table.set_index("gene_id")
    expected = {"G0": None, "G1": "constant", "G2": "no_events", "G3": "separated", "G4": None, "G6": "no_events"}
    assert {gene: table.loc[gene, "flag"] for gene in expected} == expected
    assert table.loc[["G1", "G2", "G3", "G6"], "beta"].isna().all()
    assert table.loc["G4", "n_missing"] == np.isnan(matrix.values[4]).sum()
    assert table.loc["G2", "n"] == 0


def test_few_values():
    rng = np.random.default_rng(1)
    values = np.vstack([rng.integers(0, 5, 200), rng.integers(0, 6, 200), rng.normal(size=200), np.zeros(200)])
    values[2, :70] = 0.0  # settled by the later samples
    assert list(few_values(values.astype(float), np.arange(200))) == [True, False, False, True]


def test_a_gene_has_the_numbers_of_the_cox_tool(study):
    frame, time, event, matrix = study
    table = screen_analysis(frame, time, event, matrix, method="cox", covariates=["age_years"]).table
    frame = frame.assign(G7=matrix.values[7])
    alone = cox_analysis(frame, time, event, ["G7", "age_years"], model="multivariable", eps=1e-14)
    row, model = table.set_index("gene_id").loc["G7"], alone.table.iloc[0]
    assert row["strata"] == model["strata"] == "cohort"
    for column in ("n", "events", "beta", "se", "hr", "ci_low", "ci_high", "p_value"):
        assert row[column] == pytest.approx(model[column], rel=1e-9)
    assert row["p_ph"] == pytest.approx(alone.ph.iloc[0]["p_value"], rel=1e-6)


def test_pooled_genes_are_those_of_the_meta_analysis():
    rng = np.random.default_rng(3)
    effects, se = rng.normal(0.2, 0.4, (30, 6)), rng.uniform(0.1, 0.6, (30, 6))
    effects[3, 2:] = effects[4, 1:] = np.nan
    effects[5] = 0.3 + 1e-3 * np.arange(6)  # no heterogeneity: the interval is widened
    found = pool_genes(effects, se)
    for gene in (*range(4), 5, 29):
        known = ~np.isnan(effects[gene])
        one = pool(effects[gene, known], se[gene, known], tau="reml", hartung_knapp=True)
        names = ("effect", "se", "ci_low", "ci_high", "statistic", "p_value", "tau2", "i2", "q_p")
        got, wanted = [[getattr(of, n) for n in names] for of in (found, one)]
        np.testing.assert_allclose([g[gene] for g in got], wanted, rtol=1e-6, atol=1e-9)
    assert found.n_cohorts[4] == 1 and np.isnan(found.effect[4])


def test_step_down_by_hand():
    statistics = np.array([[3.0, 1, 2, 4], [2.0, 3, 1, 1], [np.nan] * 4, [1.0, 0, 2, 0]])
    # of 4 arrangements: all genes reach 3 in the first and in those with maxima 3 and 4; the last two reach 2 in three
    np.testing.assert_allclose(step_down_max_t(statistics), [0.75, 0.75, np.nan, 0.75][:2] + [np.nan, 0.75])


def test_residuals_sum_to_zero_and_are_those_of_the_log_rank_test(study):
    frame, time, event, _ = study
    follow_up = sort_follow_up(time, event, frame["cohort"])
    residual = martingale_residuals(follow_up, np.ones(120))
    for begin, end in zip(follow_up.stratum_bounds[:-1], follow_up.stratum_bounds[1:], strict=True):
        assert residual[begin:end].sum() == pytest.approx(0, abs=1e-12)
    high = np.random.default_rng(0).random(120) < 0.4
    found = logrank_screen.logrank_screen(high[None].astype(float), follow_up, np.ones(1))
    assert residual[high[follow_up.columns]].sum() == pytest.approx(found.numerator[0])


def test_family_wise_p_of_noise_and_of_a_marker(study):
    frame, time, event, matrix = study
    found = screen_analysis(frame, time, event, matrix, method="cox", permutations=200, bootstraps=30, top=5)
    table = found.table.set_index("gene_id")
    assert table.loc["G0", "p_family"] == pytest.approx(1 / 201)
    assert (table["p_family"].iloc[8:] > 0.05).mean() > 0.9
    assert np.isnan(table.loc["G1", "p_family"])
    assert found.top.loc[0, ["gene_id", "rank_median"]].tolist() == ["G0", 1]
    assert found.top.loc[0, "in_top"] > 0.9
    again = screen_analysis(frame, time, event, matrix, method="cox", permutations=200, bootstraps=30, top=5)
    pd.testing.assert_frame_equal(found.top, again.top)


def test_streamed_h5ad_gives_the_same_table(study, tmp_path, monkeypatch):
    from prognomics.data import matrix as matrices

    frame, time, event, matrix = study
    sheet = frame.assign(os_time=time, os_event=event)
    write_h5ad(tmp_path / "m.h5ad", matrix.values, matrix.gene_ids, matrix.sample_ids)
    whole = tools.screen(samples=sheet, expression=pd.DataFrame(matrix.values, matrix.gene_ids, matrix.sample_ids),
                         endpoint="os").table  # fmt: skip
    monkeypatch.setattr(matrices, "BLOCK_BYTES", 8 * 120 * 7)
    streamed = tools.screen(samples=sheet, expression=str(tmp_path / "m.h5ad"), endpoint="os").table
    pd.testing.assert_frame_equal(whole, streamed)


def test_a_best_cut_pays_for_its_search(study):
    frame, time, event, matrix = study
    table = screen_analysis(frame, time, event, matrix, method="maxstat", strata=["none"]).table.iloc[7:]
    assert (table["p_corrected"] >= 2 * ndtr(-table["statistic"])).all()
    assert (table["p_naive"] < 0.05).mean() > 0.2  # noise: far too many
    assert (table["p_corrected"] < 0.05).mean() < 0.15


def test_nothing_to_test_is_refused(study):
    frame, time, event, matrix = study
    odd = ExpressionMatrix(np.ones((2, 120)), ["A", "B"], matrix.sample_ids)
    with pytest.raises(Refused, match="no gene"):
        screen_analysis(frame, time, event, odd, method="cox")
    with pytest.raises(Refused, match="pooling needs two"):
        screen_analysis(frame.assign(cohort="a"), time, event, matrix, method="cox", cohorts="pooled")


def _path(name, monkeypatch):
    if name == "numpy":
        for module in (cox_screen, logrank_screen, cox_adjusted, cut_statistics):
            monkeypatch.setattr(module, "compiled_loops", lambda: None)


@pytest.mark.parametrize("path", ["compiled", "numpy"])
def test_separated_genes_are_called_so_adjusted_for_covariates(path, monkeypatch):
    """Every death has the lower value: the estimate runs off, however slowly."""
    _path(path, monkeypatch)
    rng = np.random.default_rng(3)
    time, event = rng.exponential(1, 60), rng.random(60) < 0.4
    genes = np.where(event, 0.0, rng.integers(0, 2, (40, 60)))
    found = cox_screen.cox_screen(genes, sort_follow_up(time, event), "efron", rng.standard_normal((60, 1)))
    assert set(found.state) == {"separated"}


@pytest.mark.parametrize("path", ["compiled", "numpy"])
@pytest.mark.parametrize("adjusted", [False, True])
def test_a_sample_in_no_risk_set_decides_nothing(path, adjusted, monkeypatch):
    """R gives the same estimate whatever the value of a sample that is censored before the first event."""
    _path(path, monkeypatch)
    rng = np.random.default_rng(0)
    time, event = 1 + rng.exponential(1, 100), rng.random(100) < 0.6
    time[0], event[0] = 0.5, False
    covariates = rng.standard_normal((100, 1)) if adjusted else None
    follow_up = sort_follow_up(time, event)
    if adjusted:
        covariates = covariates[follow_up.columns]
    values = np.tile(rng.standard_normal(100), (9, 1))
    values[1, 0], values[2, 0], values[3, 0] = 1e4, 1e9, np.nan
    values[4, 1:] = 1.0
    found = cox_screen.cox_screen(values, follow_up, "efron", covariates)
    assert list(found.state[:4]) == [""] * 4 and found.state[4] == "constant"
    np.testing.assert_allclose(found.beta[1:4], found.beta[0], rtol=1e-9)
    np.testing.assert_allclose(found.se[1:4], found.se[0], rtol=1e-9)
    assert found.n[3] == 99 and found.mean[1] > 99


@pytest.mark.parametrize("path", ["compiled", "numpy"])
def test_a_search_in_which_no_cut_has_variance(path, monkeypatch):
    _path(path, monkeypatch)
    follow_up = sort_follow_up(np.ones(4), np.ones(4))
    found = logrank_screen.logrank_screen(np.array([[1.0, 2, 3, 4]]), follow_up, np.array([3.0]))
    assert list(found.state) == ["no_cut"]
    best = cut_statistics.best_cuts(np.array([[1.0, 2, 3, 4]]), rank_follow_up(np.ones(4), np.ones(4)), 0.1)
    assert best.n_low[0] == 0 and np.isnan(best.z[0]) and best.n_candidates[0] == 3


def test_scores_that_differ_by_rounding_only_have_no_variance():
    scores = np.array([[0.1 + 0.2, 0.3, 0.3, 0.3, 0.3]])
    found, _ = cut_statistics.cut_statistics(np.arange(5.0)[None], scores, np.zeros(5, dtype=np.int64), 0.0)
    assert found[0, 0] == 0


def test_a_marker_that_is_a_cohort_has_no_cut_within_cohorts(study):
    frame, time, event, _ = study
    cohort = (frame["cohort"] == "a").astype(float).to_numpy()[None]
    table = screen_analysis(frame, time, event, ExpressionMatrix(np.vstack([cohort, time[None]]), ["A", "B"],
                            list(frame["sample_id"])), method="maxstat").table.set_index("gene_id")  # fmt: skip
    assert table.loc["A", "flag"] == "no_cut" and np.isnan(table.loc["A", "p_value"])
    assert table.loc["A", "correction"] is None


@pytest.mark.parametrize("extra", [{"permutations": 9}, {"bootstraps": 9}])
def test_resampling_is_of_cox_screens(study, extra):
    frame, time, event, matrix = study
    with pytest.raises(UsageError, match="Cox screens"):
        screen_analysis(frame, time, event, matrix, method="maxstat", **extra)
