"""The expression matrix: genes × samples, as tab-separated text or H5AD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from prognomics.data.feature_columns import symbols_beside
from prognomics.data.matrix_content import warn_about_content, warn_about_names
from prognomics.data.orientation import samples_are_rows
from prognomics.data.tables import format_cell
from prognomics.errors import BadInput, first_few, note, unknown_name
from prognomics.io.file_kinds import is_hdf5
from prognomics.io.known_names import ensembl_base
from prognomics.io.look_alikes import refuse_controls, warn_about_look_alikes
from prognomics.io.matrix_text import read_number_table, without_tallies

KEY = "gene_id"
BLOCK_BYTES = 1 << 24
"""About how much of a matrix is worked on at a time."""


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
    symbols : list of str or None
        Gene symbols that the file gives beside other row names.
    tallied : bool
        Whether its file had rows that count reads of no gene (`__no_feature`), as files of counts have.
    """

    values: np.ndarray
    gene_ids: list[str]
    sample_ids: list[str]
    where: str = "expression matrix"
    symbols: list[str] | None = None
    tallied: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        return self.values.shape

    def gene(self, name: str) -> np.ndarray:
        """One gene's values, shape (n_samples,); BadInput with near names if it is not there."""
        try:
            result: np.ndarray = self.values[self.gene_ids.index(name)]
            return result
        except ValueError:
            same = [i for i, gene in enumerate(self.gene_ids) if name.startswith("ENS") and
                    ensembl_base(gene) == ensembl_base(name)]  # fmt: skip
            if len(same) == 1:
                note("ensembl-versions", f"{name} is found as {self.gene_ids[same[0]]}")
                result = self.values[same[0]]
                return result
            raise unknown_name("gene", name, self.gene_ids, where=self.where) from None

    def rows_of(self, names: Iterable[str]) -> dict[str, int]:
        """The row of each gene that is there, by name; Ensembl ids are also found under another version."""
        rows = {gene: i for i, gene in enumerate(self.gene_ids)}
        names = list(names)
        versions: dict[str, list[int]] = {}
        if any(name not in rows and name.startswith("ENS") for name in names):
            for gene, i in rows.items():
                versions.setdefault(ensembl_base(gene), []).append(i)
        renamed = [n for n in names if n not in rows and n.startswith("ENS") and
                   len(versions.get(ensembl_base(n), ())) == 1]  # fmt: skip
        if renamed:
            note("ensembl-versions", f"{len(renamed)} genes are found under another version of their Ensembl id: "
                 f"{first_few(renamed)}")  # fmt: skip
        held = {name: rows[name] for name in names if name in rows}
        return held | {name: versions[ensembl_base(name)][0] for name in renamed}

    def blocks(self) -> Iterator[np.ndarray]:
        """The rows in order, in blocks of genes, shape (n_block, n_samples)."""
        step = genes_at_once(len(self.sample_ids))
        for start in range(0, len(self.gene_ids), step):
            yield self.values[start : start + step]

    def select(self, sample_ids: list[str]) -> ExpressionMatrix:
        """These samples only, in the order given; all must be in the matrix."""
        position = {s: i for i, s in enumerate(self.sample_ids)}
        index = [position[s] for s in sample_ids]
        return ExpressionMatrix(self.values[:, index], self.gene_ids, list(sample_ids), self.where)


def genes_at_once(n_samples: int) -> int:
    """How many genes of that many samples a block holds."""
    return max(1, BLOCK_BYTES // (8 * max(1, n_samples)))


def checked(
    values: np.ndarray, gene_ids: list[str], sample_ids: list[str], where: str, repeated_rows: bool = False
) -> ExpressionMatrix:
    """A matrix whose names are unique (but those of rows if they may repeat) and whose values are finite or missing.

    Rows that count reads of no gene (`__no_feature`) are excluded and warned of; names that a spreadsheet damaged, and
    rows and columns unlike the others, are warned of.

    Raises
    ------
    BadInput
        On doubled or missing names, infinite values, or an empty matrix.
    """
    genes = without_tallies(gene_ids, where)
    if genes is not None:
        values, gene_ids = values[genes], [name for name, k in zip(gene_ids, genes.tolist(), strict=True) if k]
    check_names(gene_ids, sample_ids, where, repeated_rows)
    if samples_are_rows(gene_ids, sample_ids):
        raise BadInput("the columns are named by genes: the matrix has its samples in rows",
                       where=f"{where}: columns {first_few(sample_ids, 3)}; rows {first_few(gene_ids, 3)}",
                       hint="transpose it: genes are in rows; fetch_cohort --source local does so")  # fmt: skip
    check_finite(values, gene_ids, sample_ids, where)
    warn_about_content(values, gene_ids, sample_ids, where)
    return ExpressionMatrix(values, gene_ids, sample_ids, where, tallied=genes is not None)


def check_names(gene_ids: list[str], sample_ids: list[str], where: str, repeated_rows: bool = False) -> None:
    """BadInput if there are no genes or samples, or a name is empty or occurs twice (of rows, if they must not)."""
    if not gene_ids or not sample_ids:
        raise BadInput("the matrix holds no values", where=where, hint="genes stand in rows, samples in columns")
    for kind, names, hint, repeated in (
        ("gene ids", gene_ids, "collapse probes of one gene with map_genes", repeated_rows),
        ("sample ids", sample_ids, "rename or omit one of each", False),
    ):
        if "" in names:
            place = f"{'row' if kind == 'gene ids' else 'column'} {names.index('') + 1} of the matrix"
            raise BadInput(f"one of the {kind} is empty", where=f"{where}: {place}", hint="name it, or delete it")
        refuse_controls(names, kind, where)
        warn_about_look_alikes(names, kind, where)
        if not repeated and len(set(names)) < len(names):
            seen: set[str] = set()
            doubled: dict[str, None] = {}
            for name in names:
                if name in seen:
                    doubled[name] = None
                seen.add(name)
            raise BadInput(f"{kind} occur twice", where=f"{where}: {first_few(doubled)}", hint=hint)
    warn_about_names(gene_ids, where)


def check_finite(values: np.ndarray, gene_ids: list[str], sample_ids: list[str], where: str) -> None:
    """BadInput if a value is infinite; missing ones may be."""
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise BadInput("the matrix holds an infinite value", where=f"{where}: {gene_ids[row]}, {sample_ids[column]}")


def read_matrix(path: Path, repeated_rows: bool = False) -> ExpressionMatrix:
    """A matrix from H5AD or a table of text (see `matrix_text.read_number_table`), recognized by content."""
    if is_hdf5(path):
        from prognomics.io.h5ad import read_h5ad

        values, gene_ids, sample_ids = read_h5ad(path)
        return checked(values, gene_ids, sample_ids, str(path), repeated_rows)
    table = read_number_table(path, keep_infinite=True, called=("gene", "sample"))
    matrix = checked(table.values, table.ids[0], table.samples, str(path), repeated_rows)
    place = symbols_beside(table.id_names, table.ids)
    return replace(matrix, symbols=table.ids[place] if place else None, tallied=matrix.tallied or table.tallied)


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
