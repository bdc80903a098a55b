"""GEO by accession: the values and samples of a series, the platform's genes, and the raw files.

Tables of platforms without annotation: https://www.ncbi.nlm.nih.gov/geo/info/geo_paccess.html.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from prognomics.errors import BadInput, SourceFailed, note
from prognomics.sources.fetched import Fetched, RawFiles, files_in_archive, of_cohort
from prognomics.sources.geo import with_annotation
from prognomics.sources.geo_ncbi_counts import NcbiCounts
from prognomics.sources.geo_series_files import SeriesFiles, stub
from prognomics.sources.raw import RawCohort, RawExpression
from prognomics.sources.transport.download import Downloader, NotInCache
from prognomics.sources.transport.http import NotFound
from prognomics.sources.transport.inspect import Expected
from prognomics.sources.transport.site import Site

if TYPE_CHECKING:
    import pandas as pd

SITE = Site(
    "geo",
    {
        "files": "https://ftp.ncbi.nlm.nih.gov/geo",
        "query": "https://www.ncbi.nlm.nih.gov/geo/query",
        "download": "https://www.ncbi.nlm.nih.gov/geo/download",
        "genes": "https://ftp.ncbi.nlm.nih.gov/gene/DATA/GENE_INFO/Mammalia",
    },
    hosts=("ftp.ncbi.nlm.nih.gov", "www.ncbi.nlm.nih.gov"),
)


def fetch_series(accession: str, platform: str | None, downloader: Downloader, values: str = "matrix") -> Fetched:
    """A series by accession.

    Parameters
    ----------
    accession : str
        GSE and a number.
    platform : str, optional
        GPL and a number; needed where the series has several.
    downloader : Downloader
    values : {'matrix', 'ncbi_counts', 'ncbi_tpm', 'ncbi_fpkm'}
        The values that its authors submitted, or those that NCBI computed of RNA-seq.

    Raises
    ------
    BadInput
        Several platforms and none chosen, or a malformed file.
    SourceFailed
        No such series, a private or withdrawn one, a server that fails, an empty cache when offline.
    """
    accession, platform = accession.upper(), platform and platform.upper()
    files = SeriesFiles(accession, platform, downloader)

    def raw() -> RawFiles:
        name = f"{files.folder}/suppl/{accession}_RAW.tar"
        try:
            return files_in_archive(downloader.file("files", name, expected=Expected("archive")))
        except NotFound:
            files.raise_state()
            raise SourceFailed(f"the series {accession} has no raw files ({accession}_RAW.tar)",
                               where=downloader.site.address("files", f"{files.folder}/suppl/")) from None  # fmt: skip

    submitted = of_cohort(
        files.cohort, features=lambda: _features(files.cohort(), downloader), raw=raw, no_values=files.where_values_are
    )

    def expression() -> RawExpression:
        submitted.samples()  # says what is known of the series
        return files.own_values() or submitted.expression()

    if values == "matrix":
        return replace(submitted, expression=expression)
    computed = NcbiCounts(accession, values, downloader)
    return replace(submitted, expression=cache(lambda: computed.expression(submitted.samples())),
                   features=computed.features)  # fmt: skip


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
    except SourceFailed as fault:
        missing, table = fault, None
    if missing is not None:
        gone = isinstance(missing, (NotFound, NotInCache))
        why = f"GEO has no annotation file of platform {used}" if gone else (
            f"the annotation file of platform {used} is missing ({missing.what})")  # fmt: skip
        if cohort.features is not None:
            note("source", f"{why}: genes are those of the family SOFT file")
            return cohort.features
        try:
            table = downloader.file("query", f"acc.cgi?acc={used}&targ=self&form=text&view=full")
            note("source", f"{why}: genes are those of its own table")
        except SourceFailed as fault:
            kind = NotInCache if isinstance(missing, NotInCache) else SourceFailed
            raise kind(
                f"there is no annotation of platform {used} ({missing.what}; its own table: {fault.what})",
                where=missing.where,
                hint="omit --out-features, or give a table of probes and symbols with --source local",
            ) from None  # fmt: skip
    assert table is not None
    annotated = with_annotation(cohort, table)
    assert annotated.features is not None
    return annotated.features
