"""Who publishes a tool: the suite, or the project of a plugin; name, version, requirements and makers."""

from __future__ import annotations

from typing import Any

from prognomics import __version__
from prognomics.runtime.code_files import is_builtin
from prognomics.spec.loader import suite
from prognomics.spec.model import Tool
from prognomics.spec.plugins import plugin_at


def suite_published() -> dict[str, Any]:
    """What the suite's own wrappers state: `suite.yml` with `version` and `packages` (versions by name)."""
    common = suite()
    return {**common, "version": __version__, "packages": dict.fromkeys(common["requirements"], __version__)}


def published(tool: Tool) -> dict[str, Any]:
    """The same of a tool, which a plugin's project may publish; what the project does not state is excluded."""
    common = suite_published()
    if is_builtin(tool):
        return common
    plugin = plugin_at(tool.spec_path.parent)
    version = plugin.version or "0"
    kept = {key: common[key] for key in ("galaxy", "citations")}
    said = {
        "id": plugin.name.replace("-", "_"),
        "name": plugin.name,
        "summary": plugin.summary or f"tools for {common['name']}",
        "license": plugin.license,
        "version": version,
        "packages": {plugin.name: version, **common["packages"]},
        "creators": [{"name": name} for name in plugin.authors],
        "edam": {},
    }
    return {**kept, **{key: value for key, value in said.items() if value}}
