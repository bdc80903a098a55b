"""Built-in mappings of sources whose tables have fixed columns: GDC, TCGA-CDR, cBioPortal, Xena, demo cohorts.

They are mappings like any other, except that a list of columns names alternatives, and that what a sheet does not have
is excluded: a study of cBioPortal has the endpoints whose columns are there.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from prognomics.data.mapping import check_mapping, parse_yaml
from prognomics.errors import BadInput, first_few, unknown_name

STANDARDS = ("gdc", "tcga_cdr", "cbioportal", "xena", "demo")


@cache
def standard_mapping(name: str) -> dict[str, Any]:
    """A built-in mapping, with all alternatives.

    Raises
    ------
    BadInput
        An unknown name.
    """
    if name not in STANDARDS:
        raise unknown_name("built-in mapping", name, STANDARDS)
    text = resources.files("prognomics.tool_specs").joinpath(f"standard/{name}.yml").read_text("utf-8")
    mapping, _ = parse_yaml(text, f"built-in mapping {name}")
    result: dict[str, Any] = mapping
    return result


def fitted_mapping(name: str, columns: list[str]) -> dict[str, Any]:
    """A built-in mapping for a sheet with these columns.

    Parameters
    ----------
    name : str
        One of `STANDARDS`.
    columns : list of str
        Of the raw sheet.

    Returns
    -------
    dict
        With the alternatives that are there; endpoints and columns that are not are excluded.

    Raises
    ------
    BadInput
        A sheet without the sample ids, or without the columns of any endpoint.
    """
    mapping = dict(standard_mapping(name))
    for field in ("sample_id", "patient_id", "tissue_type"):
        spec = _first_fitted(mapping[field], columns)
        if spec is not None:
            mapping[field] = spec
        elif field == "sample_id":
            raise BadInput(
                f"the sheet has no column of sample ids ({', '.join(_sources(mapping[field]))})",
                where=first_few(columns),
                hint=f"is this a table of {name}? --suggest drafts a mapping",
            )
        elif field == "tissue_type":
            raise BadInput(f"the sheet does not tell tumors from normal tissue as tables of {name} do",
                           where=first_few(columns), hint="write a mapping, or draft one with --suggest")  # fmt: skip
        else:
            del mapping[field]
    endpoints = {key: _fitted_endpoint(spec, columns) for key, spec in mapping["endpoints"].items()}
    mapping["endpoints"] = {key: spec for key, spec in endpoints.items() if spec is not None}
    if not mapping["endpoints"]:
        wanted = sorted({c for spec in standard_mapping(name)["endpoints"].values() for c in _sources(spec["event"])})
        raise BadInput(
            f"the sheet has none of the endpoints of {name}",
            where=f"its columns are {first_few(columns, 12)}",
            hint=f"endpoints have the status in {' or '.join(wanted)}; draft a mapping with --suggest",
        )
    further = {key: _fitted(spec, columns) for key, spec in mapping["columns"].items()}
    mapping["columns"] = {key: spec for key, spec in further.items() if spec is not None}
    if "patient_id" not in mapping:
        mapping.pop("one_sample_per", None)
        for spec in mapping["endpoints"].values():
            spec.pop("one_sample_per", None)
    mapping = {key: value for key, value in mapping.items() if value}
    check_mapping(mapping, f"built-in mapping {name}")
    return mapping


def _first_fitted(spec: Any, columns: list[str]) -> Any:
    """The first of several alternative fields whose columns are there."""
    alternatives = spec if isinstance(spec, list) and spec and isinstance(spec[0], dict) else [spec]
    return next((found for one in alternatives if (found := _fitted(one, columns)) is not None), None)


def _sources(spec: Any) -> list[str]:
    source = spec["column"] if isinstance(spec, dict) else spec
    return [source] if isinstance(source, str) else list(source)


def _fitted(spec: Any, columns: list[str]) -> Any:
    """A field with the alternatives that are there; None where none is."""
    if isinstance(spec, dict) and "column" not in spec:
        return spec
    there = [column for column in _sources(spec) if column in columns]
    if not there:
        return None
    source: str | list[str] = there[0] if len(there) == 1 else there
    return {**spec, "column": source} if isinstance(spec, dict) else {"column": source}


def _fitted_endpoint(spec: dict[str, Any], columns: list[str]) -> dict[str, Any] | None:
    event = _fitted(spec["event"], columns)
    if "column" in spec["time"]:
        time = _fitted(spec["time"], columns)
    else:
        parts = {cause: spec["time"][cause] for cause in ("event", "censored")}
        time = spec["time"] if all(_fitted(part, columns) is not None for part in parts.values()) else None
    return None if event is None or time is None else {**spec, "time": time, "event": event}
