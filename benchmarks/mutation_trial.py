"""A trial of drafted mappings on whole real clinical tables, mutated, saved as files and read back.

Each table has a known outcome. It is mutated (benchmarks/table_mutators.py, written without a look at the readers),
saved as a file of some kind, read by the suite's reader, drafted, curated, and compared with the truth. A result is
silently wrong if values differ and no doubt was raised about the endpoint; a draft is useful if it runs and the
endpoint is right.
Verdicts are appended to a file by number of the trial, so that a run that was stopped goes on where it was.

    python benchmarks/mutation_trial.py --trials 10000 --log build/mutation_trial.tsv --write docs/mutation_trial.md
"""

from __future__ import annotations

import argparse
import copy
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from clinical_tables import DETECTABLE, PER_MONTH, RECOVERABLE, UNDECIDABLE, Clinical, Pair, pick
from mutation_report import BARE, DOUBTED, OPEN, RIGHT, SILENT, STOPPED, UNMUTATED, about, page
from table_mutators import FOLLOWERS, MUTATORS

from prognomics.curation.curate import curate
from prognomics.curation.suggest import draft_text, suggest
from prognomics.data.mapping import load_mapping
from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput
from prognomics.sources.sheet import read_sheet

SHARED = Path(os.environ.get("PROGNOMICS_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def _pairs(names: str, unit: str = "days") -> dict[str, Pair]:
    return {n.lower(): Pair(f"{n}.time", n, unit, "1", "0") for n in names.split()}


# place, sample, patient, endpoint, its columns, the other endpoints, rows without need of an outcome (column, values)
REAL: list[tuple] = [
    (
        "sarcoma/TCGA-SARC.CDR_clinical.tsv.gz",
        "sample",
        "patient",
        "os",
        _pairs("OS")["os"],
        _pairs("DSS DFI PFI"),
        None,
    ),
    ("tcga/TCGA-CHOL.clinical.tsv.gz", "sample", "patient", "os", _pairs("OS")["os"], _pairs("DSS DFI PFI"), None),
    (
        "ovarian/GSE51088.clinical.tsv.gz",
        "sample",
        None,
        "os",
        Pair("days_to_death", "vital_status", "days", "deceased", "living"),
        {},
        ("sample_type", ("healthy", "benign", "borderline", "metastatic")),
    ),
    (
        "ovarian/GSE19829.GPL8300.clinical.tsv.gz",
        "sample",
        None,
        "os",
        Pair("days_to_death", "vital_status", "days", "deceased", "living"),
        {},
        None,
    ),
    (
        "ovarian/GSE8842.clinical.tsv.gz",
        "sample",
        None,
        "os",
        Pair("days_to_death", "vital_status", "days", "deceased", "living"),
        {},
        ("sample_type", ("borderline",)),
    ),
    ("sarcoma/meta_data.txt", "lab_no", None, "mfs", Pair("MFS_months_10", "Met_10", "months", "1", "0"), {}, None),
    (
        "recordings/xena/TCGA-LUAD.survival.tsv",
        "sample",
        "_PATIENT",
        "os",
        Pair("_OS", "_OS_IND", "days", "1", "0"),
        {},
        None,
    ),
    (
        "cbioportal/study_es_0/data_clinical_patients.txt",
        "PATIENT_ID",
        None,
        "os",
        Pair("OS_MONTHS", "OS_STATUS", "months", "1:DECEASED", "0:LIVING"),
        {"dfs": Pair("DFS_MONTHS", "DFS_STATUS", "months", "1:Recurred/Progressed", "0:DiseaseFree")},
        None,
    ),
]


def _clinical(
    frame: pd.DataFrame, sample: str, patient: str | None, endpoint: str, pair: Pair, others: dict, apart=None
) -> Clinical:
    frame = frame.fillna("").astype(str).replace({"NA": "", "[Not Available]": ""}).reset_index(drop=True)
    months = pd.to_numeric(frame[pair.time], errors="coerce") / PER_MONTH[pair.unit]
    months[~frame[pair.status].isin([pair.event, pair.censored])] = np.nan
    ids = frame[sample]
    optional = ids.str.contains(r"^TCGA.*[-.](?!01)\d\d[A-Z]?$")
    optional |= frame[patient].duplicated(keep=False) if patient else False
    if apart is not None:
        optional |= frame[apart[0]].isin(apart[1])
    truth = pd.DataFrame({"id": ids, "months": months, "event": frame[pair.status] == pair.event, "optional": optional})
    return Clinical(frame, sample, endpoint, pair, truth, patient, others)


def real_tables() -> dict[str, Clinical]:
    """The tables of the folder of real cohorts, if it is there."""
    found = {}
    for place, *roles in REAL:
        if (SHARED / place).is_file():
            found[place.split("/")[-1].split(".tsv")[0]] = _clinical(read_sheet(SHARED / place), *roles)
    return found


def own_tables(seed: int = 3, n: int = 120) -> dict[str, Clinical]:
    """Two tables of our own, for machines without real ones: with several endpoints, and with a vital status."""
    rng = np.random.default_rng(seed)
    death, censored = rng.exponential(1900, n), rng.uniform(200, 4200, n)
    relapse, days = rng.exponential(1500, n), np.ceil(np.minimum(death, censored))
    first = np.ceil(np.minimum(days, relapse))
    ids = [f"TCGA-{i // 26:02d}-A{i:03d}-01" for i in range(n)]
    one = pd.DataFrame(
        {
            "sample": ids,
            "patient": [i[:-3] for i in ids],
            "OS": death <= censored,
            "OS.time": days,
            "PFI": (relapse < days) | (death <= censored),
            "PFI.time": first,
            "gender": rng.choice(["FEMALE", "MALE"], n),
            "age_at_initial_pathologic_diagnosis": rng.integers(30, 85, n),
        }
    )
    one = one.assign(**{c: one[c].astype(int).astype(str) for c in ("OS", "PFI", "OS.time", "PFI.time")})
    two = pd.DataFrame(
        {
            "sample": [f"GSM{1000 + i}" for i in range(n)],
            "sample_type": "tumor",
            "grade": rng.choice(["1", "2", "3"], n),
            "days_to_death": days.astype(int).astype(str),
            "vital_status": np.where(death <= censored, "deceased", "living"),
            "batch": rng.choice(["a", "b"], n),
        }
    )
    return {
        "own, TCGA-like": _clinical(one, "sample", "patient", "os", _pairs("OS")["os"], _pairs("PFI")),
        "own, GEO-like": _clinical(
            two, "sample", None, "os", Pair("days_to_death", "vital_status", "days", "deceased", "living"), {}
        ),
    }


# ------------------------------------------------------------------ files
def _separated(separator: str, encoding: str = "utf-8", newline: str = "\n", above: str = "") -> Callable:
    def write(frame: pd.DataFrame, path: Path) -> None:
        text = frame.to_csv(index=False, sep=separator, lineterminator=newline)
        path.write_bytes((above + text).encode(encoding))

    return write


def _workbook(title: bool) -> Callable:
    def write(frame: pd.DataFrame, path: Path) -> None:
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        if title:
            sheet.append(["Clinical data"])
        sheet.append(list(frame))
        for row in frame.itertuples(index=False):
            sheet.append(
                [float(c) if c.replace(".", "", 1).isdigit() and not c.startswith("0") else c or None for c in row]
            )
        book.save(path)

    return write


FILES: dict[str, tuple[Callable, float, str]] = {
    "tab": (_separated("\t"), 6, RECOVERABLE),
    "comma": (_separated(","), 3, RECOVERABLE),
    "semicolon": (_separated(";"), 2, RECOVERABLE),
    "CRLF": (_separated("\t", newline="\r\n"), 1, RECOVERABLE),
    "UTF-8 with a byte order mark": (_separated(",", "utf-8-sig"), 1, RECOVERABLE),
    "UTF-16": (_separated("\t", "utf-16"), 1, RECOVERABLE),
    "Windows-1252": (_separated(";", "cp1252"), 1, RECOVERABLE),
    "comment lines": (_separated("\t", above="# exported 2021-03-04\n"), 1, RECOVERABLE),
    "a title row": (_separated("\t", above="Clinical data\n"), 1, DETECTABLE),
    "workbook": (_workbook(False), 0.5, RECOVERABLE),
    "workbook with a title row": (_workbook(True), 0.25, DETECTABLE),
}


def mutate(rng: np.random.Generator, table: Clinical, name: str) -> tuple[str, Clinical, str] | None:
    """A mutated copy of a part of a table, what can be known about it, and how it is saved."""
    table = copy.deepcopy(table)
    keep = np.sort(rng.choice(len(table.frame), max(30, int(len(table.frame) * rng.uniform(0.5, 1))), replace=False))
    table.frame, table.truth = (t.iloc[keep].reset_index(drop=True) for t in (table.frame, table.truth))
    kind = RECOVERABLE if name == UNMUTATED else MUTATORS[name](rng, table)
    if kind is None:
        return None
    order = [RECOVERABLE, DETECTABLE, UNDECIDABLE]
    if name != UNMUTATED:
        for follower in FOLLOWERS:
            if follower != name and rng.random() < 0.12:
                more = MUTATORS[follower](rng, table)
                if more is None:
                    return None
                kind = max(kind, more, key=order.index)
    weights = np.array([w for _, w, _ in FILES.values()])
    file = str(rng.choice(list(FILES), p=weights / weights.sum())) if name != UNMUTATED else "tab"
    return max(kind, FILES[file][2], key=order.index), table, file


def judge(table: Clinical, file: str, folder: Path) -> tuple[str, str]:
    """The verdict on a saved table, and what was said."""
    path = folder / "table.dat"
    try:
        FILES[file][0](table.frame, path)
    except UnicodeEncodeError:
        _separated(";")(table.frame, path)
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        try:
            sheet = read_sheet(path)
            draft = suggest(sheet.copy())
            samples = curate(sheet, load_mapping(draft_text(draft)), "T").samples
        except BadInput as stop:
            return STOPPED, str(stop).split("\n")[0][:160]
    e = table.endpoint
    told = [
        (w.message.code, w.message.text)
        for w in raised
        if isinstance(w.message, AnalysisWarning) and not isinstance(w.message, AnalysisNote)
    ]
    others = tuple(f"{c.removesuffix('_time')}:" for c in samples if c.endswith("_time") and c != f"{e}_time")
    said = sorted(
        {
            BARE if "bare numbers" in text and e in field else field
            for field, text in [*draft.unsure, *told]
            if not text.startswith(others)
        }
    )
    if f"{e}_time" not in samples or f"{e}_event" not in samples:
        return OPEN, " ".join(said)
    known = table.truth.drop_duplicates("id").set_index("id")
    rows = samples[samples["sample_id"].isin(known.index)].set_index("sample_id")
    truth = known.loc[rows.index]
    time, event = rows[f"{e}_time"].astype(float), rows[f"{e}_event"].astype(float)
    given, true = time.notna() & event.notna(), truth["months"].notna()
    close = (time - truth["months"]).abs() <= 0.05 + 0.01 * truth["months"]
    wrong = (given & ~true) | (given & true & ~(close & (event == truth["event"].astype(float))))
    needed = known[known["months"].notna() & ~known["optional"].astype(bool)].index
    reached = np.mean([given.get(i, False) for i in needed]) if len(needed) else 1.0
    if not wrong.any() and reached >= 0.9:
        return RIGHT, " ".join(said)
    return (
        DOUBTED if any(about(s, e) for s in said) else SILENT
    ), f"{wrong.sum()} wrong, {reached:.0%} given; {' '.join(said)}"


def trial(number: int, seed: int, tables: dict[str, Clinical]) -> dict[str, str] | None:
    """One trial, the same whenever it is run."""
    rng = np.random.default_rng([seed, number])
    names = [*MUTATORS, UNMUTATED]
    where, name = pick(rng, list(tables)), names[number % len(names)]
    made = mutate(rng, tables[where], name)
    if made is None:
        return None
    kind, table, file = made
    with tempfile.TemporaryDirectory() as folder:
        verdict, said = judge(table, file, Path(folder))
    return {
        "trial": str(number),
        "table": where,
        "mutation": name,
        "file": file,
        "kind": kind,
        "verdict": verdict,
        "said": said,
    }


COLUMNS = ("trial", "table", "mutation", "file", "kind", "verdict", "said")


def run(trials: int, seed: int, tables: dict[str, Clinical], log: Path) -> pd.DataFrame:
    """Do what a log has not yet, and return all of it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    done = {line.split("\t")[0] for line in log.read_text().splitlines()} if log.is_file() else set()
    with log.open("a", encoding="utf-8") as lines:
        if not done:
            lines.write("\t".join(COLUMNS) + "\n")
        for number in range(trials):
            if str(number) not in done:
                row = trial(number, seed, tables) or {"trial": str(number), "kind": "does not apply"}
                lines.write("\t".join(row.get(c, "").replace("\t", " ").replace("\n", " ") for c in COLUMNS) + "\n")
                lines.flush()
    return pd.read_csv(log, sep="\t", dtype=str, keep_default_na=False, quoting=3)


def main() -> None:
    """Run the trial and print or write its page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=Path("build/mutation_trial.tsv"))
    parser.add_argument("--write", type=Path, help="the page to write")
    given = parser.parse_args()
    text = page(run(given.trials, given.seed, {**own_tables(), **real_tables()}, given.log))
    given.write.write_text(text, encoding="utf-8") if given.write else print(text)


if __name__ == "__main__":
    main()
