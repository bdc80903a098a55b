"""Matrices in AnnData's on-disk layout (H5AD 0.1.0), read and written with h5py alone.

`obs` are samples, `var` genes and `X` (samples × genes) is stored in chunks of
all samples by a few genes, so that blocks of genes stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from prognomics.errors import BadInput
from prognomics.io.hdf5 import (
    attribute,
    member,
    open_hdf5,
    read_part,
    read_texts,
    require_array,
    require_fitting,
    require_sound,
)
from prognomics.io.steady_file import steady_file

_CHUNK_BYTES = 1 << 20
_GROUPS = ("layers", "obsm", "varm", "obsp", "varp", "uns")
_NUMBERS = "iufb"


def _parts(handle: Any, path: Path) -> tuple[Any, list[str], list[str]]:
    """X, gene ids and sample ids."""
    found = {name: member(handle, name, path) for name in ("X", "obs", "var")}
    lacking = [name for name, item in found.items() if item is None]
    if lacking:
        raise BadInput(f"the HDF5 file is not an H5AD file (it lacks {' and '.join(lacking)})", where=str(path))
    samples = _names(found["obs"], "the names of samples (obs)", path)
    return found["X"], _names(found["var"], "the names of genes (var)", path), samples


def _look(path: Path) -> None:
    """Go through all that is read, but for the values of X: of these, where they are in the file."""
    with open_hdf5(path) as handle:
        stored, _, _ = _parts(handle, path)
        arrays = [stored]
        if hasattr(stored, "keys"):
            arrays = [member(stored, name, path) for name in ("data", "indices", "indptr")]
            attribute(stored, "encoding-type", path)
            attribute(stored, "shape", path)
        for item in arrays:
            if getattr(item, "chunks", None):
                item.id.get_num_chunks()


def _names(group: Any, what: str, path: Path) -> list[str]:
    if not hasattr(group, "keys"):
        raise BadInput(f"{what} are not in a group", where=str(path), hint="write the file again with anndata")
    key = attribute(group, "_index", path, "_index")
    if not isinstance(key, str):
        raise BadInput(f"the attribute '_index' does not give {what}", where=str(path))
    return read_texts(member(group, key, path), what, path)


def _check_shape(shape: tuple[int, ...], genes: list[str], samples: list[str], path: Path) -> None:
    if tuple(shape) != (len(samples), len(genes)):
        raise BadInput(f"X is {shape} where obs and var hold {len(samples)} and {len(genes)} names", where=str(path))


def read_h5ad(path: Path) -> tuple[np.ndarray, list[str], list[str]]:
    """Values (n_genes, n_samples) as float64, gene ids and sample ids; sparse X is made dense.

    Raises
    ------
    BadInput
        The file is damaged, refers to other files, declares more than it can contain, or is not an H5AD file.
    """
    require_sound(path, _look)
    with open_hdf5(path) as handle:
        stored, genes, samples = _parts(handle, path)
        if hasattr(stored, "keys"):
            return _dense(stored, genes, samples, path), genes, samples
        _check_shape(require_array(stored, "X", 2, _NUMBERS, path), genes, samples, path)
        return np.ascontiguousarray(read_part(stored, "X", path).T, dtype=np.float64), genes, samples


def _dense(group: Any, genes: list[str], samples: list[str], path: Path) -> np.ndarray:
    """The values (n_genes, n_samples) of a compressed sparse matrix of samples × genes."""
    kind = attribute(group, "encoding-type", path, "")
    by_row = {"csr_matrix": True, "csc_matrix": False}.get(kind if isinstance(kind, str) else "")
    if by_row is None:
        raise BadInput(f"X is stored as {str(kind)[:80]!r}, which is not supported", where=str(path),
                       hint="store X densely")  # fmt: skip
    shape = np.asarray(attribute(group, "shape", path, ()))
    if shape.shape != (2,) or shape.dtype.kind not in "iu":
        raise BadInput("X has no shape", where=f"{path}: the attribute 'shape' is not two integers")
    _check_shape(tuple(shape.tolist()), genes, samples, path)
    require_fitting(8 * len(genes) * len(samples), f"X of shape {len(samples)} × {len(genes)}", path)
    n_major, n_minor = (len(samples), len(genes)) if by_row else (len(genes), len(samples))
    stored = {name: member(group, name, path) for name in ("data", "indices", "indptr")}
    lengths = {name: require_array(item, f"X/{name}", 1, _NUMBERS if name == "data" else "iu", path)[0]
               for name, item in stored.items()}  # fmt: skip
    if lengths["indptr"] != n_major + 1 or lengths["data"] != lengths["indices"]:
        raise _damaged(f"it has {lengths['data']} values, {lengths['indices']} indices and {lengths['indptr']} starts "
                       f"for {n_major} {'samples' if by_row else 'genes'}", path)  # fmt: skip
    data, indices, starts = (read_part(stored[name], f"X/{name}", path) for name in ("data", "indices", "indptr"))
    minor = _checked_indices(indices, starts, n_minor, path)
    major = np.repeat(np.arange(n_major), _lengths(starts))
    values = np.zeros((len(genes), len(samples)))
    values[(minor, major) if by_row else (major, minor)] = data
    return values


def _lengths(starts: np.ndarray) -> np.ndarray:
    whole = starts.astype(np.int64)
    result: np.ndarray = whole[1:] - whole[:-1]
    return result


def _checked_indices(indices: np.ndarray, starts: np.ndarray, n_minor: int, path: Path) -> np.ndarray:
    """The indices as int64: within the matrix, each row (or column) of them where the one before ends, none twice."""
    if starts[0] != 0 or starts[-1] != len(indices):
        raise _damaged(f"indptr runs from {starts[0]} to {starts[-1]} where there are {len(indices)} indices", path)
    if (starts[1:] < starts[:-1]).any():
        raise _damaged("indptr descends", path)
    if len(indices) and (indices.min() < 0 or indices.max() >= n_minor):
        raise _damaged(f"an index lies outside 0 to {n_minor - 1}", path)
    minor = indices.astype(np.int64)
    cells = np.repeat(np.arange(len(starts) - 1) * n_minor, _lengths(starts)) + minor
    if (np.diff(cells) <= 0).any() and len(np.unique(cells)) < len(cells):
        raise _damaged("a cell has two values", path)
    return minor


def _damaged(how: str, path: Path) -> BadInput:
    return BadInput(f"X is damaged: {how}", where=str(path), hint="write the file again with anndata")


def read_names(path: Path) -> tuple[list[str], list[str]] | None:
    """Gene ids and sample ids of a file whose X is dense numbers, so that `gene_blocks` can read it; else None."""
    require_sound(path, _look)
    with open_hdf5(path) as handle:
        stored, genes, samples = _parts(handle, path)
        if hasattr(stored, "keys"):
            return None
        _check_shape(require_array(stored, "X", 2, _NUMBERS, path), genes, samples, path)
        return genes, samples


def gene_blocks(path: Path, block: int) -> Iterator[np.ndarray]:
    """Blocks of about `block` genes of a dense H5AD file in order, shape (n_block, n_samples), float64."""
    with open_hdf5(path) as handle:
        stored = member(handle, "X", path)
        n_samples, n_genes = require_array(stored, "X", 2, _NUMBERS, path)
        width = min(stored.chunks[1] if stored.chunks else n_genes, n_genes)
        block = max(1, block // width) * width if width <= block else block
        width = min(width, block)
        for start in range(0, n_genes, block):
            values = np.empty((min(block, n_genes - start), n_samples))
            for begin in range(0, len(values), width):  # a chunk at a time: it is turned over in the cache
                end = min(begin + width, len(values))
                values[begin:end] = read_part(stored, "X", path, np.s_[:, start + begin : start + end]).T
            yield values


def write_h5ad(path: Path, values: np.ndarray, gene_ids: list[str], sample_ids: list[str]) -> None:
    """Write values (n_genes, n_samples); the same matrix always gives the same bytes."""
    import h5py

    n_genes, n_samples = values.shape
    width = max(1, min(n_genes, _CHUNK_BYTES // (8 * max(1, n_samples))))
    with steady_file(path) as file, h5py.File(file, "w", libver=("v108", "v110")) as handle:
        _encode(handle, "anndata", "0.1.0")
        stored = handle.create_dataset("X", (n_samples, n_genes), np.float64, chunks=(n_samples, width))
        _encode(stored, "array", "0.2.0")
        for start in range(0, n_genes, width):
            stored[:, start : start + width] = values[start : start + width].T
        _write_names(handle, "obs", "sample_id", sample_ids)
        _write_names(handle, "var", "gene_id", gene_ids)
        for name in _GROUPS:
            _encode(handle.create_group(name), "dict", "0.1.0")


def _encode(item: Any, kind: str, version: str) -> None:
    item.attrs["encoding-type"] = kind
    item.attrs["encoding-version"] = version


def _write_names(handle: Any, group_name: str, index: str, names: list[str]) -> None:
    import h5py

    group = handle.create_group(group_name)
    _encode(group, "dataframe", "0.2.0")
    group.attrs["_index"] = index
    group.attrs.create("column-order", np.array([], dtype=h5py.string_dtype()))
    stored = group.create_dataset(index, data=np.array(names, dtype=object), dtype=h5py.string_dtype())
    _encode(stored, "string-array", "0.2.0")
