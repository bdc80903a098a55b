"""`-` as the name of one output: its content goes to standard output."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prognomics.data.registry import artifact
from prognomics.errors import UsageError
from prognomics.spec.model import Tool, flag

STANDARD_OUTPUT = Path("-")
NOT_TEXT = ("plot", "folder", "binary", "html")


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
