"""JSON files of strangers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prognomics.errors import BadInput
from prognomics.io.json_text import parse_json
from prognomics.io.text_file import open_bytes


def read_json(path: Path) -> Any:
    """A JSON file.

    Raises
    ------
    BadInput
    """
    try:
        with open_bytes(path) as handle:
            return parse_json(handle.read())
    except ValueError as fault:
        raise BadInput("the file is no JSON", where=f"{path} ({fault})") from None
