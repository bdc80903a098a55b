"""Local files in the providers' own forms: what GDC, ArrayExpress, cBioPortal, Xena and GEO let people download."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prognomics.data.sample_joins import Join, note_source
from prognomics.errors import BadInput, UsageError, first_few, note
from prognomics.io.text_file import open_bytes, read_head
from prognomics.sources.fetched import Fetched, RawFiles, absent, files_in_archive, files_on_disk, of_cohort
from prognomics.sources.sample_files import form_of, read_sample_files
from prognomics.sources.several_matrices import join_matrices, several_matrices
from prognomics.sources.transport.archive import archive_members, kind_of_archive

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.sources.gdc_counts import CountsTable
    from prognomics.sources.raw import RawCohort, RawExpression

_RAW_ROLE = "raw="
_CEL_ENDINGS = (".cel", ".cel.gz")
NO_VALUES = "give an expression table beside the sample sheet"


def fetch_local(
    paths: Sequence[str], *, accession: str | None, platform: str | None, dataset: str | None, quantity: str | None
) -> Fetched:
    """A cohort from files on disk; the form is told by content.

    Parameters
    ----------
    paths : sequence of str
        Files or one folder: tables (see `local.read_local`), a series matrix, a cBioPortal study (folder or
        archive), an SDRF with processed data, STAR count files of the GDC (or the archive of them) with a sample
        sheet, several sheets of one cohort, and raw files (`raw=FILE`, CEL files, `_RAW.tar`).
    accession, platform, dataset, quantity : str, optional
        See `providers.get_cohort`.

    Raises
    ------
    UsageError
        A path that does not exist.
    """
    raw_paths, others = _split_raw(paths)
    raw = _raw(raw_paths) if raw_paths else None
    if not others:
        nothing = absent("only raw files are given", "rma makes a matrix of CEL files; give a sample sheet beside them")
        return Fetched(nothing, nothing, nothing, raw or nothing)
    fetched = _tables(others, accession, platform, dataset, quantity)
    return Fetched(fetched.samples, fetched.expression, fetched.features, raw or fetched.raw)


def _tables(
    paths: list[str], accession: str | None, platform: str | None, dataset: str | None, quantity: str | None
) -> Fetched:
    from prognomics.sources.local import is_cbioportal_study, read_local

    single = Path(paths[0])
    if len(paths) == 1 and single.is_dir() and is_cbioportal_study(single):
        from prognomics.sources.cbioportal import read_study

        return of_cohort(lambda: read_study(single, profile=dataset, to_choose_later=True), no_values=NO_VALUES)
    files = _files(paths)
    if len(files) == 1 and kind_of_archive(files[0]) and not _counts_in(files[0]):
        from prognomics.sources.cbioportal_fetch import read_archive

        return of_cohort(lambda: read_archive(files[0], dataset=dataset), no_values=NO_VALUES)
    counts = [f for f in files if _counts_in(f)]
    if counts:
        return _gdc(counts, [f for f in files if f not in counts], quantity or "counts")
    of_samples = [f for f in files if form_of(f)]
    if of_samples:
        return _put_together(
            of_samples, paths, lambda notes: _sample_files_matrix(of_samples, quantity or "counts", notes)
        )
    sdrfs = [f for f in files if _is_sdrf(f)]
    if sdrfs:
        return _magetab(sdrfs, [f for f in files if f not in sdrfs], dataset)
    sheets = _several_sheets(paths)
    if sheets is not None:
        return _xena(*sheets)
    in_folder = len(paths) == 1 and single.is_dir()
    matrices = [] if accession else several_matrices(files, in_folder=in_folder)
    if matrices:
        return _put_together(matrices, paths, lambda notes: join_matrices(matrices, notes))
    return of_cohort(lambda: read_local(paths, accession=accession, platform=platform), no_values=NO_VALUES)


def _sample_files_matrix(
    files: list[Path], quantity: str, notes: list[str]
) -> tuple[RawExpression, pd.DataFrame | None]:
    from prognomics.sources.expression_table import compound_features

    matrix = read_sample_files(files, quantity, notes)
    return matrix, compound_features(matrix.row_ids)


def _put_together(own: list[Path], paths: list[str], measured: Callable[[list[str]], Any]) -> Fetched:
    """A matrix of several files (`measured` reads them and adds its notes), and tables next to them."""
    from prognomics.sources.local import assign_files, read_tables

    def read() -> RawCohort:
        notes: list[str] = []
        matrix, features = measured(notes)
        inside = [str(p) for p in _files(paths)] if len(paths) == 1 and Path(paths[0]).is_dir() else paths
        roles, further = assign_files([path for path in inside if Path(path) not in own])
        return read_tables(roles, further, told=notes, measured=(matrix, features))

    return of_cohort(read, no_values=NO_VALUES)


# ------------------------------------------------------------------ raw files


def _split_raw(paths: Sequence[str]) -> tuple[list[Path], list[str]]:
    raw, others = [], []
    for path in paths:
        if str(path).startswith(_RAW_ROLE) and not Path(path).exists():
            raw.append(_existing(str(path)[len(_RAW_ROLE) :]))
        elif Path(path).is_file() and _is_raw(Path(path)):
            raw.append(Path(path))
        else:
            others.append(path)
    return raw, others


def _is_raw(path: Path) -> bool:
    """A CEL file, or an archive of them."""
    if path.name.lower().endswith(_CEL_ENDINGS):
        return True
    if not kind_of_archive(path):
        return False
    first = next(archive_members(path), None)
    return first is not None and first.name.lower().endswith(_CEL_ENDINGS)


def _raw(paths: list[Path]) -> Any:
    if len(paths) == 1 and kind_of_archive(paths[0]):
        return lambda: files_in_archive(paths[0])
    return lambda: files_on_disk({p.name: p for p in paths})


# ------------------------------------------------------------------ files


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise UsageError("there is no such file", where=path)
    return Path(path)


def _files(paths: list[str]) -> list[Path]:
    """The plain files that are given, or those of a folder and its subfolders; files with a role are excluded."""
    if len(paths) == 1 and Path(paths[0]).is_dir():
        return sorted(p for p in Path(paths[0]).rglob("*") if p.is_file() and not p.name.startswith("."))
    return [Path(p) for p in paths if Path(p).is_file()]


def _head(path: Path) -> str:
    try:
        return read_head(path, 1 << 16)
    except BadInput:
        return ""


def _is_sdrf(path: Path) -> bool:
    from prognomics.sources.magetab import is_sdrf

    return is_sdrf(_head(path).partition("\n")[0].replace('"', "").split("\t"))


def _counts_in(path: Path) -> bool:
    """A STAR count file of the GDC, or an archive of them."""
    from prognomics.sources.gdc_counts import is_star_counts

    if not kind_of_archive(path):
        return is_star_counts(_head(path))
    first = islice(archive_members(path), 3)  # a manifest may stand before them
    return any(is_star_counts(member.content.read(4096).decode("utf-8", "replace")) for member in first)


# ------------------------------------------------------------------ Xena


def _several_sheets(paths: list[str]) -> tuple[list[Path], list[Path], list[Path]] | None:
    """Sheets (phenotypes, survival), matrices and probe maps, if there are two sheets for one matrix."""
    from prognomics.sources.local import TABLE_ENDINGS
    from prognomics.sources.recognize import recognize

    in_folder = len(paths) == 1 and Path(paths[0]).is_dir()
    files = [p for p in _files(paths) if not in_folder or p.name.lower().removesuffix(".gz").endswith(TABLE_ENDINGS)]
    if len(files) < 3 or (not in_folder and len(files) < len(paths)):
        return None
    found: dict[str, list[Path]] = {}
    for path in files:
        header = {name.strip().lower() for name in _head(path).partition("\n")[0].split("\t")}
        role = "features" if {"id", "gene", "chrom"} <= header else recognize(path)
        found.setdefault(role, []).append(path)
    sheets, matrices, maps = (found.pop(role, []) for role in ("samples", "expression", "features"))
    own = [p for p in sheets if "survival" in p.name.lower()]
    # two sheets are of one cohort only if one of them is named as Xena names its survival tables
    if found or len(matrices) != 1 or len(sheets) != 2 or len(own) != 1 or len(maps) > 1:
        return None
    return [p for p in sheets if p not in own] + own, matrices, maps


def _xena(sheets: list[Path], matrices: list[Path], maps: list[Path]) -> Fetched:
    from prognomics.sources.expression_table import read_expression
    from prognomics.sources.local_join import match_samples
    from prognomics.sources.raw import RawCohort
    from prognomics.sources.xena import join_tables

    def read() -> RawCohort:
        sheet, notes = join_tables(sheets)
        expression, features = read_expression(matrices[0])
        sheet = match_samples(sheet, expression.sample_ids, str(sheets[0]), notes)
        return RawCohort(expression, sheet, features, notes)

    features = None
    if maps:
        from prognomics.data.feature_map import read_platform

        features = lambda: read_platform(maps[0])  # noqa: E731
    return of_cohort(read, features=features, no_values=NO_VALUES)


# ------------------------------------------------------------------ ArrayExpress


def _magetab(sdrfs: list[Path], others: list[Path], dataset: str | None) -> Fetched:
    from prognomics.sources.arrayexpress import read_processed
    from prognomics.sources.magetab import Sdrf, read_adf, read_sdrf
    from prognomics.sources.transport.download import Downloader
    from prognomics.sources.transport.site import Site

    if len(sdrfs) > 1:
        raise BadInput(f"there are several SDRF files: {first_few(p.name for p in sdrfs)}", hint="give one")

    @cache
    def sdrf() -> Sdrf:
        return read_sdrf(sdrfs[0])

    designs = [p for p in others if p.name.lower().removesuffix(".gz").endswith(".adf.txt")]

    @cache
    def matrix() -> tuple[RawExpression, pd.DataFrame | None]:
        tables = {p.name: p for p in others if p not in designs and ".idf." not in p.name.lower()}
        chosen = {n: p for n, p in tables.items() if n == dataset} if dataset else tables
        if not chosen:
            raise BadInput("no processed data stand beside the SDRF", where=str(sdrfs[0]),
                           hint="give the matrix with a further --local-path")  # fmt: skip
        known = {n: p for n, p in chosen.items() if n in sdrf().processed_files}
        found, features = read_processed(known or chosen, sdrf(), Downloader(Site("local"), offline=True))
        return sdrf().renamed(found, first_few(known or chosen)), features

    def features() -> pd.DataFrame:
        own = read_adf(designs[0]) if designs else matrix()[1]
        if own is None:
            raise BadInput("no array design stands beside the SDRF", hint="give the .adf.txt file of the array")
        return own

    return Fetched(lambda: sdrf().sheet, lambda: matrix()[0], features, absent("no raw files are given"))


# ------------------------------------------------------------------ GDC


def _gdc(counts: list[Path], others: list[Path], quantity: str) -> Fetched:
    from prognomics.sources.gdc_counts import CountsTable
    from prognomics.sources.gdc_local import read_gdc_sheet

    sheet = cache(lambda: read_gdc_sheet(others))

    @cache
    def table() -> CountsTable:
        found, names = CountsTable(quantity), sheet().samples_of_files
        for name, content in _counts(counts):
            if names and name not in names:
                note("source", f"{name} is in no row of the sample sheet and is excluded")
                continue
            found.add(names.get(name, name.partition(".")[0]), content, name)
        if names:
            note_source(Join.of("the count files", found.sample_ids, "the sample sheet", names.values()).text())
        return found

    def samples() -> pd.DataFrame:
        own = sheet().sheet
        if own is None:
            import pandas as pd

            note("source", "no sample sheet of the GDC was given: samples are named by their files")
            return pd.DataFrame({"sample_id": table().expression().sample_ids}, dtype=object)
        return own

    def raw() -> RawFiles:
        if len(counts) == 1 and kind_of_archive(counts[0]):
            return files_in_archive(counts[0])
        return files_on_disk({p.name: p for p in counts})

    return Fetched(samples, lambda: table().expression(), lambda: table().features(), raw)


def _counts(paths: list[Path]) -> Iterator[tuple[str, bytes]]:
    """File names and contents, from files and archives; manifests and annotations are skipped."""
    from prognomics.sources.gdc_counts import is_star_counts

    for path in paths:
        if not kind_of_archive(path):
            with open_bytes(path) as handle:
                yield path.name.removesuffix(".gz"), handle.read()
            continue
        for member in archive_members(path):
            content = member.content.read()
            if is_star_counts(content[:4096].decode("utf-8", "replace")):
                yield member.name.rpartition("/")[2], content
