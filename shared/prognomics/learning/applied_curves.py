"""Survival of new samples by the groups of a locked model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.learning.application import Application
from prognomics.survival.curves.kaplan_meier_analysis import kaplan_meier_analysis

GROUP = "model_group"


def curves_by_group(
    found: Application, endpoint: Endpoint | None, known: np.ndarray
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Curve and test tables of `kaplan_meier`, stratified by cohort; None without groups or an endpoint.

    Parameters
    ----------
    found : Application
    endpoint : Endpoint or None
    known : numpy.ndarray of bool, shape (n_samples,)
        Samples that are validated.
    """
    present = [level for level in found.model.levels if (found.group[known] == level).any()]
    if endpoint is None or not present:
        return None, None
    group = GROUP if len(present) > 1 else None
    frame = found.frame[known].assign(**{GROUP: found.group[known]}).reset_index(drop=True)
    made = kaplan_meier_analysis(frame, endpoint.time_months[known], endpoint.event[known], group,
                                 group_order=present if group else (),
                                 endpoint=endpoint.name, population=found.population)  # fmt: skip
    return made.curve, made.test if group else None
