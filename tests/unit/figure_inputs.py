"""Names, titles and random numbers for figures at their extremes."""

from __future__ import annotations

import numpy as np

LONG = "undifferentiated pleomorphic sarcoma, not otherwise specified (FNCLCC 3)"
TITLE = f"XPO1 and metastasis-free survival of {LONG} in all cohorts that state it, $p$ < 0.05 & <b>bold</b>"
KINDS = ("normal", "primary", "primary", "primary", "relapse", "metastasis", None)


def names(n, long=False, stem="GSE1036"):
    return [f"{LONG} {i}" if long else f"{stem}{10 + i}" for i in range(n)]


def rng(seed=1):
    return np.random.default_rng(seed)
