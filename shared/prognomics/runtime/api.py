"""The tools as Python functions: `from prognomics import tools; tools.cox(...)`."""

from __future__ import annotations

import warnings
from typing import Any

from prognomics.errors import AnalysisNote
from prognomics.runtime.call import Run, call
from prognomics.spec.loader import load_tool
from prognomics.spec.model import Tool


class Result:
    """The outputs of a tool as attributes (tables as DataFrames), and its warnings."""

    def __init__(self, run: Run):
        self._run = run
        self.warnings = list(run.warned)

    def __dir__(self) -> list[str]:
        return [*self._run.made, "warnings"]

    def __getattr__(self, name: str) -> Any:
        run = self.__dict__["_run"]
        if name not in run.made:
            raise AttributeError(f"{run.tool.id} makes {', '.join(run.made)}; there is no {name!r}")
        content = run.output(name)
        return getattr(content, "frame", content) if name != "expression" else content

    def __repr__(self) -> str:
        return f"<{self._run.tool.id}: {', '.join(self._run.made)}>"


class ToolFunction:
    """One tool, callable with the spec's inputs as keywords; files or objects (DataFrames) alike."""

    def __init__(self, tool: Tool):
        self.tool = tool
        self.__name__ = tool.id
        self.__doc__ = f"{tool.sentence}\n\n{tool.help.get('what', '')}"

    def __call__(self, **options: Any) -> Result:
        run = call(self.tool, options, wanted=[])
        for warned in run.warned:
            if not isinstance(warned, AnalysisNote):
                warnings.warn(warned, stacklevel=2)
        return Result(run)

    def __repr__(self) -> str:
        return f"<tool {self.tool.id}>"


def tool_function(name: str) -> ToolFunction:
    """The callable of a tool.

    Raises
    ------
    UsageError
        If there is no such tool.
    """
    return ToolFunction(load_tool(name))
