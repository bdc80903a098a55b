"""Locally weighted regression with robustness weights (lowess).

Cleveland (1979), doi 10.1080/01621459.1979.10481038.
"""

from __future__ import annotations

import numpy as np

ITERATIONS = 3
STEP = 0.01


def lowess(x: np.ndarray, y: np.ndarray, span: float = 2 / 3) -> tuple[np.ndarray, np.ndarray]:
    """Smooth y over x by local lines, as R's `lowess(x, y, f = span)`.

    Local lines have tricube weights over the nearest `span` of the points, and three rounds of bisquare weights of
    residuals. Lines are fitted at points at least one hundredth of the range of x from each other and interpolated
    between them, as R does by default.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n_points,)
        Finite, at least one point.
    span : float
        Fraction of the points that has a part in each local line.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        x in rising order, and the smoothed values there.
    """
    order = np.argsort(x, kind="stable")
    x, y = np.asarray(x, dtype=float)[order], np.asarray(y, dtype=float)[order]
    if len(x) < 2:
        return x, y.copy()
    anchors, windows = _anchors(x, max(2, min(len(x), int(span * len(x) + 1e-7))), STEP * (x[-1] - x[0]))
    robust = None
    for step in range(ITERATIONS + 1):
        heights = [_local(x, y, i, *window, robust) for i, window in zip(anchors, windows, strict=True)]
        smooth = np.interp(x, x[anchors], heights)
        away = np.abs(y - smooth)
        scale = 6.0 * float(np.median(away))
        if step == ITERATIONS or scale < 1e-7 * away.mean():
            break
        robust = np.where(away <= 0.001 * scale, 1.0, (1.0 - np.minimum(away / scale, 1.0) ** 2) ** 2)
        robust[away > 0.999 * scale] = 0.0
    return x, smooth


def _anchors(x: np.ndarray, k: int, delta: float) -> tuple[list[int], list[tuple[int, int]]]:
    """Points at which lines are fitted, and the first and last of the k points nearest to each."""
    n, i, left = len(x), 0, 0
    anchors, windows = [], []
    while True:
        while left + k < n and x[i] - x[left] > x[left + k] - x[i]:
            left += 1
        anchors.append(i)
        windows.append((left, left + k - 1))
        last = int(np.searchsorted(x, x[i], side="right")) - 1  # equal points have one height
        if last >= n - 1:
            return anchors, windows
        beyond = int(np.searchsorted(x, x[i] + delta, side="right"))
        i = max(last + 1, beyond - 1)


def _local(x: np.ndarray, y: np.ndarray, i: int, left: int, right: int, robust: np.ndarray | None) -> float:
    at = x[i]
    width = max(at - x[left], x[right] - at)
    end = int(np.searchsorted(x, at + 0.999 * width, side="right"))
    near = x[left:end]
    distance = np.abs(near - at)
    weight = np.where(distance <= 0.001 * width, 1.0, (1.0 - (distance / width if width else distance) ** 3) ** 3)
    weight[distance > 0.999 * width] = 0.0
    if robust is not None:
        weight *= robust[left:end]
    total = weight.sum()
    if total <= 0:
        return float(y[i])
    weight /= total
    if width > 0:
        center = float(weight @ near)
        spread = float(weight @ (near - center) ** 2)
        if np.sqrt(spread) > 0.001 * (x[-1] - x[0]):
            weight *= (at - center) / spread * (near - center) + 1.0
    return float(weight @ y[left:end])
