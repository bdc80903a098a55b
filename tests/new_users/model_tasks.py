"""Tasks of methods: searched cuts, competing risks, effects that change, validation of a locked model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter

from . import cohorts, oracle
from .task import Answers, Expected, Task


def best_cut(folder: Path, rng: np.random.Generator) -> Expected:
    """Noise in which the best of all cuts has p < .02."""
    for _ in range(1000):
        sheet = cohorts.sheet(rng, np.zeros(80)).assign(marker=np.round(rng.normal(size=80), 4))
        cuts = np.sort(sheet["marker"].to_numpy())[8:72]
        best = min(oracle.logrank_p(sheet, (sheet["marker"] >= cut).to_numpy()) for cut in cuts[::4])
        if 0.01 < best < 0.02:
            break
    cohorts.write(sheet, folder / "samples.tsv")
    return Expected({"prognostic": "no"}, {"best cut believed": {"prognostic": "yes"}})


def competing(folder: Path, rng: np.random.Generator) -> Expected:
    n = 160
    metastasis, death = rng.exponential(70, n), rng.exponential(60, n)
    censored = rng.uniform(30, 120, n)
    times = np.round(np.minimum(np.minimum(metastasis, death), censored), 3) + np.arange(n) * 1e-5
    cause = np.where(times > censored - 1e-3, 0, np.where(metastasis < death, 1, 2))
    words = np.array(["no event", "metastasis", "died without metastasis"])[cause]
    cohorts.write(
        pd.DataFrame({"patient": cohorts.ids("M", n), "months": np.round(times, 5), "first_event": words}),
        folder / "clinical.tsv",
    )
    series = pd.Series(np.round(times, 5))
    wrong = 1 - oracle.survival_at(series, pd.Series((cause == 1).astype(int)), 60)
    return Expected(
        {"incidence": oracle.incidence_at(series, pd.Series(cause), 60)},
        {"one minus Kaplan-Meier": {"incidence": wrong}},
    )


def late_effect(folder: Path, rng: np.random.Generator) -> Expected:
    """Threefold hazard in the first two years, none after."""
    n = 300
    high = (rng.random(n) < 0.5).astype(int)
    early = rng.exponential(40 / np.exp(1.1 * high))
    time = np.where(early < 24, early, 24 + rng.exponential(40, n))
    censored = rng.uniform(30, 120, n)
    sheet = cohorts.sheet(rng, np.zeros(n)).assign(
        os_time=np.maximum(np.round(np.minimum(time, censored), 3), 0.01), os_event=(time <= censored).astype(int),
        marker=np.where(high, "high", "low"),
    )  # fmt: skip
    cohorts.write(sheet, folder / "samples.tsv")
    sheet["high"] = high
    first = sheet.assign(os_event=sheet["os_event"] * (sheet["os_time"] <= 24), os_time=sheet["os_time"].clip(upper=24))
    later = oracle.hazard_ratio(sheet[sheet["os_time"] > 24], "high")
    overall = oracle.hazard_ratio(sheet, "high")
    return Expected(
        {"hr_first_24_months": oracle.hazard_ratio(first, "high"), "hr_later": later},
        {"one ratio for all times": {"hr_first_24_months": overall, "hr_later": overall}},
    )


def validation(folder: Path, rng: np.random.Generator) -> Expected:
    """A third of the new cohort's samples were used to derive the model."""
    genes = [f"GENE{i}" for i in range(1, 31)]
    frames = {}
    for name, n, effect in (("training", 120, 1.2), ("new", 80, 0.2)):
        samples = cohorts.ids(name[0].upper(), n)
        expression = cohorts.matrix(rng, samples, genes)
        hazard = effect * (cohorts.scaled(expression.loc["GENE1"]) - cohorts.scaled(expression.loc["GENE2"]))
        frames[name] = cohorts.sheet(rng, hazard, cohort=name, prefix=name[0].upper()), expression
    (sheet, expression), (new_sheet, new_expression) = frames["training"], frames["new"]
    leaked = sheet.sample(40, random_state=1)["sample_id"].tolist()
    mixed_sheet = pd.concat([new_sheet, sheet[sheet["sample_id"].isin(leaked)].assign(cohort="new")])
    mixed = pd.concat([new_expression, expression[leaked]], axis=1)
    for name, a, b in (("training", sheet, expression), ("new", mixed_sheet, mixed)):
        cohorts.write(a, folder / f"{name}.samples.tsv")
        cohorts.write(b, folder / f"{name}.expression.tsv")
    data = sheet[["os_time", "os_event"]].assign(
        **{gene: expression.loc[gene].to_numpy() for gene in ("GENE1", "GENE2")}
    )
    fit = CoxPHFitter().fit(data, "os_time", "os_event")

    def answers(samples: pd.DataFrame, values: pd.DataFrame) -> Answers:
        predictor = sum(
            fit.params_[gene] * values.loc[gene, samples["sample_id"]].to_numpy() for gene in ("GENE1", "GENE2")
        )
        return {"c": oracle.concordance(samples["os_time"], samples["os_event"], predictor), "n": len(samples)}

    return Expected(answers(new_sheet, new_expression), {"training samples counted": answers(mixed_sheet, mixed)})


TASKS = [
    Task("best-cut", best_cut, ("correct", "search")),
    Task("competing", competing, ("compet",)),
    Task("late-effect", late_effect, ("proportional", "changes over time")),
    Task("validation", validation, ("training", "derived")),
]
