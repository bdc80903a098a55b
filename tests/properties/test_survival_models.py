"""What must not change a survival model, and what must: splines, interactions, weights, late entry, Firth."""

import warnings

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prognomics.modeling.locked import center_of
from prognomics.modeling.splines import harrell_knots, spline_basis
from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.baseline import baseline_curves
from prognomics.survival.cox.firth import fit_firth
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.curves.kaplan_meier import kaplan_meier
from prognomics.survival.curves.kaplan_meier_analysis import kaplan_meier_analysis
from prognomics.survival.curves.logrank import logrank
from prognomics.survival.curves.restricted_mean import restricted_mean

FEW = settings(max_examples=10, deadline=None)


@st.composite
def sheets(draw):
    n = draw(st.integers(40, 70))
    generator = np.random.default_rng(draw(st.integers(0, 2**16)))
    frame = pd.DataFrame({
        "sample_id": [f"s{i}" for i in range(n)], "time": generator.integers(1, 15, n).astype(float),
        "event": generator.integers(0, 2, n), "age": generator.normal(60, 10, n),
        "grade": generator.choice(["one", "two", "three"], n), "sex": generator.choice(["f", "m"], n),
        "late": generator.random(n) * 0.9, "w": generator.integers(1, 5, n) / 2,
    })  # fmt: skip
    assume(frame.groupby(["grade", "sex"])["event"].sum().reindex(
        pd.MultiIndex.from_product([["one", "two", "three"], ["f", "m"]]), fill_value=0).min() > 1)  # fmt: skip
    return frame, generator


def analyzed(frame, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options |= {"model": "multivariable", "eps": 1e-14}
        return cox_analysis(frame, "time", "event", ["age", "grade", "sex"], **options)


RICH = {"splines": ["age"], "n_knots": 3, "interactions": [("grade", "sex")], "weights": "w", "entry_time": "late"}
SAME = ["beta", "se", "p_value", "p_lr"]


@FEW
@given(sheets())
def test_order_of_samples_changes_nothing(sheet):
    frame, generator = sheet
    one, two = analyzed(frame, **RICH), analyzed(frame.iloc[generator.permutation(len(frame))], **RICH)
    np.testing.assert_allclose(two.table[SAME].astype(float), one.table[SAME].astype(float), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(two.ph["chisq"].astype(float), one.ph["chisq"].astype(float), rtol=1e-5, atol=1e-8)


@FEW
@given(sheets(), st.sampled_from([1e-3, 30.4375, 1e6]))
def test_unit_of_time_moves_the_baseline_only(sheet, unit):
    frame, _ = sheet
    scaled = frame.assign(time=frame["time"] * unit, late=frame["late"] * unit)
    one, two = analyzed(frame, **RICH), analyzed(scaled, **RICH)
    np.testing.assert_allclose(two.table[SAME].astype(float), one.table[SAME].astype(float), rtol=1e-7, atol=1e-9)
    curves = [baseline_curves(m.fit, m.design.x, center_of(m.design.x)) for a in (one, two) for m in a.models]
    np.testing.assert_allclose(curves[1][0].time, curves[0][0].time * unit)
    np.testing.assert_allclose(curves[1][0].cumulative_hazard, curves[0][0].cumulative_hazard, rtol=1e-7)


@FEW
@given(sheets())
def test_the_reference_level_changes_no_test_of_the_whole(sheet):
    frame, _ = sheet
    one, two = (analyzed(frame, interactions=[("grade", "sex")], reference_levels=r) for r in ({}, {"grade": "two"}))
    np.testing.assert_allclose(two.model[["loglik", "lr", "aic"]].astype(float),
                               one.model[["loglik", "lr", "aic"]].astype(float), rtol=1e-8)  # fmt: skip
    whole = [a.table.query("row_type == 'omnibus' and term == 'grade:sex'")[["p_value", "p_lr"]] for a in (one, two)]
    np.testing.assert_allclose(*(w.to_numpy(dtype=float) for w in whole), rtol=1e-5)


@FEW
@given(sheets(), st.sampled_from([0.01, 3.0, 1e4]), st.sampled_from([0.0, -50.0]))
def test_scale_and_shift_of_a_curved_variable_change_no_test(sheet, scale, shift):
    frame, _ = sheet
    one, two = (analyzed(f, splines=["age"]) for f in (frame, frame.assign(age=frame["age"] * scale + shift)))
    rows = [a.table.query("row_type == 'omnibus' and term == 'age'")["p_lr"].to_numpy(dtype=float) for a in (one, two)]
    np.testing.assert_allclose(rows[1], rows[0], rtol=1e-5, atol=1e-9)


@FEW
@given(sheets())
def test_weights_of_two_are_two_samples(sheet):
    frame, _ = sheet
    twice = pd.concat([frame, frame], ignore_index=True)
    x = (frame["sex"] == "m").to_numpy(dtype=float)
    one = fit_cox(frame["time"], frame["event"], x, ties="breslow", weights=np.full(len(frame), 2.0))
    two = fit_cox(twice["time"], twice["event"], np.tile(x, 2), ties="breslow")
    np.testing.assert_allclose([two.beta, two.se], [one.beta, one.se], rtol=1e-6)


@FEW
@given(sheets())
def test_firth_mirrors_and_lies_inside_its_limits(sheet):
    frame, _ = sheet
    x = (frame["sex"] == "m").to_numpy(dtype=float)[:, None]
    found, mirrored = (fit_firth(fit_cox(frame["time"], frame["event"], v), v) for v in (x, 1 - x))
    assert found.ci_low[0] < found.fit.beta[0] < found.ci_high[0]
    np.testing.assert_allclose(mirrored.fit.beta, -found.fit.beta, atol=1e-8)
    np.testing.assert_allclose(mirrored.ci_high, -found.ci_low, atol=1e-7)


@FEW
@given(sheets())
def test_entry_at_zero_and_a_landmark_at_zero_change_nothing(sheet):
    frame, _ = sheet
    none = np.zeros(len(frame))
    one, two = kaplan_meier(frame["time"], frame["event"]), kaplan_meier(frame["time"], frame["event"], entry=none)
    np.testing.assert_array_equal(two.survival, one.survival)
    for weights in ("logrank", "tarone_ware", "fleming_harrington"):
        tests = [logrank(frame["time"], frame["event"], frame["sex"], frame["grade"], weights, entry=e, powers=(1, 1))
                 for e in (None, none)]  # fmt: skip
        np.testing.assert_allclose(tests[1].chisq, tests[0].chisq, rtol=1e-12)
    summaries = [kaplan_meier_analysis(frame, "time", "event", "sex", landmark=at).summary for at in (None, 0.0)]
    kept = summaries[1].query("statistic != 'landmark'").reset_index(drop=True)
    pd.testing.assert_frame_equal(kept.drop(columns="population"), summaries[0].drop(columns="population"))


@FEW
@given(sheets())
def test_restricted_mean_without_censoring_is_the_mean(sheet):
    frame, _ = sheet
    time = frame["time"].to_numpy()
    mean = restricted_mean(kaplan_meier(time, np.ones(len(time))), 9.0)
    np.testing.assert_allclose(mean.estimate, np.minimum(time, 9.0).mean())
    np.testing.assert_allclose(mean.se, np.minimum(time, 9.0).std() / np.sqrt(len(time)), rtol=1e-9)


@FEW
@given(st.integers(3, 7), st.integers(0, 2**16))
def test_spline_is_a_line_beyond_its_outer_knots(n_knots, seed):
    x = np.random.default_rng(seed).normal(size=200)
    knots = harrell_knots(x, n_knots)
    outside = np.array([knots[0] - 3, knots[0] - 2, knots[0] - 1, knots[-1] + 1, knots[-1] + 2, knots[-1] + 3])
    basis = spline_basis(outside, knots)
    np.testing.assert_allclose(basis[:3, 1:], 0)
    np.testing.assert_allclose(np.diff(basis[3:], n=2, axis=0), 0, atol=1e-9 * np.abs(basis).max())
