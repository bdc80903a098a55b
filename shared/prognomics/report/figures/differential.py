"""The volcano plot of differential expression: difference against p-value, one point per gene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from prognomics.report.figures import style
from prognomics.report.figures.volcano import LEFT, RIGHT, VolcanoFigure
from prognomics.report.wording import clean_text


@dataclass
class DifferentialFigure(VolcanoFigure):
    """Difference of log2 expression against -log10 p, the genes below a false discovery rate in color.

    Parameters
    ----------
    table : DataFrame
        `differential_expression --out-table`.
    highlight, fdr, title
        As `VolcanoFigure`: higher vermillion, lower blue.
    """

    effect: ClassVar[str] = "log_fc"
    sides: ClassVar[str] = "{} higher, {} lower"

    def _logarithms(self, effects: np.ndarray) -> np.ndarray:
        return effects

    def _axis_label(self) -> str:
        contrast = clean_text(str(self.table["contrast"].iloc[0]))
        return style.fit_text(f"Difference of expression, {contrast}", style.WIDTH - LEFT - RIGHT)

    def _adjusted(self) -> str:
        block = str(self.table["block"].iloc[0])
        return "" if block == "none" else f"; within {clean_text(block)}"
