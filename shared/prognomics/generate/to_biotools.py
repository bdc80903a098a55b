"""A draft of the suite's entry in bio.tools, in the JSON form of biotoolsSchema.

What only a publication gives (homepage, repository, ORCID) is not in it: see `packaging/README.md`.
"""

from __future__ import annotations

import json
from typing import Any

from prognomics import __version__
from prognomics.spec.loader import suite
from prognomics.spec.model import Tool

EDAM = "http://edamontology.org/"
MOST_TEXT = 1000  # characters of a description or a note in the schema


def biotools_entry(tools: list[Tool]) -> str:
    """The text of `packaging/biotools.json`."""
    common = suite()
    entry: dict[str, Any] = {
        "name": common["name"],
        "description": _sentence(f"{common['name']}: {common['summary']}"),
        **({"homepage": common["homepage"]} if "homepage" in common else {}),
        "version": [__version__],
        "toolType": ["Suite", "Command-line tool", "Library", "Workflow"],
        "topic": _terms(common["edam"]["topics"] + [t for tool in tools for t in tool.edam.get("topics", [])]),
        "operatingSystem": ["Linux", "Mac"],
        "language": ["Python"],
        "license": common["license"],
        "maturity": "Emerging",
        "cost": "Free of charge",
        "accessibility": "Open access",
        "function": [_function(tool) for tool in tools],
        "credit": [{"name": c["name"], "typeEntity": "Project"} for c in common["creators"]],
    }
    return json.dumps(entry, indent=2, ensure_ascii=False) + "\n"


def _function(tool: Tool) -> dict[str, Any]:
    return {
        "operation": _terms(tool.edam["operations"]),
        "note": _sentence(f"{tool.name}: {tool.summary}"),
        "cmd": f"prognomics {tool.id}",
    }


def _terms(ids: list[str]) -> list[dict[str, str]]:
    return [{"uri": EDAM + name} for name in dict.fromkeys(ids)]


def _sentence(text: str) -> str:
    return text[: MOST_TEXT - 1].rstrip(".") + "."
