"""Late entry, weighted tests, restricted means, splines, interactions, weights, Firth and residuals against R.

The numbers and the script that made them are in tests/reference/survival (make_depth_references.R). Agreement asked
for: curves, tests and log-likelihoods 1e-9 relative, coefficients and standard errors 1e-8, residuals and baselines
1e-7 (sums), p-values 1e-7, Firth's penalized maximum 1e-6 (R's side is a numerical maximization).
"""

import numpy as np
import pandas as pd
import pytest
from test_survival_R import close, expected_of, real_data, synthetic_data

from prognomics.modeling.coefficient_tests import likelihood_ratio_test
from prognomics.modeling.design_matrix import build_design
from prognomics.modeling.design_terms import expand_design
from prognomics.modeling.locked import center_of
from prognomics.modeling.splines import harrell_knots
from prognomics.survival.concordance import concordance
from prognomics.survival.cox.baseline import baseline_curves
from prognomics.survival.cox.firth import fit_firth
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.proportional_hazards import cox_zph
from prognomics.survival.cox.residuals import sample_residuals, schoenfeld_residuals
from prognomics.survival.curves.kaplan_meier import kaplan_meier, survival_quantile
from prognomics.survival.curves.logrank import logrank
from prognomics.survival.curves.restricted_mean import mean_difference, restricted_mean
from prognomics.survival.event_times import merge_near_ties

SYNTHETIC = expected_of("depth_expected.tsv.gz")
REAL = expected_of("depth_real_expected.tsv.gz")
INTERACTIONS = {"interaction": [("x1", "f")], "factors": [("f", "group")]}
TERMS = {"factors": ["x1", "f", "group"]}


def big_data():
    i = np.arange(1, 100_001)
    x1 = ((i * 104729) % 99991) / 99991
    return pd.DataFrame({
        "time": (i * 7919) % 100003 // 100 + np.round(50 * x1), "event": (i * 31 % 7 < 3).astype(int), "x1": x1,
        "f": np.array(["I", "II", "III"])[i * 13 % 3], "group": np.array(["a", "b"])[i * 17 % 2], "stratum": i % 4,
        "cluster": i // 5,
    })  # fmt: skip


def with_design(frame):
    i = np.arange(1, len(frame) + 1)
    late = frame["time"].to_numpy(dtype=float) * ((i * 7) % 10) / 20
    return frame.assign(entry=late, w=0.5 + (i % 4) / 2, w2=1.0 + i % 3)


def data_of(name, folder=None):
    if name == "big":
        return with_design(big_data())
    return with_design(synthetic_data()[name] if folder is None else real_data(folder)[name])


def late(frame):
    return frame[frame["entry"] < frame["time"]].reset_index(drop=True)


def sums(r):
    return [r.sum(), np.abs(r).sum(), (r * np.sin(np.arange(1, len(r) + 1))).sum()]


def squares(r):
    return [r.sum(), np.abs(r).sum(), (r**2).sum()]


def like(ours, theirs, rtol):
    """Sums that cancel to nothing are compared on the scale of their parts."""
    close(ours, theirs, rtol, rtol * float(np.nanmax(np.abs(theirs))) + 1e-12)


def check_late_curve(d, config, r):
    d = late(d)
    curve = kaplan_meier(d["time"], d["event"], entry=d["entry"])
    at = np.searchsorted(curve.time, r["time"] * (1 - 1e-12))
    for name in ("time", "n_risk", "survival", "se", "ci_low", "ci_high"):
        close(getattr(curve, name)[at], r[name], 1e-10, 1e-14)


def check_late_median(d, config, r):
    d = late(d)
    found = survival_quantile(kaplan_meier(d["time"], d["event"], entry=d["entry"]))
    for name in ("estimate", "ci_low", "ci_high"):
        close(getattr(found, name), r[name], 1e-10)


def check_rmst_difference(d, config, r):
    groups = sorted(d["group"].unique())
    d = d.assign(time=merge_near_ties(d["time"].to_numpy(dtype=float)))
    means = []
    for place in config.split():
        part = d[d["group"] == groups[int(place) - 1]]
        curve = kaplan_meier(part["time"], part["event"], timefix=False)
        means.append(restricted_mean(curve, float(r["horizon"][0])))
    found = mean_difference([means[1].estimate - means[0].estimate], [means[0].se ** 2 + means[1].se ** 2])
    like([found.estimate, found.se], [*r["estimate"], *r["se"]], 1e-9)
    close(found.p_value, r["p"], 1e-7)


def check_weighted(d, config, r):
    weights, strata, who = config.split("|")
    weights, *powers = weights.split()
    d = late(d) if who == "late" else d
    test = logrank(
        d["time"], d["event"], d["group"], d["stratum"] if strata == "strata" else None, weights,
        entry=d["entry"] if who == "late" else None, powers=tuple(map(float, powers)) or (0.0, 0.0),
    )  # fmt: skip
    close(test.observed, r["observed"], 1e-10, 1e-12)
    close(test.expected, r["expected"], 1e-10, 1e-12)
    close(test.chisq, r["chisq"], 1e-8)


def check_survmisc(d, config, r):
    two = d[d["group"].isin(sorted(d["group"].unique())[:2])]
    options = {"late": ("fleming_harrington", (0.0, 1.0)), "early": ("fleming_harrington", (2.0, 0.0))}
    for name, theirs in r.items():
        weights, powers = options.get(name, (name, (0.0, 0.0)))
        # the package rounds its table to four significant digits
        close(logrank(two["time"], two["event"], two["group"], weights=weights, powers=powers).chisq, theirs, 2e-3)


FITTED = {}


def fitted(name, config, folder=None):
    kind, ties = config.split("|")[:2]
    if (name, kind, ties) in FITTED:
        return FITTED[name, kind, ties]
    d = everyone = data_of(name, folder)
    if kind in ("entry", "all"):
        d = late(d)
    knots = {"x1": harrell_knots(everyone["x1"].to_numpy(dtype=float), 4)} if kind in ("spline", "all") else {}
    design = build_design(d, TERMS.get(kind, ["x1", "f"]), d["event"].to_numpy())
    design = expand_design(design, knots, INTERACTIONS.get(kind, []))
    weights = {"weights": "w", "all": "w", "counts": "w2"}.get(kind)
    cluster = {"weights": np.arange(len(d)), "all": d["cluster"]}.get(kind)
    fit = fit_cox(
        d["time"], d["event"], design.x, d["stratum"] if kind == "all" else None, ties,
        None if weights is None else d[weights], d["entry"] if kind in ("entry", "all") else None, cluster,
        design.columns, eps=1e-14, max_iterations=100,
    )  # fmt: skip
    FITTED[name, kind, ties] = d, design, fit, cluster
    return FITTED[name, kind, ties]


def check_fit(name, folder, config, r):
    d, _, fit, cluster = fitted(name, config, folder)
    known = ~np.isnan(r["beta"])
    assert (fit.estimable == known).all()
    like(fit.beta[known], r["beta"][known], 1e-8)
    close(fit.se[known], r["se"][: len(known)][known], 1e-8)
    close(fit.naive_se[known], r["naive_se"][: len(known)][known], 1e-8)
    for item in ("loglik_null", "loglik"):
        close(getattr(fit, item), r[item], 1e-11)
    close(fit.score, r["score"], 1e-7)
    # coxph drops a coefficient from Wald's test where variances differ by many orders of magnitude
    if "infinite" not in fit.reason and name != "huge_scale":
        close(fit.wald, r["wald"], 1e-7)
    found = concordance(fit.time, fit.event, fit.linear_predictor, fit.stratum, fit.weights, fit.entry, cluster=cluster)
    close([found.estimate, found.se], [*r["concordance"], *r["concordance_se"]], 1e-6)


def check_against_line(name, folder, config, r):
    d, design, fit, _ = fitted(name, config, folder)
    left = design.without([1, 2])
    line = fit_cox(fit.time, fit.event, design.x[:, left], ties=fit.ties, eps=1e-14)
    found = likelihood_ratio_test(fit, line)
    close(found.chisq, r["chisq"], 1e-6)
    close(found.p_value, r["p"], 1e-6)


def check_residuals(name, folder, config, r):
    _, _, fit, _ = fitted(name, config, folder)
    ours, events = sample_residuals(fit), schoenfeld_residuals(fit)
    like(sums(ours.martingale), r["martingale"], 1e-8)
    like(sums(ours.deviance), r["deviance"], 1e-7)
    for j in range(len(fit.columns)):
        letter = "abcdefghijkl"[j]
        like(sums(ours.dfbeta[:, j]), r[f"dfbeta_{letter}"], 1e-7)
        like(squares(events.residual[:, j]), r[f"schoenfeld_{letter}"], 1e-7)
        like(squares(events.scaled[:, j]), r[f"scaled_{letter}"], 1e-7)


def check_baseline(name, folder, config, r):
    _, design, fit, _ = fitted(name, config, folder)
    center = center_of(design.x, fit.weights)
    if "all" in config:  # with late entry coxph's means leave the weights out; any center must do
        center = r["means"]
    like(center, r["means"], 1e-10)
    curves = baseline_curves(fit, design.x, center)
    with_events = [curve.n_event > 0 for curve in curves]
    assert [int(there.sum()) for there in with_events] == list(r["events"])
    hazard = np.concatenate([c.cumulative_hazard[there] for c, there in zip(curves, with_events, strict=True)])
    se = np.concatenate([c.se[there] for c, there in zip(curves, with_events, strict=True)])
    like(sums(hazard), r["cumhaz"], 1e-8)
    like(sums(se), r["std"], 1e-7)
    like(sums(np.exp(-hazard)), r["survival"], 1e-8)


def check_zph(name, folder, config, r):
    _, _, fit, _ = fitted(name, config, folder)
    test = cox_zph(fit, config.split("|")[2])
    ours = [*test.terms.values(), test.overall]
    close([one.chisq for one in ours], r["chisq"], 1e-6, 1e-10)
    close([one.p_value for one in ours], r["p"], 1e-6)


def check_firth(name, folder, config, r):
    d = data_of(name, folder)
    columns = {"level_without_events": ["x1", "f"], "one_event": ["x1"]}.get(name, ["x1", "x2"])
    design = build_design(d, columns, d["event"].to_numpy())
    found = fit_firth(fit_cox(d["time"], d["event"], design.x, ties=config, columns=design.columns), design.x)
    like(found.fit.beta, r["beta"], 1e-6)
    close(found.fit.se, r["se"], 1e-6)
    # R's side knows the constant of the penalty in the columns' own units, ours standardized
    close(found.fit.loglik - found.fit.loglik_null, r["loglik"] - r["null"], 1e-7)
    like(found.ci_low, r["low"], 2e-6)
    like(found.ci_high, r["high"], 2e-6)
    close([found.test([j]).p_value for j in range(design.x.shape[1])], r["p"], 1e-5)


ESTIMATORS = {
    "late_curve": check_late_curve, "late_median": check_late_median, "rmst_difference": check_rmst_difference,
    "weighted": check_weighted, "survmisc": check_survmisc,
}  # fmt: skip
MODELS = {
    "fit": check_fit, "against_line": check_against_line, "residuals": check_residuals, "baseline": check_baseline,
    "zph": check_zph, "firth": check_firth,
}  # fmt: skip


def check(case, expected, folder=None):
    name, kind, config = case
    if kind in ESTIMATORS:
        ESTIMATORS[kind](data_of(name, folder), config, expected[case])
    else:
        MODELS[kind](name, folder, config, expected[case])


@pytest.mark.parametrize("case", SYNTHETIC, ids="|".join)
def test_synthetic_cohorts(case):
    check(case, SYNTHETIC)


@pytest.mark.parametrize("case", REAL, ids="|".join)
def test_real_cohorts(case, shared_data):
    check(case, REAL, shared_data)
