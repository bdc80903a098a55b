"""From options to arguments: files read and checked, annotations joined, the subset taken, the endpoint resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from prognomics.data.endpoint_checks import warn_about_competing
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.names_in_options import split_pair
from prognomics.data.population import EVERYONE, Population
from prognomics.data.registry import artifact
from prognomics.data.sample_joins import Join
from prognomics.data.sheet import SampleSheet, with_ids
from prognomics.data.store import accept
from prognomics.data.streamed import StreamedMatrix
from prognomics.errors import BadInput, Refused, UsageError, first_few, note, shortened, warn
from prognomics.io.workbook import reading_worksheet
from prognomics.runtime.checksums import ReadFile, reading
from prognomics.runtime.patients import resolve_patients
from prognomics.spec.model import Tool, flag

_COLUMN_NUMBER = re.compile(r"^column:\d+$")


@dataclass
class Bound:
    """What a tool's function receives, and what the run record states of it."""

    arguments: dict[str, Any]
    files: list[ReadFile] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    population: Population = EVERYONE
    joins: dict[str, dict[str, str | int]] = field(default_factory=dict)
    annotated: list[dict[str, str | int]] = field(default_factory=list)

    def checksums(self) -> dict[str, str]:
        """SHA-256 of the input files by option; several files of one option are numbered."""
        found: dict[str, str] = {}
        for file in self.files:
            number = sum(known.split(".")[0] == file.option for known in found)
            found[f"{file.option}.{number + 1}" if number else file.option] = file.sha256
        return found


def bind(tool: Tool, resolved: dict[str, Any], *, hashed: bool = False) -> Bound:
    """Load what the options name and resolve what all tools share; `hashed` takes the checksums of what is read."""
    bound = Bound({})
    values = dict(resolved)
    for item in tool.inputs:
        if item.type == "data" and values[item.name] is not None:
            many = values[item.name] if item.multiple else [values[item.name]]
            kind = replace(artifact(item.artifact), repeated_rows=item.repeated_rows)
            loaded = []
            for value in many:
                asked = reading(item.name, kind.id, value, bound.files if hashed else None)
                with asked, reading_worksheet(values.get("sheet")):
                    loaded.append(accept(kind, value, stream=item.stream))
            values[item.name] = loaded if item.multiple else loaded[0]
    _order_lone_matrices(tool, values)
    _prepare_sheets(tool, values, resolved, bound)
    for item in tool.inputs:
        if item.type == "endpoint":
            values[item.name] = _endpoint(tool, item, values)
        elif item.kind in ("column", "columns") or (item.fields and item.fields[0].kind == "column"):
            values[item.name] = _numbered_columns(values, item)
    added = resolve_patients(tool, values)
    if added:
        bound.population = bound.population.meeting(*added)
        sheet = values[_sheet_inputs(tool)[0].name]
        bound.counts |= {"n_matched": len(sheet), "n_dropped": bound.counts["n_in"] - len(sheet)}
        _match_expression(tool, values, [sheet], bound)
    bound.arguments = {i.name: values[i.name] for i in tool.parameters}
    return bound


def _sheet_inputs(tool: Tool) -> list[Any]:
    return [i for i in tool.inputs if i.artifact == "sample_sheet"]


def _draws(tool: Tool) -> bool:
    """Whether a tool draws random numbers: its samples are then taken in the order of their ids."""
    return any(item.name == "seed" for item in tool.inputs)


def _order_lone_matrices(tool: Tool, values: dict[str, Any]) -> None:
    """Columns in the order of their ids where a tool draws random numbers and no sheet gives the order."""
    if not _draws(tool) or any(values[item.name] is not None for item in _sheet_inputs(tool)):
        return
    for item in tool.inputs:
        matrix = values.get(item.name)
        if isinstance(matrix, ExpressionMatrix) and list(matrix.sample_ids) != sorted(matrix.sample_ids):
            values[item.name] = matrix.select(sorted(matrix.sample_ids))


def _prepare_sheets(tool: Tool, values: dict[str, Any], resolved: dict[str, Any], bound: Bound) -> None:
    for item in _sheet_inputs(tool):
        if values[item.name] is None:
            given = next((n for n in ("annotation", "where") if values[n]), None)
            if given:
                raise UsageError(f"{flag(given)} needs {item.flag} beside it")
            continue
        sheets = values[item.name] if item.multiple else [values[item.name]]
        if _draws(tool):
            sheets = [sheet.ordered() for sheet in sheets]
        n_in = sum(map(len, sheets))
        listed = [sample for sheet in sheets for sample in sheet.sample_ids]
        sheets = _annotate(sheets, values["annotation"], resolved["annotation"])
        bound.annotated = [
            Join.of("the annotation", with_ids(table, where)["sample_id"], "the sample sheet", listed).counts
            for table, where in _stacked(values["annotation"], resolved["annotation"])
        ]
        sheets = _subset(sheets, values["where"])
        n_used = sum(map(len, sheets))
        bound.counts = {"n_in": n_in, "n_matched": n_used, "n_dropped": n_in - n_used}
        bound.population = Population(values["where"])
        values[item.name] = sheets if item.multiple else sheets[0]
        _match_expression(tool, values, sheets, bound)


def _stacked(tables: list[Any], names: list[Any]) -> list[tuple[Any, str]]:
    """Tables with where they are from; those of the same columns and different samples become one.

    So the classes of several cohorts, each made on its own, are one annotation.
    """
    import pandas as pd

    kinds: dict[tuple[str, ...], list[tuple[Any, str]]] = {}
    stacked = []
    for table, name in zip(tables, names, strict=True):
        where = str(name) if isinstance(name, (str, Path)) else "annotation"
        same = kinds.setdefault(tuple(table.columns), [])
        if any("sample_id" not in t or set(t["sample_id"]) & set(table["sample_id"]) for t, _ in same):
            stacked.append((table, where))
        else:
            same.append((table, where))
    for alike in kinds.values():
        wheres = ", ".join(where for _, where in alike)
        stacked.append((pd.concat([t for t, _ in alike], ignore_index=True) if len(alike) > 1 else alike[0][0], wheres))
    return stacked


def _annotate(sheets: list[SampleSheet], tables: list[Any], names: list[Any]) -> list[SampleSheet]:
    for table, where in _stacked(tables, names):
        if len(sheets) == 1:
            sheets = [sheets[0].annotate(table, where)]
            continue
        known = [s for s in sheets if set(s.sample_ids) & set(table.get("sample_id", ()))]
        if not known:
            known = sheets
        joined = {id(s): s.annotate(table, where) for s in known}
        sheets = [joined.get(id(s), s) for s in sheets]
    return sheets


def _subset(sheets: list[SampleSheet], conditions: list[str]) -> list[SampleSheet]:
    if not conditions:
        return sheets
    taken, unknown = [], []
    for sheet in sheets:
        try:
            taken.append(sheet.subset(conditions))
        except BadInput as error:
            unknown.append(error)
    if len(unknown) == len(sheets):
        raise unknown[0]
    if not any(map(len, taken)):
        raise Refused(
            f"no sample is left after --where {' --where '.join(repr(shortened(c)) for c in conditions)}",
            where=first_few(s.where for s in sheets),
            hint="loosen the filter",
        )
    return taken


def _match_expression(tool: Tool, values: dict[str, Any], sheets: list[SampleSheet], bound: Bound) -> None:
    """Join sheets and matrices by sample; less than `min_matched` of the smaller side in both is an error."""
    for item in tool.inputs:
        matrices = values.get(item.name)
        if item.artifact != "expression_matrix" or matrices is None:
            continue
        kinds = (ExpressionMatrix, StreamedMatrix)
        matrices = [m for m in (matrices if item.multiple else [matrices]) if isinstance(m, kinds)]
        if not matrices:
            continue
        join = Join.of("the sample sheet", (s for sheet in sheets for s in sheet.sample_ids),
                       "the matrix", (s for m in matrices for s in m.sample_ids))  # fmt: skip
        join.require(values["min_matched"], where=sheets[0].where)
        bound.counts["n_matched"] = len(join.matched)
        bound.joins[item.name] = join.counts
        if not item.multiple and (join.only_left or join.only_right and not values["where"]):
            tell = warn if join.only_left else note
            proposed = join.nearly()
            tell("samples-matched", f"{join}; of these {proposed}" if proposed else str(join))


def _endpoint(tool: Tool, item: Any, values: dict[str, Any]) -> Any:
    name, time_column, event_column = values[item.name], values["time_column"], values["event_column"]
    if not name and not time_column:
        if item.optional or item.conditions:
            if values["censor_at"] is not None:
                raise UsageError("--censor-at applies only to an endpoint", hint=f"name it: {item.flag}")
            return None
        sheet = values[_sheet_inputs(tool)[0].name]
        known = f"the sheet has {', '.join(sheet.endpoint_names)}" if sheet.endpoint_names else ""
        raise UsageError("name the endpoint: --endpoint, or --time-column and --event-column", hint=known)
    sheet = values[_sheet_inputs(tool)[0].name]
    if sheet is None:
        raise UsageError(f"an endpoint needs {_sheet_inputs(tool)[0].flag} beside it")
    found = sheet.endpoint(name, time_column, event_column, values["censor_at"], item.competing)
    if not item.competing:
        warn_about_competing(found)
    return found


def _numbered_columns(values: dict[str, Any], item: Any) -> Any:
    """Names for columns given as `column:3`; other names are left to the tool, which may add columns."""
    sheet = next((v for v in values.values() if isinstance(v, SampleSheet)), None)
    value = values[item.name]
    if sheet is None or not value:
        return value

    known = [*sheet.columns, *(values.get("gene") or [] if isinstance(values.get("gene"), list) else [])]

    def resolve(name: Any) -> Any:
        if isinstance(name, tuple):
            second = known if len(item.fields) > 1 and item.fields[1].kind == "column" else ()
            name = tuple(split_pair(name, item.separator, known, second)) if len(name) == 2 else name
            return (resolve(name[0]), *name[1:])
        return sheet.resolve(name) if isinstance(name, str) and _COLUMN_NUMBER.match(name) else name

    return [resolve(v) for v in value] if isinstance(value, list) else resolve(value)
