"""Normalize the samples of one cohort against each other."""

from __future__ import annotations

from dataclasses import replace

from prognomics.artefacts.matrix import ExpressionMatrix
from prognomics.errors import note


def normalize(expression: ExpressionMatrix, method: str) -> dict[str, object]:
    from prognomics.expression.normalize import normalize as normalized

    result = normalized(expression.values, method)
    note("normalization", f"scale found: {result.scale_found}; applied: {result.method_applied}. {result.reason}")
    return {"expression": replace(expression, values=result.values)}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
