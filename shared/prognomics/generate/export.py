"""What an installed package gives to other software: wrappers, CWL and test data, written to a folder."""

from __future__ import annotations

import re
from pathlib import Path

from prognomics.errors import UsageError
from prognomics.generate.build import builtin_tools
from prognomics.generate.study_to_cwl import study_cwl
from prognomics.generate.to_cwl import cwl_files
from prognomics.generate.to_galaxy import galaxy_files
from prognomics.generate.to_galaxy_form import ENGINE
from prognomics.generate.to_nextflow import nextflow_files
from prognomics.generate.to_user_tool import user_tool
from prognomics.spec.shipped_yaml import package_folder
from prognomics.study.file import read_study
from prognomics.study.plan import make_plan

NOT_DATA = ("__init__.py", "__pycache__")


def export_galaxy(folder: Path) -> list[Path]:
    """Write the Galaxy wrappers, `.shed.yml` and the test data: what `planemo lint` and `planemo test` take.

    Raises
    ------
    UsageError
        The folder contains something already.
    """
    _require_empty(folder)
    written = _write(folder, galaxy_files(builtin_tools()))
    return [*written, *copy_test_data(folder / "test-data")]


def export_cwl(folder: Path) -> list[Path]:
    """Write a CWL description of each tool.

    Raises
    ------
    UsageError
        The folder contains something already.
    """
    _require_empty(folder)
    return _write(folder, {Path(path).name: text for path, text in cwl_files(builtin_tools()).items()})


def export_user_tools(folder: Path, image: str) -> list[Path]:
    """Write each tool that Galaxy offers as a user-defined tool that runs in `image`.

    Raises
    ------
    UsageError
        The folder contains something already, or the image has no name.
    """
    _require_image(image)
    _require_empty(folder)
    return _write(folder, {f"{t.id}.yml": user_tool(t, image) for t in builtin_tools() if ENGINE in t.expose})


def export_nextflow(folder: Path, image: str = "") -> list[Path]:
    """Write each tool as a Nextflow module in the form of nf-core, and the test data.

    Raises
    ------
    UsageError
        The folder contains something already, or the image has no name.
    """
    if image:
        _require_image(image)
    _require_empty(folder)
    written = _write(folder, nextflow_files(builtin_tools(), image))
    return [*written, *copy_test_data(folder / "test-data")]


def study_workflow(study: Path, data: Path | None = None) -> str:
    """A study as the text of one CWL workflow.

    Raises
    ------
    UsageError, BadInput
        As `prognomics run`.
    """
    found = read_study(study, data)
    return study_cwl(found, make_plan(found))


def test_data() -> Path:
    """The folder of small inputs with which the cases of the specs run."""
    return package_folder("prognomics.test_data")


def copy_test_data(folder: Path) -> list[Path]:
    """Copy the test data; returns the files written."""
    source, written = test_data(), []
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        place = path.relative_to(source)
        if not set(place.parts) & set(NOT_DATA):
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(path.read_bytes())
            written.append(folder / place)
    return written


def _require_image(image: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][^\s'\"\\$]*", image):
        raise UsageError(f"{image!r} is not the name of a container image", hint="such as registry/prognomics:0.1.0")


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{str(folder)!r} is not an empty folder", hint="name one that is empty or not there yet")


def _write(folder: Path, files: dict[str, str]) -> list[Path]:
    for place, text in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8", newline="\n")
    return [folder / place for place in files]
