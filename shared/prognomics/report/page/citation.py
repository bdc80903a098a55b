"""How a study is cited: BibTeX and the Citation File Format (CFF 1.2.0), from what the study file states."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page.blocks import Block, Section
from prognomics.report.wording import clean_text

ORCID = re.compile(r"\s*\(?(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])\)?\s*$")
ESCAPED = str.maketrans({c: f"\\{c}" for c in "{}%&#_$"} | {"\\": r"\textbackslash{}", "~": r"\~{}", "^": r"\^{}"})
UNTITLED = "Results of a marker study"


def citations(study: Mapping[str, Any], versions: Sequence[str]) -> dict[str, str]:
    """File names with their texts: `CITATION.cff` and `citation.bib`."""
    title = clean_text(study.get("title")) or UNTITLED
    listed = study.get("authors")
    authors = [_author(clean_text(a)) for a in (listed if isinstance(listed, list) else [listed] if listed else [])]
    return {
        "CITATION.cff": _cff(study, title, authors, versions),
        "citation.bib": _bibtex(study, title, authors, versions),
    }


def citation_section(study: Mapping[str, Any], versions: Sequence[str]) -> Section:
    """Both forms, to copy."""
    section = Section("cite", "How to cite this study", short="Cite")
    for name, text in citations(study, versions).items():
        section.heading("BibTeX" if name.endswith(".bib") else "Citation File Format (CITATION.cff)")
        section.blocks.append(Block("code", text))
    return section


def _author(text: str) -> tuple[str, str]:
    """(name, ORCID)."""
    found = ORCID.search(text)
    return (text[: found.start()].strip(), found[1]) if found else (text, "")


def _doi(study: Mapping[str, Any]) -> str:
    return clean_text(study.get("doi")).removeprefix("https://doi.org/").removeprefix("doi:")


def _cff(study: Mapping[str, Any], title: str, authors: Sequence[tuple[str, str]], versions: Sequence[str]) -> str:
    """Texts are JSON strings, which YAML reads as they are."""

    def said(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    lines = ["cff-version: 1.2.0", f"message: {said('If you use these results, please cite them as below.')}",
             "type: dataset", f"title: {said(title)}", "authors:"]  # fmt: skip
    for name, orcid in authors or [("The authors of the study", "")]:
        lines.append(f"  - name: {said(name)}")
        lines += [f"    orcid: {said(f'https://orcid.org/{orcid}')}"] if orcid else []
    lines += [f"doi: {said(_doi(study))}"] if _doi(study) else []
    lines += ["references:", "  - type: software", "    title: Prognomics", "    authors:",
              "      - name: The Prognomics developers"]  # fmt: skip
    lines += [f"    version: {said(', '.join(versions))}"] if versions else []
    return "\n".join(lines) + "\n"


def _bibtex(study: Mapping[str, Any], title: str, authors: Sequence[tuple[str, str]], versions: Sequence[str]) -> str:
    made = f"Made with Prognomics {', '.join(versions)}".strip()
    fields = {"title": f"{{{title.translate(ESCAPED)}}}",
              "author": " and ".join(f"{{{name.translate(ESCAPED)}}}" for name, _ in authors),
              "doi": _doi(study).translate(ESCAPED), "note": made.translate(ESCAPED)}  # fmt: skip
    body = ",\n".join(f"  {name} = {{{text}}}" for name, text in fields.items() if text)
    words = re.findall(r"[a-z0-9]+", title.lower())[:3] or ["study"]
    return f"@misc{{{'_'.join(words)},\n{body}\n}}\n"
