"""The tools as functions: `from prognomics import tools; tools.cox(samples="sheet.tsv", endpoint="os", ...)`.

Each takes the inputs of its spec as keywords (files, DataFrames or values) and
returns its outputs as attributes. The scripts beside this file hold one tool each.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    from prognomics.errors import UsageError
    from prognomics.runtime.api import tool_function

    try:
        return tool_function(name)
    except UsageError as error:
        raise AttributeError(str(error)) from None


def __dir__() -> list[str]:
    from prognomics.spec.loader import tool_names

    return tool_names()
