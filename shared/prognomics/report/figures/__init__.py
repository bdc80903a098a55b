"""Figures in one style: each draws the tables it is handed and computes no statistic.

Every figure has `save(path, format)` and `to_bytes(format)` with format png (300 dpi),
pdf or svg; the same content gives the same bytes.
"""

from prognomics.report.figures.boxplot import BoxFigure
from prognomics.report.figures.forest import CoxForestFigure, OddsForestFigure, OverviewForestFigure
from prognomics.report.figures.heatmap import HeatmapFigure
from prognomics.report.figures.kaplan_meier import KaplanMeierFigure
from prognomics.report.figures.meta_forest import MetaForestFigure

__all__ = [
    "BoxFigure",
    "CoxForestFigure",
    "HeatmapFigure",
    "KaplanMeierFigure",
    "MetaForestFigure",
    "OddsForestFigure",
    "OverviewForestFigure",
]
