"""JSON files of strangers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prognomics.artefacts.json_text import parse_json
from prognomics.artefacts.text_file import open_bytes
from prognomics.errors import BadInput


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
