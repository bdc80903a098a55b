"""The Genomic Data Commons by project: clinical data of all cases, and the STAR counts of open access.

API: https://docs.gdc.cancer.gov/API/Users_Guide/ (endpoints projects, cases, files, data).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any

from prognomics.data.sample_joins import Join, note_source
from prognomics.errors import BadInput, SourceFailed, first_few, note
from prognomics.sources.fetched import Fetched, RawFiles
from prognomics.sources.gdc_cases import case_row
from prognomics.sources.gdc_counts import CountsTable
from prognomics.sources.near_accessions import near_accessions
from prognomics.sources.transport.archive import Member, archive_members
from prognomics.sources.transport.download import Downloader, Overloaded, understood
from prognomics.sources.transport.http import NotFound
from prognomics.sources.transport.inspect import Damaged, Expected, WebPage
from prognomics.sources.transport.site import Site

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from prognomics.sources.raw import RawExpression

SITE = Site("gdc", {"files": "https://api.gdc.cancer.gov"})
PAGE_SIZE = 500
FILES_AT_ONCE = 50
_FILE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_EXPANDED = "demographic,diagnoses,diagnoses.treatments,exposures,family_histories,follow_ups,samples,project"
_FILE_FIELDS = (
    "file_id,file_name,md5sum,file_size,access,state,data_release,analysis.workflow_type,cases.case_id,"
    "cases.submitter_id,cases.samples.sample_id,cases.samples.submitter_id,cases.samples.sample_type,"
    "cases.samples.tissue_type,cases.samples.tumor_descriptor,cases.samples.portions.analytes.aliquots.submitter_id"
)


def fetch_project(project: str, quantity: str, downloader: Downloader) -> Fetched:
    """A project by its name.

    Parameters
    ----------
    project : str
        Such as TCGA-SARC.
    quantity : {'counts', 'tpm', 'fpkm', 'fpkm_uq'}
    downloader : Downloader

    Raises
    ------
    SourceFailed
        No such project, one that is not released, a server that fails, a checksum that differs.
    BadInput
        The project has no STAR files of open access.
    """

    @cache
    def files() -> list[dict[str, Any]]:
        _require_project(project, downloader)
        return _files(project, downloader)

    @cache
    def table() -> CountsTable:
        found = CountsTable(quantity)
        names = {str(f["file_id"]): name for f, name in zip(files(), _sample_names(files()), strict=True)}
        for file_id, member in _contents(files(), downloader):
            found.add(names[file_id], member.content.read(), f"{project}, {member.name}")
        return found

    def samples() -> pd.DataFrame:
        sheet = _sheet(files(), _cases(project, downloader))
        note("source", f"GDC project {project}: {len(sheet)} samples with STAR counts, "
                       f"{sheet['patient_id'].nunique()} patients; tissue_type is read from the barcodes")  # fmt: skip
        return sheet

    def expression() -> RawExpression:
        return table().expression()

    def raw() -> RawFiles:
        return RawFiles(lambda: (member for _, member in _contents(files(), downloader)))

    return Fetched(samples, expression, lambda: table().features(), raw)


def _require_project(project: str, downloader: Downloader) -> None:
    try:
        with _understood(downloader, "projects"):
            released = downloader.json("files", f"projects/{project}")["data"].get("released")
    except NotFound:
        every = "projects?fields=project_id&format=JSON&size=2000"
        near = near_accessions(project, downloader, "files", every, _project_ids)
        raise SourceFailed(f"there is no project {project} at the GDC",
                           where=downloader.site.address("files", f"projects/{project}"),
                           hint=f"{near}its names are such as TCGA-SARC, TARGET-OS, CPTAC-3") from None  # fmt: skip
    if released is False:
        raise SourceFailed(f"the project {project} is not released yet", where="released: false",
                           hint="it is embargoed at the GDC; wait for its release")  # fmt: skip


def _project_ids(answer: Any) -> list[str]:
    return [hit["project_id"] for hit in answer["data"]["hits"]]


def _pages(endpoint: str, query: dict[str, Any], downloader: Downloader) -> Iterator[dict[str, Any]]:
    """All hits of a query, page by page."""
    start, total = 0, None
    while total is None or start < total:
        answer = downloader.json("files", endpoint, body={**query, "format": "JSON", "size": PAGE_SIZE, "from": start})
        with _understood(downloader, endpoint):
            hits, total = list(answer["data"]["hits"]), int(answer["data"]["pagination"]["total"])
        if not hits and start < total:
            raise SourceFailed(f"the GDC broke off its list: {start} of {total}", where=endpoint, hint="try again")
        yield from hits
        start += len(hits)


def _understood(downloader: Downloader, endpoint: str) -> AbstractContextManager[None]:
    hint = "is the mirror a GDC API? its address ends before /projects"
    return understood("the GDC", downloader.site.address("files", endpoint), hint)


def _is(field: str, *values: str) -> dict[str, Any]:
    return {"op": "in", "content": {"field": field, "value": list(values)}}


def _files(project: str, downloader: Downloader) -> list[dict[str, Any]]:
    filters = [_is("cases.project.project_id", project), _is("data_type", "Gene Expression Quantification"),
               _is("analysis.workflow_type", "STAR - Counts")]  # fmt: skip
    query = {"filters": {"op": "and", "content": filters}, "fields": _FILE_FIELDS, "sort": "file_id:asc"}
    found = list(_pages("files", query, downloader))
    with _understood(downloader, "files"):
        opened = [f for f in found if f.get("access", "open") == "open"]
        for known in opened:
            int(known["file_size"]), str(known["md5sum"]), str(known["file_name"]), _of_file(known)
            if not _FILE_ID.fullmatch(known["file_id"]):
                raise ValueError("a file's id would be a part of an address")
    if not opened:
        closed = f"; {len(found)} files have controlled access" if found else ""
        raise BadInput(f"the project {project} has no STAR counts of open access{closed}",
                       hint="choose another project, or get the files with a dbGaP login and give them with "
                            "--local-path")  # fmt: skip
    return opened


def _cases(project: str, downloader: Downloader) -> dict[str, dict[str, Any]]:
    query = {"filters": _is("project.project_id", project), "expand": _EXPANDED, "sort": "case_id:asc"}
    with _understood(downloader, "cases"):
        return {str(case.get("submitter_id")): case for case in _pages("cases", query, downloader)}


def _of_file(known: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Case, sample and aliquot barcode of a file."""
    case = (known.get("cases") or [{}])[0]
    sample = (case.get("samples") or [{}])[0]
    for portion in sample.get("portions") or []:
        for analyte in portion.get("analytes") or []:
            for aliquot in analyte.get("aliquots") or []:
                return case, sample, str(aliquot.get("submitter_id", ""))
    return case, sample, ""


def _case_id(known: dict[str, Any]) -> str:
    return str(_of_file(known)[0].get("submitter_id"))


def _sample_names(files: list[dict[str, Any]]) -> list[str]:
    """Sample barcodes; where a sample was measured twice the aliquot's, or else the file's."""
    samples = [str(_of_file(f)[1].get("submitter_id", "")) for f in files]
    aliquots = [_of_file(f)[2] for f in files]
    names = [s if s and samples.count(s) == 1 else a for s, a in zip(samples, aliquots, strict=True)]
    return [n if n and names.count(n) == 1 else str(f["file_id"]) for n, f in zip(names, files, strict=True)]


def _sheet(files: list[dict[str, Any]], cases: dict[str, dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    note_source(Join.of("the count files", map(_case_id, files), "the cases", cases).of_patients())
    rows = []
    for known, name in zip(files, _sample_names(files), strict=True):
        of_file, sample, aliquot = _of_file(known)
        case = cases.get(_case_id(known), of_file)
        rows.append({"sample_id": name, **case_row(case, sample), "aliquot_id": aliquot,
                     "file_id": str(known["file_id"]), "file_name": str(known["file_name"])})  # fmt: skip
    return pd.DataFrame(rows, dtype=object).fillna("")


def _contents(files: list[dict[str, Any]], downloader: Downloader) -> Iterator[tuple[str, Member]]:
    """File ids and contents, fetched some dozens at a time; each is checked against its MD5 before it is kept."""
    for start in range(0, len(files), FILES_AT_ONCE):
        yield from _batch(files[start : start + FILES_AT_ONCE], downloader)


def _batch(files: list[dict[str, Any]], downloader: Downloader) -> Iterator[tuple[str, Member]]:
    """One request's files; halves of them where the server cannot serve so many (a 504, or a page)."""
    batch = {str(f["file_id"]): f for f in files}
    if len(batch) == 1:
        ((file_id, known),) = batch.items()
        expected = Expected(size=int(known["file_size"]), checksums={"md5": str(known["md5sum"])})
        path = downloader.file("files", f"data/{file_id}", expected=expected)
        with open(path, "rb") as content:
            yield file_id, Member(str(known["file_name"]), path.stat().st_size, content)
        return
    expected = Expected("archive", check=lambda path: _check_batch(path, batch))
    try:
        path = downloader.file("files", "data", body={"ids": sorted(batch)}, expected=expected)
    except (Overloaded, WebPage):
        for half in (files[: len(files) // 2], files[len(files) // 2 :]):
            yield from _batch(half, downloader)
        return
    for member in archive_members(path):
        file_id = member.name.partition("/")[0]
        if file_id in batch:
            yield file_id, Member(str(batch[file_id]["file_name"]), member.size, member.content)


def md5_of(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _check_batch(path: Path, batch: dict[str, dict[str, Any]]) -> None:
    """All files of a batch, as the GDC's own list describes them."""
    missing = set(batch)
    for member in archive_members(path):
        file_id = member.name.partition("/")[0]
        if file_id not in batch:
            continue  # the manifest
        same = member.size == int(batch[file_id]["file_size"])
        if not same or md5_of(member.content.read()) != str(batch[file_id]["md5sum"]).lower():
            raise Damaged("a file of the GDC is not the one that its list describes (size or MD5)", where=member.name,
                          hint="it is downloaded anew at the next call; if that fails too, tell the GDC")  # fmt: skip
        missing.discard(file_id)
    if missing:
        raise Damaged(f"the GDC sent {len(batch) - len(missing)} of {len(batch)} files",
                      where=first_few(sorted(missing), 3), hint="run it again")  # fmt: skip
