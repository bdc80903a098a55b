"""Scores of signatures: one number a sample from the expression of many genes."""

from __future__ import annotations

import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.data.signature import SignatureFile, aliases_of


def score_signature(
    expression: ExpressionMatrix,
    signature: SignatureFile,
    signature_name: list[str],
    pair: list[tuple[str, str]],
    samples: SampleSheet | None,
    method: str,
    within: str | None,
    normalize: bool,
    aliases: pd.DataFrame | None,
    min_coverage: float,
    name: str | None,
) -> dict[str, object]:
    from prognomics.signature import score_analysis
    from prognomics.signature.outcome import measured

    if samples is not None:
        samples, _ = measured(samples, expression.sample_ids)
        expression = expression.select(samples.sample_ids)
    cohorts = samples.labels(within) if within else None
    wanted = score_analysis.signatures_to_score(signature, signature_name, pair)
    found, coverage = score_analysis.find_signatures(
        expression.values, expression.gene_ids, wanted, aliases_of(aliases) if aliases is not None else {}, method,
        min_coverage,
    )  # fmt: skip
    scores = score_analysis.score_samples(expression.values, found, method, normalize=normalize, cohorts=cohorts)
    columns = score_analysis.score_columns([score.name for score in found], method, name)
    table = pd.DataFrame({"sample_id": expression.sample_ids, **dict(zip(columns, scores, strict=True))})

    def fitted() -> object:
        from prognomics.signature.locked_score import locked_score

        return locked_score(found, columns, expression, method, normalize=normalize, within=within,
                            frame=samples.frame if samples else None,
                            population=samples.population if samples else "all")  # fmt: skip

    return {"scores": table, "coverage": coverage, "fitted": fitted}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
