"""Figures of samples, groups and cutpoints at their extremes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from figure_inputs import KINDS, LONG, TITLE, names, rng

from prognomics.association.comparison import compare_groups
from prognomics.cutpoint import cut_policy
from prognomics.cutpoint import cutpoint as cuts
from prognomics.cutpoint.cutpoint_table import cutpoint_table, roc_table
from prognomics.report.figures import BoxFigure, HeatmapFigure
from prognomics.report.figures.array_boxes import ENDS, ArrayBoxesFigure
from prognomics.report.figures.cut_profile import CutProfileFigure
from prognomics.report.figures.cutpoint import CutpointFigure
from prognomics.report.figures.pca import PcaFigure
from prognomics.report.figures.rle import RleFigure
from prognomics.report.figures.roc import RocFigure


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
