"""Several matrices and sheets sorted into cohorts, each with its own matrix and samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sample_joins import Join, propose_change
from prognomics.data.sheet import SampleSheet, as_sheet
from prognomics.errors import BadInput, first_few, note, warn
from prognomics.io.known_names import are_ensembl, ensembl_base


@dataclass(frozen=True)
class CohortPart:
    """One cohort: its name, its matrix and its sheet, with the same samples in the same order."""

    cohort: str
    matrix: ExpressionMatrix
    sheet: SampleSheet


def gather(matrices: Sequence[ExpressionMatrix], sheets: Sequence[SampleSheet]) -> tuple[list[CohortPart], SampleSheet]:
    """Sort samples into cohorts by the sheets' column `cohort`.

    Returns the cohorts in the sheets' order, and one sheet of all their samples.
    Samples without a matrix, and those of a matrix without a sheet, are excluded with a warning.

    Raises
    ------
    BadInput
        If a sample is in two sheets or matrices, a sheet names no cohort, or one
        cohort's samples are spread over several matrices.
    """
    import pandas as pd

    holder: dict[str, int] = {}
    listed = {s for sheet in sheets for s in sheet.sample_ids}
    for number, matrix in enumerate(matrices):
        twice = [s for s in matrix.sample_ids if s in holder and s in listed]  # the sheets decide who is a sample
        if twice:
            raise BadInput("samples are in two matrices", where=f"{matrix.where}: {first_few(twice)}",
                           hint="rename the samples of one cohort, or leave them out of the sheet")  # fmt: skip
        holder.update(dict.fromkeys(matrix.sample_ids, number))
    for sheet in sheets:
        if "cohort" not in sheet.columns or sheet.frame["cohort"].isna().any():
            raise BadInput("a sample sheet does not name the cohort of each sample", where=sheet.where,
                           hint="curate_samples adds the column cohort")  # fmt: skip
    frame = pd.concat([s.frame for s in sheets], ignore_index=True)
    _require_contribution(matrices, sheets)
    population = sheets[0].population
    joined = as_sheet(frame, " and ".join(s.where for s in sheets))
    _warn_about_leftovers(set(holder), joined.sample_ids, subset=bool(population.conditions))
    joined = joined.take(np.array([s in holder for s in joined.sample_ids]))
    parts = []
    for cohort in dict.fromkeys(joined.labels("cohort")):
        own = joined.take(joined.labels("cohort") == cohort)
        held = sorted({holder[s] for s in own.sample_ids})
        if len(held) > 1:
            raise BadInput(f"the samples of cohort {cohort!r} are spread over {len(held)} matrices",
                           where=first_few(matrices[i].where for i in held),
                           hint="give each its own cohort name")  # fmt: skip
        parts.append(CohortPart(cohort, matrices[held[0]].select(own.sample_ids), own))
    parts = _with_common_ids(parts)
    ordered = pd.concat([p.sheet.frame for p in parts], ignore_index=True)
    return parts, replace(as_sheet(ordered, joined.where), population=population)


def _with_common_ids(parts: list[CohortPart]) -> list[CohortPart]:
    """Cohorts whose Ensembl ids differ by their versions, with the ids without versions."""
    shared = set.intersection(*(set(p.matrix.gene_ids) for p in parts))
    if len(parts) < 2 or not all(are_ensembl(p.matrix.gene_ids) for p in parts):
        return parts
    bases = [[ensembl_base(gene) for gene in p.matrix.gene_ids] for p in parts]
    smallest = min(map(len, bases))
    if 2 * len(shared) >= smallest or len(set.intersection(*map(set, bases))) <= len(shared):
        return parts
    text = f"only {len(shared)} Ensembl ids are in all cohorts with their versions: the versions are excluded"
    note("ensembl-versions", text)
    plain = []
    for part, names in zip(parts, bases, strict=True):
        first = list({name: i for i, name in reversed(list(enumerate(names)))}.values())[::-1]  # without _PAR_Y copies
        kept = [names[i] for i in first]
        plain.append(replace(part, matrix=replace(part.matrix, values=part.matrix.values[first], gene_ids=kept)))
    return plain


def _require_contribution(matrices: Sequence[ExpressionMatrix], sheets: Sequence[SampleSheet]) -> None:
    """BadInput where a matrix has no sample of the sheets, or a sheet none of the matrices: it would be for nothing."""
    listed = [s for sheet in sheets for s in sheet.sample_ids]
    measured = [s for matrix in matrices for s in matrix.sample_ids]
    subset = bool(sheets[0].population.conditions)
    if subset and set(listed) & set(measured):
        return  # a filter may leave a cohort out
    for matrix in matrices:
        join = Join.of(f"the matrix {Path(matrix.where).name}", matrix.sample_ids, "the sample sheets", listed)
        join.require(0, where=matrix.where, hint="give the sample sheet of this matrix too, or leave the matrix out")
    for sheet in sheets:
        join = Join.of(f"the sample sheet {Path(sheet.where).name}", sheet.sample_ids, "the matrices", measured)
        join.require(0, where=sheet.where, hint="give the matrix of this sheet too, or leave the sheet out")


def _warn_about_leftovers(measured: set[str], listed: list[str], *, subset: bool) -> None:
    bare = [s for s in listed if s not in measured]
    unlisted = sorted(measured - set(listed))
    if bare:
        text = f"{len(bare)} samples of the sheets have no expression: {first_few(bare)}"
        proposed = propose_change(bare, unlisted)
        warn("samples-without-expression", f"{text}; of these {proposed}" if proposed else text)
    if unlisted and not subset:
        text = f"{len(unlisted)} samples of the matrices stand in no sheet: {first_few(unlisted)}"
        warn("samples-without-sheet", text)
