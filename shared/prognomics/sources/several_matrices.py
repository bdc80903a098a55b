"""Several matrices of one cohort, each with other samples (featureCounts by sample or by batch), put side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.data.sample_joins import Join, least_matched
from prognomics.errors import BadInput, first_few
from prognomics.sources.expression_table import read_expression
from prognomics.sources.raw import RawExpression
from prognomics.sources.recognize import recognize
from prognomics.sources.sample_columns import SampleColumns

if TYPE_CHECKING:
    import pandas as pd

_ENDINGS = (".gz", ".txt", ".tsv", ".csv", ".tab", ".dat", ".counts", ".featurecounts")


def several_matrices(files: Sequence[Path], *, in_folder: bool) -> list[Path]:
    """The matrices among files, if there are at least two; in a folder only if each has a single sample."""
    found = [path for path in files if recognize(path) == "expression"]
    if len(found) < 2:
        return []
    if in_folder and any(len(read_expression(path)[0].sample_ids) > 1 for path in found[:2]):
        return []  # several cohorts in one folder: --accession chooses
    return found


def join_matrices(paths: Sequence[Path], notes: list[str]) -> tuple[RawExpression, pd.DataFrame | None]:
    """One matrix of several, by row names.

    Parameters
    ----------
    paths : sequence of path
    notes : list of str
        Gets how many rows match.

    Returns
    -------
    RawExpression
        NaN where a matrix lacks a row.
    features : pandas.DataFrame or None
        Those of all matrices, each probe once.

    Raises
    ------
    BadInput
        A sample in two matrices; matrices with less than half of the rows of the smaller one in common.
    """
    import pandas as pd

    tables = [read_expression(path) for path in paths]
    names = _samples([table.sample_ids for table, _ in tables], paths)
    columns, first = SampleColumns(), tables[0][0].row_ids
    for (table, _), samples, path in zip(tables, names, paths, strict=True):
        repeated = [row for row, n in Counter(table.row_ids).items() if n > 1]
        if repeated:
            raise BadInput("rows are named twice in one of several matrices", where=f"{path}: {first_few(repeated)}",
                           hint="join the matrices of probes or Ensembl ids, whose names are unique")  # fmt: skip
        join = Join.of(paths[0].name, first, path.name, table.row_ids)
        if not join.matched or join.fraction < least_matched():
            raise BadInput(
                f"{path.name} is not a further part of {paths[0].name}: {len(join.matched)} rows have the same names",
                where=f"{first_few(join.only_left, 3)}; {path.name}: {first_few(join.only_right, 3)}",
                hint="matrices of one cohort have the same genes and other samples; give one of them, or merge_cohorts",
            )
        if join.only_left or join.only_right:
            notes.append(str(join).replace(" samples are in both", " rows are in both"))
        for i, sample in enumerate(samples):
            columns.add(sample, table.row_ids, table.values[:, i])
    matrix = columns.matrix([sample for samples in names for sample in samples])
    assert matrix is not None
    notes.append(f"{len(paths)} matrices are put side by side by their rows: {len(matrix.sample_ids)} samples")
    known = [features for _, features in tables if features is not None]
    features = pd.concat(known).drop_duplicates("probe_id", ignore_index=True) if known else None
    return matrix, features


def _samples(given: list[list[str]], paths: Sequence[Path]) -> list[list[str]]:
    """Names of the samples; a column that is headed alike in files of one sample each is named by its file."""
    counts = Counter(sample for samples in given for sample in set(samples))
    twice = [sample for sample, n in counts.items() if n > 1]
    if twice and all(len(samples) == 1 for samples in given) and len(counts) == 1:
        given = [[_stem(path)] for path in paths]
        counts = Counter(sample for samples in given for sample in samples)
        twice = [sample for sample, n in counts.items() if n > 1]
    if twice:
        raise BadInput("a sample is in two matrices", where=first_few(twice),
                       hint="give each sample once, or name one matrix: --local-path expression=FILE")  # fmt: skip
    return given


def _stem(path: Path) -> str:
    name = path.name
    while (ending := next((e for e in _ENDINGS if name.lower().endswith(e)), None)) and len(name) > len(ending):
        name = name[: -len(ending)]
    return name
