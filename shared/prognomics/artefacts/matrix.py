"""The expression matrix: genes × samples, as tab-separated text or H5AD."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import BadInput, first_few, unknown_name
from .files import is_hdf5
from .tables import MISSING, format_cell
from .text_file import read_text

KEY = "gene_id"


@dataclass(frozen=True)
class ExpressionMatrix:
    """Expression values.

    Attributes
    ----------
    values : numpy.ndarray of float64, shape (n_genes, n_samples)
        Missing is NaN.
    gene_ids, sample_ids : list of str
        Unique names of rows and columns.
    where : str
        Where it came from, for messages.
    """

    values: np.ndarray
    gene_ids: list[str]
    sample_ids: list[str]
    where: str = "expression matrix"

    @property
    def shape(self) -> tuple[int, int]:
        return self.values.shape

    def gene(self, name: str) -> np.ndarray:
        """One gene's values, shape (n_samples,); BadInput with near names if it is not there."""
        try:
            return self.values[self.gene_ids.index(name)]
        except ValueError:
            raise unknown_name("gene", name, self.gene_ids, where=self.where) from None

    def select(self, sample_ids: list[str]) -> ExpressionMatrix:
        """These samples only, in the order given; all must be in the matrix."""
        position = {s: i for i, s in enumerate(self.sample_ids)}
        index = [position[s] for s in sample_ids]
        return ExpressionMatrix(self.values[:, index], self.gene_ids, list(sample_ids), self.where)


def checked(
    values: np.ndarray, gene_ids: list[str], sample_ids: list[str], where: str, repeated_rows: bool = False
) -> ExpressionMatrix:
    """A matrix whose names are unique (but those of rows if they may repeat) and whose values are finite or missing.

    Raises
    ------
    BadInput
        On doubled or missing names, infinite values, or an empty matrix.
    """
    if not gene_ids or not sample_ids:
        raise BadInput("the matrix holds no values", where=where, hint="genes stand in rows, samples in columns")
    for kind, names, hint, repeated in (
        ("gene ids", gene_ids, "collapse probes of one gene with map_genes", repeated_rows),
        ("sample ids", sample_ids, "rename or leave out one of each", False),
    ):
        if "" in names:
            raise BadInput(f"one of the {kind} is empty", where=where)
        if not repeated and len(set(names)) < len(names):
            seen: set[str] = set()
            doubled = [n for n in names if n in seen or seen.add(n)]
            raise BadInput(f"{kind} occur twice", where=f"{where}: {first_few(dict.fromkeys(doubled))}", hint=hint)
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise BadInput("the matrix holds an infinite value", where=f"{where}: {gene_ids[row]}, {sample_ids[column]}")
    return ExpressionMatrix(values, gene_ids, sample_ids, where)


def read_matrix(path: Path, repeated_rows: bool = False) -> ExpressionMatrix:
    """A matrix from H5AD or tab-separated text (gzip or plain), recognized by content."""
    if is_hdf5(path):
        from .h5ad import read_h5ad

        values, gene_ids, sample_ids = read_h5ad(path)
    else:
        values, gene_ids, sample_ids = _parse(read_text(path), path)
    return checked(values, gene_ids, sample_ids, str(path), repeated_rows)


def _parse(text: str, path: Path) -> tuple[np.ndarray, list[str], list[str]]:
    import pandas as pd

    header, _, body = text.partition("\n")
    samples = [name.strip().strip('"') for name in header.split("\t")[1:]]
    if not samples:
        raise BadInput(
            "the matrix has one column only", where=str(path), hint="give tab-separated text: gene_id, then samples"
        )
    if not body.strip():
        raise BadInput("the matrix has a header and no rows", where=str(path))
    n_rows = body.count("\n") + (not body.endswith("\n"))
    if body.count("\t") != n_rows * len(samples):
        _check_widths(body, samples, path)
    names = list(range(len(samples) + 1))
    kinds = {0: str, **{i: np.float64 for i in names[1:]}}
    options = dict(sep="\t", header=None, keep_default_na=False, na_values={i: list(MISSING) for i in names[1:]},
                   float_precision="high")  # fmt: skip
    if _has_stray_quotes(body):
        options["quoting"] = csv.QUOTE_NONE
    try:
        frame = pd.read_csv(io.StringIO(body), names=names, dtype=kinds, index_col=False, **options)
        values = frame[names[1:]].to_numpy(np.float64)
    except (ValueError, pd.errors.ParserError):
        raise _malformed(body, samples, path) from None
    genes = [str(g).strip() for g in frame[0]]
    return np.ascontiguousarray(values), genes, samples


def _has_stray_quotes(body: str) -> bool:
    """Whether a gene id begins with a quote that it does not end with: read as a quote, it would swallow lines."""
    genes = (line.partition("\t")[0].strip() for line in body.split("\n")) if '"' in body else ()
    return any(gene.startswith('"') and (len(gene) < 2 or not gene.endswith('"')) for gene in genes)


def _check_widths(body: str, samples: list[str], path: Path) -> None:
    for number, line in enumerate(body.splitlines(), start=2):
        if line.strip() and line.count("\t") != len(samples):
            raise BadInput(
                f"a row has {line.count(chr(9)) + 1} fields where the header has {len(samples) + 1}",
                where=f"{path}: row {number}, gene {line.split(chr(9))[0]!r}",
                hint="each row needs one value per sample; missing values are empty or NA",
            )


def _malformed(body: str, samples: list[str], path: Path) -> BadInput:
    _check_widths(body, samples, path)
    for number, line in enumerate(body.splitlines(), start=2):
        gene, *cells = line.split("\t")
        for sample, cell in zip(samples, cells, strict=False):
            cell = cell.strip()
            try:
                known = cell in MISSING or not math.isnan(float(cell))
            except ValueError:
                known = False
            if not known:
                return BadInput(
                    f"the matrix holds the text {cell[:40]!r} where a number is needed",
                    where=f"{path}: row {number}, gene {gene!r}, sample {sample!r}",
                    hint="correct the value, or leave it empty or NA if it is missing",
                )
    return BadInput("the matrix cannot be read", where=str(path), hint="give tab-separated text: gene_id, then samples")


def write_matrix_text(matrix: ExpressionMatrix, path: Path) -> None:
    """Tab-separated text: `gene_id`, then samples; `%.10g`, missing as NA."""
    pieces = ["%.10g"] * len(matrix.sample_ids)
    pattern = "\t".join(pieces)
    with open(path, "w", encoding="utf-8", newline="\n") as handle:
        handle.write("\t".join([KEY, *matrix.sample_ids]) + "\n")
        gaps = np.isnan(matrix.values).any(axis=1)
        for gene, row, gap in zip(matrix.gene_ids, matrix.values, gaps, strict=True):
            cells = "\t".join(map(format_cell, row.tolist())) if gap else pattern % tuple(row.tolist())
            handle.write(f"{gene}\t{cells}\n")
