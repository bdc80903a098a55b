"""Values of options: parsed and checked once, for the command line and Python alike."""

from __future__ import annotations

import errno
import math
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from prognomics.data.signature_library import PREFIX, library_signature
from prognomics.errors import UsageError, near_names
from prognomics.spec.model import Input


def parse_value(given: Input, value: Any) -> Any:
    """One value of an input as the type its spec declares.

    Raises
    ------
    UsageError
        If the value is of another type, outside its limits, or does not match its pattern.
    """
    return _PARSERS[given.type](given, value)


def parse_all(given: Input, value: Any) -> Any:
    """The whole value of an input: a list where it takes several."""
    if given.multiple or given.type == "repeat":
        if isinstance(value, dict) and given.type == "repeat":
            value = list(value.items())
        if hasattr(value, "tolist") and not hasattr(value, "columns"):
            value = value.tolist()
        values = value if isinstance(value, (list, tuple)) and not _is_pair(given, value) else [value]
        return [parse_value(given, v) for v in values]
    return parse_value(given, value)


def _is_pair(given: Input, value: Any) -> bool:
    return given.type == "repeat" and isinstance(value, tuple) and all(isinstance(v, str) for v in value)


def _fail(given: Input, value: Any, wanted: str, hint: str = "") -> UsageError:
    return UsageError(f"{given.flag} {value!r}: {wanted}", hint=hint)


def _number(given: Input, value: Any, kind: type) -> float | int:
    try:
        number = kind(value)
        exact = float(value) == number
    except (TypeError, ValueError):
        raise _fail(given, value, "this is not an integer" if kind is int else "this is not a number") from None
    if not exact or (kind is float and not math.isfinite(number)):
        raise _fail(given, value, "this is not an integer" if kind is int else "this is not finite")
    low, high = given.minimum, given.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        limits = f"at least {low:g}" if high is None else f"at most {high:g}" if low is None else f"{low:g} to {high:g}"
        raise _fail(given, value, f"allowed is {limits}{' ' + given.unit if given.unit else ''}")
    result: float | int = number
    return result


def _select(given: Input, value: Any) -> str:
    allowed = [o.value for o in given.options]
    if str(value) not in allowed:
        near = near_names(str(value), allowed)
        raise _fail(given, value, f"choose one of {', '.join(allowed)}",
                    f"did you mean {near[0]}?" if near else "")  # fmt: skip
    return str(value)


def _boolean(given: Input, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _fail(given, value, "true or false is needed")
    return value


def _text(given: Input, value: Any) -> str:
    text = str(value)
    if not text.strip():
        raise _fail(given, value, "a value is needed")
    if any(ord(c) < 32 for c in text):
        raise _fail(given, value, "control characters are not allowed")
    if given.pattern and not re.search(given.pattern, text):
        raise _fail(given, value, f"this has the wrong form{', such as ' + given.example if given.example else ''}")
    return text


def _repeat(given: Input, value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, (tuple, list)) else str(value).split(given.separator, len(given.fields) - 1)
    if len(parts) != len(given.fields):
        form = given.separator.join(f.name for f in given.fields)
        raise _fail(given, value, f"write {form}")
    fields = [replace(field, name=given.name) for field in given.fields]
    return tuple(parse_value(field, part) for field, part in zip(fields, parts, strict=True))


def _data(given: Input, value: Any) -> Any:
    if not isinstance(value, (str, Path)):
        return value
    if given.artifact in ("signature", "centroids") and str(value).startswith(PREFIX):
        return _of_library(given, str(value).removeprefix(PREFIX))
    path = Path(value)
    try:
        path.stat()
    except (OSError, ValueError) as fault:  # a ValueError: a null character
        why = getattr(fault, "errno", None)
        if why not in (None, errno.ENOENT, errno.ENOTDIR):
            what = f"{given.flag}: the file {str(value)[:200]!r} cannot be read: {os.strerror(why)}"
            raise UsageError(what, hint="check the path, and the links in it") from None
        to = f" (it is a link to {os.readlink(path)!r})" if why is not None and path.is_symlink() else ""
        raise UsageError(f"{given.flag}: there is no file {str(value)[:200]!r}{to}", hint="check the path") from None
    if path.is_dir():
        raise UsageError(f"{given.flag}: {str(value)!r} is a folder, not a file")
    if not os.access(path, os.R_OK):
        raise UsageError(f"{given.flag}: {str(value)!r} cannot be read", hint="check the permissions of the file")
    return path


def _of_library(given: Input, name: str) -> Path:
    """The file of a signature that comes with the package."""
    one = library_signature(name)
    if one.kind != given.artifact:
        raise UsageError(f"{given.flag}: {name!r} of the library is {one.kind}, not {given.artifact}",
                         hint="see prognomics signatures list")  # fmt: skip
    return one.path


_PARSERS = {
    "integer": lambda given, value: _number(given, value, int),
    "float": lambda given, value: _number(given, value, float),
    "select": _select,
    "boolean": _boolean,
    "text": _text,
    "endpoint": _text,
    "repeat": _repeat,
    "data": _data,
}
