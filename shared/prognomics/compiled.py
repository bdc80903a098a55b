"""The compiled loops (`shared/native`), where they were built; callers have a NumPy path next to them.

`PROGNOMICS_COMPILED=0` switches them off.
"""

from __future__ import annotations

import os
from functools import cache
from types import ModuleType

VERSION = 5
"""Of what the loops take and give: those of an older installation are not used."""


@cache
def compiled_loops() -> ModuleType | None:
    """The compiled loops; None where they were not built, are of another version, or are switched off.

    They hold no lock while they work, so that threads run them side by side.
    """
    if os.environ.get("PROGNOMICS_COMPILED", "1").lower() in ("0", "no", "off", "false"):
        return None
    try:
        from prognomics import _loops
    except ImportError:
        return None
    return _loops if _loops.VERSION == VERSION else None
