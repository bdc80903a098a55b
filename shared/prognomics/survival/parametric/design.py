"""What of a design a parametric model can estimate."""

from __future__ import annotations

import numpy as np

from prognomics.modeling.design_matrix import Design

COLLINEAR = "not estimable: no information beyond the terms before it"
NO_EVENTS = "not estimable: the time ratio is infinite (a level without events)"
NO_REFERENCE = "not estimable: the reference level has no events; choose another one"
RANK_TOLERANCE = 1e-9


def estimable_part(design: Design, event: np.ndarray) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
    """Samples and columns that a model can be fitted to, and why the other columns are not estimable.

    A level without events has an infinite time ratio: in the limit its samples add nothing to the likelihood of the
    other coefficients, so that they are excluded.

    Returns
    -------
    rows : numpy.ndarray of bool, shape (n_samples,)
    columns : numpy.ndarray of int
    reason : dict of column to text
    """
    rows, reason, dropped = np.ones(len(event), bool), {}, set()
    for term in design.terms:
        if term.kind != "factor" or not term.columns:
            continue
        indicators = design.x[:, list(term.columns)] == 1
        reference = ~indicators.any(axis=1)
        for column, inside in zip(term.columns, indicators.T, strict=True):
            if not event[inside].any():
                reason[column] = NO_EVENTS
                dropped.add(column)
                rows &= ~inside
        if not event[reference].any():
            rows &= ~reference
            reason |= {column: NO_REFERENCE for column in term.columns if column not in dropped}
    basis, columns = np.ones((int(rows.sum()), 1)) / np.sqrt(max(rows.sum(), 1)), []
    for column in range(design.x.shape[1]):
        if column in dropped:
            continue
        values = design.x[rows, column]
        left = values - basis @ (basis.T @ values)
        left = left - basis @ (basis.T @ left)
        size = np.linalg.norm(left)
        if size <= RANK_TOLERANCE * max(np.linalg.norm(values), 1e-300):
            reason.setdefault(column, COLLINEAR)
            continue
        basis = np.column_stack([basis, left / size])
        columns.append(column)
    return rows, np.array(columns, int), reason
