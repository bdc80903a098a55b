"""Artifact definitions: what each file that passes between tools is, from `tool_specs/artifacts`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prognomics.spec.shipped_yaml import read_yaml, specs_folder


@dataclass(frozen=True)
class Format:
    ending: str
    galaxy: str
    edam: str = ""
    write: bool = True


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    help: str
    unit: str = ""
    required: bool = True
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """What of a folder is handed on: one file, or each file with an ending, named by what stands before it."""

    name: str
    artifact: str
    label: str
    file: str = ""
    each: str = ""

    def element(self, file: str) -> str | None:
        """The name under which this part holds a file, or None if it does not."""
        if self.file:
            return self.file if file == self.file else None
        return file.removesuffix(self.each) if file.endswith(self.each) and file != self.each else None

    @property
    def galaxy(self) -> str:
        """Galaxy's datatype of the part's files."""
        return artifact(self.artifact).format_of(self.file or self.each).galaxy


@dataclass(frozen=True)
class Artifact:
    id: str
    title: str
    kind: str
    formats: tuple[Format, ...]
    help: str
    columns: tuple[Column, ...] = ()
    common_columns: bool = False
    annotates: bool = False
    parts: tuple[Part, ...] = ()
    repeated_rows: bool = False
    serves_as: str = ""
    of_cohort: bool = False
    report_rows: int = 0
    not_recomputed: str = ""

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def part_of(self, file: str) -> tuple[Part, str]:
        """The part that holds a file of a folder, and the file's name in it.

        Raises
        ------
        KeyError
            If no part holds it.
        """
        for part in self.parts:
            element = part.element(file)
            if element is not None:
                return part, element
        raise KeyError(f"{self.id} has no part that holds {file!r}")

    def format_of(self, path: Path | str, wanted: str | None = None) -> Format:
        """The format to write: the one requested, else by the path's ending, else the first."""
        if wanted:
            return next(f for f in self.formats if f.ending == f".{wanted}")
        name = str(path).lower()
        longest_first = sorted(self.formats, key=lambda f: -len(f.ending))
        return next((f for f in longest_first if name.endswith(f.ending)), self.formats[0])


def artifacts_folder() -> Path:
    return specs_folder() / "artifacts"


def artifact_names() -> list[str]:
    return sorted(p.stem for p in artifacts_folder().glob("*.yml"))


@cache
def artifact(name: str) -> Artifact:
    """The definition of an artifact.

    Raises
    ------
    KeyError
        If there is no such artifact.
    """
    path = artifacts_folder() / f"{name}.yml"
    if not path.is_file():
        raise KeyError(f"there is no artifact {name!r}; there are {', '.join(artifact_names())}")
    raw = read_yaml(path)
    return Artifact(
        id=raw["id"],
        title=raw["title"],
        kind=raw["kind"],
        formats=tuple(Format(**f) for f in raw["formats"]),
        help=raw["help"],
        columns=tuple(Column(**{**c, "levels": tuple(c.get("levels", ()))}) for c in raw.get("columns", [])),
        common_columns=raw.get("common_columns", False),
        annotates=raw.get("annotates", False),
        parts=tuple(Part(**p) for p in raw.get("parts", [])),
        serves_as=raw.get("serves_as", ""),
        of_cohort=raw.get("of_cohort", False),
        report_rows=raw.get("report_rows", 0),
        not_recomputed=raw.get("not_recomputed", ""),
    )


def table_columns(name: str) -> tuple[str, ...]:
    """The columns that an artifact's definition lists, in its order."""
    return artifact(name).column_names


def known_artifact(name: str) -> Artifact | None:
    """The definition of an artifact; None if there is none, as of a name that a run record states."""
    return artifact(name) if name in _names() else None


@cache
def _names() -> frozenset[str]:
    return frozenset(artifact_names())


def is_of_cohort(name: str) -> bool:
    """Whether files of this kind are the data of a cohort."""
    found = known_artifact(name)
    return found is not None and found.of_cohort
