"""Tasks of raw matrices: counts with summary rows, probes, Ensembl ids, tissues that are confounded with cohorts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from . import cohorts, oracle
from .task import Answers, Expected, Task


def counts(folder: Path, rng: np.random.Generator) -> Expected:
    samples, genes = cohorts.ids("S", 20), [f"GENE{i}" for i in range(1, 301)]
    values = rng.negative_binomial(5, 0.01, (300, 20))
    summary = {
        "__no_feature": 400_000,
        "__ambiguous": 90_000,
        "__too_low_aQual": 0,
        "__not_aligned": 150_000,
        "__alignment_not_unique": 60_000,
    }
    rows = np.array([rng.poisson(mean, 20) for mean in summary.values()])
    table = pd.DataFrame(np.vstack([values, rows]), index=pd.Index([*genes, *summary], name="gene"), columns=samples)
    cohorts.write(table, folder / "htseq_counts.tsv")
    column = table["S005"]
    right, trap = (1e6 * column["GENE3"] / total for total in (column[genes].sum(), column.sum()))
    return Expected({"cpm": float(right)}, {"summary rows counted": {"cpm": float(trap)}})  # fmt: skip


def probes(folder: Path, rng: np.random.Generator) -> Expected:
    """The most variable probe of ERBB2 measures MIEN1 too; among its own probes one varies more."""
    n = 140
    names = ["1001_at", "1002_s_at", "1003_x_at", *(f"2{i:03d}_at" for i in range(60))]
    expression = cohorts.matrix(rng, cohorts.ids("S", n), names)
    for probe, spread in zip(names[:3], (0.4, 1.5, 3.0)):
        expression.loc[probe] = np.round(8 + spread * rng.normal(size=n), 4)
    own, shared = expression.loc["1002_s_at"], expression.loc["1003_x_at"]
    sheet = cohorts.sheet(rng, 0.6 * cohorts.scaled(own))
    symbols = ["ERBB2", "ERBB2", "ERBB2 /// MIEN1", *(f"GENE{i}" for i in range(60))]
    expression.index.name = "ID_REF"
    cohorts.write(expression, folder / "probes.tsv")
    cohorts.write(sheet, folder / "samples.tsv")
    annotation = pd.DataFrame(
        {
            "ID": names,
            "Gene Symbol": symbols,
            "ENTREZ_GENE_ID": ["2064", "2064", "2064 /// 84299", *map(str, range(60))],
        }
    )
    cohorts.write(annotation, folder / "platform.tsv")

    def answers(values: pd.Series) -> Answers:
        return {"hr": oracle.hazard_ratio(sheet.assign(gene=values.to_numpy()), "gene")}

    return Expected(
        answers(own), {"probe of two genes": answers(shared), "other probe": answers(expression.loc["1001_at"])}
    )


def ensembl(folder: Path, rng: np.random.Generator) -> Expected:
    n = 100
    stems = [f"ENSG{i:011d}" for i in range(1, 81)]
    expression = cohorts.matrix(
        rng, [f"P.{i:03d}" for i in range(n)], [f"{stem}.{i % 9 + 1}" for i, stem in enumerate(stems)]
    )
    row = expression.iloc[10]
    sheet = cohorts.sheet(rng, -0.6 * cohorts.scaled(row))
    sheet["sample_id"] = [f"P-{i:03d}" for i in range(n)]
    cohorts.write(expression, folder / "expression.tsv")
    cohorts.write(sheet, folder / "samples.tsv")
    cohorts.write(
        pd.DataFrame({"ensembl": stems, "symbol": ["TP53" if i == 10 else f"GENE{i}" for i in range(80)]}),
        folder / "genes.tsv",
    )
    return Expected({"hr": oracle.hazard_ratio(sheet.assign(gene=row.to_numpy()), "gene"), "n": n})


def confounded(folder: Path, rng: np.random.Generator) -> Expected:
    tumors, normals = (
        cohorts.sheet(rng, np.zeros(60), cohort="hospital"),
        cohorts.sheet(rng, np.zeros(40), cohort="biobank", prefix="N"),
    )
    sheet = pd.concat([tumors, normals.assign(tissue_type="normal")])
    expression = cohorts.matrix(rng, sheet["sample_id"], [f"GENE{i}" for i in range(1, 51)])
    expression[tumors["sample_id"].tolist()] += 1.5
    cohorts.write(expression.round(4), folder / "expression.tsv")
    cohorts.write(sheet, folder / "samples.tsv")
    return Expected({}, {"taken at face value": {"higher_in_tumors": "yes"}})


def cut_of_normals(folder: Path, rng: np.random.Generator) -> Expected:
    n, normals = 130, 30
    sheet = cohorts.sheet(rng, np.zeros(n + normals))
    expression = cohorts.matrix(rng, sheet["sample_id"], [f"GENE{i}" for i in range(1, 31)])
    values = np.round(np.concatenate([rng.normal(9.2, 1.2, n), rng.normal(8, 0.7, normals)]), 4)
    expression.loc["GENE5"] = values
    months, events = cohorts.survival(rng, 0.5 * (values > 9))
    sheet["os_time"], sheet["os_event"] = months.astype(object), events.astype(object)
    sheet.loc[n:, ["os_time", "os_event"]] = np.nan
    sheet.loc[n:, "tissue_type"] = "normal"
    cohorts.write(sheet, folder / "samples.tsv")
    cohorts.write(expression, folder / "expression.tsv")
    candidates = np.unique(values)
    youden = [(values[:n] >= cut).mean() - (values[n:] >= cut).mean() for cut in candidates]

    def answers(cut: float) -> Answers:
        frame = sheet.head(n).astype({"os_time": float, "os_event": int}).assign(high=(values[:n] >= cut).astype(int))
        return {"n_high": int(frame["high"].sum()), "hr": oracle.hazard_ratio(frame, "high")}

    return Expected(
        answers(float(candidates[int(np.argmax(youden))])), {"median cut": answers(float(np.median(values[:n])))}
    )


TASKS = [
    Task("counts", counts, ("__no_feature", "summary row")),
    Task("probes", probes, ("several genes", "composite")),
    Task("ensembl", ensembl, ("match", "ensembl")),
    Task("cut-of-normals", cut_of_normals, ("control", "normal")),
    Task(
        "confounded",
        confounded,
        ("confounded", "no cohort"),
        refusal_is_right=True,
    ),
]
