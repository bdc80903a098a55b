"""Tasks of several cohorts: units, platforms, endpoints, covariates that are missing, subgroups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from . import cohorts, oracle
from .task import Answers, Expected, Task


def two_units(folder: Path, rng: np.random.Generator) -> Expected:
    frames = []
    for name, n, base in (("north", 100, 0.0), ("south", 80, 0.9)):
        mutated = rng.random(n) < (0.3 if name == "north" else 0.6)
        months, events = cohorts.survival(rng, base + 0.6 * mutated)
        frames.append(
            pd.DataFrame(
                {
                    "patient": cohorts.ids(name[0].upper(), n),
                    "time": months,
                    "dead": events,
                    "mutated": np.where(mutated, "yes", "no"),
                }
            )
        )
    north, south = frames
    cohorts.write(north.rename(columns={"time": "os_months"}), folder / "north.tsv")
    in_days = south.assign(time=np.round(south["time"] * 30.4375)).rename(columns={"time": "os_days"})
    cohorts.write(in_days, folder / "south.tsv")

    def answers(second: pd.Series, strata: list[str]) -> Answers:
        both = pd.concat([north.assign(cohort="north"), south.assign(time=second, cohort="south")])
        both = both.assign(os_time=both["time"], os_event=both["dead"], mutated=(both["mutated"] == "yes").astype(int))
        return {"hr": oracle.hazard_ratio(both, "mutated", strata=strata), "n": len(both)}

    months = in_days["os_days"] / 30.4375
    return Expected(
        answers(months, ["cohort"]),
        {
            "days taken for months, not stratified": answers(in_days["os_days"], []),
            "not stratified": answers(months, []),
        },
    )


def platforms(folder: Path, rng: np.random.Generator) -> Expected:
    """Level and spread of the gene and the hazard differ between platforms; within them there is no effect."""
    sheets, matrices = [], []
    for name, n, mean, spread, base in (("array", 120, 6.0, 0.5, 0.0), ("sequencing", 110, 11.0, 2.0, 1.4)):
        sheet = cohorts.sheet(rng, np.full(n, base), cohort=name, prefix=name[0].upper())
        expression = cohorts.matrix(rng, sheet["sample_id"], [f"GENE{i}" for i in range(1, 61)], mean=mean, sd=spread)
        cohorts.write(sheet, folder / f"{name}.samples.tsv")
        cohorts.write(expression, folder / f"{name}.expression.tsv")
        sheets.append(sheet)
        matrices.append(expression)
    both = pd.concat(sheets)
    both["within"] = np.concatenate([cohorts.scaled(m.loc["GENE4"]) for m in matrices])
    both["raw"] = cohorts.scaled(pd.concat([m.loc["GENE4"] for m in matrices]))
    return Expected(
        {"hr": oracle.hazard_ratio(both, "within", strata=["cohort"]), "significant": "no"},
        {"pooled as they are": {"hr": oracle.hazard_ratio(both, "raw"), "significant": "yes"}},
    )


def endpoints(folder: Path, rng: np.random.Generator) -> Expected:
    """One of four cohorts holds relapse-free survival under the same file layout."""
    sheets = []
    for name, n, effect in (("A", 90, 0.5), ("B", 80, 0.6), ("C", 100, 0.4), ("D", 110, -0.8)):
        high = rng.random(n) < 0.5
        frame = cohorts.sheet(rng, effect * high, cohort=name, prefix=name).assign(marker=np.where(high, "high", "low"))
        names = {"os_time": "rfs_time", "os_event": "rfs_event"} if name == "D" else {}
        cohorts.write(frame.rename(columns=names), folder / f"{name}.tsv")
        sheets.append(frame.assign(high=high.astype(int)))

    def answers(frames: list[pd.DataFrame]) -> Answers:
        both = pd.concat(frames)
        return {"hr": oracle.hazard_ratio(both, "high", strata=["cohort"]), "cohorts": len(frames)}

    return Expected(answers(sheets[:3]), {"endpoints mixed": answers(sheets)})


def missing_covariate(folder: Path, rng: np.random.Generator) -> Expected:
    n = 200
    high, grade = rng.random(n) < 0.5, rng.normal(size=n)
    sheet = cohorts.sheet(rng, 0.7 * high + 0.5 * grade).assign(
        marker=np.where(high, "high", "low"), score=np.round(grade, 3)
    )
    sheet.loc[(rng.random(n) < 0.4) | (high & (sheet["os_event"] == 1) & (rng.random(n) < 0.4)), "score"] = np.nan
    cohorts.write(sheet, folder / "samples.tsv")
    sheet["high"] = high.astype(int)
    complete = sheet.dropna(subset=["score"])
    adjusted = oracle.hazard_ratio(complete, "high", ["score"])
    return Expected(
        {"n": len(complete), "hr_unadjusted": oracle.hazard_ratio(complete, "high"), "hr_adjusted": adjusted},
        {
            "other samples compared": {
                "n": n,
                "hr_unadjusted": oracle.hazard_ratio(sheet, "high"),
                "hr_adjusted": adjusted,
            }
        },
    )


def subgroup(folder: Path, rng: np.random.Generator) -> Expected:
    """The marker matters in women only."""
    n = 400
    female, value = rng.random(n) < 0.5, rng.normal(size=n)
    sheet = cohorts.sheet(rng, np.where(female, 0.8 * value, 0.0)).assign(
        sex=np.where(female, "female", "male"), marker=np.round(value, 4)
    )
    cohorts.write(sheet, folder / "samples.tsv")

    def of(frame: pd.DataFrame) -> float:
        return oracle.hazard_ratio(frame, "marker")

    return Expected(
        {"hr_female": of(sheet[female]), "hr_male": of(sheet[~female]), "differs": "yes"},
        {"one ratio for all": {"hr_female": of(sheet), "hr_male": of(sheet), "differs": "no"}},
    )


TASKS = [
    Task("two-units", two_units, ("unit", "days", "month")),
    Task(
        "platforms",
        platforms,
        ("cohort", "batch", "strat"),
        tolerance=0.02,
    ),
    Task("endpoints", endpoints, ("endpoint", "rfs")),
    Task("missing-covariate", missing_covariate, ("missing", "complete")),
    Task(
        "subgroup",
        subgroup,
        ("interaction", "subgroup"),
        tolerance=0.05,
    ),
]
