"""The root of an increasing function."""

from __future__ import annotations

from collections.abc import Callable

ROUNDS = 200


def increasing_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function passes 0 between `low` and `high`, by bisection; infinite if it is below at high."""
    if function(high) < 0:
        return float("inf")
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return high
