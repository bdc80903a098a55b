"""Put cohorts side by side on their common genes and normalize between them."""

from __future__ import annotations

from prognomics.data.gather import gather
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet


def merge_cohorts(
    expression: list[ExpressionMatrix],
    samples: list[SampleSheet],
    method: str,
    min_presence: float,
    reference_samples: str | None,
    reference_cohort: str | None,
    covariate: list[str],
    factor: list[str],
    numeric: list[str],
    parametric: bool,
    mean_only: bool,
) -> dict[str, object]:
    from prognomics.expression.design_matrix import typed_covariates
    from prognomics.expression.merge import Cohort
    from prognomics.expression.merge import merge_cohorts as merge
    from prognomics.threads import n_threads

    parts, sheet = gather(expression, samples)
    reference = None
    if reference_samples:
        reference = {s for s, chosen in zip(sheet.sample_ids, sheet.matches(reference_samples), strict=True) if chosen}
    cohorts = [
        Cohort(p.cohort, p.matrix.values, p.matrix.gene_ids, p.matrix.sample_ids,
               None if reference is None else [s in reference for s in p.matrix.sample_ids])
        for p in parts
    ]  # fmt: skip
    covariates = typed_covariates(sheet.frame, covariate, factors=factor, numerics=numeric, where=sheet.where)
    merged = merge(
        cohorts,
        method,
        covariates=covariates.set_index(sheet.frame["sample_id"]) if covariate else None,
        reference_cohort=reference_cohort,
        min_presence=min_presence,
        parametric=parametric,
        mean_only=mean_only,
        threads=n_threads(),
        biology={c: sheet.labels(c) for c in ("tissue_type",) if c in sheet.columns},
    )
    matrix = ExpressionMatrix(merged.values, merged.gene_ids, merged.sample_ids, "merged matrix")
    return {"expression": matrix, "samples": sheet, "report": merged.report}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
