"""Which provider an accession belongs to, and how its cohorts are got."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from prognomics.errors import BadInput, UsageError
from prognomics.sources.fetched import Fetched, of_cohort
from prognomics.sources.xena_datasets import TOIL, TOIL_HINT

if TYPE_CHECKING:
    from prognomics.sources.transport.download import Downloader
    from prognomics.sources.transport.site import Site

# accession patterns in the providers' own words; the example is shown where one does not fit
_FORMS = {
    "geo": (r"GSE[1-9]\d*", "GEO series", "GSE followed by a number, such as GSE21050"),
    "arrayexpress": (r"E-[A-Z]{4}-[1-9]\d*|S-[A-Z]{2,8}\d+", "ArrayExpress or BioStudies study",
                     "such as E-MTAB-365"),
    "gdc": (r"[A-Z][A-Z0-9_.]*(-[A-Za-z0-9_.]+)+", "GDC project", "such as TCGA-SARC, TARGET-OS or BEATAML1.0-COHORT"),
    "cbioportal": (r"[A-Za-z0-9][A-Za-z0-9_.-]*", "cBioPortal study", "such as sarc_tcga_pan_can_atlas_2018"),
    "xena": (r"[A-Z][A-Z0-9_]*([-.][A-Za-z0-9_]+)+", "Xena cohort",
             "such as TCGA-SARC (GDC hub) or TCGA.SARC.sampleMap (TCGA hub)"),
}  # fmt: skip
_PLATFORM = re.compile(r"GPL[1-9]\d*", re.IGNORECASE)
_CASELESS = ("geo", "arrayexpress")


def checked_accession(source: str, accession: str) -> str:
    """The accession as its provider writes it.

    Raises
    ------
    BadInput
        It has not the form of the provider's accessions.
    """
    accession = accession.strip()
    pattern, kind, example = _FORMS[source]
    written = accession.upper() if source in _CASELESS else accession
    if source == "xena" and TOIL.search(written):
        raise BadInput(f"{accession[:100]!r} is not a cohort of Xena's GDC or TCGA hub", hint=TOIL_HINT)
    if not re.fullmatch(pattern, written) or ".." in written or len(written) > 100:
        raise BadInput(f"{accession[:100]!r} is no {kind} accession", hint=example)
    return written


def get_cohort(
    source: str,
    *,
    accession: str | None = None,
    local_path: list[str] | None = None,
    platform: str | None = None,
    dataset: str | None = None,
    quantity: str | None = None,
    values: str | None = None,
    mirror: str | None = None,
    offline: bool = False,
) -> Fetched:
    """A cohort of any source.

    Parameters
    ----------
    source : {'geo', 'arrayexpress', 'gdc', 'cbioportal', 'xena', 'survset', 'demo', 'local'}
    accession : str, optional
        The provider's name of the cohort.
    local_path : list of str, optional
        Files in the provider's own form, instead of the network.
    platform : str, optional
        GEO: which platform of several.
    dataset : str, optional
        ArrayExpress, cBioPortal, Xena: which expression data of several.
    quantity : {'counts', 'tpm', 'fpkm', 'fpkm_uq'}, optional
        GDC: which column of the STAR files.
    values : {'matrix', 'ncbi_counts', 'ncbi_tpm', 'ncbi_fpkm'}, optional
        GEO: the values submitted (default), or those that NCBI computed of RNA-seq; by accession only.
    mirror : str, optional
        Base address that represents the provider's.
    offline : bool
        Use the cache only.

    Raises
    ------
    UsageError
        Neither accession nor files, or computed values asked of files.
    BadInput
        An accession of the wrong form.
    """
    if platform is not None and not _PLATFORM.fullmatch(platform):
        raise BadInput(f"{platform!r} is no GEO platform accession",
                       hint="GPL followed by a number, such as GPL570")  # fmt: skip
    if source == "survset":
        from prognomics.sources.survset import read_survset

        return of_cohort(lambda: read_survset(_needed(source, accession)))
    if source == "demo":
        from prognomics.sources.demo import read_demo

        return of_cohort(lambda: read_demo(_needed(source, accession)))
    if local_path:
        if values not in (None, "matrix"):
            raise UsageError(f"--values {values} is fetched by accession", hint="omit --local-path, or --values")
        from prognomics.sources.local_forms import fetch_local

        return fetch_local(local_path, accession=accession, platform=platform, dataset=dataset, quantity=quantity)
    if source == "local":
        raise UsageError("--source local needs --local-path")
    written = checked_accession(source, _needed(source, accession, " or --local-path"))
    return _remote(source, written, platform, dataset, quantity, values or "matrix", mirror, offline)


def _needed(source: str, accession: str | None, more: str = "") -> str:
    if not accession:
        raise UsageError(f"--source {source} needs --accession{more}")
    return accession


def _remote(source: str, accession: str, platform: str | None, dataset: str | None, quantity: str | None,
            values: str, mirror: str | None, offline: bool) -> Fetched:  # fmt: skip
    from prognomics.sources.refusals import refusals, watched
    from prognomics.sources.side_files import keeping
    from prognomics.sources.transport.download import Downloader

    downloaders: list[Downloader] = []

    def through(site: Site) -> Downloader:
        downloaders.append(Downloader(site.through(mirror), offline=offline))
        return downloaders[-1]

    with refusals(downloaders):
        fetched = _of_provider(source, accession, platform, dataset, quantity, values, through)
    return keeping(watched(fetched, downloaders))


def _of_provider(source: str, accession: str, platform: str | None, dataset: str | None, quantity: str | None,
                 values: str, through: Callable[[Site], Downloader]) -> Fetched:  # fmt: skip
    if source == "geo":
        from prognomics.sources import geo_series

        return geo_series.fetch_series(accession, platform, through(geo_series.SITE), values)
    if source == "arrayexpress":
        from prognomics.sources import arrayexpress

        return arrayexpress.fetch_study(accession, dataset, through(arrayexpress.SITE))
    if source == "gdc":
        from prognomics.sources import gdc

        return gdc.fetch_project(accession, quantity or "counts", through(gdc.SITE))
    if source == "cbioportal":
        from prognomics.sources import cbioportal_fetch

        return cbioportal_fetch.fetch_study(accession, dataset, through(cbioportal_fetch.SITE))
    from prognomics.sources import xena

    return xena.fetch_cohort(accession, dataset, through(xena.site_of(accession)))
