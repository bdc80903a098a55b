"""Whether the providers answer: one request of each kind that `fetch_cohort` makes, read to its first bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from prognomics.errors import SourceFailed
from prognomics.io.json_text import parse_json
from prognomics.io.text_file import GZIP_MAGIC
from prognomics.sources import arrayexpress, cbioportal_fetch, gdc, geo_series, xena
from prognomics.sources.transport.http import Connection, NotFound, RetryableError
from prognomics.sources.transport.inspect import refuse_page
from prognomics.sources.transport.retry import RetryPolicy
from prognomics.sources.transport.site import Request, Site

_MOST = 1 << 17
_COUNTS = "?type=rnaseq_counts&acc=GSE48843&format=file&file=GSE48843_raw_counts_GRCh38.p13_NCBI.tsv.gz"
HELP = {
    "geo": "https://www.ncbi.nlm.nih.gov/geo/info/faq.html",
    "arrayexpress": "https://www.ebi.ac.uk/biostudies/help",
    "gdc": "https://gdc.cancer.gov/support",
    "cbioportal": "https://docs.cbioportal.org",
    "xena": "https://xena.ucsc.edu",
}
"""Where each provider helps its users."""


@dataclass(frozen=True)
class Probe:
    """A request.

    Attributes
    ----------
    source : str
        The provider as `fetch_cohort --source` has it.
    what : str
        What is requested.
    site : Site
    service, path : str
    kind : {'gzip', 'json', 'text'}
        What the answer begins as.
    begins : str
        What a text begins with, or has in its first bytes.
    """

    source: str
    what: str
    site: Site
    service: str
    path: str
    kind: str
    begins: str = ""


_STATE = "acc.cgi?acc=GSE1&targ=self&form=text&view=brief"
_IDF = "files/E-MTAB-365/E-MTAB-365.idf.txt"
_STUDY = "sarc_tcga_pan_can_atlas_2018"
PROBES = (
    Probe("geo", "GEO: series matrix", geo_series.SITE, "files", "series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz",
          "gzip"),
    Probe("geo", "GEO: state of an accession", geo_series.SITE, "query", _STATE, "text", "^SERIES"),
    Probe("geo", "GEO: RNA-seq counts by NCBI", geo_series.SITE, "download", _COUNTS, "gzip"),
    Probe("geo", "GEO: gene names of NCBI", geo_series.SITE, "genes", "Homo_sapiens.gene_info.gz", "gzip"),
    Probe("arrayexpress", "ArrayExpress: IDF", arrayexpress.SITE, "files", _IDF, "text", "Investigation Title"),
    Probe("gdc", "GDC: project", gdc.SITE, "files", "projects/TCGA-SARC", "json"),
    Probe("cbioportal", "cBioPortal: archive of a study", cbioportal_fetch.SITE, "files", f"{_STUDY}.tar.gz", "gzip"),
    Probe("cbioportal", "cBioPortal: API", cbioportal_fetch.SITE, "api", f"studies/{_STUDY}", "json"),
    Probe("xena", "Xena: GDC hub", xena.GDC_HUB, "files", "download/TCGA-SARC.star_tpm.tsv.gz", "gzip"),
    Probe("xena", "Xena: TCGA hub", xena.TCGA_HUB, "files", "download/TCGA.SARC.sampleMap%2FHiSeqV2.gz", "gzip"),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of a request: empty `error` where it works; `seconds` until the first bytes were there."""

    probe: Probe
    seconds: float
    fault: str = ""

    @property
    def line(self) -> str:
        """The outcome in one line."""
        state = f"fails: {self.fault}" if self.fault else f"works ({self.seconds:.1f} s)"
        return f"{self.probe.what:<32}{state}"


def check_sources(sources: tuple[str, ...] = (), retry_policy: RetryPolicy | None = None) -> Iterator[Outcome]:
    """Ask each provider (or those that are named) for one small thing of each kind; nothing is kept.

    A mirror that the environment names is asked in place of its provider.
    """
    retry_policy = retry_policy or replace(RetryPolicy.from_environment(), read_seconds=30.0)
    for probe in PROBES:
        if not sources or probe.source in sources:
            began = time.monotonic()
            fault = _fault(lambda p=probe: _ask(p, retry_policy))  # type: ignore[misc]
            yield Outcome(probe, time.monotonic() - began, fault)


def _fault(ask: Callable[[], None]) -> str:
    try:
        ask()
    except (SourceFailed, RetryableError) as fault:
        return " ".join((fault.what if isinstance(fault, SourceFailed) else str(fault)).split())
    return ""


def _ask(probe: Probe, retry_policy: RetryPolicy) -> None:
    site = probe.site.through(None)
    connection = Connection(site, retry_policy)
    missing: SourceFailed | None = None
    try:
        for address in site.addresses(probe.service, probe.path):
            try:
                with connection.open(Request(address)) as answer:
                    head = b""
                    while len(head) < _MOST and (chunk := answer.read()):
                        head += chunk
                _check(probe, head, address)
                return
            except NotFound as fault:
                missing = missing or fault
    finally:
        connection.close()
    assert missing is not None
    raise missing


def _check(probe: Probe, head: bytes, address: str) -> None:
    """Raise SourceFailed where an answer begins otherwise than what was requested."""
    if not head:
        raise SourceFailed("the server sent nothing", where=address)
    if head.startswith(GZIP_MAGIC):
        if probe.kind == "gzip":
            return
        raise SourceFailed("the server sent a gzip in place of text", where=address)
    refuse_page(head, address)
    text = head.decode("utf-8", "replace")
    if probe.kind == "gzip":
        raise SourceFailed("the server sent something else than a gzip", where=address)
    if probe.kind == "text" and probe.begins not in text:
        raise SourceFailed(f"the answer is not the text that was asked for: {probe.begins} is missing", where=address)
    if probe.kind == "json":
        try:
            parse_json(text)
        except ValueError:
            raise SourceFailed("the answer is not JSON", where=address) from None
