"""The tools as Python functions: `from prognomics import tools; tools.cox(...)`."""

from __future__ import annotations

import html
import inspect
import warnings
from typing import Any

from prognomics.errors import AnalysisNote, PrognomicsError, near_names
from prognomics.runtime.call import Run, call
from prognomics.runtime.python_words import documentation, in_python_words, require_arguments, signature_of
from prognomics.spec.loader import load_tool
from prognomics.spec.model import Tool

SHOWN_ROWS = 20


class Result:
    """The outputs of a tool as attributes (tables as DataFrames), and its warnings."""

    def __init__(self, run: Run):
        self._run = run
        self.warnings = list(run.warned)

    def __dir__(self) -> list[str]:
        return [*self._run.made, "warnings"]

    def __getattr__(self, name: str) -> Any:
        run = self.__dict__.get("_run")
        if run is None or name.startswith("_"):
            raise AttributeError(name)
        if name not in run.made:
            near = near_names(name, run.made)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise AttributeError(f"{run.tool.id} makes {', '.join(run.made)}; there is no {name!r}{hint}")
        try:
            content = run.output(name)
        except PrognomicsError as error:
            raise in_python_words(run.tool, error) from None
        return getattr(content, "frame", content) if name != "expression" else content

    def __repr__(self) -> str:
        return f"<{self._run.tool.id}: {', '.join(self._run.made)}>"

    def _repr_html_(self) -> str:
        """For notebooks: the warnings, the first table, and the names of all outputs."""
        parts = [f"<p><b>{html.escape(self._run.tool.sentence)}</b></p>"]
        told = [w for w in self.warnings if not isinstance(w, AnalysisNote)]
        if told:
            parts.append(
                "<ul>" + "".join(f"<li>{html.escape(w.code)}: {html.escape(w.text)}</li>" for w in told) + "</ul>"
            )
        table = next((t for t in map(self._table, self._run.made) if t is not None), None)
        if table is not None:
            parts.append(table.head(SHOWN_ROWS).to_html(index=False, border=0, na_rep="NA"))
            if len(table) > SHOWN_ROWS:
                parts.append(f"<p>{SHOWN_ROWS} of {len(table)} rows</p>")
        parts.append(f"<p>outputs: {html.escape(', '.join(self._run.made))}</p>")
        return "".join(parts)

    def _table(self, name: str) -> Any:
        """An output if it is a table; plots and other costly outputs are not made for this."""
        from prognomics.data.registry import artifact

        kind = artifact(self._run.tool.output(name).artifact).kind
        content = (
            getattr(self, name)
            if kind in ("table", "annotation", "sheet") and self._run.made[name] is not None
            else None
        )
        return content if hasattr(content, "to_html") else None


class ToolFunction:
    """One tool, callable with the spec's inputs as keywords; files or objects (DataFrames) alike."""

    __signature__: inspect.Signature

    def __init__(self, tool: Tool):
        self.tool = tool
        self.__name__ = self.__qualname__ = tool.id
        self.__doc__ = documentation(tool)
        self.__signature__ = signature_of(tool)

    def __call__(self, **options: Any) -> Result:
        require_arguments(self.tool, options)
        try:
            run = call(self.tool, options, wanted=[])
        except PrognomicsError as error:
            raise in_python_words(self.tool, error) from None
        for warned in run.warned:
            if not isinstance(warned, AnalysisNote):
                warnings.warn(warned, stacklevel=2)
        return Result(run)

    def __repr__(self) -> str:
        return f"<tool {self.tool.id}{self.__signature__}>"


def tool_function(name: str) -> ToolFunction:
    """The callable of a tool.

    Raises
    ------
    UsageError
        If there is no such tool.
    """
    return ToolFunction(load_tool(name))
