"""Figures of subgroups, odds, locked models and clusters at their extremes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from figure_inputs import TITLE, names, rng
from report_example import km_curve, km_test, survival_sample

from prognomics.data.sheet import as_sheet
from prognomics.regression.analysis import logistic_analysis
from prognomics.regression.outcome import binary_outcome
from prognomics.report.figures.consensus import ConsensusFigure
from prognomics.report.figures.forest import OddsForestFigure
from prognomics.report.figures.subgroup_forest import SubgroupForestFigure
from prognomics.report.figures.validation import ValidationFigure
from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.outputs import further_tables


def sheet(levels, long, size=40):
    random, n = rng(), size * levels
    return pd.DataFrame({"time": random.exponential(30, n) + 0.1, "event": random.integers(0, 2, n),
                         "marker": random.normal(size=n), "age": random.normal(60, 10, n),
                         "kind": np.repeat(names(levels, long, "level "), size)})  # fmt: skip


def subgroups(levels=2, long=False):
    found = cox_analysis(sheet(levels, long), "time", "event", ["marker"], strata=["none"], markers=["marker"],
                         subgroups=["kind", "age"])  # fmt: skip
    return SubgroupForestFigure(further_tables(found, "km")["subgroups"](), title=TITLE if long else "")


def odds(levels=2, long=False):
    frame = sheet(levels, long)
    samples = as_sheet(
        frame.assign(sample_id=[f"s{i}" for i in range(len(frame))], yes=frame["event"].map({0: "no", 1: "yes"}))
    )
    table = logistic_analysis(frame, binary_outcome(samples, "yes"), ["marker", "kind"], strata=["none"]).table
    return OddsForestFigure(table, title=TITLE if long else "")


def consensus(classes=2, long=False, size=20):
    random, n = rng(), size * classes
    known = names(classes, long, "group_")
    at = np.repeat(np.arange(classes), size)
    alike = np.clip((at[:, None] == at) * 0.9 + random.uniform(0, 0.1, (n, n)), 0, 1)
    k = np.arange(2, max(classes, 3) + 1)
    table = pd.DataFrame({"k": k, "pac": np.linspace(0, 1, len(k)), "silhouette": np.linspace(-0.4, 1, len(k)),
                          "chosen": ["yes" if value == classes else "no" for value in k]})  # fmt: skip
    return ConsensusFigure(alike, np.array(known)[at], known, table, title=TITLE if long else "")


def validation(cohorts=2, long=False, groups=("low", "high")):
    random = rng()
    low = random.uniform(0.3, 0.6, cohorts)
    table = pd.DataFrame({"cohort": names(cohorts, long), "statistic": "c_harrell", "estimate": low + 0.1,
                          "ci_low": low, "ci_high": low + 0.3, "n": 10_000, "events": 3210})  # fmt: skip
    predicted = np.linspace(0.01, 0.99, 5)
    calibration = pd.DataFrame({"time_months": 60.0, "predicted": predicted, "observed": predicted**2,
                                "ci_low": predicted**2 * 0.8, "ci_high": predicted})  # fmt: skip
    curve = km_curve({group: survival_sample(60, i) for i, group in enumerate(groups)})
    return ValidationFigure(table, calibration, curve, km_test(0.0028, "cohort"), title=TITLE if long else "")
