"""A trial of drafted mappings by mutation: tables with a known outcome, rewritten as people write them.

Each trial takes a cohort whose times and events are known, writes its clinical table in another way (units, headings of
three languages, words, dates, decimal commas, split columns, replicates, noise), drafts a mapping and compares what the
draft gives with the truth. Mutations are split beforehand into those that the table decides and those that it does not.

    python benchmarks/curation_trial.py --trials 2000 --seed 1
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from prognomics.curation.curate import curate
from prognomics.curation.suggest import draft_text, suggest
from prognomics.data.mapping import load_mapping
from prognomics.errors import BadInput

DAYS = 30.4375
SHARED = Path(os.environ.get("PROGNOMICS_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
# columns of id, time (with its unit), status and age in real tables
REAL = {
    "sarcoma/TCGA-SARC.CDR_clinical.tsv.gz": (
        "sample",
        "OS.time",
        DAYS,
        "OS",
        "1",
        "age_at_initial_pathologic_diagnosis",
    ),
    "ovarian/GSE51088.clinical.tsv.gz": ("sample", "days_to_death", DAYS, "vital_status", "deceased", None),
    "ovarian/GSE19829.GPL8300.clinical.tsv.gz": ("sample", "days_to_death", DAYS, "vital_status", "deceased", None),
    "ovarian/GSE8842.clinical.tsv.gz": ("sample", "days_to_death", DAYS, "vital_status", "deceased", None),
    "sarcoma/meta_data.txt": ("lab_no", "MFS_months_10", 1.0, "Met_10", "1", None),
}
ENGLISH = {
    "id": ["sample", "Sample ID", "sample_id", "geo_accession"],
    "age": ["age", "Age at diagnosis", "age_years"],
    "sex": ["sex", "Gender", "gender"],
}
GERMAN = {"id": ["Probe", "Proben-ID"], "age": ["Alter"], "sex": ["Geschlecht"]}
FRENCH = {"id": ["échantillon"], "age": ["âge", "Age"], "sex": ["sexe"]}
TIMES = {
    "en": [
        "os_{unit}",
        "OS.{unit}",
        "Overall survival ({unit})",
        "survival time [{unit}]",
        "OS_{UNIT}",
        "overall_survival_{unit}",
        "follow-up ({unit})",
        "time to death or last contact, {unit}",
        "FU_{unit}",
        "{unit}_survival",
        "surv.time.{unit}",
        "os.{unit}.from.diagnosis",
        "Time_OS_{unit}",
        "OS time ({unit})",
        "survival_in_{unit}",
        "total follow up {unit}",
        "{unit} to death/censoring",
    ],
    "de": [
        "Gesamtüberleben ({unit})",
        "Überlebenszeit [{unit}]",
        "Nachbeobachtung ({unit})",
        "Überleben in {unit}n",
        "Zeit bis Tod oder letzter Kontakt ({unit})",
    ],
    "fr": ["survie globale ({unit})", "durée de survie ({unit})", "suivi ({unit})", "délai jusqu'au décès ({unit})"],
}
UNITS = {
    "en": {"days": 1 / DAYS, "months": 1.0, "years": 12.0},
    "de": {"Tage": 1 / DAYS, "Monate": 1.0, "Jahre": 12.0},
    "fr": {"jours": 1 / DAYS, "mois": 1.0},
}
STATUS = {
    "en": [
        ("vital_status", "Dead", "Alive"),
        ("OS_STATUS", "1:DECEASED", "0:LIVING"),
        ("os_event", "1", "0"),
        ("death", "yes", "no"),
        ("Vital status", "deceased", "living"),
        ("status", "dead", "alive"),
        ("Overall survival status", "DECEASED", "LIVING"),
        ("survival status", "dead", "lost to follow-up"),
        ("event.os", "TRUE", "FALSE"),
        ("outcome", "died", "alive"),
        ("dead (1) or alive (0)", "1", "0"),
        ("Survival_event", "1", "0"),
        ("os.status.at.last.follow.up", "Dead", "Alive"),
        ("deceased", "Y", "N"),
        ("vital state", "D", "A"),
        ("last known status", "expired", "alive with disease"),
    ],
    "de": [
        ("Status", "verstorben", "lebt"),
        ("Tod", "ja", "nein"),
        ("Vitalstatus", "tot", "lebend"),
        ("verstorben", "Ja", "Nein"),
        ("Überlebensstatus", "gestorben", "am Leben"),
    ],
    "fr": [
        ("statut", "décédé", "vivant"),
        ("décès", "oui", "non"),
        ("statut vital", "décédée", "en vie"),
        ("état", "mort", "vivant"),
        ("décédé", "OUI", "NON"),
    ],
}
MISSING = ["", "NA", "[Not Available]", "'--", "not reported", "Unknown", "n/a", "?", "unbekannt", "k.A."]
DATES = {
    "en": ("date of diagnosis", "date of last contact", "date of death"),
    "de": ("Diagnosedatum", "Datum letzter Kontakt", "Todesdatum"),
    "fr": ("date du diagnostic", "date des dernières nouvelles", "date de décès"),
}
FORMATS = ["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y", "%d-%b-%Y"]
DECIDED = (
    "plain",
    "unit",
    "decimal_comma",
    "split_columns",
    "dates",
    "death_and_contact_dates",
    "replicates",
    "alive_column",
    "decoys",
    "ages_with_bounds",
    "combined",
    "combined_dates",
)
UNDECIDED = (
    "unit_not_stated",
    "coded_1_2",
    "censored_column",
    "ambiguous_dates",
    "flag_inverted",
    "relapse_as_survival",
    "rows_doubled",
    "unit_misstated",
)
RIGHT, STOPPED, WARNED, SILENT = "right", "stopped", "wrong, warned", "wrong, silent"


def simulated(rng: np.random.Generator, n: int = 90) -> pd.DataFrame:
    """A cohort with a known outcome: id, months, event, age; some times missing."""
    death, censored = rng.exponential(60, n), rng.uniform(6, 140, n)
    truth = pd.DataFrame(
        {
            "id": [f"S{i:03d}" for i in range(n)],
            "months": np.minimum(death, censored) + 0.2,
            "event": death <= censored,
            "age": rng.integers(30, 85, n),
        }
    )
    truth["months"] = (truth["months"] * DAYS).round() / DAYS
    return truth


def real_cohorts() -> list[pd.DataFrame]:
    """The cohorts of the folder of real data, where it is."""
    from prognomics.sources.sheet import read_sheet

    found = []
    for place, (sample, time, per_month, status, event, age) in REAL.items():
        if not (SHARED / place).is_file():
            continue
        raw = read_sheet(SHARED / place)
        months = pd.to_numeric(raw[time], errors="coerce") / per_month
        truth = pd.DataFrame(
            {"id": raw[sample], "months": (months * DAYS).round() / DAYS, "event": raw[status] == event}
        )
        truth["age"] = pd.to_numeric(raw[age], errors="coerce").fillna(60).astype(int) if age else 60
        if place.startswith("sarcoma/TCGA"):  # the draft leaves outcomes to primary tumors
            truth, raw = truth[truth["id"].str.endswith("-01")], raw[raw[sample].str.endswith("-01")]
        known = truth["months"].notna() & raw[status].ne("").to_numpy() & raw[status].ne("NA").to_numpy()
        found.append(truth[known].drop_duplicates("id").reset_index(drop=True))
    return found


class Table:
    """A clinical table in the making, and the truth about its rows."""

    def __init__(self, rng: np.random.Generator, truth: pd.DataFrame, language: str):
        self.rng, self.truth, self.language = rng, truth.copy(), language
        words = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}[language]
        self.columns = {
            self.pick(words["id"]): truth["id"].tolist(),
            self.pick(words["age"]): truth["age"].map(str).tolist(),
        }
        self.columns[self.pick(words["sex"])] = [self.pick(["M", "F"]) for _ in truth["id"]]
        self.missing = self.pick(MISSING)
        self.unit = self.pick(list(UNITS[language]))

    def pick(self, items: list):
        return items[int(self.rng.integers(len(items)))]

    def number(self, value: float, comma: bool = False) -> str:
        text = f"{value:.0f}" if self.unit in ("days", "Tage", "jours") else f"{value:.3f}"
        return text.replace(".", ",") if comma else text

    def times(self, comma: bool = False) -> list[str]:
        return [self.number(m / UNITS[self.language][self.unit], comma) for m in self.truth["months"]]

    def add_time(self, comma: bool = False) -> None:
        heading = self.pick(TIMES[self.language]).format(unit=self.unit, UNIT=self.unit.upper())
        self.columns[heading] = self.times(comma)

    def add_status(self) -> None:
        heading, event, censored = self.pick(STATUS[self.language])
        self.columns[heading] = [event if e else censored for e in self.truth["event"]]

    def frame(self) -> pd.DataFrame:
        names = list(self.columns)
        first, rest = names[0], names[1:]
        self.rng.shuffle(rest)
        return pd.DataFrame({name: self.columns[name] for name in [first, *rest]})


def mutate(rng: np.random.Generator, truth: pd.DataFrame, mutation: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table of a cohort in one kind of writing, and what is true of its rows."""
    language = ["en", "en", "de", "fr"][int(rng.integers(4))]
    table = Table(rng, truth, language)
    if mutation in ("dates", "death_and_contact_dates", "ambiguous_dates"):
        _dates(table, mutation)
    elif mutation.startswith("combined"):
        if mutation == "combined_dates":
            _dates(table, table.pick(["dates", "death_and_contact_dates"]))
        else:
            table.add_time(comma=bool(rng.integers(2)))
            table.add_status()
        for extra in ("decoys", "ages_with_bounds", "replicates"):
            if rng.random() < 0.6:
                _extra(table, extra)
    elif mutation == "split_columns":
        table.unit, table.language = "days", "en"
        days = table.times()
        flags = truth["event"].tolist()
        table.columns["days_to_death"] = [d if e else table.missing for d, e in zip(days, flags, strict=True)]
        table.columns["days_to_last_follow_up"] = [table.missing if e else d for d, e in zip(days, flags, strict=True)]
        table.columns["vital_status"] = ["Dead" if e else "Alive" for e in flags]
    elif mutation == "unit_not_stated":
        table.columns["time"] = [f"{m:.0f}" for m in truth["months"]]
        table.add_status()
    else:
        table.add_time(comma=mutation == "decimal_comma")
        _status(table, mutation)
    return table.frame(), table.truth


def _status(table: Table, mutation: str) -> None:
    flags = table.truth["event"].tolist()
    time = next(reversed(table.columns))
    if mutation == "alive_column":
        table.columns["alive"] = ["no" if e else "yes" for e in flags]
    elif mutation == "coded_1_2":
        table.columns["os_status"] = ["2" if e else "1" for e in flags]
    elif mutation == "censored_column":
        table.columns["censored"] = ["0" if e else "1" for e in flags]
    elif mutation == "flag_inverted":
        table.columns["os_status"] = ["0" if e else "1" for e in flags]
    elif mutation == "relapse_as_survival":
        earlier = np.array(flags) | (table.rng.random(len(flags)) < 0.2)
        factor = np.where(earlier, table.rng.uniform(0.3, 1, len(flags)), 1.0)
        values = table.truth["months"].to_numpy() / UNITS[table.language][table.unit] * factor
        table.columns[time] = [table.number(v) for v in values]
        table.columns["os_status"] = ["dead" if e else "alive" for e in earlier]
    elif mutation == "unit_misstated":
        del table.columns[time]
        table.unit, table.language = "days", "en"
        table.columns["os_months"] = table.times()
        table.columns["os_status"] = ["1" if e else "0" for e in flags]
    else:
        table.add_status()
    _extra(table, mutation)


def _extra(table: Table, mutation: str) -> None:
    flags = table.truth["event"].tolist()
    if mutation == "replicates":
        table.columns["patient"] = [f"P{i}" for i in range(len(flags))]
        for values in table.columns.values():
            values.extend(values[:5])
        first = next(iter(table.columns))
        table.columns[first][-5:] = [f"{name}_2" for name in table.columns[first][:5]]
    elif mutation == "rows_doubled":
        for values in table.columns.values():
            values.extend(values[:3])
    elif mutation == "decoys":
        n = len(flags)
        table.columns["year_of_death"] = [str(2000 + int(x)) for x in table.rng.integers(0, 15, n)]
        table.columns["lymph node status"] = [table.pick(["0", "1"]) for _ in range(n)]
        table.columns["days_to_birth"] = [str(-int(x)) for x in table.rng.integers(9000, 30000, n)]
        table.columns["treatment_status"] = [table.pick(["yes", "no"]) for _ in range(n)]
        table.columns["developmental stage"] = ["adult"] * n
    elif mutation == "ages_with_bounds":
        name = next(c for c in table.columns if c.casefold().startswith(("age", "alter", "âge")))
        table.columns[name][:2] = [">89", "90+"]


def _dates(table: Table, mutation: str) -> None:
    rng, truth = table.rng, table.truth
    starts = pd.Timestamp("2004-01-01") + pd.to_timedelta(rng.integers(0, 2500, len(truth)), unit="D")
    days = (truth["months"] * DAYS).round().to_numpy()
    ends = starts + pd.to_timedelta(days, unit="D")
    style = table.pick(FORMATS)
    if mutation == "ambiguous_dates":
        style = "%d/%m/%Y"
        starts, ends = (pd.DatetimeIndex([d.replace(day=1 + d.day % 12) for d in dates]) for dates in (starts, ends))
        table.truth["months"] = np.maximum((ends - starts).days.to_numpy(), 0) / DAYS
    start, contact, death = DATES[table.language]
    table.columns[start] = [d.strftime(style) for d in starts]
    texts = [d.strftime(style) for d in ends]
    if mutation == "death_and_contact_dates":
        table.columns[death] = [t if e else table.missing for t, e in zip(texts, truth["event"], strict=True)]
        table.columns[contact] = texts
    else:
        table.columns[contact] = texts
    table.add_status()


def judge(raw: pd.DataFrame, truth: pd.DataFrame) -> str:
    """Whether a draft of a table gives its true outcome, stops, or is wrong with or without a doubt about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            draft = suggest(raw)
            samples = curate(raw, load_mapping(draft_text(draft)), "T").samples
        except BadInput:
            return STOPPED
    names = [c.removesuffix("_event") for c in samples if c.endswith("_event")]
    if not names:
        return STOPPED
    known = truth.set_index("id")
    rows = samples[samples["sample_id"].isin(known.index)]
    expected = known.loc[rows["sample_id"]]
    time, event = rows[f"{names[0]}_time"].to_numpy(float), rows[f"{names[0]}_event"].to_numpy(float)
    close = np.abs(time - expected["months"].to_numpy()) <= 0.05 + 0.01 * expected["months"].to_numpy()
    if len(rows) >= 0.9 * len(known) and np.all(close & (event == expected["event"].to_numpy(float))):
        return RIGHT
    about = [
        f
        for f, _ in draft.unsure
        if f.startswith(("endpoints", "event-", "time-unit", "contradicting", "incomplete", "sample_id"))
    ]
    return WARNED if about else SILENT


def trial(n: int, seed: int, cohorts: list[pd.DataFrame]) -> pd.DataFrame:
    """Counts of each verdict by mutation."""
    rng = np.random.default_rng(seed)
    counts: Counter[tuple[str, str]] = Counter()
    mutations = [*DECIDED, *UNDECIDED]
    for i in range(n):
        mutation = mutations[i % len(mutations)]
        cohort = cohorts[int(rng.integers(len(cohorts)))] if cohorts and rng.random() < 0.5 else simulated(rng)
        part = cohort.sample(min(len(cohort), 90), random_state=int(rng.integers(2**31))).reset_index(drop=True)
        counts[mutation, judge(*mutate(rng, part, mutation))] += 1
    table = pd.DataFrame([[counts[m, v] for v in (RIGHT, STOPPED, WARNED, SILENT)] for m in mutations], index=mutations,
                         columns=[RIGHT, STOPPED, WARNED, SILENT])  # fmt: skip
    table.insert(0, "decided", [m in DECIDED for m in mutations])
    return table


def main() -> None:
    """Print the table of verdicts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    table = trial(given.trials, given.seed, real_cohorts())
    print(table.to_string())
    print(table.groupby("decided").sum().to_string())


if __name__ == "__main__":
    main()
