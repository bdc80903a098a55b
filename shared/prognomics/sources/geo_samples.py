"""The annotation of GEO samples: one column per line of a record, one per key of the characteristics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from prognomics.errors import BadInput, ToChoose
from prognomics.sources.raw import FreeNames, RawExpression, require_sheet_size, require_unique

if TYPE_CHECKING:
    import pandas as pd

CHARACTERISTICS = re.compile(r"characteristics(_ch\d+)?")


def sample_sheet(lines: list[tuple[str, list[str], int]], where: str) -> pd.DataFrame:
    """The raw sheet of `!Sample_` lines.

    Parameters
    ----------
    lines : list of (name, cells, line number)
        The name without `!Sample_`; one cell per sample.
    where : str
        The file, for messages.

    Raises
    ------
    BadInput
        No `!Sample_geo_accession`, or a line with another number of cells.
    """
    import pandas as pd

    ids = next((cells for name, cells, _ in lines if name == "geo_accession"), None)
    if ids is None:
        raise BadInput("the file names no samples (!Sample_geo_accession)", where=where, hint="is it a series matrix?")
    require_unique(ids, kind="sample", where=f"{where}, !Sample_geo_accession")
    require_sheet_size(len(ids), len(lines), where)
    names = FreeNames(["sample_id"])
    columns = {"sample_id": ids}
    keyed: dict[str, list[str]] = {}
    again: dict[tuple[str, int], int] = {}
    for name, cells, number in lines:
        if len(cells) != len(ids):
            raise BadInput(
                f"!Sample_{name} has {len(cells)} cells for {len(ids)} samples",
                where=f"{where}, line {number}",
            )
        if CHARACTERISTICS.fullmatch(name):
            _add_characteristics(keyed, again, name, cells)
        else:
            columns[names.take(name)] = cells
    # a characteristic named like a line of GEO's own (title, description) steps back
    for name, cells in keyed.items():
        columns[names.take(name)] = cells
    return pd.DataFrame(columns, dtype=object)


def split_characteristic(cell: str) -> tuple[str, str]:
    """Key and value of `key: value`; the key is empty if there is none.

    The first colon that a blank follows divides; without one, the first colon (`age:16`), unless what stands
    before it is a number (a time of day, 12:30) or what follows is `//` (an address).
    """
    key, colon, value = cell.partition(": ")
    if not colon:
        key, colon, value = cell.partition(":")
        if colon and (value.startswith("//") or key.strip().isdigit()):
            return "", cell.strip()
    if not colon or not key.strip():
        return "", cell.strip()
    return key.strip(), value.strip()


def _add_characteristics(
    columns: dict[str, list[str]], again: dict[tuple[str, int], int], line_name: str, cells: list[str]
) -> None:
    """Put the cells of a line into the columns of their keys; `again` counts a sample's keys."""
    channel = line_name.removeprefix("characteristics").lstrip("_")
    suffix = "" if channel in ("", "ch1") else f".{channel}"
    for i, cell in enumerate(cells):
        key, value = split_characteristic(cell)
        if not key and not value:
            continue
        base = (key or "characteristics_" + (channel or "ch1")) + (suffix if key else "")
        n = again.get((base, i), 0) + 1
        while (name := base if n == 1 else f"{base}.{n}") in columns and columns[name][i]:
            n += 1
        again[base, i] = n
        columns.setdefault(name, [""] * len(cells))[i] = value


class PlatformToChoose(ToChoose):
    """The samples are of several platforms and none is chosen, or of none that is chosen: the file itself is sound."""


def one_platform(
    expression: RawExpression | None, sheet: pd.DataFrame, platform: str | None, where: str
) -> tuple[RawExpression | None, pd.DataFrame]:
    """The samples of one platform.

    Raises
    ------
    PlatformToChoose
        Several platforms and none chosen, or no sample of the chosen one.
    """
    if "platform_id" not in sheet.columns:
        return expression, sheet
    counts = sheet["platform_id"].value_counts().to_dict()
    listed = ", ".join(f"{name} ({n} samples)" for name, n in sorted(counts.items()))
    if platform is None:
        if len(counts) > 1:
            raise PlatformToChoose(
                f"the file holds several platforms: {listed}", where=where, hint="choose one with --platform"
            )
        return expression, sheet
    keep = (sheet["platform_id"].str.upper() == platform.upper()).to_numpy()
    if not keep.any():
        raise PlatformToChoose(f"the file holds no sample of platform {platform}", where=f"{where}: {listed}")
    if keep.all() or expression is None:
        return expression, sheet.loc[keep].reset_index(drop=True)
    values = np.ascontiguousarray(expression.values[:, keep])
    kept = [name for name, k in zip(expression.sample_ids, keep, strict=True) if k]
    return RawExpression(values, expression.row_ids, kept), sheet.loc[keep].reset_index(drop=True)
