"""What the specs of tools declare for the report; a record may name any tool, also one that is not here."""

from __future__ import annotations

import re

from prognomics.errors import PrognomicsError
from prognomics.spec.in_report import OTHER, InReport
from prognomics.spec.loader import load_tool
from prognomics.spec.model import Tool

_NAME = re.compile(r"[a-z][a-z0-9_]{0,80}")


def known_tool(name: str) -> Tool | None:
    """The tool of this name; None if there is none at hand."""
    if not _NAME.fullmatch(name):  # a record can hold any text
        return None
    try:
        return load_tool(name)
    except PrognomicsError:
        return None


def in_report(name: str) -> InReport:
    """How the report shows the steps of a tool; the same for every tool whose spec does not state it."""
    found = known_tool(name)
    return found.in_report if found else InReport()


def section_for(name: str, artifact: str) -> str:
    """The section in which a tool's outputs of this kind are."""
    found = known_tool(name)
    return found.section_for(artifact) if found else OTHER


def fits_models(name: str) -> bool:
    """Whether a tool can write a locked model."""
    found = known_tool(name)
    return found is not None and any(output.artifact == "model" for output in found.outputs)
