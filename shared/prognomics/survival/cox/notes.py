"""A fitted model with its design, and what the reader should be told about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prognomics.errors import first_few, warn

NON_PROPORTIONAL = 0.05
WAY_ON = "--time-varying TERM estimates it in intervals (--time-split MONTHS) or along log time (--time-function log)"


def warn_about_hazards(rows: Sequence[dict[str, Any]], way_on: str = WAY_ON) -> None:
    """Warn of terms whose hazard ratio changes over time; of the rows of `--out-ph` the first time scale counts.

    `way_on` states what the user can do about it.
    """
    rows = [row for row in rows if row["transform"] == rows[0]["transform"]] if rows else []
    bad = [row for row in rows if row["p_value"] < NON_PROPORTIONAL and row["term"] != "GLOBAL"]
    if bad:
        shown = [f"{row['model']} {row['term']} (p = {row['p_value']:.2g})" for row in bad]
        warn(
            "non-proportional-hazards",
            f"the hazard ratio changes over time, one number does not describe it: {first_few(shown)}. {way_on}",
        )
