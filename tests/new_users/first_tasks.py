"""Tasks of one table or one cohort: units, codes, workbooks, patients with several samples."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook

from . import cohorts, oracle
from .task import Answers, Expected, Task


def deaths(months: np.ndarray, events: np.ndarray) -> Answers:
    median = oracle.median_survival(pd.Series(months), pd.Series(events))
    return {"deaths": int(events.sum()), "median_months": median}


def five_years(folder: Path, rng: np.random.Generator) -> Expected:
    sheet = cohorts.sheet(rng, np.zeros(150))
    cohorts.write(sheet, folder / "samples.tsv")
    months, events = sheet["os_time"], sheet["os_event"]
    alive = 1 - events.mean()
    return Expected(
        {
            "alive_at_5_years": oracle.survival_at(months, events, 60),
            "median_months": oracle.median_survival(months, events),
        },
        {"fraction without event": {"alive_at_5_years": alive, "median_months": float(months.median())}},
    )


def gene_in_tumors(folder: Path, rng: np.random.Generator) -> Expected:
    """Normals of the same patients carry the patients' outcome."""
    n, normals = 120, 30
    sheet = cohorts.sheet(rng, np.zeros(n))
    expression = cohorts.matrix(rng, sheet["sample_id"], [f"GENE{i}" for i in range(1, 41)])
    months, events = cohorts.survival(rng, 0.5 * cohorts.scaled(expression.loc["GENE7"]))
    sheet["os_time"], sheet["os_event"] = months, events
    healthy = sheet.head(normals).assign(tissue_type="normal")
    healthy["sample_id"] = cohorts.ids("N", normals)
    expression[healthy["sample_id"].tolist()] = np.round(rng.normal(6, 0.3, (40, normals)), 4)
    both = pd.concat([sheet, healthy])
    cohorts.write(both, folder / "samples.tsv")
    cohorts.write(expression, folder / "expression.tsv")

    def answers(frame: pd.DataFrame) -> Answers:
        frame = frame.assign(gene=expression.loc["GENE7", frame["sample_id"]].to_numpy())
        return {"hr": oracle.hazard_ratio(frame, "gene"), "n": len(frame), "events": int(frame["os_event"].sum())}

    return Expected(answers(sheet), {"normal samples counted": answers(both)})


def days(folder: Path, rng: np.random.Generator) -> Expected:
    months, events = cohorts.survival(rng, np.zeros(90), median=30)
    in_days = np.round(months * 30.4375)
    cohorts.write(
        pd.DataFrame(
            {
                "id": cohorts.ids("PT", 90),
                "overall survival": in_days,
                "vital status": np.where(events, "dead", "alive"),
            }
        ),
        folder / "clinical.tsv",
    )
    (folder / "README.txt").write_text("Follow-up was counted in days from surgery.\n", encoding="utf-8")
    frame = pd.Series(in_days / 30.4375), pd.Series(events)
    return Expected(
        {"median_months": oracle.median_survival(*frame), "alive_at_2_years": oracle.survival_at(*frame, 24)},
        {
            "days taken for months": {
                "median_months": oracle.median_survival(frame[0] * 30.4375, frame[1]),
                "alive_at_2_years": 1.0,
            }
        },
    )


def codebook(folder: Path, rng: np.random.Generator) -> Expected:
    months, events = cohorts.survival(rng, np.zeros(110), median=40)
    cohorts.write(
        pd.DataFrame({"patient": cohorts.ids("K", 110), "os_months": months, "status": np.where(events, 2, 1)}),
        folder / "clinical.csv", separator=",",
    )  # fmt: skip
    (folder / "codebook.txt").write_text("status: 1 = alive, 2 = dead of any cause\n", encoding="utf-8")
    return Expected(deaths(months, events), {"codes inverted": deaths(months, 1 - events)})


def german_workbook(folder: Path, rng: np.random.Generator) -> Expected:
    n = 70
    months, events = cohorts.survival(rng, np.zeros(n), median=36)
    ages = np.round(rng.normal(62, 9, n), 1)
    book = Workbook()
    page = book.active
    page.append(["Register der Klinik, Stand 31.12.2019"])
    page.append(["Fall", "Alter", "Operation", "Letzter Kontakt", "Status"])
    counted = []
    for case, month, event, age in zip(cohorts.ids("F", n), months, events, ages):
        surgery = date(2005, 1, 1) + timedelta(days=int(rng.integers(0, 3000)))
        last = surgery + timedelta(days=max(1, round(month * 30.4375)))
        counted.append((last - surgery).days / 30.4375)
        words = [
            f"{age:.1f}".replace(".", ","),
            f"{surgery:%d.%m.%Y}",
            f"{last:%d.%m.%Y}",
            "verstorben" if event else "lebt",
        ]
        page.append([case, *words])
    book.save(folder / "register.xlsx")
    age = {"mean_age": float(ages.mean())}
    return Expected(
        deaths(np.array(counted), events) | age,
        {"living counted as dead": deaths(np.array(counted), 1 - events) | age},
    )


def two_samples_a_patient(folder: Path, rng: np.random.Generator) -> Expected:
    n = 90
    high = rng.random(n) < 0.5
    sheet = cohorts.sheet(rng, 0.5 * high).assign(grade_group=np.where(high, "high", "low"))
    again = sheet[high & (rng.random(n) < 0.7)].copy()
    again["sample_id"] = [f"R{name[1:]}" for name in again["sample_id"]]
    again["tissue_type"] = "relapse"
    both = pd.concat([again, sheet]).sample(frac=1, random_state=3)
    cohorts.write(both, folder / "samples.tsv")

    def answers(frame: pd.DataFrame) -> Answers:
        frame = frame.assign(high=(frame["grade_group"] == "high").astype(int))
        return {
            "hr": oracle.hazard_ratio(frame, "high"),
            "patients": len(frame),
            "deaths": int(frame["os_event"].sum()),
        }

    return Expected(answers(sheet), {"patients counted twice": answers(both)})


TASKS = [
    Task("five-years", five_years),
    Task("gene-in-tumors", gene_in_tumors, ("normal", "patient")),
    Task("days", days, ("unit", "days", "month")),
    Task("codebook", codebook, ("code", "event", "status")),
    Task("german-workbook", german_workbook, ("date", "decimal", "status", "title")),
    Task("two-samples-a-patient", two_samples_a_patient, ("patient",)),
]
