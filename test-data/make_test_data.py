"""Make the files of this folder: two small cohorts, raw and curated, merged, and some broken ones.

Run it from the repository with the suite installed: python test-data/make_test_data.py
The same script gives the same bytes. Nothing here stems from patients.
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from make_raw_files import counts, public_forms, raw_alpha, raw_arrays, raw_beta, small_platform
from written_files import FOLDER, GENES, SHARED, TISSUES, prognomics, write, write_gz


def cohort(name: str, rng: np.random.Generator, shift: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A matrix (genes × samples, log2) and what is known of 60 samples; XPO1 carries a hazard."""
    ids = [f"{name[0].upper()}{i:02d}" for i in range(1, 61)]
    own = [f"{name.upper()}{i}" for i in range(1, 6)]
    genes = GENES + [f"GENE{i}" for i in range(1, SHARED - len(GENES) + 1)] + own
    values = rng.normal(8 + shift, 1, (len(genes), 60)) + rng.normal(0, 0.8, (len(genes), 1))
    values[0, 52:57] -= 1.5
    marker = (values[0] - values[0, :52].mean()) / values[0, :52].std()
    age = np.round(rng.normal(58, 11, 60)).astype(int)
    hazard = 0.018 * np.exp(0.5 * marker + 0.02 * (age - 58) + shift / 2)
    event_at, censored_at = rng.exponential(1 / hazard), rng.uniform(12, 120, 60)
    time = np.maximum(np.round(np.minimum(event_at, censored_at)), 1)
    event = (event_at <= censored_at).astype(int)
    sheet = pd.DataFrame({
        "sample_id": ids,
        "patient_id": [f"P{name[0]}{i}" for i in range(1, 58)] + [f"P{name[0]}{i}" for i in (1, 2, 3)],
        "cohort": name,
        "tissue_type": TISSUES,
        "os_time": np.where(np.array(TISSUES) == "normal", np.nan, time),
        "os_event": np.where(np.array(TISSUES) == "normal", np.nan, event),
        "age_years": age,
        "sex": rng.choice(["female", "male"], 60),
        "stage": rng.choice(["I", "II", "III"], 60, p=[0.4, 0.35, 0.25]),
        "grade": rng.choice([1, 2, 3], 60),
    })  # fmt: skip
    sheet.loc[[4, 17], "age_years"] = np.nan
    return pd.DataFrame(np.round(values, 4), index=pd.Index(genes, name="gene_id"), columns=ids), sheet


def twins() -> None:
    """Two cohorts side by side; W07 is T03 measured again on another platform. In the sheet X1 has no values."""
    rng = np.random.Generator(np.random.PCG64(11))
    values = rng.normal(8, 1, (120, 24)) + rng.normal(0, 1, (120, 1))
    values[:, 18] = values[:, 2] + rng.normal(0, 0.2, 120)
    values[:, 12:] += rng.normal(1, 1, (120, 1))
    ids = [f"T{i:02d}" for i in range(1, 13)] + [f"W{i:02d}" for i in range(1, 13)]
    genes = pd.Index([f"G{i}" for i in range(1, 121)], name="gene_id")
    write(pd.DataFrame(values.round(2), index=genes, columns=ids), "twins.tsv", index=True)
    sheet = pd.DataFrame({
        "sample_id": ["X1", *ids], "cohort": ["tau"] * 13 + ["wau"] * 12,
        "tissue_type": (["primary"] * 3 + ["normal"]) * 6 + ["primary"],
        "grade": [1, 2, 3, 2, 1] * 5,
        "site": ["limb"] * 13 + ["trunk"] * 12,
    })  # fmt: skip
    write(sheet, "twins.samples.tsv")


def sexes() -> None:
    """Two cohorts that lie far apart, with genes of the sexes; X05 is stated to be male and expresses XIST."""
    rng = np.random.Generator(np.random.PCG64(11))
    samples = [f"X{i:02d}" for i in range(1, 25)]
    cohorts = np.repeat(["xa", "xb"], 12)
    female = np.arange(24) % 2 == 0
    apart = 3 * rng.normal(0, 1, (30, 1)) * (cohorts == "xb")
    values = rng.normal(7, 1, (30, 1)) + rng.normal(0, 0.4, (30, 24)) + apart
    values[0] = np.where(female, 9, 3) + rng.normal(0, 0.3, 24)
    values[1] = np.where(female, 3, 9) + rng.normal(0, 0.3, 24)
    genes = ["XIST", "RPS4Y1", *(f"GENE{i}" for i in range(1, 29))]
    frame = pd.DataFrame(values.round(4), index=pd.Index(genes, name="gene_id"), columns=samples)
    write(frame, "sexes.tsv", index=True)
    stated = np.where(female, "F", "M")
    stated[4] = "M"
    write(pd.DataFrame({"sample_id": samples, "patient_id": samples, "cohort": cohorts, "tissue_type": "primary",
                        "gender": stated}), "sexes.samples.tsv")  # fmt: skip
    prognomics("merge_cohorts", "--expression", "sexes.tsv", "--samples", "sexes.samples.tsv", "--method", "zscore",
               "--out-expression", "sexes.z.tsv")  # fmt: skip


def markers() -> None:
    """Effects of six cohorts, one without an estimate; a signature as list, table and sets, with older names."""
    (FOLDER / "few.ratios.tsv").write_text(
        "cohort\thr\tci_low\tci_high\tn\tevents\n"
        "one\t1.5\t1.05\t2.14\t124\t35\ntwo\t1.12\t0.83\t1.51\t158\t50\nthree\t1.9\t1.2\t3.0\t60\t22\n"
    )
    (FOLDER / "six.effects.tsv").write_text(
        "cohort\tlog_hr\tse\tn\tevents\n"
        "one\t0.42\t0.18\t124\t35\ntwo\t0.11\t0.15\t158\t50\nthree\t0.35\t0.22\t115\t38\n"
        "four\t0.74\t0.31\t60\t12\nfive\t-0.05\t0.4\t40\t8\nsix\tNA\tNA\t12\t0\n"
    )
    genes = ["XPO1", "CDC2", "AURKA", "MKI67", "GENE1", "GENE2", "GENE3", "GENE4", "LOST1"]
    (FOLDER / "few.signature.txt").write_text("\n".join(["PROLIF", *genes]) + "\n")
    (FOLDER / "few.signature.gmt").write_text(
        "PROLIF\tnine genes\t" + "\t".join(genes) + "\nOTHER\tna\tTP53\tMYC\tEGFR\tMDM2\n"
    )
    rows = [f"{g},{i},{(-1) ** i}" for i, g in enumerate(genes, start=101)]
    (FOLDER / "few.signature.csv").write_text("\n".join(["gene_symbol,gene_entrez_id,gene_weight", *rows]) + "\n")
    (FOLDER / "few.aliases.tsv").write_text("gene_id\talias\nCDK1\tCDC2\nBORA\tC13orf34\n")
    (FOLDER / "few.centroids.tsv").write_text(
        "gene_id\thigh\tlow\nXPO1\t0.5\t-0.4\nCDK1\t0.4\t-0.3\nAURKA\t0.1\t-0.2\nMKI67\t-0.3\t0.2\nGENE1\t0\t0.1\n"
    )


def workflow_cohorts() -> None:
    """Three simulated cohorts for the workflow's test; the marker's true hazard ratio is 2 per standard deviation."""
    target = FOLDER.parent / "workflows" / "galaxy" / "prognostic-marker" / "test-data"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "cohorts"
        prognomics("simulate_cohorts", "--cohorts", "3", "--samples-per-cohort", "90", "--genes", "150",
                   "--signature-size", "15", "--signature-strength", "0.8", "--normals", "8", "--hazard-ratio", "2",
                   "--endpoint", "os", "--event-fraction", "0.4", "--seed", "37",
                   "--out-directory", str(made))  # fmt: skip
        for path in (*sorted(made.glob("SIM*")), made / "signature.gmt"):
            packed = path.name.endswith((".clinical.tsv.gz", ".features.tsv.gz"))
            name = path.name.removesuffix(".gz") if packed else path.name
            (target / name).write_bytes(gzip.decompress(path.read_bytes()) if packed else path.read_bytes())


def demo_cohort() -> None:
    """The clinical table of a cohort that comes with the suite."""
    from prognomics.sources.demo import read_demo

    write(read_demo("DEMO1").samples, "demo.clinical.tsv")


def main() -> None:
    workflow_cohorts()
    demo_cohort()
    rng = np.random.Generator(np.random.PCG64(20240229))
    alpha, alpha_sheet = cohort("alpha", rng, 0.0)
    beta, beta_sheet = cohort("beta", rng, 1.5)
    for name, matrix, sheet in (("alpha", alpha, alpha_sheet), ("beta", beta, beta_sheet)):
        write(matrix, f"{name}.tsv", index=True)
        write_gz((FOLDER / f"{name}.tsv").read_bytes(), f"{name}.tsv.gz")
        write(sheet, f"{name}.samples.tsv")
    (FOLDER / "beta.tsv").unlink()
    raw_alpha(alpha_sheet)
    raw_beta(beta, beta_sheet)
    public_forms(alpha, alpha_sheet)
    write(2**alpha, "alpha.linear.tsv", index=True)
    bad = (FOLDER / "alpha.tsv").read_text().splitlines()
    bad[3] = bad[3].replace("\t", "\tabc", 1)
    (FOLDER / "bad.text.tsv").write_text("\n".join(bad) + "\n")
    rows = (FOLDER / "alpha.samples.tsv").read_text().splitlines()
    lowered = [row if i <= 20 else row[0].lower() + row[1:] for i, row in enumerate(rows)]
    (FOLDER / "alpha.lower.samples.tsv").write_text("\n".join(lowered) + "\n")
    write(alpha_sheet[["sample_id", "age_years"]], "clash.tsv")
    small_platform()
    counts()
    twins()
    raw_arrays()
    markers()
    sexes()
    prognomics("normalize", "--expression", "alpha.tsv", "--method", "none", "--out-expression", "alpha.h5ad")
    for ending in ("tsv", "h5ad"):
        prognomics("merge_cohorts", "--expression", "alpha.tsv", "--expression", "beta.tsv.gz", "--samples",
                   "alpha.samples.tsv", "--samples", "beta.samples.tsv", "--method", "zscore", "--out-samples",
                   "both.samples.tsv", "--out-expression", f"both.{ending}")  # fmt: skip
    prognomics("merge_cohorts", "--expression", "alpha.tsv", "--expression", "beta.tsv.gz", "--samples",
               "alpha.samples.tsv", "--samples", "beta.samples.tsv", "--method", "none", "--out-expression",
               "both.raw.h5ad")  # fmt: skip
    prognomics("cutpoint", "--samples", "both.samples.tsv", "--expression", "both.h5ad", "--gene", "XPO1", "--where",
               "tissue_type=primary", "--name", "XPO1_group", "--out-groups", "both.groups.tsv")  # fmt: skip
    prognomics("cutpoint", "--samples", "both.samples.tsv", "--expression", "both.h5ad", "--gene", "XPO1", "--where",
               "tissue_type=primary", "--where", "cohort=alpha", "--out-table", "alpha.cut.tsv")  # fmt: skip
    follow_up_design()
    response()
    competing()
    standardized()
    study()


def standardized() -> None:
    """A table of each standardized source, as fetch_cohort gives them: two patients, one with a normal sample."""
    barcodes = ["TCGA-ZZ-0001-01", "TCGA-ZZ-0001-11", "TCGA-ZZ-0002-01"]
    patients = [name[:12] for name in barcodes]
    ids = {"sample_id": barcodes, "patient_id": patients, "tissue_type": ["primary", "normal", "primary"]}
    days = {"OS": [1, 1, 0], "OS.time": [609, 609, 913]}
    vital = {"demographic.vital_status": ["Dead", "Dead", "Alive"], "demographic.days_to_death": ["609", "609", "'--"]}
    months = {"OS_STATUS": ["1:DECEASED", "1:DECEASED", "0:LIVING"], "OS_MONTHS": [20, 20, 30]}
    tables = {
        "gdc": {**ids, **vital, "days_to_last_contact": [500, 500, 913]},
        "xena": {**ids, **days},
        "cbioportal": {"sample_id": barcodes, "PATIENT_ID": patients, **months},
        "tcga_cdr": {"sample": barcodes, "patient": patients, **days},
    }
    for source, table in tables.items():
        write(pd.DataFrame(table), f"{source}.clinical.tsv")


def follow_up_design() -> None:
    """Late entry and case weights of the merged samples: two enter only when their follow-up is over."""
    sheet = pd.read_csv(FOLDER / "both.samples.tsv", sep="\t")
    number = np.arange(len(sheet))
    entry = np.where(number % 50 == 7, sheet["os_time"], np.minimum(number % 5, sheet["os_time"] / 2))
    frame = pd.DataFrame({"sample_id": sheet["sample_id"], "os_entry": entry, "weight": 0.5 + number % 4 / 2})
    write(frame, "both.design.tsv")


def response() -> None:
    """Response to two treatments of the merged samples: the gene's group lowers it under one of them only."""
    rng = np.random.Generator(np.random.PCG64(31))
    sheet = pd.read_csv(FOLDER / "both.samples.tsv", sep="\t")
    groups = pd.read_csv(FOLDER / "both.groups.tsv", sep="\t").set_index("sample_id")["XPO1_group"]
    high = (sheet["sample_id"].map(groups) == "high").to_numpy()
    treatment = rng.choice(["chemotherapy", "immunotherapy"], len(sheet))
    log_odds = -0.4 + 0.5 * (sheet["cohort"] == "beta") - 1.2 * (high & (treatment == "chemotherapy"))
    responds = rng.random(len(sheet)) < 1 / (1 + np.exp(-log_odds))
    frame = pd.DataFrame({"sample_id": sheet["sample_id"], "treatment": treatment,
                          "response": np.where(responds, "pCR", "RD")})  # fmt: skip
    write(frame[np.arange(len(frame)) % 23 != 5], "both.response.tsv")


def competing() -> None:
    """Two cohorts whose endpoint dss has a competing event (2), in whole months; two samples without a group."""
    rng = np.random.Generator(np.random.PCG64(29))
    n = 120
    group, cohorts = rng.choice(["low", "high"], n), np.repeat(["alpha", "beta"], n // 2)
    age = np.round(rng.normal(60, 10, n))
    late = (cohorts == "beta") * 0.5
    death = rng.exponential(130 * np.exp(-0.8 * (group == "high") - late))
    other = rng.exponential(120 * np.exp(-0.04 * (age - 60)))
    end = rng.uniform(12, 96, n)
    time = np.minimum(np.minimum(death, other), end)
    frame = pd.DataFrame({
        "sample_id": [f"C{i:03d}" for i in range(1, n + 1)], "cohort": cohorts, "tissue_type": "primary",
        "dss_time": np.maximum(np.round(time), 1),
        "dss_event": np.where(time == end, 0, np.where(time == death, 1, 2)),
        "marker_group": np.where(np.arange(n) % 60 == 7, None, group), "age_years": age,
        "stage": rng.choice(["I", "II", "III"], n), "marker": np.round(rng.normal(8, 1, n) + (group == "high"), 3),
    })  # fmt: skip
    write(frame, "competing.samples.tsv")


def study() -> None:
    """Results with their records and a small study file, for the report."""
    common = ["--samples", "both.samples.tsv", "--annotation", "both.groups.tsv", "--endpoint", "os"]
    prognomics("kaplan_meier", *common, "--group-column", "XPO1_group", "--at", "60", "--out-summary", "km.summary.tsv",
               "--out-test", "km.test.tsv", "--out-plot", "km.plot.svg", "--out-record", "km.record.json")  # fmt: skip
    prognomics("cox", *common, "--covariate", "XPO1_group", "--covariate", "age_years", "--out-table", "cox.table.tsv",
               "--out-record", "cox.record.json")  # fmt: skip
    prognomics("cox", "--samples", "alpha.samples.tsv", "--expression", "alpha.tsv", "--gene", "XPO1", "--covariate",
               "age_years", "--endpoint", "os", "--model", "multivariable", "--cut-quantile", "0.5",
               "--one-sample-per-patient", "--out-fitted", "alpha.model.json", "--out-coefficients",
               "alpha.coefficients.tsv", "--out-baseline", "alpha.baseline.tsv")  # fmt: skip
    edited = (FOLDER / "alpha.model.json").read_text().replace('"value": 0.0', '"value": 0.1')
    (FOLDER / "edited.model.json").write_text(edited)
    few = pd.DataFrame({"term": ["XPO1", "LOST1"], "kind": "gene", "beta": [0.5, 0.2], "centre": [8.0, 7.0]})
    write(few, "few.coefficients.tsv")
    for name, title in (("mini", "XPO1 in two simulated cohorts"), ("hostile", "XPO1 <script>alert(1)</script>")):
        (FOLDER / f"{name}.study.yml").write_text(
            "study: 1\n"
            f"title: {title}\n"
            "question: Does the report show the results, and any title as text?\n"
            "marker: XPO1\n"
            "endpoint: {name: os, definition: death from any cause}\n"
            "cohorts:\n"
            "  alpha: {title: Simulated, steps: []}\n"
            "  beta: {title: Simulated, steps: []}\n"
            "steps: []\n"
        )


if __name__ == "__main__":
    main()
