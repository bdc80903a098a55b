"""The mapping language of `curate_samples`: read it from YAML, check it, write it.

Words stay as they are written: `01` is text, `yes` is a word and `2002-08-20` no date; only plain whole
numbers, decimals, `true`, `false` and `null` are more than text. Keys are always text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from prognomics.data.dates import strptime_format
from prognomics.errors import BadInput, near_names
from prognomics.io.look_alikes import warn_about_look_alikes
from prognomics.io.patterns import PatternError, compile_pattern
from prognomics.spec.shipped_yaml import nested_too_deeply

DEEPEST = 50
LARGEST_MAPPING = 1_000_000
TODO = "TODO"
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}

Path = tuple[str | int, ...]


def load_mapping(text: str, where: str = "mapping") -> dict[str, Any]:
    """Parse and check a mapping.

    Parameters
    ----------
    text : str
        YAML.
    where : str
        The file, for messages.

    Returns
    -------
    dict

    Raises
    ------
    BadInput
        No YAML, a key given twice, an unknown or missing field, a wrong value: file, line and field are
        named.
    """
    mapping, lines = parse_yaml(text, where)
    check_mapping(mapping, where, lines)
    warn_about_look_alikes(text.split(), "words of the mapping", where)
    result: dict[str, Any] = mapping
    return result


def parse_yaml(text: str, where: str) -> tuple[Any, dict[Path, int]]:
    """Parse YAML by the rules of this language; also the line of every field.

    Raises
    ------
    BadInput
        Malformed YAML, repeated keys, anchors and aliases.
    """
    import yaml

    if len(text) > LARGEST_MAPPING:
        raise BadInput("the mapping is larger than a megabyte", where=where)
    try:
        _check_events(text, where)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        if nested_too_deeply(text, mark, DEEPEST):
            raise BadInput("the mapping is nested too deeply", where=where) from None
        line = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(fault, "problem", None) or str(fault).splitlines()[0]
        raise BadInput(
            f"the mapping is not valid YAML: {problem}",
            where=f"{where}{line}",
            hint="put texts that hold ':', '#', '[' or '{' in quotes, and indent with blanks",
        ) from None
    except RecursionError:
        raise BadInput("the mapping is nested too deeply", where=where) from None
    lines: dict[Path, int] = {}
    return _build(node, (), lines, where), lines


def _check_events(text: str, where: str) -> None:
    """Refuse aliases and deep nesting before anything is built; a text that is nested without end is not read on."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise BadInput("the mapping uses YAML aliases (*name)", where=where, hint="write the values out")
        if depth > DEEPEST:
            raise BadInput("the mapping is nested too deeply", where=f"{where}, line {event.start_mark.line + 1}")


def _build(node: Any, path: Path, lines: dict[Path, int], where: str) -> Any:
    import yaml

    if node is None:
        return None
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, i), lines, where) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        if node.style is not None:
            return node.value
        if node.value in CONSTANTS:
            return CONSTANTS[node.value]
        if NUMBER.fullmatch(node.value):
            return int(node.value) if re.fullmatch(r"-?\d+", node.value) else float(node.value)
        return node.value
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise BadInput("a key is not a word", where=f"{where}, line {key_node.start_mark.line + 1}")
        key = key_node.value
        if key in result:
            raise BadInput(
                f"the key {key!r} is given twice",
                where=f"{where}, line {key_node.start_mark.line + 1}, in {_dotted(path)}",
            )
        lines[(*path, key)] = key_node.start_mark.line + 1
        result[key] = _build(value_node, (*path, key), lines, where)
    return result


@cache
def _validator() -> Any:
    import jsonschema

    schema = resources.files("prognomics.tool_specs").joinpath("schema/mapping.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(schema))


def check_mapping(mapping: Any, where: str = "mapping", lines: Mapping[Path, int] | None = None) -> None:
    """Check a mapping against its schema, and what a schema cannot say.

    Raises
    ------
    BadInput
        Naming each wrong field (up to five) and, where known, its line.
    """
    faults = [_explain(error) for error in _validator().iter_errors(mapping)]
    if not faults:
        faults = list(_further_faults(mapping))
    if not faults:
        return
    faults = sorted(dict.fromkeys(faults), key=lambda fault: [str(part) for part in fault[0]])

    def place(path: Path) -> str:
        known = lines or {}
        while path and path not in known:
            path = path[:-1]
        return f"line {known[path]}" if path in known and path else ""

    shown = [f"{_dotted(path)}: {text}" for path, text in faults[:5]]
    places = dict.fromkeys(p for p in (place(path) for path, _ in faults[:5]) if p)
    raise BadInput(
        "the mapping is wrong: " + "; ".join(shown) + (f"; and {len(faults) - 5} more" if len(faults) > 5 else ""),
        where=", ".join([where, *places]),
    )


def _dotted(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "the mapping"


def _explain(error: Any) -> tuple[Path, str]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = [key for key in error.instance if key not in known]
        near = near_names(unknown[0], known)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}"
        return path, f"unknown field {', '.join(map(repr, unknown))} ({hint})"
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return path, f"the field {missing[0]!r} is missing"
    if error.validator is None:  # the schema says false: fields that exclude each other
        rivals = {"time": "'column' does not go together with event, censored and competing",
                  "event": "'when' does not go together with column, event, censored and competing"}  # fmt: skip
        return path, rivals.get(str(path[-1]) if path else "", "fields that exclude each other")
    if error.validator == "anyOf":
        return path, "give 'column', 'constant' or 'when'"
    if error.validator in ("dependentSchemas", "maxProperties") and path and path[0] != "exclude":
        return path, "'constant' and 'prefer' stand alone"
    if error.validator == "not":
        return path, "'other' and 'otherwise' exclude each other"
    if error.validator == "dependentRequired":
        return path, "'breaks' and 'labels' belong together"
    if error.validator in ("minProperties", "maxProperties") and path[:1] == ("exclude",):
        return path, "give exactly one of values, except, missing, below, above"
    if error.validator == "enum":
        return path, f"{error.instance!r} is none of {', '.join(map(str, error.validator_value))}"
    if error.validator == "type":
        allowed = error.validator_value
        allowed = " or ".join(allowed) if isinstance(allowed, list) else allowed
        return path, f"{_short(error.instance)} is not of type {allowed}"
    if error.validator == "pattern":
        return path, f"{error.instance!r} is no usable name (letters, digits and _, a letter first)"
    return path, error.message if len(error.message) < 120 else f"{_short(error.instance)} is not accepted here"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."


def _further_faults(mapping: dict[str, Any]) -> list[tuple[Path, str]]:
    """Regular expressions that do not compile, breaks that do not fit, and places where a draft still states TODO."""
    faults: list[tuple[Path, str]] = []

    def visit(value: Any, path: Path) -> None:
        if isinstance(value, dict):
            breaks, labels = value.get("breaks"), value.get("labels")
            if isinstance(breaks, list) and isinstance(labels, list):
                if len(labels) != len(breaks) + 1:
                    faults.append((path, f"{len(breaks)} breaks divide {len(breaks) + 1} classes, not {len(labels)}"))
                elif any(low >= high for low, high in pairwise(breaks)):
                    faults.append((path, "breaks must ascend"))
            if "since" in value and value.get("unit", "days") != "days":
                faults.append((path, "'since' counts days: say unit: days"))
            if path[:1] == ("endpoints",) and path[2:] == ("time",):
                faults.extend((path, text) for text in _time_faults(value))
            for key, child in value.items():
                visit(child, (*path, key))
        elif isinstance(value, list):
            for i, child in enumerate(value):
                visit(child, (*path, i))
        elif isinstance(value, str):
            if value.startswith(TODO):
                faults.append((path, "still says TODO: fill it in"))
            elif path[-1:] == ("extract",):
                try:
                    compile_pattern(value)
                except PatternError as fault:
                    faults.append((path, f"{_short(value)} {fault}"))
            elif path[-1:] == ("date_format",):
                faults.extend((path, text) for text in _date_format_faults(value))

    visit(mapping, ())
    return faults


def _time_faults(time: dict[str, Any]) -> list[str]:
    """Times without a unit: each source needs one, its own or that of all, unless it counts days between dates."""
    by_status = [time[key] for key in ("event", "censored", "competing") if key in time]
    sources = [time] if "column" in time else by_status
    for source in sources:
        own = source if isinstance(source, dict) else {}
        if not any("unit" in part or "since" in part for part in (own, time)):
            return ["the field 'unit' is missing"]
        if "since" in {**time, **own} and {**time, **own}.get("unit", "days") != "days":
            return ["'since' counts days: say unit: days"]
    return []


def _date_format_faults(text: str) -> list[str]:
    try:
        strptime_format(text)
    except ValueError as fault:
        return [str(fault)]
    return []


def dump_mapping(mapping: dict[str, Any]) -> str:
    """Write a mapping as YAML that `load_mapping` reads back to the same."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def word(dumper: Any, value: str) -> Any:
        plain = value not in CONSTANTS and not NUMBER.fullmatch(value)
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else '"')

    Dumper.add_representer(str, word)
    Dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign,assignment]
    result: str = yaml.dump(mapping, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)
    return result
