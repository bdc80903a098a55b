"""GEO SOFT records: families (a series with its samples and platforms), single samples, and curated data sets.

Format: https://www.ncbi.nlm.nih.gov/geo/info/soft.html: `^` begins a record, `!` an attribute, `#` describes a column,
and a table stands between `!…_table_begin` and `!…_table_end`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prognomics.data.feature_columns import feature_columns
from prognomics.data.feature_map import feature_map
from prognomics.data.sample_joins import Join
from prognomics.errors import BadInput, first_few
from prognomics.io.numeric_table import parse_numeric_rows
from prognomics.io.text_file import decode, read_head
from prognomics.sources.geo_relations import relation_notes
from prognomics.sources.geo_samples import one_platform, sample_sheet
from prognomics.sources.raw import RawCohort, RawExpression, require_sheet_size, require_unique
from prognomics.sources.sample_columns import SampleColumns
from prognomics.sources.soft_records import Record, Table, Wanted, read_records

if TYPE_CHECKING:
    import pandas as pd

VALUE = "VALUE"
NO_VALUES_HINT = "take the series matrix, or give the supplementary files as local tables"


class _Family:
    """What is kept of a family while its records go by: attributes, and the values of the samples in question."""

    def __init__(self, platform: str | None, where: str):
        self.where = where
        self.samples: list[Record] = []
        self.platforms: dict[str, Record] = {}
        self.values = SampleColumns()
        self.notes: list[str] = []
        self.relations: list[str] = []
        self.without: dict[str, str] = {}
        self._platform = platform.upper() if platform else None
        self._used: set[str] = set()

    def wanted(self, record: Record, columns: list[str]) -> Wanted:
        """Of a platform's table the columns of genes, of a sample's its values; of other platforms nothing."""
        if record.kind == "PLATFORM":
            found = feature_columns(columns)
            return Wanted(tuple(found.used)) if found.complete and self._asked(record.name) else Wanted()
        if record.kind != "SAMPLE":
            return Wanted()
        self._used.add(_first(record, "platform_id").upper())
        names = [column.upper() for column in columns]
        if VALUE not in names:
            self.without[_name(record)] = f"no column {VALUE} among {first_few(columns)}"
        # of several platforms and none chosen nothing will be used
        elif len(self._used) == 1 or self._platform:
            if self._asked(_first(record, "platform_id")):
                return Wanted((0, names.index(VALUE)), needed=True)
        return Wanted()

    def _asked(self, platform: str) -> bool:
        return self._platform is None or platform.upper() == self._platform

    def add(self, record: Record) -> None:
        if record.kind == "PLATFORM":
            self.platforms[record.name.upper()] = record
        elif record.kind == "SERIES":
            told = record.attributes
            self.notes += [f"{name}: {told[name][0]}" for name in ("geo_accession", "title") if name in told]
            self.relations += told.get("relation", [])
            self.notes += relation_notes(record.name, told.get("relation", []))
        elif record.kind == "SAMPLE":
            self.samples.append(record)
            record.attributes.setdefault("geo_accession", [record.name])
            name = _name(record)
            table, record.table = record.table, None  # its text is no longer needed
            if table is not None and table.body.strip():
                self.values.add(name, *_values(table, f"{self.where}, sample {name}"))
            else:
                self.without.setdefault(name, "no table")


def _first(record: Record, attribute: str) -> str:
    return record.attributes.get(attribute, [""])[0]


def _name(record: Record) -> str:
    return record.attributes.get("geo_accession", [record.name])[0]


def read_soft(path: Path | str, platform: str | None = None) -> RawCohort:
    """A family, a single sample or a data set, distinguished by their records.

    Raises
    ------
    BadInput
        As `read_family_soft` and `read_dataset_soft`.
    """
    if re.search(r"^\^DATASET", read_head(path), re.MULTILINE | re.IGNORECASE):
        return read_dataset_soft(path)
    return read_family_soft(path, platform)


def read_family_soft(path: Path | str, platform: str | None = None, *, samples_only: bool = False) -> RawCohort:
    """Read a family SOFT file, or the record of a single sample.

    Parameters
    ----------
    path : path
        Plain or gzip.
    platform : str, optional
        Keep the samples of this platform (GPL...) where the file holds several.
    samples_only : bool
        Accept samples without values.

    Returns
    -------
    RawCohort
        `expression`: the column VALUE of each sample's table, rows in the order of their first appearance, NaN where
        a sample lacks a row. `samples`: as of a series matrix (`geo.read_series_matrix`). `features`: of the
        platform's table, None where the file holds none or it names no genes (a note notes this).

    Raises
    ------
    BadInput
        No sample records, several platforms and none chosen, no values, text in a number, a row twice in a table, a
        table without an end.
    """
    where = str(path)
    family = _Family(platform, where)
    for record in read_records(path, family.wanted):
        family.add(record)
    if not family.samples:
        raise BadInput("the SOFT file holds no sample records (^SAMPLE)", where=where, hint="take the family file")
    sheet = sample_sheet(_lines(family.samples, where), where)
    if "platform_id" in sheet.columns and (sheet["platform_id"] == "").any():
        sheet["platform_id"] = sheet["platform_id"].replace("", "unknown")
    _, sheet = one_platform(None, sheet, platform, where)
    ids = sheet["sample_id"].tolist()
    expression = family.values.matrix(ids)
    family.notes += family.values.notes
    if expression is None and not samples_only:
        why = first_few(f"{name}: {family.without[name]}" for name in ids if name in family.without)
        raise BadInput("no sample of the SOFT file has values", where=f"{where}: {why}", hint=NO_VALUES_HINT)
    if expression is not None:
        join = Join.of("the tables of values", expression.sample_ids, "the sample records", ids)
        family.notes.append(join.text())
        sheet = sheet[sheet["sample_id"].isin(expression.sample_ids)].reset_index(drop=True)
        without = [name for name in ids if name in family.without]
        if without:
            family.notes.append(f"samples without values are excluded: {first_few(without)}")
    features = None
    if "platform_id" in sheet.columns:
        used = sheet["platform_id"].iloc[0]
        family.notes.append(f"platform: {used}")
        features = _features(family, used, where)
    return RawCohort(expression, sheet, features, family.notes, family.relations)


def read_dataset_soft(path: Path | str) -> RawCohort:
    """Read a GEO data set (GDS).

    Returns
    -------
    RawCohort
        `samples`: `sample_id`, `title` (what the file states of the column), one column per kind of subset (`disease
        state`, `individual`...), and `platform_id`. `features`: `probe_id, gene_symbol` from the column IDENTIFIER.

    Raises
    ------
    BadInput
        No data set with a table, text in a number, repeated rows or samples.
    """
    where = str(path)
    records = list(read_records(path))
    dataset = next((r for r in records if r.kind == "DATASET" and r.table is not None), None)
    if dataset is None or dataset.table is None:
        raise BadInput("the SOFT file holds no data set with a table (^DATASET)", where=where)
    table = dataset.table
    n_ids = 2 if len(table.columns) > 1 and table.columns[1].upper() == "IDENTIFIER" else 1
    ids = table.columns[n_ids:]
    if not ids:
        raise BadInput("the data set's table has no sample columns", where=where)
    require_unique(ids, kind="sample", where=f"{where}, line {table.line}")
    rows = parse_numeric_rows(
        [table.body], delimiter="\t", columns=table.columns, n_ids=n_ids, where=where, first_line=table.line + 1
    )
    require_unique(rows.ids[0], kind="probe", where=where)
    return RawCohort(
        RawExpression(rows.values, rows.ids[0], ids),
        _dataset_sheet(dataset, [r for r in records if r.kind == "SUBSET"], ids),
        _identified(rows.ids) if n_ids == 2 else None,
        [f"data set: {dataset.name}", *dataset.attributes.get("title", [])[:1]],
    )


def _identified(ids: list[list[str]]) -> pd.DataFrame:
    import pandas as pd

    symbols = ["" if symbol == probe or symbol.startswith("--") else symbol for probe, symbol in zip(*ids, strict=True)]
    return pd.DataFrame({"probe_id": ids[0], "gene_symbol": symbols, "entrez_id": [""] * len(symbols)}, dtype=object)


def _dataset_sheet(dataset: Record, subsets: list[Record], ids: list[str]) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, dict[str, str]] = {}
    for subset in subsets:
        kind, meaning = (subset.attributes.get(name, [""])[0] for name in ("type", "description"))
        for members in subset.attributes.get("sample_id", []):
            for sample in members.split(","):
                columns.setdefault(kind or "subset", {})[sample.strip()] = meaning
    about = {name: dataset.descriptions.get(name, "") for name in ids}
    platform = dataset.attributes.get("platform", [""])[0]
    sheet = {"sample_id": ids, "title": [about[name] for name in ids]}
    for name, of_sample in columns.items():
        sheet[name if name not in sheet else f"subset.{name}"] = [of_sample.get(sample, "") for sample in ids]
    return pd.DataFrame({**sheet, "platform_id": [platform] * len(ids)}, dtype=object)


def _values(table: Table, where: str) -> tuple[list[str], np.ndarray]:
    """Row names and numbers of one sample's table."""
    rows = parse_numeric_rows(
        [table.body], delimiter="\t", columns=["ID_REF", VALUE], n_ids=1, where=where, first_line=table.line + 1,
    )  # fmt: skip
    require_unique(rows.ids[0], kind="row", where=where)
    return rows.ids[0], rows.values[:, 0]


def _lines(samples: list[Record], where: str) -> list[tuple[str, list[str], int]]:
    """The attributes of all samples as the lines of a series matrix: an attribute given twice makes two lines."""
    most: dict[str, int] = {}
    for sample in samples:
        for name, cells in sample.attributes.items():
            most[name] = max(most.get(name, 0), len(cells))
    require_sheet_size(len(samples), sum(most.values()), where)
    lines = []
    for name, n in most.items():
        for i in range(n):
            cells = [sample.attributes.get(name, []) for sample in samples]
            lines.append((name, [c[i] if i < len(c) else "" for c in cells], 0))
    return lines


def _features(family: _Family, platform: str, where: str) -> pd.DataFrame | None:
    record = family.platforms.get(platform.upper())
    if record is None or record.table is None:
        family.notes.append(f"the file holds no table of platform {platform}: give its annotation as a local file")
        return None
    lines = decode(record.table.body).split("\n")
    record.table.body = b""
    try:
        return feature_map(record.table.columns, lines, "\t", f"{where}, platform {platform}")
    except BadInput as fault:
        if not re.search("names no probes, or no genes|no rows", fault.what):
            raise
        family.notes.append(f"platform {platform}: {fault.what}")
        return None
