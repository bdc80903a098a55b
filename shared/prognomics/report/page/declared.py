"""Names that specs and artifact definitions give to results, for tools that have no section of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from prognomics.data.registry import known_artifact
from prognomics.report.results.joining import Step
from prognomics.report.results.tools import known_tool
from prognomics.report.wording import clean_text, sentence_case
from prognomics.spec.shipped_yaml import package_folder, read_yaml

PLOT = "out_plot"  # the plot that a section names itself


def artifact_title(kind: str) -> str:
    """The title of an artifact: its definition's, else its name in words."""
    found = known_artifact(kind)
    return found.title if found else sentence_case(clean_text(kind).replace("_", " ")) or "Table"


def artifact_help(kind: str) -> str:
    """What an artifact's table contains, '' if its spec does not state it."""
    found = known_artifact(kind)
    return " ".join(found.help.split()) if found else ""


def artifact_rows(kind: str) -> int:
    """How many rows a report without a layout for an artifact's table shows; 0 if its definition does not state it."""
    found = known_artifact(kind)
    return found.report_rows if found else 0


def tool_title(tool: str) -> str:
    """The name of a tool in its spec, '' where the tool is not known here."""
    found = known_tool(tool)
    return found.heading if found else ""


def collect_citations(steps: Sequence[Step]) -> list[tuple[str, list[str]]]:
    """References of the tools that ran as (text, what for), without those of methods that were not chosen."""
    found: dict[str, dict[str, None]] = {}
    for name in dict.fromkeys(step.tool for step in steps):
        known = known_tool(name)
        unused = _not_chosen(known, [s for s in steps if s.tool == name]) if known else set()
        for citation in known.citations if known else ():
            if not _was_used(citation.get("when", ""), [s for s in steps if s.tool == name]):
                continue
            text = _reference(citation["doi"]) if "doi" in citation else " ".join(citation["text"].split())
            reason = citation.get("for") or known.name
            if not unused & set(re.findall(r"\w+", f"{citation.get('text', '')} {reason}".casefold())):
                found.setdefault(text, {})[reason] = None
    return [(text, list(reasons)) for text, reasons in found.items()]


@cache
def references() -> dict[str, str]:
    """The literature by DOI, as a report prints it (`report/references.yml`)."""
    result: dict[str, str] = read_yaml(package_folder("prognomics.report") / "references.yml")
    return result


def _reference(doi: str) -> str:
    known = references().get(doi, "")
    return f"{known}. doi:{doi}" if known else f"doi:{doi}"


def _was_used(condition: str, steps: Sequence[Step]) -> bool:
    """Whether a step took the option (`spline`), one of its values (`test=t,welch`) or wrote the output (`out_roc`)."""
    name, _, values = condition.partition("=")
    if not condition:
        return True
    if name.startswith("out_"):
        return any(str(f.get("option")) == name for s in steps for f in s.record.get("outputs") or []
                   if isinstance(f, dict))  # fmt: skip
    taken = [v for s in steps if s.parameters.get(name) not in (False, 0, 0.0) for v in s.listed(name)]
    return bool(set(taken) & set(values.split(","))) if values else bool(taken)


def _not_chosen(tool: Any, steps: Sequence[Step]) -> set[str]:
    """Options of the tool's selects that no step took, where what was taken is known."""
    unused: set[str] = set()
    taken: set[str] = set()
    for item in (i for i in tool.inputs if i.type == "select"):
        chosen = {value for step in steps for value in step.listed(item.name)}
        taken |= chosen
        if chosen and "auto" not in chosen:
            unused |= {option.value for option in item.options} - chosen
    return {value.casefold() for value in unused - taken}


def plot_label(step: Step, sha256: str) -> str:
    """What a further plot of a step shows, from its spec; '' for the one that a section names itself."""
    options = [str(f.get("option", "")) for f in step.record.get("outputs") or []
               if isinstance(f, dict) and f.get("sha256") == sha256]  # fmt: skip
    if not options or options[0] == PLOT:
        return ""
    name = options[0].removeprefix("out_")
    found = known_tool(step.tool)
    labels = {o.name: o.label for o in found.outputs} if found else {}
    return labels.get(name) or sentence_case(clean_text(name).replace("_", " "))
