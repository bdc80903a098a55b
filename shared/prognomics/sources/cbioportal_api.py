"""cBioPortal's REST API: a study's samples, clinical data, molecular profiles and expression values."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.errors import BadInput, SourceFailed, first_few, note
from prognomics.sources.cbioportal_profiles import Profile, choose_profile
from prognomics.sources.expression_table import name_rows
from prognomics.sources.fetched import Fetched, absent
from prognomics.sources.near_accessions import near_accessions
from prognomics.sources.raw import RawExpression, require_unique, with_sample_id
from prognomics.sources.transport.download import Downloader, understood
from prognomics.sources.transport.http import NotFound

if TYPE_CHECKING:
    import pandas as pd

_CALLED = ("molecular profile", "molecular profiles of expression")
_ALL = "pageSize=10000000&pageNumber=0"
# a query's answer holds a record of some 200 bytes for each gene and sample
_VALUES_AT_ONCE = 200_000


def fetch_by_api(study: str, dataset: str | None, downloader: Downloader) -> Fetched:
    """A study through the API.

    Parameters
    ----------
    study : str
    dataset : str, optional
        A molecular profile's id, whole or without the study's name.
    downloader : Downloader
    """

    @cache
    def samples() -> list[dict[str, Any]]:
        _require_study(study, downloader)
        found = _list(downloader, f"studies/{study}/samples?projection=SUMMARY&{_ALL}", "sampleId", "patientId")
        require_unique([s["sampleId"] for s in found], kind="sample", where=f"cBioPortal, {study}")
        return found

    @cache
    def matrix() -> tuple[RawExpression, pd.DataFrame]:
        n_samples = len(samples())
        profile = _profile(study, dataset, downloader)
        note("source", f"cBioPortal API: expression from the molecular profile {profile}")
        return _expression(study, profile, n_samples, downloader)

    def sheet() -> pd.DataFrame:
        table = _sheet(study, samples(), downloader)
        note("source", f"cBioPortal API, study {study}: {table['PATIENT_ID'].nunique()} patients, {len(table)} samples")
        return table

    return Fetched(sheet, lambda: matrix()[0], lambda: matrix()[1], absent("cBioPortal holds no raw files"))


def _require_study(study: str, downloader: Downloader) -> None:
    where = downloader.site.address("api", f"studies/{study}")
    try:
        found = downloader.json("api", f"studies/{study}")
    except NotFound as fault:
        near = near_accessions(study, downloader, "api", "studies?projection=ID", _study_ids)
        raise SourceFailed(f"there is no study {study} at cBioPortal, as an archive or in its API", where=where,
                           hint=f"{near}www.cbioportal.org/datasets lists the ids; a private portal needs --mirror "
                                "with its base address") from fault  # fmt: skip
    with _understood(downloader, f"studies/{study}"):
        if found["studyId"] != study:
            raise ValueError("another study")


def _study_ids(studies: Any) -> list[str]:
    return [study["studyId"] for study in studies]


def _list(downloader: Downloader, path: str, *needed: str, body: Any = None) -> list[dict[str, Any]]:
    """A list of records, each with the fields that are needed."""
    found = downloader.json("api", path, body=body)
    with _understood(downloader, path):
        for record in found:
            for name in needed:
                if not isinstance(record[name], (str, int, float)) and name != "value":
                    raise ValueError(f"{name} is no text or number")
        return list(found)


def _understood(downloader: Downloader, path: str) -> AbstractContextManager[None]:
    hint = "is the mirror a cBioPortal? its address ends before /api"
    return understood("cBioPortal", downloader.site.address("api", path), hint)


def _sheet(study: str, samples: list[dict[str, Any]], downloader: Downloader) -> pd.DataFrame:
    """Samples with their clinical data, then that of their patients, as a study folder gives them."""
    import pandas as pd

    rows = {s["sampleId"]: {"SAMPLE_ID": s["sampleId"], "PATIENT_ID": s["patientId"]} for s in samples}
    patients: dict[str, dict[str, str]] = {}
    for kind in ("SAMPLE", "PATIENT"):
        path = f"studies/{study}/clinical-data?clinicalDataType={kind}&projection=SUMMARY&{_ALL}"
        for cell in _list(downloader, path, "patientId", "clinicalAttributeId", "value"):
            value = " ".join(str(cell["value"]).split())
            if kind == "PATIENT":
                patients.setdefault(cell["patientId"], {})[cell["clinicalAttributeId"]] = value
            elif cell.get("sampleId") in rows:
                rows[cell["sampleId"]].setdefault(cell["clinicalAttributeId"], value)
    own = {name for row in rows.values() for name in row}
    for row in rows.values():
        for name, value in patients.get(row["PATIENT_ID"], {}).items():
            row[f"patient.{name}" if name in own else name] = value
    table = pd.DataFrame(list(rows.values()), dtype=object).fillna("")
    return with_sample_id(table, table["SAMPLE_ID"].tolist())


def _profile(study: str, dataset: str | None, downloader: Downloader) -> str:
    """The molecular profile of expression: the chosen one, or the only one of genes that holds no z-scores."""
    path = f"studies/{study}/molecular-profiles?projection=SUMMARY&{_ALL}"
    found = []
    for record in _list(downloader, path, "molecularProfileId", "molecularAlterationType"):
        if record["molecularAlterationType"] == "MRNA_EXPRESSION":
            name = str(record["molecularProfileId"])
            short = name.removeprefix(f"{study}_")
            words = f"{short} {record.get('name') or ''}"
            found.append(Profile(name, (short,), str(record.get("datatype") or ""), words))
    chosen = choose_profile(found, dataset, f"cBioPortal, {study}", _CALLED)
    if chosen is None:
        raise BadInput(f"the study {study} has no expression data",
                       hint="take another, or give a matrix with --source local")  # fmt: skip
    return chosen.name


def _sample_list(study: str, downloader: Downloader) -> str:
    lists = _list(downloader, f"studies/{study}/sample-lists?projection=SUMMARY&{_ALL}", "sampleListId")
    names = [str(found["sampleListId"]) for found in lists]
    every = [n for n, found in zip(names, lists, strict=True) if found.get("category") == "all_cases_in_study"]
    if not every and f"{study}_all" not in names:
        raise SourceFailed(f"the study {study} has no list of all its samples", where=first_few(names))
    return (every or [f"{study}_all"])[0]


def _expression(study: str, profile: str, n_samples: int, downloader: Downloader) -> tuple[RawExpression, pd.DataFrame]:
    """Values of all genes, some hundred genes a query."""
    genes = {int(g["entrezGeneId"]): str(g["hugoGeneSymbol"])
             for g in _list(downloader, f"genes?projection=SUMMARY&{_ALL}", "entrezGeneId", "hugoGeneSymbol")
             if int(g["entrezGeneId"]) > 0}  # fmt: skip
    everyone, numbers = _sample_list(study, downloader), sorted(genes)
    step = max(1, _VALUES_AT_ONCE // max(1, n_samples))
    columns: dict[str, int] = {}
    rows: dict[int, dict[int, float]] = {}
    for start in range(0, len(numbers), step):
        body = {"sampleListId": everyone, "entrezGeneIds": numbers[start : start + step]}
        path = f"molecular-profiles/{profile}/molecular-data/fetch?projection=SUMMARY"
        for cell in _list(downloader, path, "entrezGeneId", "sampleId", "value", body=body):
            column = columns.setdefault(str(cell["sampleId"]), len(columns))
            rows.setdefault(int(cell["entrezGeneId"]), {})[column] = _number(cell["value"])
    if not rows:
        raise BadInput(f"the molecular profile {profile} holds no values")
    values = np.full((len(rows), len(columns)), np.nan)
    for row, number in enumerate(sorted(rows)):
        for column, value in rows[number].items():
            values[row, column] = value
    order = np.argsort(list(columns))  # by name: the API's own order is not promised
    found = sorted(rows)
    ids = [[genes.get(n, str(n)) for n in found], [str(n) for n in found]]
    row_ids, features = name_rows(["Hugo_Symbol", "Entrez_Gene_Id"], ids, f"cBioPortal, {profile}")
    return RawExpression(np.ascontiguousarray(values[:, order]), row_ids, sorted(columns)), features


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
