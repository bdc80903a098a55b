"""The YAML that ships with the package (tool specs, artefacts): where it is and how it is read."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .errors import BadInput


def read_yaml(path: Path) -> Any:
    """A YAML file, read with the C loader (safe: plain values only)."""
    return parse_yaml(path.read_bytes(), str(path))


def parse_yaml(content: bytes | str, where: str) -> Any:
    """YAML text; BadInput with the line if it is malformed."""
    import yaml

    try:
        return yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{where}, line {mark.line + 1}" if mark else where
        raise BadInput(f"this is not valid YAML: {getattr(error, 'problem', error)}", where=where) from None


def package_folder(package: str) -> Path:
    """The folder of an installed package, without importing it."""
    return Path(find_spec(package).submodule_search_locations[0])


@cache
def specs_folder() -> Path:
    """The folder of tool specs, artefacts and schemas."""
    return package_folder("prognomics.tool_specs")
