"""The library of signatures on the command line."""

from __future__ import annotations

from pathlib import Path

from prognomics.data.signature_library import library_signature, listed, shown
from prognomics.runtime.inputs import Inputs
from prognomics.runtime.staging import Staging

__all__ = ["exported", "listed", "shown"]


def exported(name: str, out: Path | None) -> str:
    """The signature's table as text, or written to a file, whole or not at all (then the text is empty)."""
    text = library_signature(name).text()
    if out is None:
        return text
    with Staging([out], Inputs([library_signature(name).path])) as staging:
        staging.write(out, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))
    return ""
