"""A gene signature, learned, locked, and evaluated in samples that had no part in it."""

from __future__ import annotations

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.data.signature import SignatureFile


def learn_signature(
    samples: SampleSheet,
    expression: ExpressionMatrix,
    endpoint: Endpoint | None,
    outcome_column: str | None,
    outcome_level: str | None,
    covariate: list[str],
    factor: list[str],
    strata: list[str],
    candidates: SignatureFile | None,
    top_variance: int,
    scaling: str,
    learner: str,
    alpha: float,
    repeats: int,
    fold_column: str | None,
    lambda_rule: str,
    lambda_count: int,
    lambda_ratio: float | None,
    lambda_: list[float],
    genes: int,
    leave_out: str,
    nested: bool,
    folds: int,
    at: list[float],
    compare: list[SignatureFile],
    random_signatures: int,
    permuted_outcomes: int,
    seed: int,
    cut_quantile: list[float],
    name: str,
) -> dict[str, object]:
    from prognomics.learning.signature_model import learn_from_sheet
    from prognomics.report.figures.learned import LearnedFigure

    found = learn_from_sheet(
        samples, expression, endpoint, outcome_column, outcome_level, covariates=covariate, factors=factor,
        strata=strata, scaling=scaling, candidates=candidates, leave_out=leave_out, nested=nested, folds=folds, at=at,
        fold_column=fold_column, compare=compare, n_random=random_signatures, n_permuted=permuted_outcomes, name=name,
        cut_quantiles=cut_quantile, learner=learner, alpha=alpha, top_variance=top_variance, repeats=repeats, seed=seed,
        rule=lambda_rule, n_penalties=lambda_count, smallest=lambda_ratio, penalties=tuple(lambda_), n_genes=genes,
    )  # fmt: skip

    return {**found.outputs(), "plot": lambda: LearnedFigure(*found.figure_tables())}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
