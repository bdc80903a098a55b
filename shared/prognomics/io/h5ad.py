"""Matrices in AnnData's on-disk layout (H5AD 0.1.0), read and written with h5py alone.

`obs` are samples, `var` genes and `X` (samples × genes) is stored in chunks of
all samples by a few genes, so that blocks of genes stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from prognomics.errors import BadInput
from prognomics.io.steady_file import steady_file

_CHUNK_BYTES = 1 << 20
_GROUPS = ("layers", "obsm", "varm", "obsp", "varp", "uns")


def _names(group, path: Path) -> list[str]:
    key = group.attrs.get("_index", "_index")
    key = key.decode() if isinstance(key, bytes) else key
    if key not in group:
        raise BadInput("the H5AD file has no names of samples or genes", where=str(path))
    return [n.decode() if isinstance(n, bytes) else str(n) for n in group[key][:]]


def _open(path: Path):
    import h5py

    try:
        handle = h5py.File(path, "r")
    except OSError as error:
        raise BadInput(f"the HDF5 file is damaged or cut short ({error})", where=str(path),
                       hint="run the step that made it again") from None  # fmt: skip
    if not {"X", "obs", "var"} <= set(handle):
        handle.close()
        raise BadInput("the HDF5 file is no H5AD file (it lacks X, obs or var)", where=str(path))
    return handle


def _check_shape(shape: tuple[int, ...], genes: list[str], samples: list[str], path: Path) -> None:
    if tuple(shape) != (len(samples), len(genes)):
        raise BadInput(f"X is {shape} where obs and var hold {len(samples)} and {len(genes)} names", where=str(path))


def read_h5ad(path: Path) -> tuple[np.ndarray, list[str], list[str]]:
    """Values (n_genes, n_samples) as float64, gene ids and sample ids; sparse X is made dense."""
    import h5py

    with _open(path) as handle:
        samples, genes = _names(handle["obs"], path), _names(handle["var"], path)
        stored = handle["X"]
        if isinstance(stored, h5py.Group):
            values = _dense(stored, path)
        elif stored.dtype.kind not in "iufb":
            raise BadInput(f"X holds {stored.dtype} where numbers are needed", where=str(path))
        else:
            values = stored[...]
        _check_shape(values.shape, genes, samples, path)
        return np.ascontiguousarray(values.T, dtype=np.float64), genes, samples


def _dense(group, path: Path) -> np.ndarray:
    from scipy import sparse

    kind = group.attrs.get("encoding-type", "")
    make = {"csr_matrix": sparse.csr_matrix, "csc_matrix": sparse.csc_matrix}.get(kind)
    if make is None:
        raise BadInput(f"X is stored as {kind!r}, which is not supported", where=str(path), hint="store X densely")
    parts = (group["data"][...], group["indices"][...], group["indptr"][...])
    return make(parts, shape=tuple(group.attrs["shape"])).toarray()


def read_names(path: Path) -> tuple[list[str], list[str]] | None:
    """Gene ids and sample ids of a file whose X is dense numbers, so that `gene_blocks` can read it; else None."""
    with _open(path) as handle:
        stored = handle["X"]
        if getattr(stored, "ndim", 0) != 2 or stored.dtype.kind not in "iufb":
            return None
        samples, genes = _names(handle["obs"], path), _names(handle["var"], path)
        _check_shape(stored.shape, genes, samples, path)
        return genes, samples


def gene_blocks(path: Path, block: int) -> Iterator[np.ndarray]:
    """Blocks of about `block` genes of a dense H5AD file in order, shape (n_block, n_samples), float64."""
    with _open(path) as handle:
        stored = handle["X"]
        n_samples, n_genes = stored.shape
        width = min(stored.chunks[1] if stored.chunks else n_genes, n_genes)
        block = max(1, block // width) * width if width <= block else block
        width = min(width, block)
        for start in range(0, n_genes, block):
            values = np.empty((min(block, n_genes - start), n_samples))
            for begin in range(0, len(values), width):  # a chunk at a time: it is turned over in the cache
                end = min(begin + width, len(values))
                values[begin:end] = stored[:, start + begin : start + end].T
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


def _encode(item, kind: str, version: str) -> None:
    item.attrs["encoding-type"] = kind
    item.attrs["encoding-version"] = version


def _write_names(handle, group_name: str, index: str, names: list[str]) -> None:
    import h5py

    group = handle.create_group(group_name)
    _encode(group, "dataframe", "0.2.0")
    group.attrs["_index"] = index
    group.attrs.create("column-order", np.array([], dtype=h5py.string_dtype()))
    stored = group.create_dataset(index, data=np.array(names, dtype=object), dtype=h5py.string_dtype())
    _encode(stored, "string-array", "0.2.0")
