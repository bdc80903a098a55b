"""The run record: what ran, on what, with what result. No paths, dates or host names."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prognomics import __version__
from prognomics.compiled import compiled_loops
from prognomics.data.sample_joins import JoinNote
from prognomics.errors import AnalysisNote, AnalysisWarning
from prognomics.io.file_kinds import sha256
from prognomics.runtime.code_files import is_builtin, plugin_digest
from prognomics.spec.model import Tool
from prognomics.spec.plugins import plugin_at

if TYPE_CHECKING:
    from prognomics.runtime.binding import Bound

_LIBRARIES = ("h5py", "matplotlib", "numpy", "pandas", "scipy")


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that results come from, whether this run has loaded them or not."""
    return {"python": platform.python_version(), **dict(_libraries())}


@cache
def _libraries() -> tuple[tuple[str, str], ...]:
    return tuple((name, version(name)) for name in _LIBRARIES)


def make_record(tool: Tool, resolved: dict[str, Any], bound: Bound, outputs: list[tuple[str, str, Path]],
                warned: list[AnalysisWarning]) -> dict[str, Any]:  # fmt: skip
    """The run record as a plain dict; `outputs` are (name, artifact, file as written).

    `tool_version` is the suite's; a plugin's tool also has `plugin`: name, version and digest of its code.
    """
    parameters = {
        item.name: [list(v) if isinstance(v, tuple) else v for v in value] if isinstance(value, list) else value
        for item in tool.inputs
        if item.type != "data" and item.kind not in ("path", "url")
        for value in [resolved[item.name]]
    }
    excluded = [w for w in warned if isinstance(w, AnalysisNote) and w.condition]
    population = bound.population.meeting(*(w.condition for w in excluded))
    counts = dict(bound.counts)
    fetched = "local_path" if resolved.get("local_path") else "accession"
    if counts:
        gone = sum(w.excluded for w in excluded)
        counts |= {"n_matched": counts["n_matched"] - gone, "n_dropped": counts["n_dropped"] + gone}
    return {
        "record": 1,
        "tool": tool.id,
        "tool_version": __version__,
        **({} if is_builtin(tool) else {"plugin": _plugin(tool)}),
        "versions": versions(),
        "loops": "compiled" if compiled_loops() else "numpy",
        "parameters": parameters,
        "inputs": [{"option": f.option, "artefact": f.artifact, "sha256": f.sha256} for f in bound.files],
        "outputs": [{"option": f"out_{name}", "artefact": kind, "sha256": sha256(p)} for name, kind, p in outputs],
        "seed": resolved.get("seed"),
        "counts": counts,
        "joins": [
            *({"option": name, **counts} for name, counts in bound.joins.items()),
            *({"option": "annotation", **counts} for counts in bound.annotated),
            *({"option": fetched, **w.counts} for w in warned if isinstance(w, JoinNote)),
        ],
        "population": str(population),
        "population_conditions": list(population.conditions),
        "notes": [{"code": w.code, "text": w.text} for w in warned if isinstance(w, AnalysisNote)],
        "warnings": [{"code": w.code, "text": w.text} for w in warned if not isinstance(w, AnalysisNote)],
    }


def _plugin(tool: Tool) -> dict[str, str | None]:
    plugin = plugin_at(tool.spec_path.parent)
    return {"name": plugin.name, "version": plugin.version or None, "sha256": plugin_digest(tool)}
