"""Drafted mappings of real clinical tables, by one version of the suite, compared with what is known of each table.

    python benchmarks/real_drafts.py --out build/after.tsv
    PATH_OF_0.1.0/bin/python benchmarks/real_drafts.py --out build/before.tsv
    python benchmarks/real_drafts.py --compare build/before.tsv build/after.tsv --write docs/mapping.md

An endpoint is right if the draft runs and gives time, event and unit of the columns that are known to be the right ones
(at most 2% of the samples differ); wrong if it gives others; left open if the draft has a TODO, does not run, or does
not have the endpoint. A tissue type and a definition that the draft leaves open are filled in beforehand. Only the
command line is used, so that any version can be measured. The known columns are from the tables' own documentation.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SHARED = Path(os.environ.get("PROGNOMICS_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
TAB, DAYS = "\t", 30.4375
MISSING = {"", "NA", "NaN", "[Not Available]", "'--", "Not Reported"}
# table, column of samples, endpoint, time of the event, time of the others, months per unit, status, event, censored
Truth = tuple[str, str, str, str, str, float, str, str, str]
OV = ("days_to_death", "days_to_death", 1 / DAYS, "vital_status", "deceased", "living")
TRUTHS: list[Truth] = [
    *(("sarcoma/TCGA-SARC.CDR_clinical.tsv.gz", "sample", e.lower(), f"{e}.time", f"{e}.time", 1 / DAYS, e, "1", "0")
      for e in ("OS", "DSS", "DFI", "PFI")),
    *(("tcga/TCGA-CHOL.clinical.tsv.gz", "sample", e.lower(), f"{e}.time", f"{e}.time", 1 / DAYS, e, "1", "0")
      for e in ("OS", "DSS", "DFI", "PFI")),
    ("ovarian/GSE51088.clinical.tsv.gz", "sample", "os", *OV),
    ("ovarian/GSE19829.GPL8300.clinical.tsv.gz", "sample", "os", *OV),
    ("ovarian/GSE8842.clinical.tsv.gz", "sample", "os", *OV),
    ("ovarian/GSE12470.clinical.tsv.gz", "sample", "none", "", "", 1.0, "", "", ""),
    ("sarcoma/meta_data.txt", "lab_no", "mfs", "MFS_months_10", "MFS_months_10", 1.0, "Met_10", "1", "0"),
    ("recordings/xena/TCGA-LUAD.survival.tsv", "sample", "os", "_OS", "_OS", 1 / DAYS, "_OS_IND", "1", "0"),
    ("recordings/xena/TCGA-LUAD.GDC_phenotype.tsv.gz", "submitter_id.samples", "os", "days_to_death.diagnoses",
     "days_to_last_follow_up.diagnoses", 1 / DAYS, "vital_status.diagnoses", "dead", "alive"),
    ("cbioportal/study_es_0/data_clinical_patients.txt", "PATIENT_ID", "os", "OS_MONTHS", "OS_MONTHS", 1.0, "OS_STATUS",
     "1:DECEASED", "0:LIVING"),
    ("cbioportal/study_es_0/data_clinical_patients.txt", "PATIENT_ID", "dfs", "DFS_MONTHS", "DFS_MONTHS", 1.0,
     "DFS_STATUS", "1:Recurred/Progressed", "0:DiseaseFree"),
    ("gdc/TARGET-OS.clinical.tsv.gz", "sample", "os", "days_to_death.demographic", "days_to_last_follow_up.diagnoses",
     1 / DAYS, "vital_status.demographic", "Dead", "Alive"),
    *((f"recordings/arrayexpress/{a}.sdrf.txt", "Source Name", "none", "", "", 1.0, "", "", "")
      for a in ("E-MEXP-2381", "E-MTAB-3050", "E-MTAB-5813")),
]  # fmt: skip


def rows_of(path: Path) -> list[dict[str, str]]:
    """The cells of a table as text; lines above the header that begin with # are skipped."""
    import gzip

    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig", "replace")
    lines = [line for line in text.split("\n") if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter=TAB))


def months_of(row: dict[str, str], truth: Truth) -> tuple[float, str] | None:
    """Time and event of a row as they are known to be; None where either is missing."""
    _, _, _, event_time, other_time, unit, status, event, censored = truth
    if row.get(status) not in (event, censored):
        return None
    happened = row[status] == event
    for column in (event_time, other_time) if happened else (other_time, event_time):
        try:
            return float(row.get(column, "")) * unit, "1" if happened else "0"
        except ValueError:
            continue
    return None


def judge(truth: Truth, folder: Path) -> tuple[str, str]:
    """The verdict on the draft of one table about one endpoint, and the first line of what was said."""
    place, sample, endpoint = truth[:3]
    prognomics = Path(sys.executable).parent / "prognomics"
    draft, out = folder / "draft.yml", folder / "out.tsv"
    for path in (draft, out):
        path.unlink(missing_ok=True)
    start = [str(prognomics), "curate_samples", "--samples", str(SHARED / place), "--cohort", "T"]
    for more in (["--suggest", "--out-mapping", str(draft)], ["--mapping", str(draft), "--out-samples", str(out)]):
        told = subprocess.run([*start, *more], capture_output=True, text=True, check=False)
        if "--suggest" in more and draft.is_file():
            draft.write_text(
                re.sub(r"(tissue_type:\n  constant|definition): TODO.*", r"\1: primary", draft.read_text())
            )
        if told.returncode:
            said = next((line for line in told.stderr.split("\n") if line.startswith("error")), "")
            none = endpoint == "none" and "endpoints:" not in (draft.read_text() if draft.is_file() else "")
            return ("right" if none else "left open"), said[:120]
    curated = list(csv.DictReader(out.read_text().split("\n"), delimiter=TAB))
    if endpoint == "none":
        invented = [c for c in (curated[0] if curated else {}) if c.endswith("_event")]
        return ("wrong", f"invents {', '.join(invented)}") if invented else ("right", "")
    if not curated or f"{endpoint}_time" not in curated[0]:
        return "left open", "no such endpoint in the draft"
    raw = rows_of(SHARED / place)
    known = {row[sample or next(iter(row))]: found for row in raw if (found := months_of(row, truth))}
    n_right = n_wrong = 0
    for row in curated:
        time, event = row[f"{endpoint}_time"], row[f"{endpoint}_event"].removesuffix(".0")
        if time in MISSING or event in MISSING or row["sample_id"] not in known:
            continue
        months, happened = known[row["sample_id"]]
        same = abs(float(time) - months) <= 0.05 + 0.01 * months and (event == "1") == (happened == "1")
        n_right, n_wrong = n_right + same, n_wrong + (not same)
    if n_wrong > 0.02 * (n_right + n_wrong):
        return "wrong", f"{n_wrong} of {n_right + n_wrong} samples differ"
    return ("right", f"{n_right} samples") if n_right else ("left open", "no sample has it")


START, END = "<!-- real drafts: generated by benchmarks/real_drafts.py -->", "<!-- end of real drafts -->"
VERDICTS = ("right", "wrong", "left open")


def compared(before: list[dict[str, str]], after: list[dict[str, str]]) -> str:
    """The rates of two versions, and each table and endpoint."""
    lines = ["| drafted endpoint | 0.1.0 | now |", "|---|---|---|"]
    for verdict in VERDICTS:
        counts = [sum(row["verdict"] == verdict for row in rows) for rows in (before, after)]
        lines.append(f"| {verdict} | {counts[0]} of {len(before)} | {counts[1]} of {len(after)} |")
    lines += ["", "| table | endpoint | 0.1.0 | now |", "|---|---|---|---|"]
    for old, new in zip(before, after, strict=True):
        cells = [f"{r['verdict']} ({r['said']})" if r["verdict"] != "right" and r["said"] else r["verdict"]
                 for r in (old, new)]  # fmt: skip
        lines.append(
            f"| {new['table']} | {new['endpoint']} | {cells[0]} | {cells[1]} |".replace("{", "(").replace("}", ")")
        )
    return "\n".join(lines)


def main() -> None:
    """Measure one version, or compare two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--compare", type=Path, nargs=2)
    parser.add_argument("--write", type=Path, help="the page that has the marks of the table")
    given = parser.parse_args()
    if given.compare:
        rows = [list(csv.DictReader(p.read_text().split("\n"), delimiter=TAB)) for p in given.compare]
        text = f"{START}\n{compared(*rows)}\n{END}"
        if given.write:
            page = given.write.read_text(encoding="utf-8")
            head, _, rest = page.partition(START)
            given.write.write_text(head + text + rest.partition(END)[2], encoding="utf-8")
        else:
            print(text)
        return
    with tempfile.TemporaryDirectory() as folder, given.out.open("w", encoding="utf-8") as out:
        out.write("table\tendpoint\tverdict\tsaid\n")
        for truth in TRUTHS:
            verdict, said = judge(truth, Path(folder))
            out.write("\t".join([truth[0].rpartition("/")[2], truth[2], verdict, said]) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
