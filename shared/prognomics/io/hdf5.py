"""HDF5 files from outside: opened in one place, nothing read that is not in the file or does not fit its size.

HDF5 can refer to bytes of other files (external storage, external links, virtual data sets) and declare shapes
that no memory holds. Such files are refused; every failure names the file.
"""

from __future__ import annotations

import contextlib
import math
import os
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from prognomics.errors import BadInput, UsageError

FREELY = 1 << 26
"""Bytes of memory that any file may ask for."""
MOST_EXPANSION = 1100
"""How many times its own size a file may ask for beyond that: deflate reaches 1,032."""
LONGEST_NAME = 10_000
_LONGEST_ATTRIBUTE = 1 << 16
_MOST_LINKS = 16
_AT_ONCE = 1 << 28
_FAULTS = (OSError, KeyError, RuntimeError, ValueError, TypeError, OverflowError, AttributeError, SystemError)
MOST_SECONDS = 5
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT)
_AGAIN = "write the file again with anndata, or give tab-separated text"


@contextlib.contextmanager
def _readable(what: str, path: Path) -> Iterator[None]:
    """What h5py raises on damaged files, as a refusal that names the file."""
    try:
        yield
    except MemoryError:
        raise BadInput(f"{what} does not fit in memory", where=str(path), hint=_AGAIN) from None
    except _FAULTS as error:
        text = " ".join(str(error).split())[:200] or type(error).__name__
        raise BadInput(f"{what} is damaged or cut short ({text})", where=str(path), hint=_AGAIN) from None


@contextlib.contextmanager
def open_hdf5(path: Path) -> Iterator[Any]:
    """An HDF5 file opened for reading; its members come through `member`, never by `handle[name]`.

    Raises
    ------
    UsageError
        The file does not exist or may not be read.
    BadInput
        The file is damaged.
    """
    import h5py

    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise UsageError("the file cannot be read", where=f"{path} ({error.strerror or error})") from None
    with _readable("the HDF5 file", path):
        handle = h5py.File(path, "r", locking=False)
    try:
        yield handle
    finally:
        with contextlib.suppress(*_FAULTS):
            handle.close()


def require_sound(path: Path, look: Callable[[Path], object]) -> None:
    """Look at a file in a process of its own, because damaged ones can crash the HDF5 library or keep it in a loop.

    What `look` raises is left to the call that reads the file in earnest.

    Raises
    ------
    BadInput
        The look crashed, or took more than 5 s of processor time.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which the child does not use
        child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
            for number in (*_CRASHES, signal.SIGXCPU, signal.SIGINT, signal.SIGTERM):  # whoever else listens to them
                signal.signal(number, signal.SIG_DFL)
            look(path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGINT, signal.SIGTERM)):
        raise BadInput("the HDF5 file is damaged: the HDF5 library crashes or does not end on it",
                       where=str(path), hint=_AGAIN)  # fmt: skip


def member(group: Any, name: str, path: Path, *, followed: int = 0) -> Any | None:
    """A group or a checked data set by its name in a group; None if there is none.

    Soft links are followed within the file.

    Raises
    ------
    BadInput
        A link to another file, links in a circle, data kept in other files, a damaged entry.
    """
    import h5py

    where = f"{path}: {name}"
    if not name or "/" in name or "\0" in name or name == ".":
        raise BadInput(f"the HDF5 file names a part {name[:80]!r}, which is not a plain name", where=str(path))
    with _readable(f"the part {name!r} of the HDF5 file", path):
        link = group.get(name, getlink=True)
        if link is None:
            return None
        if isinstance(link, h5py.HardLink):
            item = group[name]
            if isinstance(item, h5py.Dataset):
                _refuse_foreign_storage(item, where)
            return item
    if not isinstance(link, h5py.SoftLink):
        raise BadInput("the HDF5 file links to another file", where=where, hint="copy the linked data into the file")
    if followed >= _MOST_LINKS:
        raise BadInput("links in the HDF5 file lead in a circle", where=where, hint=_AGAIN)
    item = group.file if link.path.startswith("/") else group
    for i, part in enumerate(p for p in link.path.split("/") if p not in ("", ".")):
        if item is None or not hasattr(item, "keys") or i > _MOST_LINKS:
            return None
        item = member(item, part, path, followed=followed + 1)
    return item


def _refuse_foreign_storage(item: Any, where: str) -> None:
    import h5py

    created = item.id.get_create_plist()
    if created.get_external_count():
        raise BadInput("the HDF5 file keeps values in another file (external storage)", where=where,
                       hint="copy the values into the file")  # fmt: skip
    if created.get_layout() == h5py.h5d.VIRTUAL:
        raise BadInput("the HDF5 file takes values from other files (a virtual data set)", where=where,
                       hint="copy the values into the file")  # fmt: skip
    unknown = [created.get_filter(i)[0] for i in range(created.get_nfilters())]
    unknown = [code for code in unknown if not h5py.h5z.filter_avail(code)]
    if unknown:
        raise BadInput(f"the HDF5 file is compressed by a filter that is not available (number {unknown[0]})",
                       where=where, hint="write it again with compression 'gzip' or none")  # fmt: skip


def attribute(item: Any, name: str, path: Path, default: Any = None) -> Any:
    """A small attribute: text, a number or an array; `default` if it is not there."""
    with _readable(f"the attribute {name!r} of the HDF5 file", path):
        if name not in item.attrs:
            return default
        found = item.attrs.get_id(name)
        small = found.get_storage_size() <= _LONGEST_ATTRIBUTE and math.prod(found.shape or (0,)) <= _LONGEST_ATTRIBUTE
        value = item.attrs[name] if small else None
        if isinstance(value, bytes):
            value = value.decode()
    if not small:
        raise BadInput(f"the attribute {name!r} of the HDF5 file is too large", where=str(path), hint=_AGAIN)
    return value


def require_fitting(n_bytes: int, what: str, path: Path) -> None:
    """BadInput where memory is requested that is out of all proportion to the size of the file."""
    most = FREELY + MOST_EXPANSION * path.stat().st_size
    if n_bytes > most:
        raise BadInput(
            f"{what} would take {n_bytes / 1e9:,.1f} GB of memory, which a file of {path.stat().st_size:,} bytes "
            "cannot contain", where=str(path), hint=_AGAIN,
        )  # fmt: skip


def require_array(item: Any, what: str, n_dimensions: int, kinds: str, path: Path) -> tuple[int, ...]:
    """The shape of a data set, of this many dimensions and kinds of numbers (NumPy's letters), that fits in memory.

    Raises
    ------
    BadInput
        It is missing, a group, of another kind or number of dimensions, or too large for its file.
    """
    import h5py

    if item is None:
        raise BadInput(f"the HDF5 file has no {what}", where=str(path), hint=_AGAIN)
    if not isinstance(item, h5py.Dataset):
        raise BadInput(f"{what} is a group, not an array", where=str(path), hint=_AGAIN)
    with _readable(what, path):
        shape, dtype, chunk = item.shape, item.dtype, item.chunks
    if shape is None or len(shape) != n_dimensions:
        raise BadInput(f"{what} has {'no' if shape is None else len(shape)} dimensions instead of {n_dimensions}",
                       where=str(path), hint=_AGAIN)  # fmt: skip
    if dtype.kind not in kinds:
        raise BadInput(f"{what} contains {str(dtype)[:80]} where {'numbers are' if 'f' in kinds else 'integers are'} "
                       "needed", where=str(path), hint=_AGAIN)  # fmt: skip
    _require_sizes(shape, dtype, chunk, what, path)
    result: tuple[int, ...] = shape
    return result


def _require_sizes(shape: tuple[int, ...], dtype: Any, chunk: Any, what: str, path: Path) -> None:
    declared = math.prod(shape) * max(dtype.itemsize, 8)
    require_fitting(declared, f"{what} of shape {' × '.join(map(str, shape))}", path)
    of_chunk = math.prod(chunk or (0,)) * dtype.itemsize
    if of_chunk > max(FREELY, declared):
        raise BadInput(f"{what} is stored in chunks of {of_chunk:,} bytes, larger than itself", where=str(path),
                       hint=_AGAIN)  # fmt: skip


def read_part(item: Any, what: str, path: Path, part: Any = ...) -> np.ndarray:
    """Values of a data set that `require_array` passed."""
    with _readable(what, path):
        result: np.ndarray = item[part]
        return result


def read_texts(item: Any, what: str, path: Path) -> list[str]:
    """A column of names: text, or integers as text.

    Raises
    ------
    BadInput
        It is missing, no column of text, too large, or holds bytes that are not UTF-8 or a name without end.
    """
    import h5py

    if isinstance(item, h5py.Dataset):
        with _readable(what, path):
            text = h5py.check_string_dtype(item.dtype) is not None
    else:
        text = False
    (n,) = require_array(item, what, 1, "OSiu" if text else "iu", path)
    if not text:
        return [str(value) for value in read_part(item, what, path).tolist()]
    if item.dtype.itemsize > LONGEST_NAME:
        raise BadInput(f"{what} are longer than {LONGEST_NAME:,} letters", where=str(path))
    # names of any length may all point at one long text: a few at a time show it
    step = max(64, min(1 << 14, _AT_ONCE // max(1, path.stat().st_size)))
    names: list[str] = []
    for start in range(0, n, step):
        for value in read_part(item, what, path, slice(start, start + step)):
            if len(value) > LONGEST_NAME:
                raise BadInput(f"one of {what} is longer than {LONGEST_NAME:,} letters", where=str(path))
            try:
                names.append(value.decode() if isinstance(value, bytes) else str(value))
            except UnicodeDecodeError:
                raise BadInput(f"one of {what} is not UTF-8 text: {value[:40]!r}", where=str(path),
                               hint=_AGAIN) from None  # fmt: skip
    return names
