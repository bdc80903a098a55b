"""The YAML that ships with the package (tool specs, artifacts): where it is and how it is read."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from prognomics.errors import BadInput


def read_yaml(path: Path) -> Any:
    """A YAML file, read with the C loader (safe: plain values only)."""
    return parse_yaml(path.read_bytes(), str(path))


MOST_BYTES = 1 << 20
MOST_VALUES = 100_000
DEEPEST = 100
MANY_BRACKETS = 5000


def parse_yaml(content: bytes | str, where: str) -> Any:
    """YAML text; BadInput with the line if it is malformed, or larger or deeper than what people write."""
    import yaml

    if len(content) > MOST_BYTES:
        raise BadInput("the YAML file is larger than a megabyte", where=where)
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        text = content if isinstance(content, str) else content.decode("utf-8", "replace")
        if text.count("[") + text.count("{") > MANY_BRACKETS:
            _require_shallow(text, loader, where)
        parsed = yaml.load(content, Loader=loader)
        _written_out(parsed, where, {}, 0)
        return parsed
    except RecursionError:
        raise BadInput(f"the YAML is nested more than {DEEPEST} levels deep", where=where) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if nested_too_deeply(text, mark, DEEPEST):
            raise BadInput(f"the YAML is nested more than {DEEPEST} levels deep", where=where) from None
        where = f"{where}, line {mark.line + 1}" if mark else where
        raise BadInput(f"this is not valid YAML: {getattr(error, 'problem', error)}", where=where) from None


def nested_too_deeply(text: str, mark: Any, deepest: int) -> bool:
    """Whether a parser stopped at `mark` with more than `deepest` brackets open (it may have a limit of its own)."""
    read = text[: mark.index] if mark is not None else text
    return read.count("[") + read.count("{") - read.count("]") - read.count("}") > deepest


def _require_shallow(text: str, loader: Any, where: str) -> None:
    """Refuse brackets within brackets without end, event by event: loading them takes long or breaks the parser."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise BadInput(f"the YAML is nested more than {DEEPEST} levels deep", where=where)


def _written_out(value: Any, where: str, known: dict[int, int], depth: int) -> int:
    """How many values there are with every alias written out: a page of aliases can be for thousands of millions."""
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) in known:
        return known[id(value)]
    if depth > DEEPEST:
        raise BadInput(f"the YAML is nested more than {DEEPEST} levels deep", where=where)
    inside = value.values() if isinstance(value, dict) else value
    known[id(value)] = found = 1 + sum(_written_out(child, where, known, depth + 1) for child in inside)
    if found > MOST_VALUES:
        raise BadInput(f"the YAML stands for more than {MOST_VALUES:,} values", where=where,
                       hint="aliases (*name) multiply what they name")  # fmt: skip
    return found


@cache
def package_folder(package: str) -> Path:
    """The folder of an installed package, without importing it."""
    return Path(find_spec(package).submodule_search_locations[0])


@cache
def specs_folder() -> Path:
    """The folder of tool specs, artifacts and schemas."""
    return package_folder("prognomics.tool_specs")
