"""Lines below a table that explain it: which texts read as a footnote."""

from __future__ import annotations

import re

_FOOTNOTE = re.compile(r"(\*|†|‡|§|notes?\b|abbreviations?\b|legend\b|source\b|[a-d1-4]\s*[:.)])", re.IGNORECASE)


def reads_as_footnote(text: str, behind_gap: bool = False) -> bool:
    """Whether a text alone in its line is a footnote: several words that follow a mark or an empty line."""
    return " " in text and (behind_gap or _FOOTNOTE.match(text) is not None)
