"""ArrayExpress (in BioStudies) by accession: SDRF, processed matrix, array design and raw files.

Layout: https://www.ebi.ac.uk/biostudies/arrayexpress/help, files below `files/ACCESSION/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from prognomics.errors import BadInput, SourceFailed, first_few, note, unknown_name, warn
from prognomics.io.text_file import read_head
from prognomics.sources.expression_table import read_expression
from prognomics.sources.fetched import Fetched, RawFiles, files_on_disk
from prognomics.sources.magetab import Sdrf, is_data_matrix, read_adf, read_data_matrix, read_idf, read_sdrf
from prognomics.sources.raw import RawExpression
from prognomics.sources.transport.archive import kind_of_archive, unpack
from prognomics.sources.transport.cache import scratch_folder
from prognomics.sources.transport.download import Downloader, NotInCache
from prognomics.sources.transport.http import NotFound
from prognomics.sources.transport.site import Site

if TYPE_CHECKING:
    import pandas as pd

SITE = Site("arrayexpress", {"files": "https://www.ebi.ac.uk/biostudies"}, hosts=("www.ebi.ac.uk", "ftp.ebi.ac.uk"))
_IMPORTED = "E-GEOD-"  # GEO's series under another name
NO_MATRIX = "make one from the raw files (--out-raw, then rma), or give a matrix with --source local"


def fetch_study(accession: str, dataset: str | None, downloader: Downloader) -> Fetched:
    """A study by accession.

    Parameters
    ----------
    accession : str
        Such as E-MTAB-365.
    dataset : str, optional
        The processed file to take where the study has several.
    downloader : Downloader

    Raises
    ------
    SourceFailed
        No such study, a private one, a server that fails.
    BadInput
        No processed matrix, several and none chosen, or malformed files.
    """

    def file(name: str, study: str = accession) -> Path:
        if ".." in name.split("/") or name.startswith("/") or "\\" in name or ":" in name:
            raise BadInput("the SDRF names a file that is none of the study's", where=f"{study}: {name[:200]!r}")
        return downloader.file("files", f"files/{study}/{quote(name)}")

    def files_of(names: list[str], archives: list[str]) -> dict[str, Path]:
        """Files by name; where they do not come singly (or come empty), the archives that hold them."""
        try:
            return {name: file(name) for name in names}
        except SourceFailed as fault:
            try:
                found = {name: file(name) for name in archives}
            except SourceFailed:
                raise fault from None
            if not found:
                raise
            if not isinstance(fault, (NotFound, NotInCache)):
                note("source", f"{fault.what} ({first_few(names, 3)}): {first_few(archives, 3)} is read instead")
            return found

    @cache
    def idf() -> dict[str, list[str]]:
        return _idf(accession, downloader, file)

    @cache
    def sdrf() -> Sdrf:
        names = idf().get("sdrf file", [])
        if len(names) > 1:
            note("source", f"the study has {len(names)} SDRF files; {names[0]} is read")
        return read_sdrf(file(names[0] if names else f"{accession}.sdrf.txt"))

    @cache
    def matrix() -> tuple[RawExpression, pd.DataFrame | None]:
        names = _processed(accession, sdrf(), dataset)
        try:
            files = files_of(names, [] if dataset else sdrf().archives(processed=True))
        except NotFound:
            if dataset is None:
                raise
            raise unknown_name("processed file", dataset, list(sdrf().processed_files), where=accession) from None
        note("source", f"ArrayExpress: processed data from {first_few(names, 3)}")
        found, features = read_processed(files, sdrf(), downloader)
        return sdrf().renamed(found, accession), features

    def samples() -> pd.DataFrame:
        note("source", f"ArrayExpress {accession}: {len(sdrf().sheet)} samples")
        for text in elsewhere(accession, idf()):
            note("source", text)
        return sdrf().sheet

    def features() -> pd.DataFrame:
        designs = [d for d in sdrf().designs if d.startswith("A-")]
        if len(designs) != 1:
            own = matrix()[1]
            if own is not None:
                return own
            what = f"several array designs: {first_few(designs)}" if designs else "no array design"
            raise BadInput(f"the study {accession} names {what}",
                           hint="give a table of probes and symbols with --source local")  # fmt: skip
        return read_adf(file(f"{designs[0]}.adf.txt", designs[0]))

    def raw() -> RawFiles:
        names = sdrf().raw_files
        if not names:
            raise BadInput(f"the SDRF of {accession} lists no raw files (Array Data File)")
        return files_on_disk(files_of(names, sdrf().archives(processed=False)))

    return Fetched(samples, lambda: matrix()[0], features, raw)


def _idf(accession: str, downloader: Downloader, file: Callable[[str], Path]) -> dict[str, list[str]]:
    """The fields of the IDF; none, with a warning, where it does not come and the SDRF of the usual name does."""
    try:
        return read_idf(file(f"{accession}.idf.txt"))
    except NotInCache:
        raise
    except SourceFailed as fault:
        try:
            file(f"{accession}.sdrf.txt")
        except SourceFailed:
            if isinstance(fault, NotFound):
                _raise_state(accession, downloader)
            raise fault from None
        warn("source-file-missing", f"the IDF of {accession} is missing ({fault.what}): {accession}.sdrf.txt is read, "
             "and whether the study has further SDRF files or another accession is not known")  # fmt: skip
        return {}


def elsewhere(accession: str, idf: dict[str, list[str]]) -> list[str]:
    """Where the same data have another accession: in GEO, from which old studies were imported, or as the IDF says."""
    others = [f"GSE{accession[7:]}"] if accession.startswith(_IMPORTED) else []
    for name, cells in idf.items():
        if name.replace(" ", "") == "comment[secondaryaccession]":
            others += [cell for cell in cells if re.fullmatch(r"GSE\d+|E-[A-Z]{4}-\d+", cell) and cell not in others]
    if not others:
        return []
    return [f"{accession} has the same data as {first_few(others)}"
            f"{' of GEO' if others[0].startswith('GSE') else ''}: take only one of them"]  # fmt: skip


def _raise_state(accession: str, downloader: Downloader) -> None:
    """Say whether the study is unknown, private, or one without MAGE-TAB."""
    path = f"api/v1/studies/{accession}"
    where = downloader.site.address("files", path)
    imported = accession.startswith(_IMPORTED)
    hint = f"it was imported from GEO: take --source geo --accession GSE{accession[7:]}" if imported else (
        "check the accession; private and embargoed studies cannot be fetched"
    )  # fmt: skip
    try:
        downloader.page("files", path)
    except NotFound as fault:
        raise SourceFailed(f"there is no public study {accession} at ArrayExpress: {fault.what}", where=where,
                           hint=hint) from None  # fmt: skip
    raise SourceFailed(f"the study {accession} has no IDF: it is no functional genomics study", where=where,
                       hint="download its tables yourself and give them with --source local") from None  # fmt: skip


def _processed(accession: str, sdrf: Sdrf, dataset: str | None) -> list[str]:
    """The processed files to read: the chosen one, the only matrix, or one a sample."""
    found = sdrf.processed_files
    if dataset is not None:
        return [dataset]
    if not found:
        raise BadInput(f"the SDRF of {accession} lists no processed data",
                       hint=f"name one of its files with --dataset, or {NO_MATRIX}")  # fmt: skip
    if len(found) == 1 or all(len(samples) == 1 for samples in found.values()):
        return list(found)
    shared = [name for name, samples in found.items() if len(samples) > 1]
    if len(shared) > 1:
        raise BadInput(f"the study {accession} has several processed files: {first_few(shared, 10)}",
                       hint="choose one with --dataset")  # fmt: skip
    return shared


def read_processed(
    files: dict[str, Path], sdrf: Sdrf, downloader: Downloader
) -> tuple[RawExpression, pd.DataFrame | None]:
    """A matrix from one processed file (also within an archive), or from one file per sample.

    Raises
    ------
    BadInput
        Files of different rows, an archive of several tables.
    """
    if not all(kind_of_archive(path) for path in files.values()):
        return _read(files, sdrf)
    with scratch_folder(downloader.cache, first_few(map(str, files.values()), 3)) as folder:
        inside: dict[str, Path] = {}
        for number, path in enumerate(files.values()):
            inside |= {p.name: p for p in unpack(path, folder / str(number)) if not p.name.startswith(".")}
        listed = {name: path for name, path in inside.items() if name in sdrf.processed_files}
        if not inside:
            raise BadInput("the archive of processed data is empty", where=first_few(files))
        return _read(listed or inside, sdrf)


def _read(files: dict[str, Path], sdrf: Sdrf) -> tuple[RawExpression, pd.DataFrame | None]:
    name, path = next(iter(files.items()))
    if len(files) > 1 or len(sdrf.processed_files.get(name, ())) == 1:
        return _one_a_sample(files, {**{n: [n] for n in files}, **sdrf.processed_files}), None
    return read_table(path, sdrf.names)


def read_table(path: Path, samples: Collection[str] = ()) -> tuple[RawExpression, pd.DataFrame | None]:
    """A matrix with MAGE-TAB's two header rows, or a plain one, whose columns of no sample annotate its rows.

    Parameters
    ----------
    path : path
    samples : collection of str
        All names that the SDRF gives to samples, assays and extracts.
    """
    if is_data_matrix(read_head(path)):
        return read_data_matrix(path), None
    return read_expression(path, samples, others_annotate=True)


def _one_a_sample(files: dict[str, Path], samples_of: dict[str, list[str]]) -> RawExpression:
    """One matrix of tables that each hold one sample: row names, then values in the first column of numbers."""
    columns: list[np.ndarray] = []
    names: list[str] = []
    row_ids: list[str] = []
    for name, path in _in_order(files):
        one, _ = read_table(path)
        if row_ids and one.row_ids != row_ids:
            position = {row: i for i, row in enumerate(one.row_ids)}
            if set(position) != set(row_ids):
                raise BadInput("the processed files name different rows", where=f"{name}: {first_few(one.row_ids, 3)}")
            one = RawExpression(one.values[[position[row] for row in row_ids]], row_ids, one.sample_ids)
        row_ids = row_ids or one.row_ids
        columns.append(one.values[:, 0])
        names.append(samples_of.get(name, [name])[0])
    return RawExpression(np.column_stack(columns), row_ids, names)


def _in_order(files: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    yield from sorted(files.items())
