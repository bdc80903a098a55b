"""What a study file can name: columns, their levels and endpoints, as its mappings and steps make them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from prognomics.data.registry import artifact, table_columns
from prognomics.spec.model import Tool

STANDARD_COLUMNS = table_columns("sample_sheet")
TISSUE_TYPES = ("normal", "primary", "relapse", "metastasis", "cell_line", "other")
CUT_LEVELS = frozenset({"low", "middle", "high"})


@dataclass(frozen=True)
class Known:
    """Columns with their levels (None where they are not known), and endpoints.

    With `open` nothing is complete: the mapping of a sheet is not known. With `scored` there may be further columns,
    made by a tool that names them itself; what is known of the others is complete.
    """

    columns: dict[str, frozenset[str] | None] = field(default_factory=dict)
    endpoints: tuple[str, ...] = ()
    open: bool = False
    scored: bool = False

    def after(self, tool: Tool, options: dict[str, Any]) -> Known:
        """What is known once a step has run."""
        made = {artifact(o.artifact).id for o in tool.outputs if artifact(o.artifact).annotates}
        if not made:
            return self
        name = options.get("name") or next((i.default for i in tool.inputs if i.name == "name"), None)
        if not name or made - {"groups", "classes"}:
            own = {str(name): None} if options.get("name") else {}
            return replace(self, columns={**self.columns, **own}, scored=True)
        levels = CUT_LEVELS if tool.id == "cutpoint" else None
        labels = options.get("class_label")
        if isinstance(labels, list):
            levels = frozenset(str(pair).rpartition("=")[2] for pair in labels)
        more = {f"{name}_{part}": None for part in ("margin", "silhouette")}
        return replace(self, columns={**self.columns, str(name): levels, **more})


def of_mapping(mapping: Any, cohort: str) -> Known:
    """What a curation mapping makes; open if it is none."""
    if not isinstance(mapping, dict):
        return Known(open=True)
    endpoints = _names(mapping.get("endpoints"))
    columns: dict[str, frozenset[str] | None] = dict.fromkeys(STANDARD_COLUMNS)
    columns["cohort"], columns["tissue_type"] = frozenset({cohort}), frozenset(TISSUE_TYPES)
    columns |= {f"{e}_{part}": None for e in endpoints for part in ("time", "event")}
    fields = mapping.get("columns")
    columns |= {name: _levels(spec) for name, spec in (fields if isinstance(fields, dict) else {}).items()}
    columns |= dict.fromkeys(map(str, mapping.get("keep") or []))
    return Known(columns, tuple(endpoints))


def _names(value: Any) -> list[str]:
    return list(map(str, value)) if isinstance(value, dict) else []


def _levels(spec: Any) -> frozenset[str] | None:
    """All values that a field of a mapping can take; None where they are the raw sheet's."""
    if not isinstance(spec, dict):
        return None
    found: list[Any] = [spec["otherwise"]] if "otherwise" in spec else []
    if "constant" in spec:
        found.append(spec["constant"])
    elif "when" in spec:
        found += [rule.get("value") for rule in spec["when"]]
    elif "labels" in spec:
        found += spec["labels"]
    elif "values" in spec and spec.get("other") != "keep":
        found += spec["values"].values()
    else:
        return None
    if any(isinstance(value, (bool, float)) for value in found):
        return None
    return frozenset(str(value) for value in found if value is not None)


def joined(parts: Iterable[Known]) -> Known:
    """What is known of all cohorts together."""
    parts = list(parts)
    columns: dict[str, frozenset[str] | None] = {}
    for part in parts:
        for name, levels in part.columns.items():
            before = columns.get(name, frozenset())
            columns[name] = None if levels is None or before is None else before | levels
    endpoints = tuple(dict.fromkeys(e for part in parts for e in part.endpoints))
    return Known(columns, endpoints, any(part.open for part in parts), any(part.scored for part in parts))
