"""`-` as the name of a file: standard input for an input, standard output for one output."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prognomics.data.registry import artifact
from prognomics.errors import UsageError
from prognomics.runtime.inputs import names_file
from prognomics.spec.model import Input, Tool, flag

STANDARD_OUTPUT = Path("-")
STANDARD_INPUT = "/dev/stdin"
NOT_TEXT = ("plot", "folder", "binary", "html")


def from_standard_input(tool: Tool, given: dict[str, Any]) -> dict[str, Any]:
    """The options as written, with standard input for each file that is `-` (also behind a role, `role=-`)."""
    items = {item.name: item for item in tool.inputs}
    return {name: _stdin_named(items[name], value) for name, value in tool.with_current_names(given).items()}


def _stdin_named(item: Input, value: Any) -> Any:
    if isinstance(value, list):
        return [_stdin_named(item, one) for one in value]
    if not names_file(item, value):
        return value
    role, equals, behind = ("", "", str(value)) if item.type == "data" else str(value).rpartition("=")
    return f"{role}{equals}{STANDARD_INPUT}" if behind == "-" else value


@contextmanager
def through_standard_output(tool: Tool, outputs: dict[str, Path]) -> Iterator[dict[str, Path]]:
    """The outputs with a temporary file for the one that is `-`; it is written out when all went well.

    Raises
    ------
    UsageError
        Two outputs are `-`, or one that is not text.
    """
    named = [name for name, path in outputs.items() if path == STANDARD_OUTPUT]
    if not named:
        yield outputs
        return
    if len(named) > 1:
        flags = " and ".join(flag(f"out_{name}") for name in named)
        raise UsageError(f"{flags} cannot both be standard output", hint="name a file for all but one")
    name = named[0]
    kind = artifact("run_record" if name == "record" else tool.output(name).artifact)
    if kind.kind in NOT_TEXT:
        raise UsageError(f"{flag(f'out_{name}')} cannot be standard output: it is not a table", hint="name a file")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / f"{name}{kind.formats[0].ending}"
        yield {**outputs, name: place}
        with open(place, "rb") as content:
            sys.stdout.flush()
            shutil.copyfileobj(content, sys.stdout.buffer)
            sys.stdout.buffer.flush()
