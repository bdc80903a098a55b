"""Help of a wrapper in reStructuredText, with example tables as literal text."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from prognomics.data.registry import artifact
from prognomics.generate.to_galaxy_form import Form
from prognomics.spec.loader import suite
from prognomics.spec.model import Output, Tool

WIDTH = 110


def rst(text: str) -> str:
    """Plain text with `code` as reStructuredText; what that language would interpret is escaped."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.split()))
    return "".join(f"`{p}`" if p.startswith("`") and len(p) > 1 else re.sub(r"([\\*|`]|_(?!\w))", r"\\\1", p)
                   for p in parts)  # fmt: skip


def _paragraph(text: str, indent: str = "") -> str:
    return textwrap.fill(rst(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False)  # fmt: skip


def _table(example: dict[str, Any]) -> str:
    rows = [[str(cell) for cell in row] for row in example["table"]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["    " + "  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in rows]
    return f"{_paragraph(example['title'])}\n\n::\n\n" + "\n".join(lines)


def _item(name: str, text: str) -> str:
    filled = textwrap.fill(f"**{rst(name)}**: {rst(text)}", WIDTH, initial_indent="- ", subsequent_indent="  ",
                           break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return filled


def _output(output: Output) -> str:
    kind = artifact(output.artifact)
    columns = [c.name for c in kind.columns] if len(kind.columns) > 1 else []
    listed = f" Columns: {', '.join(f'`{c}`' for c in columns)}." if columns else ""
    return _item(output.label, output.help + listed)


def _neighbors(tool: Tool, offered: dict[str, str]) -> list[str]:
    found = []
    for side, title in (("upstream", "Before it"), ("downstream", "After it")):
        names = [offered[n] for n in tool.help.get(side, []) if n in offered]
        if names:
            found.append(_item(title, ", ".join(names)))
    return found


def _heading(text: str) -> str:
    return f"**{text}**"


def help_text(tool: Tool, shown: Form, offered: dict[str, str]) -> str:
    """The help; `offered` holds the names of all tools of the suite by id."""
    parts = [_heading("What it does"), _paragraph(tool.help["what"])]
    if tool.help.get("notice"):
        parts.append(".. class:: warningmark\n\n" + _paragraph(tool.help["notice"]))
    examples = [_table(e) for e in tool.help.get("examples", [])]
    if tool.help.get("inputs") or examples:
        parts += [
            _heading("Inputs"),
            *([_paragraph(tool.help["inputs"])] if tool.help.get("inputs") else []),
            *examples,
        ]
    parts.append(_heading("Outputs"))
    if tool.help.get("outputs"):
        parts.append(_paragraph(tool.help["outputs"]))
    parts.append("\n".join(_output(o) for o in shown.outputs))
    parts += [_heading("Method"), _paragraph(tool.help["method"]), _heading("Limits"), _paragraph(tool.help["limits"])]
    neighbors = _neighbors(tool, offered)
    if neighbors:
        parts += [_heading("Other tools of the suite"), "\n".join(neighbors)]
    parts.append(_paragraph(f"{suite()['name']}: {suite()['summary']}."))
    return "\n\n".join(parts)
