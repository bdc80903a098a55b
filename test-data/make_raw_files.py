"""Files as public sources have them: series matrices, platforms, counts, CEL files."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from written_files import FOLDER, GENES, write, write_gz
from xlsxwriter import Workbook


def raw_alpha(sheet: pd.DataFrame) -> None:
    """The clinical table of alpha as a source might give it: days, words, several spellings of missing."""
    days = (sheet["os_time"] * 30.4375).round()
    raw = pd.DataFrame({
        "sample_id": sheet["sample_id"],
        "patient": sheet["patient_id"],
        "sample_type": sheet["tissue_type"].map({"primary": "tumor", "normal": "healthy", "relapse": "recurrence"}),
        "days_to_death": days.map(lambda d: "" if d != d else f"{d:.0f}"),
        "vital_status": sheet["os_event"].map({1: "deceased", 0: "living"}).fillna("Not Reported"),
        "age": sheet["age_years"].map(lambda a: "na" if a != a else f"{a:.0f}"),
        "summarystage": sheet["stage"],
    })  # fmt: skip
    raw.to_csv(FOLDER / "alpha.clinical.tsv", sep="\t", index=False, lineterminator="\n")
    book = Workbook(FOLDER / "alpha.clinical.xlsx")
    book.set_properties({"created": datetime(2024, 1, 1)})
    book.add_worksheet("Read me").write_row(0, 0, ["Clinical data", "made by a script"])
    patients = book.add_worksheet("Patients")
    patients.write(0, 0, "Table S1. Patients of the study")
    for i, row in enumerate([list(raw.columns), *raw.to_numpy().tolist()], start=2):
        patients.write_row(i, 0, [int(c) if str(c).isdigit() else c for c in row])
    book.close()
    n_events = int(sheet["os_event"].sum())
    (FOLDER / "alpha.mapping.yml").write_text(
        "sample_id: sample_id\n"
        "patient_id: patient\n"
        "tissue_type: {column: sample_type, values: {tumor: primary, healthy: normal, recurrence: relapse}}\n"
        "missing: [na, Not Reported]\n"
        "endpoints:\n"
        "  os:\n"
        "    definition: death from any cause\n"
        "    time: {column: days_to_death, unit: days}\n"
        "    event: {column: vital_status, event: deceased, censored: living}\n"
        "columns:\n"
        "  age_years: {column: age, unit: years}\n"
        "  stage: {column: summarystage, values: {I: I, II: II, III: III}}\n"
        f"expect:\n  n: 60\n  events: {{os: {n_events}}}\n"
    )


def raw_beta(matrix: pd.DataFrame, sheet: pd.DataFrame) -> None:
    """Beta as probes with a feature map, and a clinical table with other names and codings."""
    probes = matrix.copy()
    probes.index = pd.Index([f"{i}_at" for i in range(1001, 1001 + len(matrix))], name="probe_id")
    write(probes, "beta.probes.tsv", index=True)
    features = pd.DataFrame({"probe_id": probes.index, "gene_symbol": matrix.index, "entrez_id": range(1, 41)})
    features.loc[3, "gene_symbol"] = "MKI67 /// GENE1"
    write(features, "beta.features.tsv")
    raw = pd.DataFrame({"sample_id": sheet["sample_id"], "tissue": sheet["tissue_type"],
                        "os_months": sheet["os_time"], "os_status": sheet["os_event"].map({1: "dead", 0: "alive"}),
                        "Age at diagnosis": sheet["age_years"], "Sex": sheet["sex"]})  # fmt: skip
    write(raw, "beta.clinical.tsv")


def small_platform() -> None:
    """Probes and rows small enough to check by hand: several of a gene, composite, nameless and unknown ones."""
    (FOLDER / "few.probes.tsv").write_text(
        "gene_id\tS1\tS2\tS3\tS4\n"
        "p1_at\t1\t2\t3\t9\n"  # XPO1, the largest variance
        "p2_at\t8.5\t8\t9\t9\n"  # XPO1, the largest mean
        "p3_at\t3\t2\t6\t5\n"  # XPO1, between the two
        "p4_at\t20\t0\t20\t0\n"  # names XPO1 and TP53
        "p5_at\t5\t6\t7\t8\n"  # TP53
        "p6_at\t2\t4\t6\tNA\n"  # MYC and EGFR, which have no row of their own
        "p7_at\t7\t7\t7\t6\n"  # no symbol
        "p8_at\t7\t7\t6\t7\n"  # not in the feature map
    )
    (FOLDER / "few.features.tsv").write_text(
        "probe_id\tgene_symbol\tentrez_id\n"
        "p1_at\tXPO1\t7514\np2_at\tXPO1\t7514\np3_at\tXPO1\t7514\np4_at\tXPO1 /// TP53\t7514 /// 7157\n"
        "p5_at\tTP53\t7157\np6_at\tMYC///EGFR\t4609///1956\np7_at\t---\tNA\n"
    )
    (FOLDER / "few.platform.tsv").write_text(
        "ID\tSPOT_ID\tGene Symbol\tENTREZ_GENE_ID\n"
        "p1_at\t\tXPO1\t7514\np2_at\t\tXPO1\t7514\np3_at\t\tXPO1\t7514\np5_at\t\tTP53\t7157\np7_at\t\t---\t\n"
    )
    (FOLDER / "few.symbols.tsv").write_text(
        "gene_id\tS1\tS2\tS3\tS4\n"
        "XPO1|7514\t1\t2\t3\t4.5\n?|100130426\t0\t0\t0\t1\nXPO1///RAN\t9\t9\t0\t0\nTP53\t5\t6\t7\t8\n"
    )
    (FOLDER / "few.distribution.tsv").write_text("probability\tvalue\n0\t1\n0.5\t3\n1\t10\n")
    (FOLDER / "few.older.tsv").write_text(
        "gene_id\tS1\tS2\tS3\tS4\n"
        "CDC2\t1\t2\t3\t4\nCDK1\t3\t4\t5\t6\nXPO1\t1\t1\t2\t2\nXPO1\t3\t3\t4\t4\nSEPT1\t5\t5\t6\t6\n"
    )
    (FOLDER / "few.older.aliases.tsv").write_text("gene_id\talias\nCDK1\tCDC2|CDC28A\nSEPTIN1\tSEPT1\nSEPTIN9\tSEPT1\n")


def counts() -> None:
    """Counts of 24 genes in 6 libraries of unequal size; one gene takes a third of the last library."""
    rng = np.random.Generator(np.random.PCG64(7))
    expected = rng.gamma(1.2, 60, (24, 1)) * np.array([1, 2, 0.5, 1.5, 1, 1])
    expected[5, 5] += expected[:, 5].sum() / 2
    genes = [*GENES, *(f"GENE{i}" for i in range(1, 15))]
    libraries = [f"L{i}" for i in range(1, 7)]
    frame = pd.DataFrame(rng.poisson(expected), index=pd.Index(genes, name="gene_id"), columns=libraries)
    write(frame, "counts.tsv", index=True)


def public_forms(matrix: pd.DataFrame, sheet: pd.DataFrame) -> None:
    """Small files as GEO and cBioPortal give them, and a folder of one cohort's tables."""
    some = sheet.iloc[:6]
    ids = [f"GSM{900 + i}" for i in range(6)]

    def line(name: str, cells: list[str]) -> str:
        return "\t".join([f"!{name}", *(f'"{c}"' for c in cells)])

    status = ["alive" if e != 1 else "dead" for e in some["os_event"]]
    text = [
        '!Series_title\t"A made-up series"', '!Series_geo_accession\t"GSE900"', "",
        line("Sample_title", [f"tumour {i}, left" for i in range(1, 7)]), line("Sample_geo_accession", ids),
        line("Sample_platform_id", ["GPL96"] * 6),
        line("Sample_contact_name", ["A,,Person"] * 6), line("Sample_contact_email", ["a.person@example.org"] * 6),
        line("Sample_contact_zip/postal_code", ["1"] * 6),
        line("Sample_characteristics_ch1", [f"age: {a:.0f}" if a == a else f"vital status: {s}"
                                            for a, s in zip(some["age_years"], status)]),
        line("Sample_characteristics_ch1", [f"vital status: {s}" if a == a else "" for a, s in
                                            zip(some["age_years"], status)]),
        "!series_matrix_table_begin", "\t".join(['"ID_REF"', *(f'"{i}"' for i in ids)]),
        *("\t".join([f'"{1001 + r}_at"', *(f"{v:.4f}" for v in matrix.iloc[r, :6])]) for r in range(4)),
        "!series_matrix_table_end", "",
    ]  # fmt: skip
    write_gz("\n".join(text).encode(), "mini_series_matrix.txt.gz")
    study = FOLDER / "mini_cbioportal"
    study.mkdir(exist_ok=True)
    head = "#Patient\tStatus\tMonths\n#Patient\tOverall survival status\tMonths\n#STRING\tSTRING\tNUMBER\n#1\t1\t1\n"
    rows = ["P1\t1:DECEASED\t12.5", "P2\t0:LIVING\t40", "P3\t[Not Available]\t[Not Available]", "P4\t0:LIVING\t7"]
    (study / "data_clinical_patient.txt").write_text(
        head + "PATIENT_ID\tOS_STATUS\tOS_MONTHS\n" + "\n".join(rows) + "\n"
    )
    head = "#Sample\tPatient\tType\n#Sample\tPatient\tSample type\n#STRING\tSTRING\tSTRING\n#1\t1\t1\n"
    rows = [f"P{i}-01\tP{i}\tPrimary" for i in range(1, 5)]
    (study / "data_clinical_sample.txt").write_text(
        head + "SAMPLE_ID\tPATIENT_ID\tSAMPLE_TYPE\n" + "\n".join(rows) + "\n"
    )
    genes = [("XPO1", 7514), ("TP53", 7157)]
    lines = ["Hugo_Symbol\tEntrez_Gene_Id\t" + "\t".join(f"P{i}-01" for i in range(1, 5))]
    lines += [f"{g}\t{e}\t" + "\t".join(f"{v:.3f}" for v in matrix.loc[g].iloc[:4]) for g, e in genes]
    (study / "data_expression_median.txt").write_text("\n".join(lines) + "\n")
    (study / "meta_expression_median.txt").write_text(
        "cancer_study_identifier: mini\ngenetic_alteration_type: MRNA_EXPRESSION\ndatatype: CONTINUOUS\n"
        "stable_id: mrna_median\nprofile_name: mRNA\ndata_filename: data_expression_median.txt\n"
    )
    (study / "meta_study.txt").write_text("type_of_cancer: sarc\ncancer_study_identifier: mini\nname: Mini\n")
    folder = FOLDER / "mini_folder"
    folder.mkdir(exist_ok=True)
    (folder / "alpha.expression.tsv.gz").write_bytes((FOLDER / "alpha.tsv.gz").read_bytes())
    (folder / "alpha.clinical.tsv").write_bytes((FOLDER / "alpha.clinical.tsv").read_bytes())
    (folder / "beta.clinical.tsv").write_bytes((FOLDER / "beta.clinical.tsv").read_bytes())


def raw_arrays() -> None:
    """Four arrays of a tiny chip, one in each format; its description in both; an array of another chip; a cut one."""
    import affymetrix_files as raw
    from make_provider_data import tar_of

    rng = np.random.Generator(np.random.PCG64(17))
    chip = raw.made_up_chip("Mini", 20, [11] * 15 + [5, 3, 1], rng)
    values = raw.made_up_intensities(chip, 4, rng)
    (FOLDER / "mini_1.CEL").write_bytes(raw.cel_text(chip, values[0], masked=[7], outliers=[3, 5]))
    (FOLDER / "mini_2.CEL").write_bytes(raw.cel_xda(chip, values[1], outliers=[11]))
    write_gz(raw.cel_console(chip, values[2], masked=[1, 2]), "mini_3.CEL.gz")
    (FOLDER / "mini_4.CEL").write_bytes(raw.cel_console(chip, values[3]))
    (FOLDER / "mini.cdf").write_bytes(raw.cdf_xda(chip))
    write_gz(raw.cdf_text(chip), "mini.cdf.gz")
    other = raw.made_up_chip("Other", 10, [9], rng)
    (FOLDER / "other_chip.CEL").write_bytes(raw.cel_xda(other, raw.made_up_intensities(other, 1, rng)[0]))
    # as fetch_cohort hands on GEO's raw files: also of another chip, and files that are no arrays
    inside = {"GSM1_a.CEL": "mini_2.CEL", "GSM2_b.CEL.gz": "mini_3.CEL.gz", "GSM3_c.CEL": "other_chip.CEL"}
    content = {name: (FOLDER / file).read_bytes() for name, file in inside.items()}
    (FOLDER / "mini_arrays.tar").write_bytes(tar_of({**content, "filelist.txt": b"#Archive/File\n"}))
    (FOLDER / "cut.CEL").write_bytes((FOLDER / "mini_2.CEL").read_bytes()[:2000])
