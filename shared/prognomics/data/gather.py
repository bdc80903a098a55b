"""Several matrices and sheets sorted into cohorts, each with its own matrix and samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import KEY, SampleSheet, as_sheet
from prognomics.errors import BadInput, first_few, warn


@dataclass(frozen=True)
class CohortPart:
    """One cohort: its name, its matrix and its sheet, with the same samples in the same order."""

    cohort: str
    matrix: ExpressionMatrix
    sheet: SampleSheet


def gather(matrices: Sequence[ExpressionMatrix], sheets: Sequence[SampleSheet]) -> tuple[list[CohortPart], SampleSheet]:
    """Sort samples into cohorts by the sheets' column `cohort`.

    Returns the cohorts in the sheets' order, and one sheet of all their samples.
    Samples without a matrix, and those of a matrix without a sheet, are left out with a warning.

    Raises
    ------
    BadInput
        If a sample stands in two sheets or matrices, a sheet names no cohort, or one
        cohort's samples are spread over several matrices.
    """
    import pandas as pd

    holder: dict[str, int] = {}
    for number, matrix in enumerate(matrices):
        twice = [s for s in matrix.sample_ids if s in holder]
        if twice:
            raise BadInput("samples stand in two matrices", where=f"{matrix.where}: {first_few(twice)}",
                           hint="rename the samples of one cohort")  # fmt: skip
        holder.update(dict.fromkeys(matrix.sample_ids, number))
    for sheet in sheets:
        if "cohort" not in sheet.columns or sheet.frame["cohort"].isna().any():
            raise BadInput("a sample sheet does not name the cohort of each sample", where=sheet.where,
                           hint="curate_samples adds the column cohort")  # fmt: skip
    frame = pd.concat([s.frame for s in sheets], ignore_index=True)
    population = sheets[0].population
    joined = as_sheet(frame, " and ".join(s.where for s in sheets))
    _warn_of_leftovers(set(holder), joined.sample_ids, subset=population != "all")
    joined = joined.take(np.array([s in holder for s in joined.sample_ids]))
    if not len(joined):
        raise BadInput("the sample sheets match no sample of the matrices",
                       where=f"{sheets[0].where}: {first_few(frame[KEY], 3)}; {matrices[0].where}: "
                       f"{first_few(matrices[0].sample_ids, 3)}")  # fmt: skip
    parts = []
    for cohort in dict.fromkeys(joined.labels("cohort")):
        own = joined.take(joined.labels("cohort") == cohort)
        held = sorted({holder[s] for s in own.sample_ids})
        if len(held) > 1:
            raise BadInput(f"the samples of cohort {cohort!r} are spread over {len(held)} matrices",
                           where=first_few(matrices[i].where for i in held),
                           hint="give each its own cohort name")  # fmt: skip
        parts.append(CohortPart(cohort, matrices[held[0]].select(own.sample_ids), own))
    ordered = pd.concat([p.sheet.frame for p in parts], ignore_index=True)
    return parts, replace(as_sheet(ordered, joined.where), population=population)


def _warn_of_leftovers(measured: set[str], listed: list[str], *, subset: bool) -> None:
    bare = [s for s in listed if s not in measured]
    if bare:
        warn("samples-without-expression", f"{len(bare)} samples of the sheets have no expression: {first_few(bare)}")
    unlisted = sorted(measured - set(listed))
    if unlisted and not subset:
        text = f"{len(unlisted)} samples of the matrices stand in no sheet: {first_few(unlisted)}"
        warn("samples-without-sheet", text)
