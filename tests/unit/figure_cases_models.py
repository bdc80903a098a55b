"""Figures of models and of survival at their extremes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from figure_inputs import LONG, TITLE, names, rng
from report_example import cox_row, cox_table, km_curve, km_summary, km_test, survival_sample

from prognomics.meta_analysis.pooled_table import meta_analysis
from prognomics.report.figures import CoxForestFigure, KaplanMeierFigure, MetaForestFigure, OverviewForestFigure
from prognomics.report.figures.differential import DifferentialFigure
from prognomics.report.figures.enrichment import EnrichmentFigure
from prognomics.report.figures.evaluation import EvaluationFigure
from prognomics.report.figures.incidence import IncidenceFigure
from prognomics.report.figures.learned import LearnedFigure
from prognomics.report.figures.nomogram import NomogramFigure
from prognomics.report.figures.parametric import ParametricFigure
from prognomics.report.figures.power import PowerFigure
from prognomics.report.figures.schoenfeld import SchoenfeldFigure
from prognomics.report.figures.spline_curve import SplineCurveFigure
from prognomics.report.figures.volcano import VolcanoFigure
from prognomics.survival.competing_risks.analysis import incidence_analysis
from prognomics.survival.evaluation.nomogram import Axis, nomogram_rows
from prognomics.survival.parametric.analysis import parametric_analysis
from prognomics.survival.planning.analysis import Question, plan_study
from prognomics.survival.planning.trial import Trial


def kaplan_meier(n_groups=2, size=60, long=False, events=None, **options):
    groups = ["low", "high"] if n_groups == 2 and not long else names(n_groups, long, "group ")
    samples = {}
    for i, group in enumerate(groups):
        time, event = survival_sample(size, i, 0.004 + 0.004 * i / max(n_groups - 1, 1))
        samples[group] = (time, event if events is None else (np.arange(len(event)) < events * (i == 0)).astype(int))
    curve = km_curve(samples)
    options = {"test": km_test(0.0028, "cohort"), "hazard": "HR 2.97 (1.84–4.79), Wald p = 7.5e-06", **options}
    return KaplanMeierFigure(curve, km_summary(curve, (12.0, 36.0, 60.0)), at=[12, 36, 60], **options)


def nomogram(n_terms=2, long=False, strata=1):
    levels = tuple(f"{LONG} {i}" if long else f"level {i}" for i in range(12 if long else 3))
    axes = [Axis(f"{LONG} {j}" if long else f"x{j}", levels, tuple(0.1 * (j + 1) * i for i in range(len(levels))))
            for j in range(n_terms)]  # fmt: skip
    baselines = {f"{LONG} {k}" if long else f"c{k}": {36.0: 0.2, 60.0: 0.6} for k in range(strata)}
    table = pd.DataFrame(nomogram_rows(axes, baselines, 0.0)).assign(model="covariates")
    return NomogramFigure(table, title=TITLE if long else "")


def parametric(n_groups=1, long=False):
    rng = np.random.default_rng(4)
    names = [f"{LONG} {i}" if long else f"g{i}" for i in range(n_groups)]
    sheet = pd.DataFrame({"g": rng.choice(names, 60 * n_groups), "t": rng.exponential(30, 60 * n_groups), "e": 1})
    found = parametric_analysis(sheet, "t", "e", group_column="g" if n_groups > 1 else None, horizon=400)
    return ParametricFigure(found.curve, found.fit, endpoint=LONG if long else "os", title=TITLE if long else "")


def power(sizes=(100,), long=False):
    trial = Trial(False, (0.4,), (30.0,), 12.0, 36.0)
    found = plan_study(lambda _: trial, list(sizes), Question([0.8, 0.9], [1.5], simulations=20))
    table = found.table.assign(unit=LONG) if long else found.table
    return PowerFigure(found.curve, table, title=TITLE if long else "")


def incidence(n_groups=2, size=60, long=False, events=None):
    groups = ["low", "high"] if n_groups == 2 and not long else names(n_groups, long, "group ")
    draw, parts, number = rng(5), [], np.arange(size)
    for group in groups:
        cause = draw.choice([0, 1, 2], size) if events is None else (number < events * (group == groups[0])) * 1
        parts.append(pd.DataFrame({"g": group, "t": draw.exponential(40, size) + 70 * (number == 0), "c": cause}))
    sheet = pd.concat(parts, ignore_index=True)
    found = incidence_analysis(sheet, "t", "c", "g" if n_groups > 1 else None, at=[12, 60])
    return IncidenceFigure(found.curve, found.incidence, found.test, endpoint=LONG if long else "dss", at=[12, 60],
                           title=TITLE if long else "")  # fmt: skip


def cox_forest(levels=3, long=False, events=123.0):
    table = cox_table()
    rows = [cox_row("multivariable", "histology", "reference", level="a", reference="a", n_level=9.0, events_level=1.0)]
    for i, name in enumerate(names(levels, long, "level ")):
        ratio = float(np.exp(0.5 * np.sin(i)))
        rows.append(cox_row("multivariable", "histology", level=name, reference="a", n_level=1000.0 + i, hr=ratio,
                            events_level=events, ci_low=ratio / 2, ci_high=ratio * 2, p_value=0.03))  # fmt: skip
    return CoxForestFigure(pd.concat([table, pd.DataFrame(rows)], ignore_index=True).assign(events=events),
                           title=TITLE if long else "")  # fmt: skip


def overview(n=2, long=False):
    rows = [{"label": "Cohorts", "kind": "heading"}]
    for i, name in enumerate(names(n, long)):
        rows.append({"label": name, "n": 9000 + i, "events": 1 + 40 * i, "hr": 1.2 + 0.1 * i, "ci_low": 0.01 + 0.3 * i,
                     "ci_high": 90.0 - 5 * i, "p_value": 1e-12, "kind": "cohort"})  # fmt: skip
    rows += [{"label": "All, stratified by cohort", "n": 10_000, "events": 3210, "hr": 1.5, "ci_low": 1.1,
              "ci_high": 2.2, "p_value": 0.01, "kind": "headline"}, {"label": "none", "n": 9, "events": 0}]  # fmt: skip
    return OverviewForestFigure(pd.DataFrame(rows), title=TITLE if long else "")


def meta(n=2, long=False, one_event=False):
    random = rng()
    events = [1, 1] + [0] * (n - 2) if one_event else random.integers(8, 300, n)
    effects = pd.DataFrame({
        "cohort": names(n, long), "log_hr": random.normal(0.4, 0.4, n), "se": random.uniform(0.1, 0.6, n), "n": 667,
        "events": events,
    })  # fmt: skip
    if one_event:
        effects[["log_hr", "se"]] = [[0.7, 1.4], [0.3, 5.0]] + [[np.nan, np.nan]] * (n - 2)
    return MetaForestFigure(meta_analysis(effects, tau="reml", hartung_knapp=True, unit="high vs low"),
                            title=TITLE if long else "")  # fmt: skip


def schoenfeld(n=1, size=80, long=False):
    random, parts = rng(), []
    for name in names(n, long, "term "):
        time = np.sort(random.exponential(40, size).round(1))
        parts.append(pd.DataFrame({
            "model": "multivariable", "covariates": "all", "column": name, "term": name, "transform": "km",
            "time_months": time, "transformed_time": np.linspace(0, 1, size), "scaled": random.normal(0, 2, size),
            "smooth": np.linspace(-0.4, 0.9, size), "beta": 0.3,
        }))  # fmt: skip
    ph = pd.DataFrame({"model": "multivariable", "covariates": "all", "term": names(n, long, "term "),
                       "transform": "km", "p_value": 1.3e-9})  # fmt: skip
    return SchoenfeldFigure(pd.concat(parts), ph, title=TITLE if long else "")


def splines(n=1, long=False, wide=2.0):
    parts = []
    for name in names(n, long, "term "):
        x = np.linspace(2, 14, 60)
        ratio = np.exp(((x - 8) / 6) ** 2 * np.log(wide))
        parts.append(pd.DataFrame({"model": "multivariable", "covariates": "all", "term": name, "value": x, "hr": ratio,
                                   "ci_low": ratio / wide, "ci_high": ratio * wide, "reference_value": 8.0,
                                   "p_nonlinear": 1.3e-9}))  # fmt: skip
    return SplineCurveFigure(pd.concat(parts), title=TITLE if long else "")


def learned(n_cohorts=2, n_genes=8, long=False, complete=True):
    draw = rng(3)
    sets = [*names(n_cohorts, long), "all", "apparent"]
    rows = [{"model": model, "held_out": one, "statistic": "c_harrell", "time_months": np.nan, "estimate": c,
             "ci_low": c - 0.08, "ci_high": c + 0.08}
            for model in ("signature", "clinical", "signature_and_clinical") for one in sets
            for c in [draw.uniform(0.5, 0.7)]]  # fmt: skip
    genes = pd.DataFrame({"term": names(n_genes, long, "GENE"), "kind": "gene", "scale": 1.0,
                          "coefficient": draw.normal(0, 0.2, n_genes)})  # fmt: skip
    null = pd.DataFrame({"statistic": "c_harrell", "estimate": draw.normal(0.53, 0.03, 1001),
                         "signature": ["signature", *["random"] * 1000]})  # fmt: skip
    cv = pd.DataFrame({"lambda": np.geomspace(0.3, 0.003, 50), "mean": 6 + draw.uniform(0, 1, 50), "se": 0.3,
                       "chosen": [None] * 10 + ["1se"] + [None] * 9 + ["min"] + [None] * 29})  # fmt: skip
    return LearnedFigure(genes, pd.DataFrame(rows), null if complete else None, cv if complete else None,
                         title=TITLE if long else "")  # fmt: skip


def enrichment(n=15, method="gsea", long=False):
    found = rng().integers(15, 500, n)
    table = pd.DataFrame({"set": names(n, long, "SET_"), "method": method, "n_found": found, "es": 0.5,
                          "nes": np.linspace(2.5, -2, n), "overlap": np.arange(n), "expected": 2.0,
                          "q_value": np.linspace(1e-12, 1, n)})  # fmt: skip
    running = pd.DataFrame({"rank": [0, 10, 11, 900, 901, 20_000], "score": [0, -0.1, 0.5, 0.4, 0.9, 0],
                            "hit": [False, False, True, False, True, False]})  # fmt: skip
    return EnrichmentFigure(table, running if method == "gsea" else None, top=40, title=TITLE if long else "")


def differential(n=20_000, long=False):
    contrast = f"high minus low ({LONG if long else 'XPO1_group'})"
    table = pd.DataFrame({"gene_id": names(n), "log_fc": rng().standard_normal(n), "p_value": rng(2).random(n) ** 4,
                          "block": "cohort", "contrast": contrast})  # fmt: skip
    table["q_value"] = table["p_value"] * 2
    return DifferentialFigure(table, title=TITLE if long else "")


def volcano(n=20_000, found=True, long=False):
    random = rng()
    z = random.normal(0, 1.6 if found else 0.5, n)
    table = pd.DataFrame({
        "gene_id": names(n, long, "GENE"), "hr": np.exp(z * 0.2), "p_value": np.exp(-(z**2) / 2) * 0.9,
        "strata": "cohort", "method": "Cox, per standard deviation",
    })  # fmt: skip
    table["q_value"] = np.where(table["p_value"] < 0.001, 0.01, 0.4) if found else 0.9
    return VolcanoFigure(table, highlight=[table["gene_id"].iloc[0]], title=TITLE if long else "")


def evaluation(n_cohorts=2, long=False, models=("covariates", "marker", "covariates+marker")):
    """Tables as `evaluate_model` writes them, made up."""
    random, time = rng(), np.arange(6.0, 121, 6)
    table, roc, curve, calibration, decision = [], [], [], [], []
    grid = np.linspace(0, 1, 60)
    for i, model in enumerate(models):
        share = 0.6 + 0.08 * i
        estimate = {"model": model, "ci_low": share - 0.07, "ci_high": share + 0.07, "estimate": share}
        table.append(estimate | {"metric": "auc", "validation": "apparent", "time_months": 60.0})
        for cohort in ["all", *names(n_cohorts, long)]:
            shift = random.normal(0, 0.03)
            table.append(estimate | {"metric": "harrell_c", "validation": "leave_one_cohort_out", "cohort": cohort,
                                     "estimate": share + shift, "ci_low": share - 0.3 + shift})  # fmt: skip
        roc.append(pd.DataFrame({"model": model, "time_months": 60.0, "specificity": grid,
                                 "sensitivity": (1 - grid) ** (1 / (1 + i))}))  # fmt: skip
        curve.append(pd.DataFrame({"model": model, "time_months": time, "auc": share + 0.02 * np.sin(time / 9),
                                   "auc_low": share - 0.1, "auc_high": share + 0.1, "brier": 0.2 - 0.02 * i,
                                   "brier_null": 0.22}))  # fmt: skip
        risk = np.linspace(0.1, 0.8, 5)
        calibration.append(pd.DataFrame({"model": model, "time_months": 60.0, "predicted": risk, "observed": risk * 0.9,
                                         "ci_low": risk * 0.6, "ci_high": np.minimum(risk * 1.3, 1)}))  # fmt: skip
        decision.append(pd.DataFrame({"model": model, "time_months": 60.0, "threshold": grid, "n_high": 5,
                                      "net_benefit": 0.3 - grid * (0.7 - 0.1 * i)}))  # fmt: skip
    decision.append(decision[0].assign(model="all", net_benefit=0.3 - grid))
    frames = [pd.DataFrame(table), *(pd.concat(f) for f in (roc, curve, calibration, decision))]
    return EvaluationFigure(*frames, marker=LONG if long else "XPO1", title=TITLE if long else "")
