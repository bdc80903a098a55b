"""What is screened: the endpoint of a method, and columns of scores in place of genes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prognomics.data.endpoint import Endpoint
from prognomics.data.endpoint_checks import check_censored_codes, warn_about_competing
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet

OF_COMPETING_EVENTS = ("fine_gray", "cause_specific")


def check_endpoint_for(method: str, endpoint: Endpoint, where: str) -> None:
    """Warn of competing events, and raise `BadInput` without censored samples, if the method models no such events."""
    if method not in OF_COMPETING_EVENTS:
        check_censored_codes(endpoint.causes, f"{endpoint.name}_event", where)
        warn_about_competing(endpoint)


def score_matrix(samples: SampleSheet, columns: Sequence[str]) -> ExpressionMatrix:
    """Columns of numbers of a sheet, as rows of a matrix of shape (n_columns, n_samples)."""
    values = np.array([samples.numbers(column) for column in columns])
    return ExpressionMatrix(values, list(columns), samples.sample_ids, samples.where)
