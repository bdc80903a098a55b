"""Whether the genes that a study names are in its cohorts' matrices, where these can be read without the network."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prognomics.errors import PrognomicsError, first_few
from prognomics.runtime.call import call
from prognomics.runtime.messages import show_suspicion
from prognomics.spec.loader import load_tool
from prognomics.spec.schema import Problem, proposal, spelled
from prognomics.spec.yaml_lines import Lines
from prognomics.study.check import refuse
from prognomics.study.file import Step, Study
from prognomics.study.plan import split_role
from prognomics.study.stamps import STAMPS

MOST_BYTES = 300_000_000  # of a cohort's files; larger ones are not read ahead of the run
_PARTS = re.compile(r"\s*///\s*|[;,|\s]+")


def require_genes(study: Study, out: Path) -> None:
    """Before a study's first run: refuse it if no cohort has a gene that it names, and warn where some lack one.

    Raises
    ------
    BadInput
    """
    if any((out / STAMPS).glob("*.json")):
        return  # cohorts are made; the steps say what they lack
    problems = gene_problems(study)
    refuse(problems)
    for problem in problems:
        show_suspicion(str(problem))


def gene_problems(study: Study) -> list[Problem]:
    """Genes that no cohort has, and (as suspicions) genes that some cohorts lack."""
    named = list(_genes_named(study))
    if not named:
        return []
    rows = {cohort: _names(study, steps) for cohort, steps in study.cohorts.items()}
    readable = {cohort: names for cohort, names in rows.items() if names is not None}
    lines, found = Lines(study.path.read_text("utf-8", "replace")), []
    for field, gene in named:
        lacking = [cohort for cohort, names in readable.items() if gene not in names]
        if not lacking:
            continue
        everywhere = len(lacking) == len(rows)
        what = f"no cohort has the gene {gene!r}" if everywhere else f"{first_few(lacking)} has no gene {gene!r}"
        known = set().union(*(readable[cohort] for cohort in lacking))
        hint = proposal(gene, sorted(known), 0)
        found.append(Problem(study.path, lines.of(field), spelled(field), what, hint, everywhere))
    return found


def _genes_named(study: Study) -> Iterator[tuple[list[Any], str]]:
    """Genes in declarations and in options, each with the first field that names it."""
    raw: dict[str, Any] = study.raw
    seen: set[str] = set()
    fields: list[tuple[list[Any], Any]] = [(["marker"], raw.get("marker"))]
    fields += [(["markers", i], m) for i, m in enumerate(raw.get("markers", []))]
    for part, steps in (("pool", study.pool), ("steps", study.steps)):
        made = {str(s.options.get("name")) for s in study.steps}
        for number, step in enumerate(steps):
            for item in (i for i in step.tool.inputs if i.kind == "gene"):
                values = step.options.get(item.name)
                several = isinstance(values, list)
                for place, value in enumerate(values if isinstance(values, list) else [values]):
                    at = [part, number, step.tool.id, item.name, *([place] if several else [])]
                    fields.append((at, None if str(value) in made else value))
    for field, gene in fields:
        if gene is not None and str(gene) not in seen and not (field[0] == "marker" and _is_score(study, str(gene))):
            seen.add(str(gene))
            yield field, str(gene)


def _is_score(study: Study, marker: str) -> bool:
    """Whether a declared marker is a column and not a gene: no step names it as one."""
    genes = {i.name for s in study.steps for i in s.tool.inputs if i.kind == "gene"}
    used = [v for s in study.steps for name in genes for v in _listed(s.options.get(name))]
    return marker not in map(str, used)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _names(study: Study, steps: tuple[Step, ...]) -> set[str] | None:
    """What the rows of a cohort's matrix, and its map of features, name; None if that cannot be told here."""
    fetch = steps[0] if steps else None
    elsewhere = any({"aliases", "features"} & set(s.options) for s in steps)
    if fetch is None or fetch.tool.id != "fetch_cohort" or elsewhere:
        return None
    if fetch.options.get("source") != "survset" and not fetch.options.get("local_path"):
        return None
    options, size = dict(fetch.options), 0
    try:
        placed = []
        for value in _listed(options.get("local_path")):
            role, name = split_role(str(value))
            path = study.locate(name, local=True)
            size += sum(f.stat().st_size for f in ([path] if path.is_file() else path.rglob("*")) if f.is_file())
            placed.append(role + str(path))
        if size > MOST_BYTES:
            return None
        if placed:
            options["local_path"] = placed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = call(load_tool("fetch_cohort"), options, wanted=["expression"])
            matrix = run.output("expression")
            names = {*map(str, matrix.gene_ids), *map(str, getattr(matrix, "symbols", None) or ())}
            if any(s.tool.id == "map_genes" for s in steps):
                names |= _symbols(run)
    except (PrognomicsError, OSError):
        return None  # the step itself says what is wrong with its files
    return names | {part for name in names for part in _PARTS.split(name) if part}


def _symbols(run: Any) -> set[str]:
    try:
        features = run.output("features")
    except PrognomicsError:
        return set()
    frame = getattr(features, "frame", features)
    return {str(v) for v in frame["gene_symbol"]} if "gene_symbol" in frame else set()
