"""H5AD files of any layout, built from a fuzzer's bytes: mutated bytes of a file seldom get past the HDF5 library."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

DTYPES = ["f8", "f4", "f2", ">f8", "i1", "i4", "i8", "u8", "?", "c16", "S3", "O", "M8[s]", "V4"]
NAMES: list[Any] = [
    "A",
    "B",
    "s1",
    "",
    "A",
    "_index",
    "index",
    "nothing",
    "X",
    "../var",
    b"\xff\xfe",
    b"a\x00b",
    "\u200bB",
    "nan",
    "7",
]


class Choices:
    """Decisions read off the bytes; zeros where they end."""

    def __init__(self, content: bytes) -> None:
        self.content, self.place = content, 0

    def byte(self) -> int:
        self.place += 1
        return self.content[self.place - 1] if self.place <= len(self.content) else 0

    def of(self, options: list[Any]) -> Any:
        return options[self.byte() % len(options)]

    def size(self) -> int:
        return self.of([2, 3, 2, 3, 0, 1, 5])

    def number(self) -> float:
        return float(self.of([0, 1, 2, -1, 3, 0.5, 1e30, -7, float("nan"), float("inf"), 2**40, 255]))


def values(choices: Choices, shape: tuple[int, ...]) -> np.ndarray:
    kind = choices.of(DTYPES)
    flat = [choices.number() for _ in range(int(np.prod(shape)))]
    with np.errstate(all="ignore"):
        plain = np.array(flat).reshape(shape)
        if kind in ("S3", "O"):
            return np.array([choices.of(NAMES[:10]) for _ in flat], dtype=object).reshape(shape)
        return np.nan_to_num(plain).astype("i8").astype(kind) if kind in ("M8[s]", "V4") else plain.astype(kind)


def put(handle: Any, name: str, what: np.ndarray, choices: Choices) -> None:
    how: dict[str, Any] = {}
    if what.ndim and what.size and choices.byte() % 3 == 0:
        how = {"chunks": tuple(min(n, choices.size() or 1) for n in what.shape), "maxshape": (None,) * what.ndim}
        how |= choices.of([{}, {"compression": "gzip"}, {"shuffle": True}, {"fletcher32": True}, {"scaleoffset": 2}])
    handle.create_dataset(name, data=what.astype("i8") if what.dtype.kind == "M" else what, **how)


def names(choices: Choices, n: int) -> np.ndarray:
    if choices.byte() % 4:
        return np.array([f"{choices.of(['g', 's'])}{i}" for i in range(n)], dtype=object)
    return np.array([choices.of(NAMES) for _ in range(n)], dtype=object)


def put_axis(handle: h5py.File, axis: str, n: int, choices: Choices) -> None:
    """obs or var: a group with its index, or something else."""
    n = n if choices.byte() % 5 else choices.size()
    form = choices.of(["group", "group", "group", "categorical", "table", "missing", "link", "number"])
    if form == "missing":
        return
    if form == "table":
        handle[axis] = np.zeros(n, dtype=[("index", "S2"), ("x", "f8")])
    elif form == "link":
        handle[axis] = choices.of(
            [h5py.SoftLink("/X"), h5py.SoftLink(f"/{axis}"), h5py.ExternalLink("other.h5", "/obs")]
        )
    elif form == "number":
        handle[axis] = 1.0
    else:
        group, key = handle.create_group(axis), choices.of(["_index", "index", "names", "gene"])
        if form == "categorical":
            inner = group.create_group(key)
            put(inner, "categories", names(choices, choices.size()), choices)
            put(inner, "codes", values(choices, (n,)), choices)
        elif choices.byte() % 6:
            group[key] = names(choices, n)
        else:
            put(group, key, values(choices, (n,) if choices.byte() % 2 else (n, 1)), choices)
        attribute = choices.of(
            [key, key, key, key.encode(), "absent", 1, np.array([1.0, 2.0]), None, np.array([key, key], dtype="S")]
        )
        if attribute is not None:
            group.attrs["_index"] = attribute


def put_values(handle: h5py.File, n: int, m: int, choices: Choices) -> None:
    """X: dense, sparse, or something else."""
    form = choices.of(
        ["dense", "dense", "csr_matrix", "csc_matrix", "dense", "missing", "group", "virtual", "scalar", "link"]
    )
    if form == "dense":
        shape = (n, m) if choices.byte() % 4 else tuple(choices.size() for _ in range(choices.byte() % 4))
        put(handle, "X", values(choices, shape), choices)
    elif form == "scalar":
        handle["X"] = choices.number()
    elif form == "link":
        handle["X"] = choices.of([h5py.SoftLink("/obs/index"), h5py.SoftLink("/X"), h5py.ExternalLink("f", "/X")])
    elif form == "virtual":
        layout = h5py.VirtualLayout(shape=(n, m), dtype="f8")
        if n and m:
            layout[:] = h5py.VirtualSource(choices.of([".", "other.h5"]), "Y", shape=(n, m))
        handle.create_virtual_dataset("X", layout)
    elif form != "missing":
        group = handle.create_group("X")
        if form == "group":
            return
        filled, ends = choices.size(), (n if form == "csr_matrix" else m) + 1
        put(group, "data", values(choices, (filled,)), choices)
        for name, length in (("indices", filled), ("indptr", ends)):
            length = length if choices.byte() % 5 else choices.size()
            ordered = np.minimum(np.arange(length), filled).astype(choices.of(["i4", "i8"]))
            put(group, name, ordered if choices.byte() % 3 else values(choices, (length,)), choices)
        group.attrs["encoding-type"] = choices.of([form, form, "csr_matrix", 3, b"csc_matrix"])
        shape = choices.of([[n, m], [n, m], [m, n], [2**40, 2**40], [-1, m], [n], "3", [float(n), float(m)]])
        group.attrs["shape"] = shape


def write_layout(content: bytes, path: Path) -> bool:
    """Write the file; False where h5py cannot make it."""
    choices = Choices(content)
    try:
        with h5py.File(path, "w", libver=choices.of(["earliest", "latest"])) as handle:
            n, m = choices.size(), choices.size()
            put_axis(handle, "obs", n, choices)
            put_axis(handle, "var", m, choices)
            put_values(handle, n, m, choices)
    except (TypeError, ValueError, OSError, OverflowError, RuntimeError, AttributeError, KeyError):
        return False
    return True


def read_layout(path: Path) -> None:
    """Read the file that the bytes stand for, whole and in blocks: both refuse it, or both give the same."""
    from prognomics.data.matrix import read_matrix
    from prognomics.data.streamed import open_matrix
    from prognomics.errors import PrognomicsError

    def whole(file: Path) -> np.ndarray:
        return read_matrix(file).values

    def blocks(file: Path) -> np.ndarray:
        return np.vstack(list(open_matrix(file).blocks()))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "m"
        if not write_layout(path.read_bytes(), file):
            return
        found: list[np.ndarray | str] = []
        for read in (whole, blocks):
            try:
                found.append(read(file))
            except PrognomicsError as fault:
                assert str(fault) and fault.exit_code in (2, 3)
                found.append(str(fault))
    first, second = found
    assert isinstance(first, str) == isinstance(second, str), found
    if not isinstance(first, str):
        np.testing.assert_array_equal(first, second)
