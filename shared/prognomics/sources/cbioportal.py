"""cBioPortal study folders: clinical patients and samples joined, expression with Hugo symbols.

Format: https://docs.cbioportal.org/file-formats/ (clinical data, continuous expression data).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.data.sample_joins import Join, JoinText, least_matched, note_source
from prognomics.errors import BadInput, ToChoose, UsageError, first_few, warn
from prognomics.io.text_file import read_text
from prognomics.sources.cbioportal_profiles import Profile, choose_profile
from prognomics.sources.expression_table import read_expression
from prognomics.sources.raw import FreeNames, RawCohort, RawExpression, require_unique, with_sample_id
from prognomics.sources.sheet import read_sheet

if TYPE_CHECKING:
    import pandas as pd

PATIENT_FILES = ("data_clinical_patient.txt", "data_clinical_patients.txt")
SAMPLE_FILES = ("data_clinical_sample.txt", "data_clinical_samples.txt")
EXPRESSION_TYPES = ("MRNA_EXPRESSION",)


def read_study(folder: Path | str, *, profile: str | None = None, to_choose_later: bool = False) -> RawCohort:
    """Read a study folder.

    Parameters
    ----------
    folder : path
    profile : str, optional
        Name of an expression data file (or its `stable_id`); default: the one of genes that is not a z-score.
    to_choose_later : bool
        Keep what has to be chosen in the cohort (`no_expression`) instead of raising it: the samples need no choice.

    Returns
    -------
    RawCohort
        `samples`: `sample_id`, then the columns of the sample file, then those of the patient file (a name
        that both hold is written `patient.<NAME>`); untouched values such as `1:DECEASED` and `[Not
        Available]`. Patients without a sample are excluded and noted. `expression` is None where the study
        holds none.

    Raises
    ------
    UsageError
        No folder.
    BadInput
        No clinical samples, no `SAMPLE_ID` or `PATIENT_ID`, repeated samples, several expression files and
        none chosen, a meta file that points outside the folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError("there is no such folder", where=str(folder))
    metas = meta_files(folder)
    notes: list[str] = []
    sheet = _samples(folder, metas, notes)
    expression: RawExpression | None = None
    features: pd.DataFrame | None = None
    no_expression: BadInput | None = None
    try:
        chosen = _expression_file(folder, metas, profile)
    except ToChoose as fault:
        if not to_choose_later:
            raise
        chosen, no_expression = None, fault
    if no_expression is not None:
        notes.append(f"expression is not read: {no_expression.what}")
    elif chosen is None:
        notes.append("the study holds no expression data")
    else:
        expression, features = read_expression(chosen)
        ids = sheet["sample_id"].tolist()
        join = Join.of("the clinical samples", ids, "the expression data", expression.sample_ids)
        matched = len(join.matched)
        if not matched:
            raise BadInput(
                "no sample of the expression data is among the clinical samples",
                where=f"{chosen}: {first_few(expression.sample_ids)}; clinical: {first_few(ids)}",
                hint=join.nearly(),
            )
        join.warn_about_near(str(chosen))
        said = f"expression from {chosen.name}: {matched} of {len(sheet)} samples have expression"
        notes.append(JoinText.of(said, join.counts))
    return RawCohort(expression, sheet, features, notes, no_expression=no_expression)


def meta_files(folder: Path) -> list[dict[str, str]]:
    """The `key: value` lines of every meta file."""
    metas = []
    for path in sorted(folder.glob("meta_*.txt")):
        pairs = (line.partition(":") for line in read_text(path).split("\n") if ":" in line)
        metas.append({"meta_file": path.name, **{key.strip(): value.strip() for key, _, value in pairs}})
    return metas


def _inside(folder: Path, name: str, meta_file: str) -> Path:
    """The path of a data file, which may not leave the folder."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadInput("a meta file points outside the study folder", where=f"{folder / meta_file}: {name!r}")
    return path


def _clinical(folder: Path, metas: list[dict[str, str]], datatype: str, names: tuple[str, ...]) -> Path | None:
    for meta in metas:
        if meta.get("datatype") == datatype and meta.get("data_filename"):
            path = _inside(folder, meta["data_filename"], meta["meta_file"])
            if path.is_file():
                return path
    found = [folder / name for name in names if (folder / name).is_file()]
    return _inside(folder, found[0].name, "") if found else None


def _samples(folder: Path, metas: list[dict[str, str]], notes: list[str]) -> pd.DataFrame:
    sample_file = _clinical(folder, metas, "SAMPLE_ATTRIBUTES", SAMPLE_FILES)
    if sample_file is None:
        raise BadInput("the study holds no clinical samples (data_clinical_sample.txt)", where=str(folder))
    samples = _identified(sample_file, ("SAMPLE_ID", "PATIENT_ID"))
    ids = samples["SAMPLE_ID"].tolist()
    require_unique(ids, kind="sample", where=f"{sample_file}, column SAMPLE_ID")
    patient_file = _clinical(folder, metas, "PATIENT_ATTRIBUTES", PATIENT_FILES)
    if patient_file is not None:
        patients = _identified(patient_file, ("PATIENT_ID",))
        require_unique(patients["PATIENT_ID"].tolist(), kind="patient", where=f"{patient_file}, column PATIENT_ID")
        both = [c for c in patients.columns if c in samples.columns and c != "PATIENT_ID"]
        names = FreeNames([*samples.columns, *patients.columns])
        patients = patients.rename(columns={name: names.take(f"patient.{name}") for name in both})
        key = _key_of_patients(samples, patients, patient_file)
        join = Join.of("the samples", samples[key], "the patients", patients["PATIENT_ID"])
        if join.only_right:
            notes.append(f"{len(join.only_right)} patients have no sample: {first_few(join.only_right)}")
        if join.only_left:
            notes.append(f"{len(join.only_left)} patients of samples have no row: {first_few(join.only_left)}")
        samples = samples.merge(patients.rename(columns={"PATIENT_ID": key}), on=key, how="left").fillna("")
        notes.append(f"{len(patients)} patients, {len(samples)} samples")
    return with_sample_id(samples, ids)


def _key_of_patients(samples: pd.DataFrame, patients: pd.DataFrame, path: Path) -> str:
    """The column of the samples that the patients' PATIENT_ID names: some studies put sample ids there.

    Raises
    ------
    BadInput
        Neither joins half of the smaller side.
    """
    joins = {
        key: Join.of(f"{key} of the samples", samples[key], "PATIENT_ID of the patients", patients["PATIENT_ID"])
        for key in ("PATIENT_ID", "SAMPLE_ID")
    }
    if joins["PATIENT_ID"].fraction < least_matched() <= joins["SAMPLE_ID"].fraction:
        shown = joins["SAMPLE_ID"].matched[0]
        text = f"{path.name}: PATIENT_ID lists sample ids, such as {shown}; its rows are joined by sample"
        warn("patients-named-as-samples", text)
        note_source(joins["SAMPLE_ID"].text(f"{path.name}: "))
        return "SAMPLE_ID"
    joins["PATIENT_ID"].require(least_matched(), where=str(path))
    joins["PATIENT_ID"].warn_about_near(str(path))
    note_source(joins["PATIENT_ID"].of_patients(f"{path.name}: "))
    return "PATIENT_ID"


def _identified(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    sheet = read_sheet(path)
    missing = [name for name in needed if name not in sheet.columns]
    if missing:
        raise BadInput(f"the clinical file has no column {missing[0]}", where=f"{path}: {first_few(sheet.columns)}")
    return sheet


def _expression_file(folder: Path, metas: list[dict[str, str]], profile: str | None) -> Path | None:
    """The expression data file: the chosen one, or the only one of genes that holds no z-scores."""
    found: dict[str, Profile] = {}
    meta_of: dict[str, str] = {}
    for meta in metas:
        name = meta.get("data_filename", "")
        if meta.get("genetic_alteration_type") in EXPRESSION_TYPES and name:
            if _inside(folder, name, meta["meta_file"]).is_file():
                words = " ".join(meta.get(key, "") for key in ("stable_id", "profile_name")) + f" {name}"
                found[name] = Profile(name, (meta.get("stable_id", ""),), meta.get("datatype", ""), words)
                meta_of[name] = meta["meta_file"]
    chosen = choose_profile(list(found.values()), profile or None, str(folder))
    return chosen and _inside(folder, chosen.name, meta_of[chosen.name])
