"""GEO by accession: the series matrix, the platform's genes, and the raw files.

Layout: https://www.ncbi.nlm.nih.gov/geo/info/download.html; the state of an accession and the tables of
platforms without annotation: https://www.ncbi.nlm.nih.gov/geo/info/geo_paccess.html.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.errors import BadInput, SourceFailed, first_few, note
from prognomics.sources.fetched import Fetched, RawFiles, files_in_archive, of_cohort
from prognomics.sources.geo import RNA_SEQ_HINT, read_series_matrix, with_annotation
from prognomics.sources.raw import RawCohort
from prognomics.sources.transport.download import Downloader, NotInCache
from prognomics.sources.transport.http import NotThere
from prognomics.sources.transport.inspect import Expected
from prognomics.sources.transport.site import Site

if TYPE_CHECKING:
    import pandas as pd

SITE = Site(
    "geo",
    {"files": "https://ftp.ncbi.nlm.nih.gov/geo", "query": "https://www.ncbi.nlm.nih.gov/geo/query"},
    hosts=("ftp.ncbi.nlm.nih.gov", "www.ncbi.nlm.nih.gov"),
)
# what GEO's page of an accession says where it has nothing to give
_STATES = (
    (re.compile(r"is currently private and is scheduled to be released on\s+([A-Z][a-z]+ \d+, \d{4})"),
     "the series {accession} is private until {found}",
     "ask its authors, or get it with their reviewer token and give it with --local-path"),
    (re.compile(r"is currently (private)"), "the series {accession} is private", "ask its authors"),
    (re.compile(r"was (deleted) by the GEO staff|was (withdrawn)"), "the series {accession} was withdrawn from GEO",
     "look for another series of the same study"),
    (re.compile(r"(Could not find) a public or private accession"), "there is no series {accession} at the source",
     "check the accession"),
)  # fmt: skip


def fetch_series(accession: str, platform: str | None, downloader: Downloader) -> Fetched:
    """A series by accession.

    Parameters
    ----------
    accession : str
        GSE and a number.
    platform : str, optional
        GPL and a number; needed where the series has several.
    downloader : Downloader

    Raises
    ------
    BadInput
        Several platforms and none chosen, or a malformed file.
    SourceFailed
        No such series, a private or withdrawn one, a server that fails, an empty cache when offline.
    """
    accession, platform = accession.upper(), platform and platform.upper()
    folder = f"series/{stub(accession)}/{accession}"

    @cache
    def cohort() -> RawCohort:
        path = _matrix_file(downloader, folder, accession, platform)
        return read_series_matrix(path, platform=platform, samples_only=True)

    def features() -> pd.DataFrame:
        return _features(cohort(), downloader)

    def raw() -> RawFiles:
        name = f"{folder}/suppl/{accession}_RAW.tar"
        try:
            return files_in_archive(downloader.file("files", name, expected=Expected("archive")))
        except NotThere:
            _raise_state(accession, downloader)
            raise SourceFailed(f"the series {accession} has no raw files ({accession}_RAW.tar)",
                               where=downloader.site.address("files", f"{folder}/suppl/")) from None  # fmt: skip

    return of_cohort(cohort, features=features, raw=raw, no_values=lambda: _where_values_are(downloader, folder))


def stub(accession: str) -> str:
    """The folder of an accession: GSE21050 stands in GSE21nnn, GSE781 in GSEnnn."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", accession).groups()  # type: ignore[union-attr]
    return f"{letters}{digits[:-3]}nnn"


def _matrix_file(downloader: Downloader, folder: str, accession: str, platform: str | None) -> Path:
    """`GSE1_series_matrix.txt.gz`, or `GSE1-GPL2_series_matrix.txt.gz` where there are several platforms."""
    plain = f"{accession}_series_matrix.txt.gz"
    missing: SourceFailed | None = None
    for name in [plain] if platform is None else [f"{accession}-{platform}_series_matrix.txt.gz", plain]:
        try:
            return downloader.file("files", f"{folder}/matrix/{name}")
        except NotInCache as fault:
            missing = missing or fault
        except NotThere:
            pass
    if missing is not None:
        if platform is None:
            missing.hint += "; a series of several platforms needs --platform"
        raise missing
    _raise_why_missing(downloader, folder, accession, platform)
    raise AssertionError


def _where_values_are(downloader: Downloader, folder: str) -> str:
    """What to do where a series matrix holds no values: the supplementary files by name."""
    try:
        listing = downloader.page("files", f"{folder}/suppl/")
    except SourceFailed:
        return RNA_SEQ_HINT
    names = [name for name in re.findall(r'href="(GSE\d+_[A-Za-z0-9_.%-]+)"', listing) if not name.endswith("_RAW.tar")]
    where = downloader.site.address("files", f"{folder}/suppl/")
    return f"{RNA_SEQ_HINT}; this one has {first_few(names)} at {where}" if names else RNA_SEQ_HINT


def _raise_why_missing(downloader: Downloader, folder: str, accession: str, platform: str | None) -> None:
    """Say why there is no matrix: several platforms, another platform, a private series, or none at all."""
    where = downloader.site.address("files", f"{folder}/matrix/")
    try:
        listing = downloader.page("files", f"{folder}/matrix/")
    except NotThere:
        _raise_state(accession, downloader)
        raise SourceFailed(
            f"there is no series {accession} at the source", where=where,
            hint="check the accession; private and embargoed series cannot be fetched",
        ) from None  # fmt: skip
    platforms = sorted(set(re.findall(rf"{accession}-(GPL\d+)_series_matrix\.txt\.gz", listing)))
    if platforms:
        what = f"the series {accession} has several platforms: {', '.join(platforms)}"
        if platform is not None:
            what = f"the series {accession} was not measured on {platform}; there are {', '.join(platforms)}"
        raise BadInput(what, where=where, hint=f"choose one with --platform, such as --platform {platforms[0]}")
    raise SourceFailed(f"the series {accession} has no series matrix", where=where, hint=RNA_SEQ_HINT)


def _raise_state(accession: str, downloader: Downloader) -> None:
    """Raise what GEO's page of the accession says of it, if it says why nothing is there."""
    path = f"acc.cgi?acc={accession}&targ=self&form=text&view=brief"
    try:
        page = re.sub(r"<[^>]+>", " ", downloader.page("query", path))
    except SourceFailed:
        return
    for pattern, what, hint in _STATES:
        found = pattern.search(page)
        if found:
            said = next(part for part in found.groups() if part)
            raise SourceFailed(what.format(accession=accession, found=said),
                               where=downloader.site.address("query", path), hint=hint) from None  # fmt: skip


def _features(cohort: RawCohort, downloader: Downloader) -> pd.DataFrame:
    """The platform's genes: GEO's annotation, else the table of the platform's own record."""
    if "platform_id" not in cohort.samples.columns:
        raise BadInput("the series matrix names no platform")
    used = cohort.samples["platform_id"].iloc[0]
    if not re.fullmatch(r"GPL\d+", used):
        raise BadInput(f"the series matrix names no platform of GEO, but {used[:40]!r}")
    path = f"platforms/{stub(used)}/{used}/annot/{used}.annot.gz"
    missing: SourceFailed | None = None
    try:
        table = downloader.file("files", path)
    except (NotThere, NotInCache) as fault:
        missing, table = fault, None
    if table is None:
        try:
            table = downloader.file("query", f"acc.cgi?acc={used}&targ=self&form=text&view=full")
            note("source", f"GEO has no annotation file of platform {used}: genes are those of its own table")
        except (NotThere, NotInCache):
            raise SourceFailed(
                f"there is no annotation of platform {used} ({missing.what})", where=missing.where,
                hint="leave out --out-features, or give a table of probes and symbols with --source local",
            ) from None  # fmt: skip
    annotated = with_annotation(cohort, table)
    assert annotated.features is not None
    return annotated.features
