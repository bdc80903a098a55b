"""Seven hundred small random data sets against R's own functions: ties, constants, no events, single samples.

Script and versions in `edges/`. Signed ranks are those of differences rounded to ten digits.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.enrichment.overlap import hypergeometric_upper
from prognomics.meta_analysis.pooling import pool
from prognomics.stats.exact_tests import fisher_exact
from prognomics.stats.paired_tests import paired_t, signed_rank
from prognomics.survival.concordance import concordance
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.curves.kaplan_meier import kaplan_meier, survival_quantile
from prognomics.survival.evaluation.censoring import CensoringWeights
from prognomics.survival.evaluation.discrimination import uno_c
from prognomics.survival.event_times import merge_near_ties

FOLDER = Path(__file__).parent / "edges"
DATA = pd.read_csv(FOLDER / "data.tsv.gz", sep="\t", float_precision="round_trip")
EXPECTED = pd.read_csv(FOLDER / "expected.tsv.gz", sep="\t", float_precision="round_trip")


def compare(kind, measured, rtol=1e-7, atol=1e-9):
    """Measure each data set of a kind by `measured(a, b, c, d)` and compare all that R gives; returns how many."""
    wanted = {
        number: part.set_index("stat")["value"] for number, part in EXPECTED[EXPECTED["kind"] == kind].groupby("set")
    }
    n = 0
    for number, part in DATA[DATA["kind"] == kind].groupby("set"):
        if number not in wanted:
            continue
        found = measured(*(part[name].to_numpy() for name in "abcd"), wanted[number])
        for stat, value in wanted[number].items():
            np.testing.assert_allclose(found[stat], value, rtol=rtol, atol=atol, err_msg=f"{kind} {number}: {stat}")
            n += 1
    return n


def test_pairs():
    def measured(x, y, _c, _d, _wanted):
        ranks, t = signed_rank(x, y), paired_t(x, y)
        return {
            "v": ranks.v,
            "p": ranks.p_value,
            "t": t.statistic,
            "tp": t.p_value,
            "tlow": t.ci_low,
            "thigh": t.ci_high,
        }

    assert compare("pairs", measured) == 720


def test_survival_curves_and_medians():
    def measured(time, event, _c, _d, _wanted):
        found = {}
        for kind in ("log", "log-log", "plain"):
            curve = kaplan_meier(time, event, kind)
            median = survival_quantile(curve)
            values = (median.estimate, median.ci_low, median.ci_high, curve.survival[-1], curve.se[-1],
                      curve.ci_low[-1], curve.ci_high[-1])  # fmt: skip
            names = ("median", "0.95LCL", "0.95UCL", "surv", "std.err", "lower", "upper")
            found |= {f"{kind} {name}": value for name, value in zip(names, values, strict=True)}
        return found

    assert compare("curves", measured) == 2520


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_concordance_and_slopes_within_strata():
    def measured(time, event, x, stratum, wanted):
        time, codes = merge_near_ties(time), np.unique(stratum, return_inverse=True)[1]
        plain = concordance(time, event, x, codes)
        uno = uno_c(CensoringWeights(time, event == 1, codes), x)
        found = {"n c": plain.estimate, "n se": plain.se, "n/G2 c": uno.value, "n/G2 se": uno.se}
        if 1 in np.bincount(codes, weights=event):  # there R gives the one event of a stratum no weight by its time
            found |= wanted[["n/G2 c", "n/G2 se"]].to_dict()
        if "beta" in wanted:
            fit = fit_cox(time, event, x[:, None], strata=codes)
            found |= {"beta": fit.beta[0], "beta_se": np.sqrt(fit.covariance[0, 0])}
        return found

    assert compare("concordance", measured, rtol=1e-6) == 670


def test_pooled_effects():
    def measured(effects, se, _c, _d, _wanted):
        found = {}
        for tau in ("DL", "PM", "REML"):
            pooled = pool(effects, se, tau=tau.lower(), hartung_knapp=False)
            found |= {
                f"{tau} b": pooled.effect,
                f"{tau} se": pooled.se,
                f"{tau} tau2": pooled.tau2,
                f"{tau} i2": pooled.i2,
            }
        return found

    assert compare("pooled", measured, rtol=1e-5, atol=1e-6) == 1440


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_tables():
    """A few sums would take more than some seconds: their p is drawn, which the method states."""
    drawn: list[float] = []

    def measured(counts, row, column, _d, wanted):
        table = np.zeros((int(row.max()), int(column.max())), int)
        table[row.astype(int) - 1, column.astype(int) - 1] = counts
        found = fisher_exact(table, rng=np.random.default_rng(1))
        if found.method == "exact":
            return {"p": found.p_value}
        drawn.append((found.p_value / wanted["p"] - 1) / found.relative_error)
        return wanted

    assert compare("tables", measured, rtol=1e-6) == 137
    assert len(drawn) <= 5 and np.abs(drawn).max(initial=0) < 4


def test_overlaps():
    def measured(overlap, marked, drawn, total, _wanted):
        return {"p": hypergeometric_upper(int(overlap[0]), int(marked[0]), int(drawn[0]), int(total[0]))}

    assert compare("overlaps", measured, rtol=1e-6, atol=0) == 150
