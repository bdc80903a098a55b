"""Loops compiled by numba where it is there, with its cache on disk; callers have a NumPy path beside them.

A Galaxy job is a fresh process, so compiled code must outlive it. numba keeps it beside the source file, else in the
user's cache folder (or in NUMBA_CACHE_DIR); where neither can be written (a container run by another user) a private
folder under the system's temporary one is taken. The cache is pickled, so a folder that others could write is not used.

`PROGNOMICS_COMPILED=0` switches compiled code off.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

VERSION = 1


@cache
def compiled_loops() -> ModuleType | None:
    """The compiled loops; None where they were not built, are of another version, or are switched off."""
    if os.environ.get("PROGNOMICS_COMPILED", "1").lower() in ("0", "no", "off", "false"):
        return None
    try:
        from prognomics import _loops
    except ImportError:
        return None
    return _loops if _loops.VERSION == VERSION else None


Loop = TypeVar("Loop", bound=Callable[..., Any])
FUSED = frozenset({"contract"})
"""Products and sums may be one instruction."""
ANY_ORDER = FUSED | {"nsz", "arcp", "reassoc"}
"""Floating-point freedom for sums: NaN and infinity keep their meaning."""


@cache
def is_compiled() -> bool:
    """Whether loops are compiled in this process: numba can be imported and is not switched off."""
    if os.environ.get("PROGNOMICS_COMPILED", "1").lower() in ("0", "no", "off", "false"):
        return False
    try:
        import numba  # noqa: F401
    except Exception:  # a broken installation must not stop what NumPy can do
        return False
    return True


def compiled(function: Loop | None = None, *, any_order: bool = False, inline: bool = False) -> Any:
    """Compile a loop when it is first called; it holds no lock, so that threads run it side by side.

    Parameters
    ----------
    function : callable
        Of scalars and NumPy arrays.
    any_order : bool
        Sums may be taken in another order, which lets them use vector instructions. The order is fixed when the code
        is compiled: the same call gives the same bits.
    inline : bool
        Put into its callers.

    Returns
    -------
    callable
        The function as it was where nothing is compiled.
    """
    if function is None:
        return lambda given: compiled(given, any_order=any_order, inline=inline)
    if not is_compiled():
        return function
    import numba

    options = {"nogil": True, "error_model": "numpy", "fastmath": set(ANY_ORDER if any_order else FUSED)}
    if inline:
        return numba.njit(inline="always", **options)(function)
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder that it can write
        folder = _private_folder()
        if folder is None:
            return numba.njit(**options)(function)
        numba.config.CACHE_DIR = str(folder)
        return numba.njit(cache=True, **options)(function)


def _private_folder() -> Path | None:
    """A folder of this user alone under the temporary one; None where it cannot be had."""
    folder = Path(tempfile.gettempdir()) / f"prognomics-compiled-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    return folder if own and os.access(folder, os.W_OK) else None
