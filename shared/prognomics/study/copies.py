"""The studies that come with the suite: listed, and copied with the files that they name."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from prognomics.errors import UsageError, unknown_name
from prognomics.spec.loader import load_tool, tool_names
from prognomics.spec.shipped_yaml import parse_yaml
from prognomics.study.editor_schema import FILE, MODELINE, schema_text
from prognomics.study.file import DATA
from prognomics.study.plan import STEP


def shipped_studies() -> dict[str, str]:
    """Names of the studies that come with the suite, and their texts."""
    folder = resources.files("prognomics.studies")
    entries = sorted((e for e in folder.iterdir() if e.name.endswith(".yml")), key=lambda e: e.name)
    return {entry.name.removesuffix(".yml"): entry.read_text("utf-8") for entry in entries}


def studies_table() -> str:
    """The studies as text, one per line: name and title."""
    texts = shipped_studies()
    width = max(map(len, texts))
    return "\n".join(f"{name:<{width}}  {parse_yaml(text, name)['title']}" for name, text in texts.items())


def copy_study(name: str, folder: Path) -> list[Path]:
    """Write a study, the mappings and signatures that it names, and the schema for editors into a folder.

    Returns the files written, the study first.

    Raises
    ------
    BadInput
        There is no such study.
    UsageError
        One of the files is there already.
    """
    texts = shipped_studies()
    if name not in texts:
        raise unknown_name("study", name, texts)
    text = texts[name]
    files = {f"{name}.yml": text if text.startswith(MODELINE) else MODELINE + text, FILE: schema_text()}
    for named in files_named(parse_yaml(text, name)):
        files[named] = resources.files("prognomics.studies").joinpath(named).read_text("utf-8")
    taken = [place for place in files if (folder / place).exists() and place != FILE]
    if taken:
        raise UsageError(f"{str(folder / taken[0])!r} is there already", hint="name another folder")
    for place, content in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(content, encoding="utf-8", newline="\n")
    return [folder / place for place in files]


def files_named(raw: dict[str, Any]) -> list[str]:
    """The files beside the study that its steps name, as they are written."""
    lists = [raw.get(part, []) for part in ("within", "pool", "steps")]
    lists += [cohort["steps"] for cohort in raw["cohorts"].values()]
    return list(dict.fromkeys(name for steps in lists for step in steps for name in _of_step(step)))


def _of_step(step: dict[str, Any]) -> Iterator[str]:
    tools = tool_names()
    for key, options in step.items():
        if key not in tools or not isinstance(options, dict):
            continue
        for item in (i for i in load_tool(key).inputs if i.type == "data"):
            value = options.get(item.name)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str) and not one.startswith((DATA, STEP, "library:")):
                    yield one
