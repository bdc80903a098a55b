"""The look that a user chose for a tool's plots: the option plot_<x> sets the field <x> of the figure."""

from __future__ import annotations

from typing import Any

from prognomics.errors import UsageError
from prognomics.spec.model import Tool, flag

PREFIX = "plot_"
FORMAT = "plot_format"


def chosen_look(tool: Tool, resolved: dict[str, Any]) -> dict[str, Any]:
    """What was chosen otherwise than by default, by field of the figure."""
    chosen = {}
    for item in tool.inputs:
        value = resolved.get(item.name, item.empty)
        if item.common and item.name.startswith(PREFIX) and item.name != FORMAT and value != item.empty:
            chosen[item.name.removeprefix(PREFIX)] = dict(value) if item.type == "repeat" else value
    return chosen


def with_look(tool: Tool, resolved: dict[str, Any], figure: Any) -> Any:
    """The figure as chosen.

    Raises
    ------
    UsageError
        If something is chosen of a figure that is none of this suite's.
    """
    chosen = chosen_look(tool, resolved)
    if not chosen or hasattr(figure, "with_look"):
        return figure.with_look(**chosen) if chosen else figure
    options = ", ".join(flag(PREFIX + name) for name in chosen)
    raise UsageError(f"the plot of {tool.id} cannot be drawn otherwise: {options}", hint="leave these options out")
