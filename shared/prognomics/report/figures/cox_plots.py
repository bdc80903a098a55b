"""The figures of a Cox analysis by the names of the tool's outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from prognomics.report.figures.forest import CoxForestFigure
from prognomics.report.figures.schoenfeld import SchoenfeldFigure
from prognomics.report.figures.spline_curve import SplineCurveFigure
from prognomics.report.figures.subgroup_forest import SubgroupForestFigure

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.report.figures.style import StudyFigure

SPLINE_UNIT = "spline basis"
ONLY_IN_THE_TABLE = "univariable_complete_cases"


def cox_plot(name: str, found: object, tables: Mapping[str, Callable[[], pd.DataFrame]]) -> StudyFigure:
    """One figure of an analysis.

    Parameters
    ----------
    name : {"plot", "ph_plot", "spline_plot", "subgroup_plot"}
    found : CoxAnalysis
        With `table` and `ph`.
    tables : mapping of output to what makes its table
    """
    if name == "plot":
        table = found.table
        return CoxForestFigure(table[(table["unit"] != SPLINE_UNIT) & (table["model"] != ONLY_IN_THE_TABLE)])
    if name == "ph_plot":
        return SchoenfeldFigure(tables["schoenfeld"](), found.ph)
    if name == "spline_plot":
        return SplineCurveFigure(tables["spline_curve"]())
    return SubgroupForestFigure(tables["subgroups"]())
