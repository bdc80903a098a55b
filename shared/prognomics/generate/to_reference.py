"""Documentation pages made from lists that all tools have in common."""

from __future__ import annotations

from prognomics.generate.to_docs import NOTICE, markdown_table
from prognomics.warning_codes import warning_codes


def warnings_page() -> str:
    """`docs/warnings.md`: every code with its title, meaning and what to do."""
    parts = [
        NOTICE.replace("tool_specs", "shared/prognomics/warning_codes.yml"),
        "# Warnings and notes\n",
        "Each warning or note of a tool has a code. The code is printed in brackets before the text.",
        "The run record (`--out-record`) lists code and text, and a report shows them by code.",
        "A warning is a reason to doubt the result; a note states what a tool decided.\n",
    ]
    for kind, title in (("warning", "Warnings"), ("note", "Notes")):
        rows = [
            [f"`{e.code}`", f"**{e.title}.** {e.meaning}", e.action] for e in warning_codes().values() if e.kind == kind
        ]
        parts += [f"## {title}\n", markdown_table(["code", "meaning", "what to do"], rows)]
    return "\n".join(parts)
