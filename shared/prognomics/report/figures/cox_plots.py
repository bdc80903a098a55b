"""The figures of a Cox analysis by the names of the tool's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from prognomics.report.figures.forest import CoxForestFigure
from prognomics.report.figures.schoenfeld import SchoenfeldFigure
from prognomics.report.figures.spline_curve import SplineCurveFigure
from prognomics.report.figures.subgroup_forest import SubgroupForestFigure

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.report.figures.style import StudyFigure

SPLINE_UNIT = "spline basis"
ONLY_IN_THE_TABLE = "univariable_complete_cases"


class Analysis(Protocol):
    """What is drawn of an analysis: its hazard ratios and its tests of proportional hazards."""

    @property
    def table(self) -> pd.DataFrame: ...

    @property
    def ph(self) -> pd.DataFrame: ...


def with_cox_plots(found: Analysis, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of an analysis, and what makes each of its figures, by the name of the output.

    Parameters
    ----------
    found : CoxAnalysis
    outputs : mapping of output to a table or to what makes it
        With `schoenfeld`, `spline_curve` and `subgroups`.
    """

    def forest() -> StudyFigure:
        table = found.table
        return CoxForestFigure(table[(table["unit"] != SPLINE_UNIT) & (table["model"] != ONLY_IN_THE_TABLE)])

    return {
        **outputs,
        "plot": forest,
        "ph_plot": lambda: SchoenfeldFigure(outputs["schoenfeld"](), found.ph),
        "spline_plot": lambda: SplineCurveFigure(outputs["spline_curve"]()),
        "subgroup_plot": lambda: SubgroupForestFigure(outputs["subgroups"]()),
    }
