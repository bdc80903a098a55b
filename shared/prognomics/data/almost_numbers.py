"""Cells that would be numbers but for a comma, a sign or a unit: named, so that they are never taken for levels."""

from __future__ import annotations

import re

_NUMBER = r"\d+(?:[.,]\d+)?"
_UNITS = (r"years?|yrs?|yo|y|months?|mths?|mons?|mo|m|weeks?|wks?|w|days?|d|hours?|hrs?|h|jahre?|monate?|tage?|ans?|"
          r"mois|jours?|mm|cm|µm|um|kg|mg|µg|ug|ng|pg|g|ml|l|dl|u|iu|°c|%|x10\^?\d+|[a-zµ]+/[a-z0-9]+")  # fmt: skip
_REASONS = (
    ("a decimal comma", re.compile(r"[-+−]?\d+,\d+(?:[eE][-+]?\d+)?|,\d+")),
    ("separators of thousands", re.compile(r"[-+−]?\d{1,3}(?:[,.' \u00a0\u202f]\d{3})+(?:[.,]\d+)?")),
    ("a sign", re.compile(rf"(?:[<>]=?|[≤≥~≈±=]|[cC]a\.?)\s*{_NUMBER}\s*(?:{_UNITS})?|{_NUMBER}\s*[+*]|"
                          rf"[−–]\s*{_NUMBER}")),
    ("a unit", re.compile(rf"[-+−]?{_NUMBER}\s*(?:{_UNITS})", re.IGNORECASE)),
)  # fmt: skip


def why_no_number(cell: str) -> str:
    """What keeps a cell from being a number: `a decimal comma`, `a sign`, ...; empty if it is not a number at all."""
    cell = cell.strip()
    return next((reason for reason, form in _REASONS if form.fullmatch(cell)), "")
