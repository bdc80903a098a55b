"""All steps of a study in order, and the results that no record names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prognomics.report.results.found import Findings
from prognomics.report.results.steps import Step

if TYPE_CHECKING:
    from prognomics.data.store import Picture, ResultTable


@dataclass(frozen=True)
class Joined:
    """All steps in order, and the results that no record names."""

    steps: list[Step]
    loose_tables: list[ResultTable]
    loose_plots: list[Picture]
    findings: Findings

    def of(self, *tools: str) -> list[Step]:
        """The steps of these tools."""
        return [step for step in self.steps if step.tool in tools]

    def having(self, role: str) -> list[Step]:
        """The steps of tools whose specs state this role."""
        return [step for step in self.steps if step.has(role)]
