"""The basis of a restricted cubic spline, which is linear beyond its outer knots."""

from __future__ import annotations

import numpy as np


def spline_basis(x: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Basis of a restricted cubic spline, shape (n_samples, n_knots - 1).

    The first column is x itself; the others are zero up to a knot, cubic between the knots and linear beyond
    the last, divided by the square of the distance between the outer knots so that all are on the scale of x.
    As `Hmisc::rcspline.eval(x, knots, inclx = TRUE)`.
    """
    x, knots = np.asarray(x, dtype=float), np.asarray(knots, dtype=float)
    last, before = knots[-1], knots[-2]
    scale = (last - knots[0]) ** 2
    columns = [x]
    for knot in knots[:-2]:
        end = (_cube(x - before) * (last - knot) - _cube(x - last) * (before - knot)) / (last - before)
        columns.append((_cube(x - knot) - end) / scale)
    return np.column_stack(columns)


def _cube(distance: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.maximum(distance, 0.0) ** 3
    return result
