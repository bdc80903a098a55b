"""Fetch a GEO series matrix and its platform annotation by accession, through a local cache."""

from __future__ import annotations

import re
from pathlib import Path

from prognomics.errors import BadInput, SourceFailed
from prognomics.sources.cache import NotThere, cached_file, fetch_text
from prognomics.sources.geo import read_series_matrix, with_annotation
from prognomics.sources.raw import RawCohort

DEFAULT_MIRROR = "https://ftp.ncbi.nlm.nih.gov/geo"
SERIES = re.compile(r"GSE[1-9]\d*")
PLATFORM = re.compile(r"GPL[1-9]\d*")


def fetch_series(
    accession: str,
    *,
    platform: str | None = None,
    mirror: str | None = None,
    offline: bool = False,
    cache: Path | None = None,
    annotate: bool = True,
    samples_only: bool = False,
) -> RawCohort:
    """Fetch a series matrix by accession.

    Parameters
    ----------
    accession : str
        GSE followed by a number.
    platform : str, optional
        GPL followed by a number; needed where the series has several.
    mirror : str, optional
        Base address with the layout of GEO's download site (default: NCBI's).
    offline : bool
        Use only the cache.
    cache : path, optional
        Default: `$PROGNOMICS_CACHE`, else `~/.cache/prognomics`.
    annotate : bool
        Fetch the platform's annotation too; where GEO has none, `features` is None and a note says so.
    samples_only : bool
        Accept a series without values.

    Raises
    ------
    BadInput
        No accession, several platforms and none chosen, a malformed file.
    SourceFailed
        The server does not answer, has no such series, or the cache has no copy and `offline` is set.
    """
    accession = accession.strip().upper()
    if not SERIES.fullmatch(accession):
        raise BadInput(
            f"{accession!r} is no GEO series accession", hint="GSE followed by a number, such as GSE21050"
        )
    if platform is not None and not PLATFORM.fullmatch(platform.upper()):
        raise BadInput(
            f"{platform!r} is no GEO platform accession", hint="GPL followed by a number, such as GPL570"
        )
    base = (mirror or DEFAULT_MIRROR).rstrip("/")
    folder = f"{base}/series/{stub(accession)}/{accession}/matrix"
    options = {"offline": offline, "cache": cache}
    path = _matrix_file(folder, accession, platform and platform.upper(), options)
    cohort = read_series_matrix(path, platform=platform, samples_only=samples_only)
    if not annotate or "platform_id" not in cohort.samples.columns:
        return cohort
    used = cohort.samples["platform_id"].iloc[0]
    try:
        annotation = cached_file(f"{base}/platforms/{stub(used)}/{used}/annot/{used}.annot.gz", **options)
    except (NotThere, SourceFailed) as fault:
        note = f"no annotation of platform {used} ({fault.what}); give one as a local file"
        return RawCohort(cohort.expression, cohort.samples, None, [*cohort.notes, note])
    return with_annotation(cohort, annotation)


def stub(accession: str) -> str:
    """The folder of an accession: GSE21050 stands in GSE21nnn, GSE781 in GSEnnn."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", accession).groups()  # type: ignore[union-attr]
    return f"{letters}{digits[:-3]}nnn"


def _matrix_file(folder: str, accession: str, platform: str | None, options: dict) -> Path:
    """`GSE1_series_matrix.txt.gz`, or `GSE1-GPL2_series_matrix.txt.gz` where there are several platforms."""
    plain = f"{accession}_series_matrix.txt.gz"
    names = [plain] if platform is None else [f"{accession}-{platform}_series_matrix.txt.gz", plain]
    missing: SourceFailed | None = None
    for name in names:
        try:
            return cached_file(f"{folder}/{name}", **options)
        except NotThere as fault:
            missing = fault
        except SourceFailed as fault:
            if not options["offline"]:
                raise
            missing = fault
    if options["offline"]:
        raise missing  # type: ignore[misc]
    try:
        listing = fetch_text(f"{folder}/")
    except NotThere:
        raise SourceFailed(
            f"there is no series {accession} at the source",
            where=folder,
            hint="check the accession; private and embargoed series cannot be fetched",
        ) from None
    platforms = sorted(set(re.findall(rf"{accession}-(GPL\d+)_series_matrix\.txt\.gz", listing)))
    if platforms:
        raise BadInput(
            f"the series {accession} has several platforms: {', '.join(platforms)}",
            hint="choose one with --platform",
        )
    raise SourceFailed(f"the series {accession} has no series matrix", where=folder)
