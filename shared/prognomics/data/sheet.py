"""The sample sheet: one row per sample, with its annotations joined, its subset taken, its endpoints resolved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prognomics.data.columns import id_values
from prognomics.data.endpoint import Endpoint
from prognomics.data.endpoint_checks import check_censored_codes, check_endpoint, warn_about_endpoint
from prognomics.data.names_in_options import filter_name, split_filter, split_values
from prognomics.data.population import EVERYONE, Population
from prognomics.data.sample_joins import Join
from prognomics.data.tables import number_column, read_cells
from prognomics.errors import BadInput, Refused, UsageError, first_few, note, shortened, unknown_name, warn

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from prognomics.data.matrix import ExpressionMatrix

KEY = "sample_id"
IDENTIFIERS = (KEY, "patient_id", "cohort")
TISSUE_TYPES = ("normal", "primary", "relapse", "metastasis", "cell_line", "other")
_COLUMN_NUMBER = re.compile(r"^column:(\d+)$")


@dataclass(frozen=True)
class SampleSheet:
    """Samples and what is known of them.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per sample, with the column `sample_id`. Cells are text or numbers, missing is NaN.
    where : str
        Where it came from, for messages.
    population : Population
        The subset that was taken (`all` if none), as results state it; the run record has its filters in full.
    """

    frame: pd.DataFrame
    where: str = "sample sheet"
    population: Population = EVERYONE

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def sample_ids(self) -> list[str]:
        result: list[str] = self.frame[KEY].tolist()
        return result

    @property
    def columns(self) -> list[str]:
        result: list[str] = self.frame.columns.tolist()
        return result

    # ------------------------------------------------------------ columns

    def resolve(self, column: str) -> str:
        """The name of a column given by name, or as `column:3` (the third, counted from 1)."""
        number = _COLUMN_NUMBER.match(column)
        if number and column not in self.frame:
            index = int(number.group(1))
            if not 1 <= index <= self.frame.shape[1]:
                raise BadInput(f"there is no {column}: the sheet has {self.frame.shape[1]} columns", where=self.where)
            result: str = self.frame.columns[index - 1]
            return result
        if column not in self.frame:
            raise unknown_name("column", column, self.frame.columns, where=self.where)
        return column

    def numbers(self, column: str) -> np.ndarray:
        """A column as floats, shape (n_samples,), missing NaN; BadInput if it holds text."""
        result: np.ndarray = number_column(self.frame, self.resolve(column), where=self.where, key=KEY).to_numpy(float)
        return result

    def labels(self, column: str) -> np.ndarray:
        """A column as text, shape (n_samples,), missing None."""
        result: np.ndarray = id_values(self.frame[self.resolve(column)], self.where).to_numpy(dtype=object)
        return result

    # ------------------------------------------------------------ subsets

    def matches(self, condition: str, must_occur: bool = True) -> np.ndarray:
        """Which samples a filter `column=value[,value]` or `column!=value[,value]` keeps, shape (n_samples,).

        A missing value equals only `NA`. A value that no sample has is an error unless `must_occur` is false.
        """
        column, sign, values = split_filter(condition, self.frame.columns)
        labels = self.labels(column)
        present = {label for label in labels if label is not None} | {"NA", ""}
        wanted = split_values(values, present)
        absent = [value for value in wanted if value not in present]
        if must_occur and absent and sign == "=" and len(absent) == len(wanted):
            kind = f"value of column {column!r} equal to"
            raise unknown_name(kind, absent[0], sorted(present - {"NA", ""}), where=self.where)
        if absent:
            text = f"the filter {shortened(condition)!r} names {first_few(absent)}, which no sample has"
            warn("filter-value-absent", text)
        kept = set(wanted)
        inside = np.array([("NA" if label is None else label) in kept for label in labels], dtype=bool)
        return inside if sign == "=" else ~inside

    def take(self, keep: np.ndarray, population: Population | None = None) -> SampleSheet:
        """The samples where `keep` (bool, shape (n_samples,)) is true."""
        frame = self.frame[keep].reset_index(drop=True)
        return replace(self, frame=frame, population=self.population if population is None else population)

    def ordered(self) -> SampleSheet:
        """The same samples in the order of their ids: what is drawn at random then depends on ids and seed alone."""
        return replace(self, frame=self.frame.sort_values("sample_id", kind="stable", ignore_index=True))

    def subset(self, conditions: list[str]) -> SampleSheet:
        """The samples that meet all conditions; they become the population's name."""
        keep = np.ones(len(self), dtype=bool)
        for condition in conditions:
            keep &= self.matches(condition)
        return self.take(keep, Population(map(self.filter_name, conditions))) if conditions else self

    def filter_name(self, condition: str) -> str:
        """A filter as results state it, see :func:`prognomics.data.names_in_options.filter_name`."""
        column, _, _ = split_filter(condition, self.frame.columns)
        present = {label for label in self.labels(column) if label is not None}
        return filter_name(condition, self.frame.columns, present)

    # ------------------------------------------------------------ joining

    def annotate(self, table: pd.DataFrame, where: str) -> SampleSheet:
        """The sheet with a table's columns joined by `sample_id`.

        Raises
        ------
        BadInput
            If the table has no or doubled sample ids, shares no sample, or has a column that is there already.
        """
        if KEY not in table:
            raise BadInput(
                "the annotation has no column sample_id", where=where, hint=_which_holds_ids(table, self.sample_ids)
            )
        table = with_ids(table, where)
        clash = [c for c in table.columns if c != KEY and c in self.frame]
        if clash:
            raise BadInput(
                f"the annotation's column{'s' * (len(clash) > 1)} {first_few(clash)} stand in the sample sheet already",
                where=where,
                hint="name the column otherwise (--name in the tool that made it), or omit one of the two",
            )
        join = Join.of("the annotation", table[KEY], "the sample sheet", self.sample_ids)
        join.require(0, where=where)
        if join.only_left or join.only_right:
            note("annotation-matched", f"{Path(where).name}: {join}")
            join.warn_about_near(where)
        return replace(self, frame=self.frame.merge(table, on=KEY, how="left", sort=False))

    def with_marker(
        self, expression: ExpressionMatrix | None, gene: str | None, column: str | None
    ) -> tuple[SampleSheet, str]:
        """The sheet with a gene as a column, and the name of that column or of the one that is named instead."""
        if gene:
            return self.with_genes(expression, [gene]), gene
        return self, self.resolve(column or "")

    def with_genes(self, expression: ExpressionMatrix | None, genes: Sequence[str]) -> SampleSheet:
        """The sheet with the expression of genes as columns of their names; NaN for samples not in the matrix."""
        if not genes:
            return self
        if expression is None:
            raise UsageError("a gene needs an expression matrix", hint="give --expression")
        frame = self.frame.copy()
        position = {sample: i for i, sample in enumerate(expression.sample_ids)}
        index = np.array([position.get(s, -1) for s in frame[KEY]])
        for gene in genes:
            if gene in frame:
                raise BadInput(f"the sample sheet already has a column {gene!r}", hint="rename the column")
            values = expression.gene(gene)
            frame[gene] = np.where(index >= 0, values[index], np.nan)
        return replace(self, frame=frame)

    # ------------------------------------------------------------ endpoints

    @property
    def endpoint_names(self) -> list[str]:
        names = [c.removesuffix("_time") for c in self.frame if c.endswith("_time")]
        return [n for n in names if f"{n}_event" in self.frame]

    def endpoint(self, name: str | None = None, time_column: str | None = None, event_column: str | None = None,
                 censor_at: float | None = None, competing: bool = False) -> Endpoint:  # fmt: skip
        """The endpoint `name` (columns `<name>_time`, `<name>_event`), or of two named columns.

        `competing`: the caller models competing events, so that an endpoint without censored samples is allowed.

        Raises
        ------
        BadInput
            If it is not there, a time is negative, or an event is none of 0, 1 and 2 (competing).

        Warns
        -----
        time-unit-suspect, zero-times, event-codes-suspect
        """
        if time_column and event_column:
            time_column, event_column = self.resolve(time_column), self.resolve(event_column)
            name = name or time_column.removesuffix("_time")
        else:
            if name not in self.endpoint_names:
                raise unknown_name("endpoint", str(name), self.endpoint_names, where=self.where)
            time_column, event_column = f"{name}_time", f"{name}_event"
        time, causes = self.numbers(time_column), self.numbers(event_column)
        check_endpoint(self, time, time_column, causes, event_column)
        check_censored_codes(causes, event_column, self.where, competing)
        found = Endpoint.of_causes(name, time, causes)
        if not found.known.any():
            raise Refused(
                f"no sample has both a time and an event for endpoint {name!r}",
                where=f"{self.where}, population {self.population}",
            )
        warn_about_endpoint(self, found, time_column)
        return found if censor_at is None else found.censored_at(censor_at)


def _which_holds_ids(table: pd.DataFrame, sample_ids: Iterable[str]) -> str:
    """What to do with a table without the column sample_id: which of its columns has the samples' ids."""
    known = set(sample_ids)
    matched = {str(name): sum(value in known for value in table[name].astype(str)) for name in table}
    best = max(matched, key=lambda name: matched[name], default="")
    if best and matched[best]:
        return f"rename its column {best!r}, of which {matched[best]} of {len(table)} values are samples, to sample_id"
    return f"rename the column with the ids of the samples to sample_id; the columns are {first_few(table)}"


def check_ids(frame: pd.DataFrame, where: str) -> None:
    """BadInput if a sample id is missing or occurs twice."""
    if frame[KEY].isna().any():
        raise BadInput("a row has no sample_id", where=f"{where}: row {int(frame[KEY].isna().argmax()) + 2}")
    doubled = frame.loc[frame[KEY].duplicated(), KEY]
    if len(doubled):
        raise BadInput("sample ids occur twice", where=f"{where}: {first_few(doubled)}", hint="keep one row per sample")


def with_ids(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """A table of samples whose identifiers are text, as in files: numbers with all their digits."""
    found = {name: id_values(frame[name], where) for name in IDENTIFIERS if name in frame}
    frame = frame.assign(**{name: column.where(column.notna(), np.nan) for name, column in found.items()})
    check_ids(frame, where)
    return frame


def as_sheet(frame: pd.DataFrame, where: str = "sample sheet") -> SampleSheet:
    """A checked sheet from a frame with a column `sample_id`."""
    if KEY not in frame:
        raise BadInput(
            "the sample sheet has no column sample_id",
            where=f"{where}: its columns are {first_few(frame.columns)}",
            hint="make a sheet with curate_samples, or rename the column with the ids of the samples to sample_id",
        )
    frame = with_ids(frame.rename(columns=str).reset_index(drop=True), where)
    if len(frame) == 0:
        raise BadInput("the sample sheet holds no sample", where=where)
    if "tissue_type" in frame:
        odd = sorted(set(frame["tissue_type"].dropna()) - set(TISSUE_TYPES))
        if odd:
            raise BadInput(
                f"column 'tissue_type' holds {first_few(odd)}", where=where, hint=f"allowed: {', '.join(TISSUE_TYPES)}"
            )
    return SampleSheet(frame, where)


def read_sheet(path: Path) -> SampleSheet:
    return as_sheet(read_cells(path), str(path))


def sample_names(frame: pd.DataFrame) -> np.ndarray:
    """The ids of the samples, or the index of a frame without them, shape (n_samples,)."""
    names: np.ndarray = (frame["sample_id"] if "sample_id" in frame.columns else frame.index).to_numpy()
    return names
