"""Write a simulated study as strangers publish theirs: each cohort with its own columns, units and codings.

Beside the data stand what a user would have to find out (a curation mapping for each cohort) and what nobody
knows of real data (the truth).
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.data.mapping import dump_mapping
from prognomics.data.time_units import DAYS_IN
from prognomics.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.simulate.cohorts import SimulatedCohort, Simulation

FORMATS = ("tsv", "geo")
CLINICAL_MISSING = 0.03
DECIMALS = {"days": 0, "weeks": 1, "months": 2, "years": 3}


@dataclass(frozen=True)
class Dialect:
    """How one group of authors writes clinical data: names, units, words."""

    patient: str
    tissue: tuple[str, dict[str, str]]
    time: str
    unit: str
    event: str
    event_words: tuple[str, str]
    age: tuple[str, str]
    sex: tuple[str, dict[str, str]]
    grade: tuple[str, str]
    size: tuple[str, float]  # and how many of its units make a centimetre
    depth: tuple[str, dict[str, str]]
    subtype: str
    missing: str


DIALECTS = (
    Dialect(
        "patient",
        ("tissue", {"primary": "primary tumor", "relapse": "relapse", "normal": "normal tissue"}),
        "{e}_months",
        "months",
        "{e}_event",
        ("1", "0"),
        ("age", "years"),
        ("sex", {"female": "F", "male": "M"}),
        ("grade", "{}"),
        ("size_cm", 1.0),
        ("depth", {"deep": "deep", "superficial": "superficial"}),
        "histology",
        "NA",
    ),
    Dialect(
        "case_id",
        ("sample_type", {"primary": "Primary Tumor", "relapse": "Recurrent Tumor", "normal": "Normal"}),
        "{e} time (days)",
        "days",
        "{e}_status",
        ("1:EVENT", "0:CENSORED"),
        ("age_at_diagnosis", "days"),
        ("gender", {"female": "FEMALE", "male": "MALE"}),
        ("fnclcc", "G{}"),
        ("tumor_size_mm", 10.0),
        ("location", {"deep": "Deep", "superficial": "Subcutaneous"}),
        "subtype",
        "[Not Available]",
    ),
    Dialect(
        "donor",
        ("source", {"primary": "tumour", "relapse": "local relapse", "normal": "healthy"}),
        "{E}.years",
        "years",
        "{E}",
        ("yes", "no"),
        ("age (years)", "years"),
        ("Sex", {"female": "2", "male": "1"}),
        ("FNCLCC grade", "grade {}"),
        ("max diameter, cm", 1.0),
        ("depth", {"deep": "below fascia", "superficial": "above fascia"}),
        "diagnosis",
        "missing",
    ),
    Dialect(
        "subject",
        ("type", {"primary": "T", "relapse": "R", "normal": "N"}),
        "weeks_{e}",
        "weeks",
        "status_{e}",
        ("event", "alive without event"),
        ("AGE", "years"),
        ("sex", {"female": "woman", "male": "man"}),
        ("grade", "{}"),
        ("size", 1.0),
        ("depth", {"deep": "d", "superficial": "s"}),
        "class",
        "",
    ),
)


@dataclass(frozen=True)
class SimulationFolder:
    """A simulation that a folder is to hold; see `write_simulation`."""

    simulation: Simulation
    file_format: str

    def save(self, folder: Path) -> None:
        write_simulation(self.simulation, folder, self.file_format)


def write_simulation(simulation: Simulation, folder: Path | str, file_format: str = "tsv") -> pd.DataFrame:
    """Write a simulation to a folder.

    Parameters
    ----------
    simulation : Simulation
    folder : path
        Made if it is not there; files of the same names are replaced.
    file_format : {'tsv', 'geo'}
        `tsv`: `<cohort>.expression.tsv.gz`, `.clinical.tsv.gz`, `.features.tsv.gz`; `geo`:
        `<GSE>_series_matrix.txt.gz` and `<GSE>.<GPL>.annot.txt.gz`. Either is read by `--local-path <folder>
        --accession <cohort>`.

    Returns
    -------
    pandas.DataFrame
        `cohorts.tsv`: `cohort, platform, n_primary, n_relapse, n_normal`, per endpoint `n_<e>, events_<e>`,
        then the file names `expression, samples, features, mapping`; one row per cohort.

    Notes
    -----
    Also written: `<cohort>.mapping.yml`, `truth.tsv`, `truth_genes.tsv`, `signature.gmt`, `parameters.json`.
    The same simulation gives the same bytes.
    """
    import pandas as pd

    if file_format not in FORMATS:
        raise UsageError(f"{file_format!r} is no format of simulated cohorts", hint=f"there are: {', '.join(FORMATS)}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write = _write_geo if file_format == "geo" else _write_tsv
    rows, truths = [], []
    for index, cohort in enumerate(simulation.cohorts()):
        name = f"GSE{9_000_001 + index}" if file_format == "geo" else cohort.name
        ids = [_accession(i) if file_format == "geo" else i for i in cohort.truth["sample_id"]]
        dialect = DIALECTS[index % len(DIALECTS)]
        sheet, mapping = clinical_table(simulation, cohort, index, index % len(DIALECTS))
        mapping = {"about": f"Simulated cohort {name} ({cohort.platform}).", **mapping}
        _put(folder / f"{name}.mapping.yml", dump_mapping(mapping))
        files = write(folder, name, ids, cohort, sheet, dialect)
        truths.append(cohort.truth.assign(sample_id=ids, cohort=name))
        rows.append(_cohort_row(name, cohort, simulation.parameters["endpoints"], files))
    table, truth = pd.DataFrame(rows), pd.concat(truths, ignore_index=True)
    genes = simulation.genes
    roles = ["marker", *["signature"] * genes.n_signature]
    roles += ["background"] * (len(genes.names) - len(roles))
    roles = ["immune" if name in set(genes.immune) else role for name, role in zip(genes.names, roles, strict=True)]
    truth_genes = pd.DataFrame(
        {"gene_id": genes.names, "entrez_id": genes.entrez, "role": roles, "risk_loading": genes.risk_loading}
    )
    for file, content in (("cohorts", table), ("truth", truth), ("truth_genes", truth_genes)):
        _put(folder / f"{file}.tsv", content.to_csv(sep="\t", index=False, na_rep="NA", float_format="%.10g"))
    _put(folder / "signature.gmt", "\t".join(["simulated_risk", "simulated", *genes.signature]) + "\n")
    if genes.immune:
        _put(folder / "immune.gmt", "\t".join(["simulated_immune", "simulated", *genes.immune]) + "\n")
    _put(folder / "parameters.json", json.dumps(simulation.parameters, indent=1, sort_keys=True) + "\n")
    return table


def _cohort_row(
    name: str, cohort: SimulatedCohort, endpoints: list[str], files: tuple[str, str, str]
) -> dict[str, Any]:
    tissue = cohort.truth["tissue_type"]
    row: dict[str, Any] = {"cohort": name, "platform": cohort.platform}
    row |= {f"n_{kind}": int((tissue == kind).sum()) for kind in ("primary", "relapse", "normal")}
    for e in endpoints:
        row[f"n_{e}"] = int(cohort.truth[f"{e}_event"].notna().sum())
        row[f"events_{e}"] = int(cohort.truth[f"{e}_event"].sum())
    return (
        row | dict(zip(("expression", "samples", "features"), files, strict=True)) | {"mapping": f"{name}.mapping.yml"}
    )


def _accession(sample_id: str) -> str:
    return f"GSM{9_000_000 + int(sample_id[1:])}"


def clinical_table(
    simulation: Simulation, cohort: SimulatedCohort, index: int, dialect: int
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the clinical table of a cohort as its authors would publish it, and the mapping back.

    Parameters
    ----------
    simulation : Simulation
    cohort : SimulatedCohort
    index : int
        The place of the cohort in the simulation, from 0.
    dialect : int
        Which of `DIALECTS` its authors write.
    """
    rng = np.random.Generator(np.random.PCG64([simulation.parameters["seed"], 7, index]))
    endpoints = [e for e in simulation.parameters["endpoints"] if cohort.truth[f"{e}_time"].notna().any()]
    return _clinical(cohort.truth, DIALECTS[dialect], endpoints, rng)


def _clinical(
    truth: pd.DataFrame, d: Dialect, endpoints: list[str], rng: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The clinical columns as this group of authors writes them, and the mapping back."""
    import pandas as pd

    missing = {name: rng.random(len(truth)) < CLINICAL_MISSING for name in ("grade", "size", "depth")}

    def words(values: Any, lost: Any = False) -> list[str]:
        absent = pd.isna(pd.Series(values)).to_numpy() | lost
        return [d.missing if gone else str(value) for value, gone in zip(values, absent, strict=True)]

    age = truth["age_years"] * DAYS_IN["years"] / DAYS_IN[d.age[1]]
    grade = [np.nan if np.isnan(g) else d.grade[1].format(int(g)) for g in truth["grade"]]
    size = [np.nan if np.isnan(s) else f"{s * d.size[1]:g}" for s in truth["tumor_size_cm"]]
    sheet = {
        d.patient: truth["patient_id"].tolist(),
        d.tissue[0]: truth["tissue_type"].map(d.tissue[1]).tolist(),
        d.age[0]: [f"{a:.0f}" for a in age],
        d.sex[0]: truth["sex"].map(d.sex[1]).tolist(),
        d.grade[0]: words(grade, missing["grade"]),
        d.size[0]: words(size, missing["size"]),
        d.depth[0]: words(truth["depth"].map(d.depth[1]), missing["depth"]),
        d.subtype: words(truth["subtype"]),
    }
    mapping: dict[str, Any] = {
        "sample_id": "sample_id",
        "patient_id": d.patient,
        "tissue_type": {"column": d.tissue[0], "values": {new: old for old, new in d.tissue[1].items()}},
        "missing": [d.missing or "NA"],
        "endpoints": {},
        "columns": {
            "age_years": {"column": d.age[0], "unit": d.age[1]},
            "sex": {"column": d.sex[0], "values": {new: old for old, new in d.sex[1].items()}},
            "grade": {"column": d.grade[0], "values": {d.grade[1].format(g): str(g) for g in (1, 2, 3)}},
            "tumor_size_cm": {"column": d.size[0], "scale": 1 / d.size[1]},
            "depth": {"column": d.depth[0], "values": {new: old for old, new in d.depth[1].items()}},
            "subtype": {"column": d.subtype},
        },
        "expect": {"n": len(truth), "levels": {"tissue_type": _counts(truth["tissue_type"])}},
    }
    for e in endpoints:
        time, event = (text.format(e=e, E=e.upper()) for text in (d.time, d.event))
        step = 10.0 ** -DECIMALS[d.unit]
        values = np.maximum(truth[f"{e}_time"] * DAYS_IN["months"] / DAYS_IN[d.unit], step)
        sheet[time] = words([np.nan if np.isnan(v) else f"{v:.{DECIMALS[d.unit]}f}" for v in values])
        sheet[event] = words(truth[f"{e}_event"].map({1.0: d.event_words[0], 0.0: d.event_words[1]}))
        mapping["endpoints"][e] = {
            "definition": f"the simulated event {e}",
            "time": {"column": time, "unit": d.unit},
            "event": {"column": event, "event": [d.event_words[0]], "censored": [d.event_words[1]]},
        }
    if "response" in truth.columns:
        sheet["response"] = words(truth["response"].map({"yes": "pCR", "no": "residual disease"}))
        mapping["columns"]["response"] = {"column": "response", "values": {"pCR": "yes", "residual disease": "no"}}
    if endpoints:
        mapping["expect"]["complete"] = {e: int(truth[f"{e}_event"].notna().sum()) for e in endpoints}
        mapping["expect"]["events"] = {e: int(truth[f"{e}_event"].sum()) for e in endpoints}
    return pd.DataFrame(sheet, dtype=object), mapping


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(level): int(n) for level, n in values.value_counts().sort_index().items()}


def _rows(ids: list[str], values: np.ndarray, quote: str = "", missing: str = "NA") -> str:
    """Lines of an expression table, four decimals."""
    template = "\t".join(["%.4f"] * values.shape[1])
    holes = np.isnan(values).any(axis=1)
    lines = []
    for name, row, hole in zip(ids, values.tolist(), holes, strict=True):
        cells = template % tuple(row)
        lines.append(f"{quote}{name}{quote}\t{cells.replace('nan', missing) if hole else cells}\n")
    return "".join(lines)


def _write_tsv(
    folder: Path, name: str, ids: list[str], cohort: SimulatedCohort, sheet: pd.DataFrame, dialect: Dialect
) -> tuple[str, str, str]:
    files = tuple(f"{name}.{kind}.tsv.gz" for kind in ("expression", "clinical", "features"))
    header = "\t".join(["probe", *ids]) + "\n"
    _put(folder / files[0], header + _rows(cohort.expression.probe_ids, cohort.expression.values))
    clinical = sheet.copy()
    clinical.insert(0, "sample_id", ids)
    _put(folder / files[1], clinical.to_csv(sep="\t", index=False, lineterminator="\n"))
    _put(folder / files[2], cohort.expression.features.to_csv(sep="\t", index=False, lineterminator="\n"))
    return files  # type: ignore[return-value]


def _write_geo(
    folder: Path, name: str, ids: list[str], cohort: SimulatedCohort, sheet: pd.DataFrame, dialect: Dialect
) -> tuple[str, str, str]:
    """A series matrix: as in GEO, a characteristic that a sample lacks is excluded, and the next move up."""
    platform = f"GPL{900_000 + int(name[3:]) % 100_000}"
    series = f"{name}_series_matrix.txt.gz"
    annotation = f"{name}.{platform}.annot.txt.gz"
    characteristics = [
        [
            f"{column}: {value}"
            for column, value in zip(sheet.columns, row, strict=True)
            if value not in ("", dialect.missing)
        ]
        for row in sheet.to_numpy().tolist()
    ]
    depth = max(map(len, characteristics))

    def line(label: str, cells: list[str]) -> str:
        return label + "".join(f'\t"{cell}"' for cell in cells) + "\n"

    n = len(ids)
    text = line("!Series_title", [f"Simulated cohort {name}"]) + line("!Series_geo_accession", [name])
    text += line("!Series_platform_id", [platform]) + "\n"
    text += line("!Sample_title", [f"sample {i}" for i in cohort.truth["sample_id"]]) + line(
        "!Sample_geo_accession", ids
    )
    for i in range(depth):
        text += line("!Sample_characteristics_ch1", [c[i] if i < len(c) else "" for c in characteristics])
    text += line("!Sample_platform_id", [platform] * n) + "!series_matrix_table_begin\n" + line('"ID_REF"', ids)
    values = cohort.expression
    text += _rows(values.probe_ids, values.values, quote='"', missing="") + "!series_matrix_table_end\n"
    _put(folder / series, text)
    table = values.features.rename(columns={"probe_id": "ID", "gene_symbol": "Gene symbol", "entrez_id": "Gene ID"})
    body = table.to_csv(sep="\t", index=False, lineterminator="\n")
    begin, end = "!platform_table_begin\n", "!platform_table_end\n"
    _put(folder / annotation, f"^Annotation\n!Annotation_platform = {platform}\n{begin}{body}{end}")
    return series, series, annotation


def _put(path: Path, text: str) -> None:
    """Write text; gzip without a date, so that the bytes repeat."""
    content = text.encode()
    path.write_bytes(gzip.compress(content, compresslevel=1, mtime=0) if path.suffix == ".gz" else content)
