"""What is said on stderr and, by `run`, on stdout: how much of it, and as text or as one JSON object per line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from prognomics.errors import AnalysisWarning, PrognomicsError

LEVELS = ("quiet", "normal", "verbose")
FORMATS = ("text", "json")
_chosen = {"level": "normal", "format": "text"}


def choose(level: str = "normal", form: str = "text") -> None:
    """Set how much is said, and how, in this process."""
    _chosen.update(level=level, format=form)


def as_json() -> bool:
    return _chosen["format"] == "json"


def say(text: str) -> None:
    """Progress, on stdout; nothing if quiet."""
    if _chosen["level"] != "quiet":
        _write(sys.stdout, text, {"level": "info", "text": text.strip()})


def detail(text: str) -> None:
    """What only a verbose run states, on stderr."""
    if _chosen["level"] == "verbose":
        _write(sys.stderr, text, {"level": "detail", "text": text})


def show_warnings(warned: Iterable[AnalysisWarning], step: str = "") -> None:
    """Warnings and notes of a run on stderr, one per line; `step` is where in a study they are from."""
    for warning in warned:
        show_warning(warning.kind, warning.code, f"{step}: {warning.text}" if step else warning.text)


def show_warning(kind: str, code: str, text: str) -> None:
    """One warning or note on stderr; nothing if quiet."""
    if _chosen["level"] != "quiet":
        _write(sys.stderr, f"{kind}: [{code}] {text}", {"level": kind, "code": code, "text": text})


def show_suspicion(text: str) -> None:
    """What may be wrong with a study file, on stderr; nothing if quiet."""
    if _chosen["level"] != "quiet":
        _write(sys.stderr, f"suspicious: {text}", {"level": "suspicion", "text": text})


def show_error(error: PrognomicsError | str, exit_code: int, hint: str = "") -> None:
    """An error on stderr: what, where and what to do; never silent."""
    if isinstance(error, str):
        lines = f"error: {error}" + (f"\n  what to do: {hint}" if hint else "")
        found = {"text": error, "where": "", "hint": hint}
    else:
        lines, found = f"error: {error}", {"text": error.what, "where": error.where, "hint": error.hint}
    _write(sys.stderr, lines, {"level": "error", "exit_code": exit_code, **{k: v for k, v in found.items() if v}})


def _write(stream: Any, text: str, content: dict[str, Any]) -> None:
    print(json.dumps(content, ensure_ascii=False) if as_json() else text, file=stream, flush=True)
