"""Probesets as a CDF file of either format gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

COMPLEMENTS = {("a", "t"), ("t", "a"), ("c", "g"), ("g", "c")}


@dataclass
class RawProbesets:
    """Probesets as a file gives them: names and, for each, the positions and bases of its cells."""

    names: list[str]
    sizes: list[int]
    x: np.ndarray
    y: np.ndarray
    perfect_match: np.ndarray


def is_perfect_match(probe_base: Sequence[str], target_base: Sequence[str]) -> np.ndarray:
    """Whether the bases of each cell, single letters, are complementary."""
    found = [(p.lower(), t.lower()) in COMPLEMENTS for p, t in zip(probe_base, target_base, strict=True)]
    return np.array(found, dtype=bool)
