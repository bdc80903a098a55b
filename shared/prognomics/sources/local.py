"""Local files: an expression table, a sample sheet, a feature map, or a folder that holds them.

What a file is, is decided by its content (`recognize`), never by its name:

- lines that start with `!Series_` or `!Sample_`: a GEO series matrix;
- lines that start with `^SERIES`, `^SAMPLE` or `^DATASET`: a GEO SOFT record;
- a header with `probe_id` (or `gene_symbol`) and `entrez_id` or `gene_symbol`, and no numbers: a feature map;
- a header naming `Hugo_Symbol`, or identifiers followed by two or more columns, at least nine in ten of them
  numbers and none named like a clinical variable: an expression table, genes in rows;
- anything else: a sample sheet.

`expression=FILE`, `samples=FILE` and `features=FILE` overrule the guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.data.orientation import samples_are_rows
from prognomics.errors import BadInput, UsageError, first_few
from prognomics.sources.expression_table import compound_features, read_expression, transpose
from prognomics.sources.local_join import ONE_ROW, join_sheets, match_samples, naming_column, without_annotation
from prognomics.sources.raw import RawCohort, RawExpression, require_unique, with_sample_id
from prognomics.sources.recognize import recognize
from prognomics.sources.sheet import read_sheet

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("expression", "samples", "features", "series_matrix", "soft")
TABLE_ENDINGS = (".tsv", ".csv", ".txt", ".tab", ".dat")
OVERRULE = "name their roles: --local-path expression=FILE --local-path samples=FILE"


def read_local(paths: Sequence[Path | str], *, accession: str | None = None, platform: str | None = None) -> RawCohort:
    """Read a cohort from local files.

    Parameters
    ----------
    paths : sequence of path
        Files, or one folder: a cBioPortal study, or tables. `role=FILE` fixes the role of a file.
    accession : str, optional
        In a folder of several cohorts: only files whose name starts with it.
    platform : str, optional
        For a series matrix or a family that holds several platforms.

    Returns
    -------
    RawCohort
        A table of samples × genes is turned when its rows, not its columns, are the samples of the sheet.

    Raises
    ------
    UsageError
        A path that does not exist.
    BadInput
        Malformed files, two files of one role, no sample of the matrix in the sheet.
    """
    if not paths:
        raise UsageError("no local path is given", hint="--local-path FILE, repeated, or --local-path FOLDER")
    folders = [Path(p) for p in paths if Path(p).is_dir()]
    if folders and len(paths) > 1:
        raise UsageError("a folder stands alone", where=str(folders[0]), hint="give one folder, or only files")
    if folders and is_cbioportal_study(folders[0]):
        from prognomics.sources.cbioportal import read_study

        return read_study(folders[0])
    files = _files_of_folder(folders[0], accession) if folders else [_with_role(p) for p in paths]
    roles, further = _assign_roles(files)
    if "series_matrix" in roles or "soft" in roles:
        return _series(roles, platform)
    return read_tables(roles, further)


def is_cbioportal_study(folder: Path) -> bool:
    """Whether a folder holds `meta_study.txt` or clinical data files of cBioPortal."""
    return (folder / "meta_study.txt").is_file() or any(folder.glob("data_clinical*.txt"))


def _with_role(path: Path | str) -> tuple[str | None, Path]:
    role, equals, rest = str(path).partition("=")
    if equals and role in ROLES and not Path(path).exists():
        path = rest
    else:
        role = ""
    if not Path(path).is_file():
        raise UsageError("there is no such file or folder", where=str(path))
    return role or None, Path(path)


def _files_of_folder(folder: Path, accession: str | None) -> list[tuple[str | None, Path]]:
    def is_table(path: Path) -> bool:
        name = path.name.lower().removesuffix(".gz")
        return path.is_file() and not name.startswith(".") and name.endswith(TABLE_ENDINGS)

    tables = sorted(path for path in folder.iterdir() if is_table(path))
    if accession:
        starts = re.compile(re.escape(accession) + r"(?![A-Za-z0-9])", re.IGNORECASE)
        tables = [path for path in tables if starts.match(path.name)]
    if not tables:
        wanted = f" whose name starts with {accession}" if accession else ""
        raise BadInput(f"the folder holds no table (.tsv, .csv, .txt, .gz of each){wanted}", where=str(folder))
    return [(None, path) for path in tables]


def assign_files(paths: Sequence[str]) -> tuple[dict[str, Path], list[Path]]:
    """One file for each role, and further sample sheets."""
    return _assign_roles([_with_role(path) for path in paths])


def _assign_roles(files: list[tuple[str | None, Path]]) -> tuple[dict[str, Path], list[Path]]:
    """One file for each role, and further sample sheets; a file's declared role wins over the recognized one."""
    known = [(role or recognize(path), path) for role, path in files]
    fixed = [role is not None for role, _ in files]
    if len(known) == 2 and not any(fixed) and known[0][0] == known[1][0]:
        # alike to the eye: the one whose first column names the other's columns is the sheet
        for sheet, matrix in ((0, 1), (1, 0)):
            if _names_samples_of(known[sheet][1], known[matrix][1]):
                known[sheet], known[matrix] = ("samples", known[sheet][1]), ("expression", known[matrix][1])
                break
    roles: dict[str, Path] = {}
    further: list[Path] = []
    for role, path in known:
        if role in roles and role == "samples":
            further.append(path)
            continue
        if role in roles:
            listed = first_few([f"{p.name} ({r})" for r, p in known], 10)
            raise BadInput(
                f"two files look like {role.replace('_', ' ')}: {roles[role].name}, {path.name}",
                where=listed,
                hint=f"give --accession with the cohort's file prefix, or {OVERRULE}",
            )
        roles[role] = path
    return roles, further


def _names_samples_of(sheet: Path, matrix: Path) -> bool:
    """Whether the first column of one table holds the column names of the other."""
    from prognomics.sources.recognize import first_cells

    header, _ = first_cells(matrix)
    _, first_column = first_cells(sheet)
    return bool(set(header[1:]) & set(first_column))


def _series(roles: dict[str, Path], platform: str | None) -> RawCohort:
    from prognomics.sources.geo import read_series_matrix, with_annotation
    from prognomics.sources.geo_soft import read_family_soft, read_soft

    if len({"series_matrix", "soft", "samples"} & set(roles)) > 1:
        raise BadInput("a series holds its samples itself: give no second file of them")
    if "expression" in roles:
        # RNA sequencing: the series describes the samples, their values stand in a supplementary table
        read = read_series_matrix if "series_matrix" in roles else read_family_soft
        path = roles["series_matrix" if "series_matrix" in roles else "soft"]
        described = read(path, platform=platform, samples_only=True)
        if described.expression is not None:
            raise BadInput("the series holds values, and so does a second file", where=str(roles["expression"]),
                           hint="leave one out, or give the samples alone as a table")  # fmt: skip
        return read_tables({**roles, "samples": path}, sheet=described.samples, told=described.notes)
    if "series_matrix" in roles:
        return read_series_matrix(roles["series_matrix"], platform=platform, annotation=roles.get("features"))
    cohort = read_soft(roles["soft"], platform)
    return with_annotation(cohort, roles["features"]) if "features" in roles else cohort


def read_tables(
    roles: dict[str, Path], further: Sequence[Path] = (), *, sheet: pd.DataFrame | None = None,
    told: Sequence[str] = (), measured: tuple[RawExpression, pd.DataFrame | None] | None = None,
) -> RawCohort:  # fmt: skip
    """A matrix and a sheet (read, if they are not given) and a feature map, as far as there are files of them."""
    import pandas as pd

    notes = list(told)
    expression, features = measured or (None, None)
    if sheet is None and "samples" in roles and not further:
        sheet = read_sheet(roles["samples"])
    if expression is None and "expression" in roles:
        expression, features = read_expression(roles["expression"], _names_in(sheet))
    if further:
        sheet = join_sheets([roles["samples"], *further], expression.sample_ids if expression else (), notes)
    if expression is not None and sheet is not None:
        turned = _orient(expression, sheet, notes)
        if turned is not expression:
            expression, features = turned, compound_features(turned.row_ids)
    if "features" in roles:
        from prognomics.data.feature_map import read_platform

        features = read_platform(roles["features"])
    if sheet is None:
        if expression is not None and samples_are_rows(expression.row_ids, expression.sample_ids):
            notes.append("the columns are named by genes: the table had samples in rows and was turned")
            expression = transpose(expression)
            features = compound_features(expression.row_ids)
        ids = expression.sample_ids if expression else []
        if not ids:
            raise BadInput(
                "the files hold neither expression nor samples",
                where=first_few(p.name for p in roles.values()),
                hint="a feature map comes beside an expression table",
            )
        notes.append("no sample sheet was given: only the sample names are known")
        return RawCohort(expression, pd.DataFrame({"sample_id": ids}, dtype=object), features, notes)
    where = str(roles["samples"])
    if expression is not None:
        matched = match_samples(sheet, expression.sample_ids, where, notes)
        expression = without_annotation(expression, set(matched["sample_id"]), notes)
        return RawCohort(expression, matched, features, notes)
    column = naming_column(sheet)
    ids = sheet[column].tolist()
    require_unique(ids, kind="sample", where=f"{where}, column {column!r}", hint=ONE_ROW)
    if column != sheet.columns[0]:
        notes.append(f"samples are named by column {column!r}: {sheet.columns[0]!r} repeats its values")
    return RawCohort(None, with_sample_id(sheet, ids), features, notes)


def _names_in(sheet: pd.DataFrame | None) -> set[str]:
    """All cells of a sheet that may name samples."""
    return set() if sheet is None else {cell for column in sheet.columns for cell in sheet[column]}


def _orient(expression: RawExpression, sheet: pd.DataFrame, notes: list[str]) -> RawExpression:
    """Turn a table whose rows, not columns, are the samples of the sheet."""
    columns, rows = set(expression.sample_ids), set(expression.row_ids)
    by_column = max(len(columns & set(sheet[c])) for c in sheet.columns)
    by_row = max(len(rows & set(sheet[c])) for c in sheet.columns)
    if by_row > by_column:
        notes.append("the expression table had samples in rows and was turned")
        return transpose(expression)
    return expression
