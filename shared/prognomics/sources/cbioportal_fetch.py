"""cBioPortal by study: the study's archive of the datahub, else the portal's REST API.

Archives: https://docs.cbioportal.org/downloads/; API: https://www.cbioportal.org/api/swagger-ui/index.html.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from prognomics.errors import BadInput, note
from prognomics.sources.cbioportal import EXPRESSION_TYPES, meta_files, read_study
from prognomics.sources.cbioportal_api import fetch_by_api
from prognomics.sources.fetched import Fetched, of_cohort
from prognomics.sources.raw import RawCohort
from prognomics.sources.transport.archive import unpack
from prognomics.sources.transport.cache import Cache, scratch_folder
from prognomics.sources.transport.download import Downloader, NotInCache
from prognomics.sources.transport.http import NotFound
from prognomics.sources.transport.inspect import Expected
from prognomics.sources.transport.site import Site

SITE = Site(
    "cbioportal",
    {"files": "https://datahub.assets.cbioportal.org", "api": "https://www.cbioportal.org/api"},
    hosts=("datahub.assets.cbioportal.org", "cbioportal-datahub.s3.amazonaws.com", "www.cbioportal.org"),
    buckets=("files",),
)
NO_VALUES = "the study has no expression data; take another, or give a matrix with --source local"


def fetch_study(study: str, dataset: str | None, downloader: Downloader) -> Fetched:
    """A study by its id.

    Parameters
    ----------
    study : str
        Such as sarc_tcga_pan_can_atlas_2018.
    dataset : str, optional
        Which expression data of several: a data file's name or `stable_id` (archive), or a molecular profile's id
        (API).
    downloader : Downloader

    Notes
    -----
    The archive comes first: it holds the whole matrix in one file, for which the API needs a query for every few
    hundred genes.
    """

    @cache
    def archive() -> Path | None:
        try:
            return downloader.file("files", f"{study}.tar.gz", expected=Expected("archive"))
        except (NotFound, NotInCache):
            return None

    if archive() is None:
        return fetch_by_api(study, dataset, downloader)

    def read() -> RawCohort:
        path = archive()
        assert path is not None
        note("source", f"cBioPortal: the study's archive {path.name}")
        return read_archive(path, dataset=dataset, cache=downloader.cache)

    return of_cohort(read, no_values=NO_VALUES)


def read_archive(path: Path, *, dataset: str | None = None, cache: Cache | None = None) -> RawCohort:
    """A study folder within an archive; only its clinical and expression data are unpacked.

    Raises
    ------
    BadInput
        No study in the archive, an unsafe archive, or what `cbioportal.read_study` refuses.
    """
    with scratch_folder(cache or Cache(), path) as folder:
        unpack(path, folder, lambda name: _base(name).startswith(("meta_", "data_clinical")))
        study = _study_folder(folder, path)
        inside = study.relative_to(folder).as_posix()
        wanted = {
            meta["data_filename"] if inside == "." else f"{inside}/{meta['data_filename']}"
            for meta in meta_files(study)
            if meta.get("genetic_alteration_type") in EXPRESSION_TYPES and meta.get("data_filename")
        }
        unpack(path, folder, lambda name: name in wanted)
        return read_study(study, profile=dataset, to_choose_later=True)


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _study_folder(folder: Path, archive: Path) -> Path:
    """The folder that holds the study: the archive's root, or one in it."""
    found = sorted({p.parent for p in folder.rglob("meta_study.txt")} or
                   {p.parent for p in folder.rglob("data_clinical*.txt")})  # fmt: skip
    if len(found) != 1:
        what = "several studies" if found else "no cBioPortal study (meta_study.txt or data_clinical_sample.txt)"
        raise BadInput(f"the archive holds {what}", where=str(archive))
    return found[0]
