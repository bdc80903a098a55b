"""Normalize the samples of one cohort against each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.errors import Refused, note


def normalize(
    expression: ExpressionMatrix, method: str, offset: float | None, reference: pd.DataFrame | None, log: bool
) -> dict[str, object]:
    from prognomics.expression.normalize import normalize as normalized
    from prognomics.threads import n_threads

    target = None if reference is None else reference["value"].to_numpy()
    result = normalized(
        expression.values, method, offset=offset, reference=target, threads=n_threads(), samples=expression.sample_ids,
        tallied=expression.tallied, log=log,
    )  # fmt: skip
    note("normalization", f"scale found: {result.scale_found}; applied: {result.method_applied}. {result.reason}")

    def distribution() -> pd.DataFrame:
        from prognomics.expression.quantile import mean_distribution

        if not result.quantiles:
            raise Refused(f"there is no common distribution to write: {result.reason}", hint="take --method quantile")
        values = mean_distribution(result.values) if target is None else target
        return pd.DataFrame({"probability": np.linspace(0, 1, len(values)), "value": values})

    return {"expression": replace(expression, values=result.values), "reference": distribution}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
