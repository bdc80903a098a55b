"""Where the parts of a GEO series stand, which of them serves, and why nothing is there if nothing is.

Layout: https://www.ncbi.nlm.nih.gov/geo/info/download.html; the state of an accession:
https://www.ncbi.nlm.nih.gov/geo/info/geo_paccess.html.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from prognomics.errors import BadInput, SourceFailed, first_few, note
from prognomics.sources.geo import RNA_SEQ_HINT, read_series_matrix
from prognomics.sources.geo_ncbi_counts import ADVICE
from prognomics.sources.geo_relations import related_series
from prognomics.sources.geo_samples import PlatformToChoose
from prognomics.sources.geo_soft import read_family_soft
from prognomics.sources.raw import RawCohort, RawExpression
from prognomics.sources.transport.download import Downloader, NotInCache
from prognomics.sources.transport.http import Forbidden, NotFound

# what GEO's page of an accession says where it has nothing to give
_STATES = (
    (re.compile(r"is currently private and is scheduled to be released on\s+([A-Z][a-z]+ \d+, \d{4})"),
     "the series {accession} is private until {found}",
     "ask its authors, or get it with their reviewer token and give it with --local-path"),
    (re.compile(r"is currently (private)"), "the series {accession} is private", "ask its authors"),
    (re.compile(r"was (deleted) by the GEO staff|was (withdrawn)"), "the series {accession} was withdrawn from GEO",
     "look for another series of the same study"),
    (re.compile(r"is (not yet approved) by GEO curators"),
     "the series {accession} is submitted to GEO and not yet approved by GEO curators",
     "wait for its release, or ask its authors"),
    (re.compile(r"(Could not find) a public or private accession"), "there is no series {accession} at the source",
     "check the accession"),
)  # fmt: skip
_PARTS = "SuperSeries of"


def stub(accession: str) -> str:
    """The folder of an accession: GSE21050 is in GSE21nnn, GSE781 in GSEnnn."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", accession).groups()  # type: ignore[union-attr]
    return f"{letters}{digits[:-3]}nnn"


class SeriesFiles:
    """The files of one series.

    Parameters
    ----------
    accession : str
        GSE and a number.
    platform : str or None
        GPL and a number.
    downloader : Downloader
    """

    def __init__(self, accession: str, platform: str | None, downloader: Downloader):
        self.accession, self.platform, self._downloader = accession, platform, downloader
        self.folder = f"series/{stub(accession)}/{accession}"
        # each is read once
        self.cohort = cache(self._read)
        self.own_values = cache(self._own_values)

    def _read(self) -> RawCohort:
        """The series matrix; the family SOFT file if there is none, or none that can be read."""
        try:
            path = self._matrix()
        except (NotFound, NotInCache) as fault:
            found = self._family(f"GEO has no series matrix of {self.accession}")
            if found is None:
                if isinstance(fault, NotInCache):
                    raise fault
                raise self._why_missing() from None
            return found
        try:
            return read_series_matrix(path, platform=self.platform, samples_only=True)
        except PlatformToChoose:
            raise
        except BadInput as fault:
            found = self._family(f"the series matrix of {self.accession} cannot be used ({fault.what})")
            if found is None:
                raise
            return found

    def _own_values(self) -> RawExpression | None:
        """Values that are in the family SOFT file alone: the matrix has none, and its samples say that they have."""
        cohort = self.cohort()
        counts = cohort.samples.get("data_row_count")
        if cohort.expression is not None or counts is None or not counts.str.fullmatch(r"0*[1-9]\d*").any():
            return None
        found = self._family(f"the series matrix of {self.accession} holds no values")
        for text in found.notes if found else ():
            if text not in cohort.notes:
                note("source", text)
        return found and found.expression

    def _matrix(self) -> Path:
        """`GSE1_series_matrix.txt.gz`, or `GSE1-GPL2_series_matrix.txt.gz` if there are several platforms.

        Raises
        ------
        NotInCache, NotFound
        BadInput
            Several platforms and none chosen, or none that is there.
        """
        plain = f"{self.accession}_series_matrix.txt.gz"
        special = [] if self.platform is None else [f"{self.accession}-{self.platform}_series_matrix.txt.gz"]
        missing: SourceFailed | None = None
        for name in [*special, plain]:
            try:
                return self._downloader.file("files", f"{self.folder}/matrix/{name}")
            except NotInCache as fault:
                missing = missing or fault
            except NotFound as fault:
                absent = fault
        if missing is not None:
            if self.platform is None:
                missing.hint += "; a series of several platforms needs --platform"
            raise missing
        self._check_platforms()
        raise absent

    def _family(self, why: str) -> RawCohort | None:
        """The family SOFT file, None where that is not there either; said with the reason."""
        try:
            path = self._downloader.file("files", f"{self.folder}/soft/{self.accession}_family.soft.gz")
        except (NotFound, NotInCache):
            return None
        note("source", f"{why}: the family SOFT file is read instead")
        return read_family_soft(path, self.platform, samples_only=True)

    def _listing(self, folder: str) -> str:
        return self._downloader.page("files", f"{self.folder}/{folder}/")

    def _address(self, folder: str) -> str:
        return self._downloader.site.address("files", f"{self.folder}/{folder}/")

    def _check_platforms(self) -> None:
        """Raise BadInput if there are matrices, but of other platforms than requested."""
        try:
            listing = self._listing("matrix")
        except SourceFailed:
            return  # a folder that is forbidden or not shown now is no reason to pass over the family
        accession, platform = self.accession, self.platform
        platforms = sorted(set(re.findall(rf"{accession}-(GPL\d+)_series_matrix\.txt\.gz", listing)))
        if platforms:
            what = f"the series {accession} has several platforms: {', '.join(platforms)}"
            if platform is not None:
                what = f"the series {accession} was not measured on {platform}; there are {', '.join(platforms)}"
            raise PlatformToChoose(what, where=self._address("matrix"),
                                   hint=f"choose one with --platform, such as --platform {platforms[0]}")  # fmt: skip

    def _why_missing(self) -> SourceFailed:
        """Why there is neither matrix nor family: an unknown or private series, or one without values."""
        where = self._address("matrix")
        try:
            self._listing("matrix")
        except SourceFailed as fault:
            unknown = self.raise_state()
            if not isinstance(fault, (NotFound, Forbidden)):
                return fault
            if unknown:
                what = f"the source has no files of the series {self.accession}, and does not state why ({unknown})"
                return SourceFailed(what, where=where, hint="see its page in a browser: it may be private or withdrawn")
            forbidden = "" if isinstance(fault, NotFound) else f" ({fault.what})"
            return SourceFailed(f"there is no series {self.accession} at the source{forbidden}", where=where,
                                hint="check the accession; private and embargoed series cannot be fetched")  # fmt: skip
        self.raise_state(only_parts=True)
        return SourceFailed(f"the series {self.accession} has no series matrix", where=where, hint=RNA_SEQ_HINT)

    def raise_state(self, *, only_parts: bool = False) -> str:
        """Raise what GEO's page of the accession states, if it states why nothing is there.

        Returns
        -------
        str
            Why the page cannot be read, if it is there and cannot; else empty.
        """
        path = f"acc.cgi?acc={self.accession}&targ=self&form=text&view=brief"
        where = self._downloader.site.address("query", path)
        try:
            page = re.sub(r"<[^>]+>", " ", self._downloader.page("query", path))
        except NotFound:
            return ""
        except SourceFailed as fault:
            return fault.what
        parts = related_series(re.findall(r"!Series_relation\s*=\s*(.+)", page), _PARTS)
        if parts:
            raise SourceFailed(f"{self.accession} is a SuperSeries without files of its own", where=where,
                               hint=f"fetch its parts: {first_few(parts, 20)}") from None  # fmt: skip
        for pattern, what, hint in () if only_parts else _STATES:
            found = pattern.search(" ".join(page.split()))
            if found:
                said = next(part for part in found.groups() if part)
                raise SourceFailed(what.format(accession=self.accession, found=said), where=where, hint=hint) from None
        return ""

    def where_values_are(self) -> str:
        """What to do where a series holds no values: the parts of a SuperSeries, the supplementary files by name."""
        parts = related_series(self.cohort().relations, _PARTS)
        if parts:
            return f"{self.accession} is a SuperSeries: fetch its parts, {first_few(parts, 20)}"
        hint = f"{RNA_SEQ_HINT}; {ADVICE}"
        try:
            listing = self._listing("suppl")
        except SourceFailed:
            return hint
        names = re.findall(r'href="(GSE\d+_[A-Za-z0-9_.%-]+)"', listing)
        names = [name for name in names if not name.endswith("_RAW.tar")]
        return f"{hint}; this one has {first_few(names)} at {self._address('suppl')}" if names else hint
