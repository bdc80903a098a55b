"""The parts of a cohort, each got when it is first requested: who wants the clinical table downloads no matrix."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prognomics.data.sample_joins import note_source
from prognomics.errors import BadInput
from prognomics.sources.raw import RawCohort, RawExpression

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.sources.transport.archive import Member

NO_FEATURES = "give a table of probes and symbols with --source local, or name rows by gene"


@dataclass(frozen=True)
class RawFiles:
    """Raw files on their way into an archive.

    Attributes
    ----------
    members : callable
        Yields each file once (see `archive.Member`).
    """

    members: Callable[[], Iterator[Member]]

    def save(self, path: Path) -> None:
        """Write a plain tar: the files in their order, without owners, dates or folders.

        Raises
        ------
        BadInput
            No files, or two of one name.
        """
        names: set[str] = set()
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as out:
            for member in self.members():
                info = tarfile.TarInfo(member.name.rpartition("/")[2])
                if info.name.casefold() in names:
                    raise BadInput("two raw files have one name", where=member.name)
                names.add(info.name.casefold())
                info.size, info.mode = member.size, 0o644
                out.addfile(info, member.content)
        if not names:
            raise BadInput("the source holds no raw files")


@dataclass(frozen=True)
class Fetched:
    """The parts of a cohort.

    Attributes
    ----------
    samples : callable
        The raw sheet (pandas.DataFrame of str, see `RawCohort`).
    expression : callable
        The matrix (RawExpression).
    features : callable
        The feature map (pandas.DataFrame).
    raw : callable
        RawFiles.

    Each raises BadInput where the source has no such part, and shows notes when it is first called.
    """

    samples: Callable[[], pd.DataFrame]
    expression: Callable[[], RawExpression]
    features: Callable[[], pd.DataFrame]
    raw: Callable[[], RawFiles]


def absent(what: str, hint: str = "") -> Callable[[], Any]:
    """A part that a source does not have."""

    def missing() -> Any:
        raise BadInput(what, hint=hint)

    return missing


def of_cohort(
    read: Callable[[], RawCohort],
    *,
    features: Callable[[], pd.DataFrame] | None = None,
    raw: Callable[[], RawFiles] | None = None,
    no_values: str | Callable[[], str] = "",
) -> Fetched:
    """The parts of a source that gives samples and values together.

    Parameters
    ----------
    read : callable
        Reads the cohort; called once.
    features, raw : callable, optional
        Where they come from, if not from the cohort.
    no_values : str, or a callable that gives it
        What to do where the cohort has no matrix.
    """

    @cache
    def cohort() -> RawCohort:
        found = read()
        for text in found.notes:
            note_source(text)
        return found

    def expression() -> RawExpression:
        values = cohort().expression
        if values is None:
            if (refused := cohort().no_expression) is not None:
                raise refused
            hint = no_values() if callable(no_values) else no_values
            raise BadInput("the source holds no expression matrix", hint=hint)
        return values

    def own_features() -> pd.DataFrame:
        table = cohort().features
        if table is None:
            if (refused := cohort().no_expression) is not None:
                raise refused
            raise BadInput("the source does not say which genes the rows are", hint=NO_FEATURES)
        return table

    return Fetched(
        samples=lambda: cohort().samples,
        expression=expression,
        features=features or own_features,
        raw=raw or absent("the source holds no raw files"),
    )


def files_in_archive(path: Path) -> RawFiles:
    """The files of a tar or zip, checked on the way."""

    def members() -> Iterator[Member]:
        from prognomics.sources.transport.archive import archive_members

        yield from archive_members(path)

    return RawFiles(members)


def files_on_disk(paths: dict[str, Path]) -> RawFiles:
    """Files by the name that they get in the archive; the files of zip and tar archives take their place."""

    def members() -> Iterator[Member]:
        from prognomics.sources.transport.archive import Member, archive_members, kind_of_archive

        for name, path in paths.items():
            if kind_of_archive(path):
                yield from archive_members(path)
                continue
            with open(path, "rb") as content:
                yield Member(name, path.stat().st_size, content)

    return RawFiles(members)
