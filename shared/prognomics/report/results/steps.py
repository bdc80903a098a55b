"""A step of a study with its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from prognomics.data.population import ALL, population_of_record
from prognomics.report.results.declarations import Declarations
from prognomics.report.results.rows import records
from prognomics.report.results.tools import in_report
from prognomics.report.wording import clean_text, is_absent
from prognomics.spec.in_report import InReport

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.data.store import Picture, ResultTable

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One run of a tool with its results that are at hand.

    `scope` is all, stratified, unstratified or per_cohort; `tables` are (artifact, table) in the record's order;
    `origin` is the cohort whose files the step started from, '' for several.
    """

    number: int
    record: Mapping[str, Any]
    scope: str = "all"
    cohort: str = ""
    strata: str = ""
    tables: list[tuple[str, ResultTable]] = field(default_factory=list)
    plots: list[Picture] = field(default_factory=list)
    origin: str = ""
    declared: Declarations = field(default_factory=Declarations)
    _kept: dict[tuple[str, ...], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def tool(self) -> str:
        return clean_text(self.record.get("tool"))

    @cached_property
    def in_report(self) -> InReport:
        """What the spec of its tool declares for the report."""
        return in_report(self.tool)

    def has(self, role: str) -> bool:
        """Whether the spec of its tool states this role."""
        return role in self.in_report.roles

    @property
    def parameters(self) -> dict[str, Any]:
        found = self.record.get("parameters")
        return found if isinstance(found, dict) else {}

    @property
    def population(self) -> str:
        return clean_text(self.record.get("population")) or ALL

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that its samples meet, one by one."""
        return tuple(map(clean_text, population_of_record(self.record).conditions))

    def frame(self, artifact: str) -> pd.DataFrame | None:
        """The first table of this kind, None without one."""
        return next((table.frame for kind, table in self.tables if kind == artifact), None)

    def rows(self, artifact: str) -> Sequence[Mapping[str, Any]]:
        """The rows of the first table of this kind: made once, the same each time, and not to be changed."""
        return self.once(("rows", artifact), lambda: records(self.frame(artifact)))

    def once(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        """What `make` gives, kept under a name: it depends on nothing but the step."""
        if key not in self._kept:
            self._kept[key] = make()
        kept: T = self._kept[key]
        return kept

    @property
    def source(self) -> str:
        """The cohort that the step worked on, by its name if it is recorded."""
        return self.origin or f"step {self.number}"

    def listed(self, name: str) -> list[str]:
        """A parameter as a list of texts; empty where it is not given."""
        value = self.parameters.get(name)
        values = value if isinstance(value, list) else [] if is_absent(value) else [value]
        return [clean_text("=".join(map(str, v)) if isinstance(v, (list, tuple)) else v) for v in values]


def list_outputs(record: Mapping[str, Any], side: str = "outputs") -> list[tuple[str, str]]:
    """(artifact, sha256) of each file that a record names."""
    files = record.get(side) or []
    return [(str(f.get("artefact", "")), str(f.get("sha256", ""))) for f in files if isinstance(f, dict)]
