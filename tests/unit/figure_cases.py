"""Every figure at its extremes: two and fifteen cohorts or groups, one event, 10,000 samples, long names."""

from __future__ import annotations

import numpy as np
import pandas as pd
from report_example import cox_row, cox_table, km_curve, km_summary, km_test, survival_sample

from prognomics.association.comparison import compare_groups
from prognomics.cutpoint import cut_policy
from prognomics.cutpoint import cutpoint as cuts
from prognomics.cutpoint.cutpoint_table import cutpoint_table, roc_table
from prognomics.meta_analysis.pooled_table import meta_analysis
from prognomics.report.figures import (
    BoxFigure,
    CohortsFigure,
    CoxForestFigure,
    FlowFigure,
    HeatmapFigure,
    KaplanMeierFigure,
    MetaForestFigure,
    OverviewForestFigure,
)
from prognomics.report.figures.array_boxes import ENDS, ArrayBoxesFigure
from prognomics.report.figures.cut_profile import CutProfileFigure
from prognomics.report.figures.cutpoint import CutpointFigure
from prognomics.report.figures.differential import DifferentialFigure
from prognomics.report.figures.enrichment import EnrichmentFigure
from prognomics.report.figures.evaluation import EvaluationFigure
from prognomics.report.figures.incidence import IncidenceFigure
from prognomics.report.figures.learned import LearnedFigure
from prognomics.report.figures.nomogram import NomogramFigure
from prognomics.report.figures.parametric import ParametricFigure
from prognomics.report.figures.pca import PcaFigure
from prognomics.report.figures.power import PowerFigure
from prognomics.report.figures.rle import RleFigure
from prognomics.report.figures.roc import RocFigure
from prognomics.report.figures.schoenfeld import SchoenfeldFigure
from prognomics.report.figures.spline_curve import SplineCurveFigure
from prognomics.report.figures.volcano import VolcanoFigure
from prognomics.survival.competing_risks.analysis import incidence_analysis
from prognomics.survival.evaluation.nomogram import Axis, nomogram_rows
from prognomics.survival.parametric.analysis import parametric_analysis
from prognomics.survival.planning.analysis import Question, plan_study
from prognomics.survival.planning.trial import Trial

LONG = "undifferentiated pleomorphic sarcoma, not otherwise specified (FNCLCC 3)"
TITLE = f"XPO1 and metastasis-free survival of {LONG} in all cohorts that state it, $p$ < 0.05 & <b>bold</b>"
KINDS = ("normal", "primary", "primary", "primary", "relapse", "metastasis", None)


def names(n, long=False, stem="GSE1036"):
    return [f"{LONG} {i}" if long else f"{stem}{10 + i}" for i in range(n)]


def rng(seed=1):
    return np.random.default_rng(seed)


# ------------------------------------------------------------------ survival


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


# ------------------------------------------------------------------ markers


def box(n_groups=2, size=40, markers=1, long=False, cohorts=False, one=False):
    random = rng()
    sizes = [size] * n_groups if not one else [1, size]
    groups = np.repeat(names(n_groups, long, "group "), sizes).astype(object)
    values = pd.DataFrame({m: random.normal(8, 1, len(groups)) for m in names(markers, long, "GENE")})
    cohort = np.array([f"C{i % 3}" for i in range(len(groups))]) if cohorts else None
    table = compare_groups(values, groups, test="mann_whitney", cohort=cohort)
    return BoxFigure(table, values, groups, group_label=LONG if long else "tissue_type", value_label="expression",
                     value_unit="log2", title=TITLE if long else "")  # fmt: skip


def _cohort_values(n, size, long):
    random = rng()
    cohort = np.repeat(names(n, long), size)
    return random.normal(8, 1, n * size), cohort, np.tile(np.arange(size) % 4 > 0, n)


def roc(n=1, size=40, long=False, controls=None):
    values, cohort, case = _cohort_values(n, size, long)
    if controls:
        case = np.arange(size) >= controls
    values = values + case
    marker = LONG if long else "XPO1"
    found = [cuts.roc_cut(values, case, ~case, direction="high", rule="youden")]
    if n > 1:
        found = cut_policy.cut_within(cuts.roc_cut, values, cohort, direction="high", rule="youden",
                                      arrays={"case": case, "control": ~case})  # fmt: skip
    return RocFigure(roc_table(found, marker), cutpoint_table(found, marker=marker), title=TITLE if long else "",
                     value_unit="log2 intensity")  # fmt: skip


def cutpoint(n=1, size=80, long=False):
    values, cohort, _ = _cohort_values(n, size, long)
    marker = LONG if long else "XPO1"
    found = [cuts.median_cut(values)]
    if n > 1:
        found = cut_policy.cut_within(cuts.median_cut, values, cohort, direction="high", arrays={})
    parts = [values[cohort == c] for c in dict.fromkeys(cohort)] if n > 1 else [values]
    return CutpointFigure(parts, cutpoint_table(found, marker=marker), title=TITLE if long else "")


def cut_profile(n=1, size=80, long=False, critical=2.8):
    profiles, rows = [], []
    for i, name in enumerate(names(n, long)):
        cut = np.linspace(4, 12, size)
        profiles.append(pd.DataFrame({"lowest_high": cut, "statistic": 3 * np.sin(cut + i), "learnt_in": name,
                                      "inside": np.where((cut > 5) & (cut < 11), "yes", "no")}))  # fmt: skip
        rows.append({"marker": LONG if long else "XPO1", "learnt_in": name, "lowest_high": 8.3, "p_corrected": 0.0123,
                     "window_low": 5.0, "window_high": 11.0, "critical_value": critical, "hr_per_sd": 1.41,
                     "p_per_sd": 0.03, "hr_per_sd_low": 1.02, "hr_per_sd_high": 1.9, "hr_shrunken": 1.3,
                     "hr_shrunken_low": 1.01, "hr_shrunken_high": 1.6})  # fmt: skip
    return CutProfileFigure(pd.concat(profiles), pd.DataFrame(rows), title=TITLE if long else "")


def heatmap(genes=67, samples=120, classes=2, long=False):
    random = rng()
    ids = [f"S{i}" for i in range(samples)]
    values = pd.DataFrame(random.normal(size=(genes, samples)), names(genes, long, "GENE"), ids)
    known = names(classes, long, "class ") if long or classes != 2 else ["C1", "C2"]
    found = pd.Series([known[i % classes] for i in range(samples)], ids, dtype=object)
    found.iloc[0] = np.nan
    return HeatmapFigure(values, found, title=TITLE if long else "CINSARC")


# ------------------------------------------------------------------ samples and cohorts


def pca(n=2, size=40, long=False, stages=("before", "after")):
    random, parts = rng(), []
    cohort = np.repeat(names(n, long), size)
    for i, stage in enumerate(stages):
        center = np.repeat(random.normal(0, 6 * (1 - i), (n, 2)), size, axis=0)
        at = random.normal(0, 2, (n * size, 2)) + center
        parts.append(pd.DataFrame({"sample_id": [f"S{j}" for j in range(n * size)], "cohort": cohort, "stage": stage,
                                   "tissue_type": [KINDS[j % len(KINDS)] for j in range(n * size)],
                                   "PC1": at[:, 0], "PC2": at[:, 1]}))  # fmt: skip
    table = pd.DataFrame([
        {"metric": m, "scope": s, "stage": stage, "value": v}
        for stage in stages
        for m, s, v in (("explained_variance", "PC1", 0.314), ("explained_variance", "PC2", 0.112),
                        ("variance_share", "cohort", 0.271), ("variance_share_by_chance", "cohort", 0.011))
    ])  # fmt: skip
    return PcaFigure(pd.concat(parts), table, title=TITLE if long else "")


def rle(n=2, size=40, long=False):
    median = rng().normal(0, 0.1, n * size)
    return RleFigure(pd.DataFrame({
        "sample_id": [f"S{i}" for i in range(n * size)], "cohort": np.repeat(names(n, long), size),
        "rle_q1": median - 0.3, "rle_median": median,
        "rle_q3": median + 0.3, "rle_outlier": np.where(np.abs(median) > 0.2, "yes", "no"),
    }), title=TITLE if long else "")  # fmt: skip


def arrays(n=12, long=False):
    frame = pd.DataFrame({"sample_id": names(n, long, "GSM2"), "flags": "none"})
    for name, center in (("rle", 0.0), ("nuse", 1.0)):
        for end, offset in zip(ENDS, (-0.3, -0.1, 0, 0.1, 0.3), strict=True):
            frame[f"{name}_p{end}"] = center + offset + rng(end).normal(0, 0.03, n)
    frame.loc[::7, "flags"] = "rle_iqr"
    return ArrayBoxesFigure(frame, title=TITLE if long else "")


def flow(lanes=2, steps=3, leaves=3, long=False):
    rows = []
    for lane in names(lanes, long):
        for i in range(steps):
            rows.append(
                {
                    "part": "source",
                    "lane": lane,
                    "label": lane if not i else f"{LONG} kept" if long else "kept",
                    "n": 10_000 - i,
                    "events": 1,
                    "left_out": f"1 left out: {LONG}" if long and i else "3 left out: no outcome" if i else "",
                }
            )
    rows.append(
        {"part": "trunk", "label": "All cohorts together", "n": 10_000, "events": 1, "left_out": "2 near-duplicates"}
    )
    rows += [
        {"part": "leaf", "label": LONG if long else f"Analysis {i}", "n": 9000, "events": 1} for i in range(leaves)
    ]
    return FlowFigure(pd.DataFrame(rows), title=TITLE if long else "")  # fmt: skip


def cohorts(n=2, size=120, long=False):
    rows = [{"cohort": c, "platform": LONG if long else "Affymetrix HG-U133 Plus 2.0 (GPL570)", "n": size + 9 * i,
             "n_endpoint": size - 20, "events": 1 if i else size // 3, "followup_months": 60.0 + i,
             "followup_low": 40.0, "followup_high": 80.0} for i, c in enumerate(names(n, long))]  # fmt: skip
    return CohortsFigure(pd.DataFrame(rows), title=TITLE if long else "")


CASES = {
    "kaplan_meier_two": kaplan_meier,
    "kaplan_meier_fifteen_long": lambda: kaplan_meier(15, long=True, title=TITLE),
    "kaplan_meier_one_event": lambda: kaplan_meier(2, events=1),
    "kaplan_meier_10000": lambda: kaplan_meier(2, 5000),
    "kaplan_meier_days": lambda: kaplan_meier(3, long=True, time_unit="days", landmark=6.0),
    "nomogram": nomogram,
    "nomogram_many_long": lambda: nomogram(14, long=True, strata=6),
    "parametric_one": parametric,
    "parametric_two": lambda: parametric(2),
    "parametric_fifteen_long": lambda: parametric(15, long=True),
    "power_one": power,
    "power_many_long": lambda: power(range(100, 100_001, 12_000), long=True),
    "incidence_two": incidence,
    "incidence_one": lambda: incidence(1),
    "incidence_fifteen_long": lambda: incidence(15, long=True),
    "incidence_one_event": lambda: incidence(2, events=1),
    "incidence_10000": lambda: incidence(2, 5000),
    "cox_forest": cox_forest,
    "cox_forest_fifteen_long": lambda: cox_forest(15, long=True),
    "cox_forest_one_event": lambda: cox_forest(2, events=1.0),
    "overview_two": overview,
    "overview_fifteen_long": lambda: overview(15, long=True),
    "meta_two": meta,
    "meta_fifteen_long": lambda: meta(15, long=True),
    "meta_one_event": lambda: meta(3, one_event=True),
    "schoenfeld_one_10000": lambda: schoenfeld(1, 10_000),
    "schoenfeld_three_long": lambda: schoenfeld(3, long=True),
    "schoenfeld_one_event": lambda: schoenfeld(2, 1),
    "splines_three_long": lambda: splines(3, long=True, wide=900.0),
    "schoenfeld_fifteen": lambda: schoenfeld(15),
    "splines_fifteen": lambda: splines(15),
    "learned_two": learned,
    "learned_fifteen_long": lambda: learned(15, 60, long=True),
    "learned_nothing": lambda: learned(2, 0, complete=False),
    "volcano_20000": volcano,
    "volcano_10000_long": lambda: volcano(10_000, long=True),
    "differential": differential,
    "differential_long": lambda: differential(300, long=True),
    "enrichment": enrichment,
    "enrichment_one": lambda: enrichment(1),
    "enrichment_40_long": lambda: enrichment(40, long=True),
    "enrichment_ora": lambda: enrichment(40, "ora", long=True),
    "volcano_none": lambda: volcano(300, found=False),
    "volcano_one_gene": lambda: volcano(1, found=False),
    "evaluation_two": evaluation,
    "evaluation_fifteen_long": lambda: evaluation(15, long=True),
    "evaluation_one_model": lambda: evaluation(1, models=("marker",)),
    "box_two_in_cohorts": lambda: box(2, cohorts=True),
    "box_fifteen": lambda: box(15, 9),
    "box_fifteen_long": lambda: box(15, 9, long=True),
    "box_three_long_markers": lambda: box(3, markers=3, long=True, cohorts=True),
    "box_fifteen_markers": lambda: box(2, markers=15),
    "box_10000": lambda: box(2, 5000),
    "box_one_sample": lambda: box(2, one=True),
    "roc_one": roc,
    "roc_four_normals_long": lambda: roc(1, 300, long=True, controls=4),
    "roc_two": lambda: roc(2),
    "roc_fifteen_long": lambda: roc(15, long=True),
    "roc_10000": lambda: roc(1, 10_000),
    "cutpoint_one_long": lambda: cutpoint(long=True),
    "cutpoint_two": lambda: cutpoint(2),
    "cutpoint_fifteen_long": lambda: cutpoint(15, long=True),
    "cutpoint_10000": lambda: cutpoint(1, 10_000),
    "cut_profile_one_long": lambda: cut_profile(long=True),
    "cut_profile_lines_close": lambda: cut_profile(2, critical=2.0),
    "cut_profile_two": lambda: cut_profile(2),
    "cut_profile_fifteen_long": lambda: cut_profile(15, long=True),
    "cut_profile_10000": lambda: cut_profile(1, 10_000),
    "heatmap_two": heatmap,
    "heatmap_fifteen_long": lambda: heatmap(90, 60, 15, long=True),
    "heatmap_10000": lambda: heatmap(67, 10_000, 3),
    "pca_two": pca,
    "pca_fifteen_long": lambda: pca(15, long=True),
    "pca_one_stage_10000": lambda: pca(2, 5000, stages=("after",)),
    "pca_10000": lambda: pca(2, 5000),
    "rle_fifteen_long": lambda: rle(15, long=True),
    "rle_10000": lambda: rle(15, 667),
    "arrays_two_long": lambda: arrays(2, long=True),
    "arrays_fifteen": lambda: arrays(15),
    "arrays_1000": lambda: arrays(1000),
    "flow_two": flow,
    "flow_four_long": lambda: flow(4, 3, 4, long=True),
    "flow_one": lambda: flow(1, 5, 1),
    "cohorts_two": cohorts,
    "cohorts_fifteen_long": lambda: cohorts(15, long=True),
    "cohorts_10000": lambda: cohorts(15, 10_000),
}
