"""The catalog of cohorts that have a mapping: accession, platform, samples and events to expect."""

from __future__ import annotations

from importlib import resources
from typing import Any

from prognomics.data.mapping import parse_yaml
from prognomics.errors import unknown_name

HEADS = ("name", "source", "accession", "platform", "n", "events", "run live")


def catalog() -> dict[str, dict[str, Any]]:
    """The mappings that come with the suite, by name; each with the field `cohort`."""
    folder = resources.files("prognomics.studies").joinpath("mappings")
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yml"):
            mapping, _ = parse_yaml(entry.read_text("utf-8"), entry.name)
            if "cohort" in mapping:
                found[entry.name.removesuffix(".yml")] = mapping
    return found


def catalog_table() -> str:
    """The catalog as a table of text, one row per cohort."""
    rows = [HEADS, *(_row(name, mapping) for name, mapping in catalog().items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join(lines)


def _row(name: str, mapping: dict[str, Any]) -> tuple[str, ...]:
    cohort, expect = mapping["cohort"], mapping.get("expect", {})
    events = cohort.get("events", expect.get("events", {}))
    n = str(cohort.get("n", expect.get("n", "not stated")))
    return (
        name, cohort["source"], cohort["accession"], cohort["platform"], n,
        ", ".join(f"{e} {n}" for e, n in events.items()) or "not stated", "yes" if cohort["live"] else "no",
    )  # fmt: skip


def catalog_entry(name: str) -> str:
    """The mapping file of a cohort.

    Raises
    ------
    BadInput
        An unknown name.
    """
    known = catalog()
    if name not in known:
        raise unknown_name("cohort", name, list(known))
    return resources.files("prognomics.studies").joinpath(f"mappings/{name}.yml").read_text("utf-8")
