"""Clinical variables against groups of samples or a continuous marker."""

from __future__ import annotations

import numpy as np

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.errors import UsageError


def associate(
    samples: SampleSheet,
    group_column: str | None,
    expression: ExpressionMatrix | None,
    gene: str | None,
    score_column: str | None,
    all_samples: bool,
    variable: list[str],
    test: str,
    categorical_test: str,
    yates: bool,
    p_adjust: str,
    factor: list[str],
    numeric: list[str],
    ordered: list[tuple[str, str]],
    simulations: int,
    seed: int,
) -> dict[str, object]:
    from prognomics.association.association import associate_groups, associate_marker, check_yates
    from prognomics.association.description import describe_samples
    from prognomics.association.table_one import table_one
    from prognomics.data.ordered_levels import declare_order
    from prognomics.expression.design_matrix import typed_covariates

    check_yates(yates, categorical_test)
    factors = [*factor, *(name for name, _ in ordered)]
    variables = typed_covariates(samples.frame, variable, factors=factors, numerics=numeric, where=samples.where)
    kinds = {name: "categorical" if variables[name].dtype == object else "numeric" for name in variables}
    variables = declare_order(variables, ordered)
    common = {"kinds": kinds | {name: "ordered" for name, _ in ordered}, "adjust_method": p_adjust,
              "cohort": samples.labels("cohort") if "cohort" in samples.columns else None,
              "population": samples.population}  # fmt: skip
    if group_column:
        table = associate_groups(
            variables, samples.labels(group_column), numeric_test="welch" if test == "auto" else test,
            categorical_test=categorical_test, rng=np.random.Generator(np.random.PCG64(seed)),
            simulations=simulations, yates=yates, **common,
        ).assign(marker=group_column)  # fmt: skip
    elif all_samples:
        table = describe_samples(
            variables, kinds=common["kinds"], cohort=common["cohort"], population=samples.population
        )
    elif not (gene or score_column):
        raise UsageError(
            "neither groups nor a marker", hint="give --group-column, --gene, --score-column or --all-samples"
        )
    else:
        marker = gene or score_column
        samples = samples.with_genes(expression, [gene] if gene else [])
        test = "mann_whitney" if test == "auto" else test
        table = associate_marker(variables, samples.numbers(marker), marker_name=marker, test=test, **common)
    return {"table": table, "table_one": lambda: table_one(table)}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
