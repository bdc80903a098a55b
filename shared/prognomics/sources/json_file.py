"""JSON files of strangers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
            return json.load(handle)
    except (ValueError, RecursionError) as fault:
        raise BadInput("the file is no JSON", where=f"{path} ({fault})") from None
