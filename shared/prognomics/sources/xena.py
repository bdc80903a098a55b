"""UCSC Xena hubs: expression, phenotype and survival tables of one cohort.

Hubs: https://xenabrowser.net/datapages/. The GDC hub names files `TCGA-SARC.star_tpm.tsv.gz`, the TCGA hub
`TCGA.SARC.sampleMap/HiSeqV2.gz`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.data.barcode import with_barcodes
from prognomics.data.feature_map import read_platform
from prognomics.data.sample_joins import Join, JoinText, common_barcodes, least_matched, note_source
from prognomics.errors import BadInput, SourceFailed, first_few, note, warn
from prognomics.sources.expression_table import read_expression
from prognomics.sources.fetched import Fetched, absent
from prognomics.sources.raw import FreeNames, RawExpression, require_unique, with_sample_id
from prognomics.sources.sheet import read_sheet
from prognomics.sources.transport.download import Downloader, NotInCache
from prognomics.sources.transport.http import NotFound
from prognomics.sources.transport.site import Site
from prognomics.sources.xena_datasets import RELEASES, unit_of

if TYPE_CHECKING:
    import pandas as pd

_HOSTS = ("gdc-hub.s3.us-east-1.amazonaws.com", "tcga-xena-hub.s3.us-east-1.amazonaws.com", "gdc.xenahubs.net",
          "tcga.xenahubs.net")  # fmt: skip
GDC_HUB = Site("xena", {"files": "https://gdc-hub.s3.us-east-1.amazonaws.com"}, hosts=_HOSTS, buckets=("files",))
TCGA_HUB = Site("xena", {"files": "https://tcga-xena-hub.s3.us-east-1.amazonaws.com"}, hosts=_HOSTS, buckets=("files",))
_MAP = ".sampleMap"


def site_of(cohort: str) -> Site:
    """The hub that a cohort's name belongs to."""
    return TCGA_HUB if cohort.endswith(_MAP) else GDC_HUB


def fetch_cohort(cohort: str, dataset: str | None, downloader: Downloader) -> Fetched:
    """A cohort of the GDC hub (TCGA-SARC) or the TCGA hub (TCGA.SARC.sampleMap).

    Parameters
    ----------
    cohort : str
    dataset : str, optional
        Such as star_counts or HiSeqV2_PANCAN; by default star_tpm, or HiSeqV2 on the TCGA hub. `xena_datasets` has
        what their values are.
    downloader : Downloader
    """
    names = _tcga_names(cohort, dataset) if cohort.endswith(_MAP) else _gdc_names(cohort, dataset)

    @cache
    def matrix() -> tuple[RawExpression, pd.DataFrame | None]:
        missing = f"the cohort {cohort} has no such expression data at Xena"
        path, asked = _first(downloader, names["expression"], missing)
        note("source", f"Xena: expression from {asked}; {unit_of(dataset_of(asked, cohort))}")
        return read_expression(path)

    def samples() -> pd.DataFrame:
        tables, absent = [], None
        missing = f"there is no cohort {cohort} at Xena, or it has no phenotypes"
        try:
            tables.append(_first(downloader, names["clinical"], missing)[0])
        except NotFound as fault:
            absent = fault
        try:
            tables.append(_first(downloader, names["survival"], "no survival")[0])
        except (NotFound, NotInCache):
            note("source", f"Xena has no survival table of {cohort}")
        except SourceFailed as fault:
            if tables:
                text = f"the survival table of {cohort} is missing ({fault.what}): run it again later"
                warn("source-file-missing", text)
        if not tables:
            assert absent is not None
            raise absent
        if absent is not None:
            warn("source-file-missing", f"Xena has no phenotypes of {cohort}: the sheet has its survival table alone")
        sheet, notes = join_tables(tables)
        for text in notes:
            note_source(text)
        return sheet

    def features() -> pd.DataFrame:
        rows = matrix()[0].row_ids
        if "probemap" in names:
            return _named(rows, names["probemap"], downloader)
        import pandas as pd

        return pd.DataFrame({"probe_id": rows, "gene_symbol": rows, "entrez_id": ""}, dtype=object)

    return Fetched(samples, lambda: matrix()[0], features, absent("Xena holds no raw files", "take --source gdc"))


def dataset_of(file: str, cohort: str) -> str:
    """The data set's name in a file's: `TCGA-SARC.star_tpm.tsv.gz`, `TCGA.SARC.sampleMap/HiSeqV2.gz`."""
    return file.removeprefix(cohort).lstrip("./").removesuffix(".gz").removesuffix(".tsv")


def _named(rows: list[str], maps: list[str], downloader: Downloader) -> pd.DataFrame:
    """The probe map that names most of the rows: data sets of an older release have another one.

    Raises
    ------
    BadInput
        No map names a row.
    """
    best: tuple[int, pd.DataFrame | None] = (0, None)
    missing: SourceFailed | None = None
    wanted = set(rows)
    for path in maps:
        try:
            features = read_platform(downloader.file("files", path))
        except SourceFailed as fault:
            missing = missing or fault
            continue
        matched = len(wanted & set(features["probe_id"]))
        best = max(best, (matched, features), key=lambda found: found[0])
        if matched == len(wanted):
            break
    matched, features = best
    if features is None:
        if missing is not None:
            raise missing
        raise BadInput("no probe map of the hub names the rows of the data set", where=first_few(rows, 3),
                       hint="omit --out-features, or give a table of probes and symbols with "
                            "--source local")  # fmt: skip
    if matched < len(wanted):
        note("source", f"the probe map names {matched} of {len(wanted)} rows of the data set")
    return features


def _gdc_names(cohort: str, dataset: str | None) -> dict[str, list[str]]:
    kinds = [dataset] if dataset else ["star_tpm", "star_fpkm", "htseq_fpkm"]
    old = dataset is not None and dataset.startswith("htseq")
    clinical = ("clinical.tsv.gz", "clinical.tsv", "GDC_phenotype.tsv.gz", "basic_phenotype.tsv.gz")
    return {
        "expression": [f"download/{cohort}.{kind}.tsv.gz" for kind in kinds],
        "clinical": [f"download/{cohort}.{name}" for name in clinical],
        "survival": [f"download/{cohort}.{name}" for name in ("survival.tsv.gz", "survival.tsv")],
        "probemap": [*reversed(RELEASES)] if old else [*RELEASES],
    }


def _tcga_names(cohort: str, dataset: str | None) -> dict[str, list[str]]:
    study = cohort.removesuffix(_MAP).partition(".")[2]
    return {
        "expression": [f"download/{cohort}%2F{dataset or 'HiSeqV2'}.gz"],
        "clinical": [f"download/{cohort}%2F{study}_clinicalMatrix"],
        "survival": [f"download/survival%2F{study}_survival.txt"],
    }


def _first(downloader: Downloader, paths: list[str], missing: str) -> tuple[Path, str]:
    """The first of some files that is there, and its name at the hub."""
    fault: SourceFailed | None = None
    for path in paths:
        try:
            return downloader.file("files", path), path.rpartition("/")[2].replace("%2F", "/")
        except (NotFound, NotInCache) as found:
            fault = found if fault is None else fault
    if isinstance(fault, NotInCache):
        raise fault
    where = ", ".join(path.rpartition("/")[2] for path in paths)
    raise NotFound(missing, where=f"{downloader.site.address('files', 'download')}: {where}",
                   hint="the data pages of xenabrowser.net list its cohorts and data sets")  # fmt: skip


def join_tables(paths: Sequence[Path | str]) -> tuple[pd.DataFrame, list[str]]:
    """One raw sheet of several tables keyed by sample in their first column (phenotypes, survival).

    Returns
    -------
    sheet : pandas.DataFrame of str
        `sample_id`, `patient_id` and `tissue_type` where they are TCGA's barcodes, then all columns; a name that a
        later table repeats with other values is written `name.2`.
    notes : list of str

    Raises
    ------
    BadInput
        A sample that is in one table twice; tables of which less than half of the smaller one matches.
    """
    joined: pd.DataFrame | None = None
    told: list[str] = []
    for path in paths:
        table = read_sheet(path)
        ids = table.iloc[:, 0].tolist()
        require_unique(ids, kind="sample", where=f"{path}, column {table.columns[0]!r}")
        table = with_sample_id(table, ids)
        if joined is None:
            joined = table
            continue
        table, said = _named_alike(joined["sample_id"].tolist(), table, Path(paths[0]).name, Path(path))
        told.append(said)
        taken = [c for c in table.columns if c in joined.columns and c != "sample_id"]
        names = FreeNames([*joined.columns, *table.columns])
        again = {name: names.take(name) for name in taken}
        joined = joined.merge(table.rename(columns=again), on="sample_id", how="outer", sort=False).fillna("")
        joined = joined.drop(columns=[new for c, new in again.items() if joined[c].tolist() == joined[new].tolist()])
    assert joined is not None
    sheet, notes = with_barcodes(joined)
    return sheet, [f"{len(sheet)} samples in {first_few(Path(p).name for p in paths)}", *told, *notes]


def _named_alike(ids: list[str], table: pd.DataFrame, first: str, path: Path) -> tuple[pd.DataFrame, JoinText]:
    """A further table with its samples named as those of the first one, and what matched.

    Barcodes match by what both tables have of them: some releases write dots, some tables have a row per patient.

    Raises
    ------
    BadInput
        Less than half of the smaller table matches.
    """
    own = table["sample_id"].tolist()
    join = Join.of(first, ids, path.name, own)
    cut = None if join.fraction >= least_matched() else common_barcodes(ids, own)
    if cut is not None and len({cut(name) for name in own}) == len(own):
        row_of = {cut(name): row for row, name in enumerate(own)}
        matched = [(name, row_of[cut(name)]) for name in ids if cut(name) in row_of]
        used = {row for _, row in matched}
        pairs = [*matched, *((cut(name), row) for row, name in enumerate(own) if row not in used)]
        own = [name for name, _ in pairs]
        table = table.iloc[[row for _, row in pairs]].reset_index(drop=True).assign(sample_id=own)
        join = Join.of(first, ids, path.name, own)
    join.require(least_matched(), where=str(path))
    join.warn_about_near(str(path))
    return table, join.text()
