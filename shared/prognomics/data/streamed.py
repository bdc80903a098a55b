"""A matrix that stays in its H5AD file and comes in blocks of genes, for tools that look at each gene once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prognomics.data.matrix import ExpressionMatrix, check_finite, check_names, genes_at_once, read_matrix
from prognomics.io.file_kinds import is_hdf5
from prognomics.io.h5ad import gene_blocks, read_names
from prognomics.io.matrix_text import without_tallies


@dataclass(frozen=True)
class StreamedMatrix:
    """Names as in `ExpressionMatrix`; values only through `blocks`."""

    path: Path
    gene_ids: list[str]
    sample_ids: list[str]
    where: str
    genes: np.ndarray | None = None  # which rows of the file they are, bool; None for all

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.gene_ids), len(self.sample_ids)

    def blocks(self) -> Iterator[np.ndarray]:
        """The rows in order, in blocks of genes, shape (n_block, n_samples); BadInput for an infinite value."""
        done = passed = 0
        for values in gene_blocks(self.path, genes_at_once(len(self.sample_ids))):
            if self.genes is not None:
                passed += len(values)
                values = values[self.genes[passed - len(values) : passed]]
            check_finite(values, self.gene_ids[done : done + len(values)], self.sample_ids, self.where)
            done += len(values)
            yield values


def open_matrix(path: Path) -> ExpressionMatrix | StreamedMatrix:
    """A matrix to be read in blocks where its file allows it (dense H5AD), else read whole."""
    names = read_names(path) if is_hdf5(path) else None
    if names is None:
        return read_matrix(path)
    gene_ids, sample_ids = names
    genes = without_tallies(gene_ids, str(path))
    if genes is not None:
        gene_ids = [name for name, k in zip(gene_ids, genes.tolist(), strict=True) if k]
    check_names(gene_ids, sample_ids, str(path))
    return StreamedMatrix(path, gene_ids, sample_ids, str(path), genes)
