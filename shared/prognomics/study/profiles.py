"""Snakemake profiles: a folder given by its path, one that comes with the suite, or one that Snakemake finds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from prognomics.errors import UsageError, near_names
from prognomics.spec.shipped_yaml import package_folder, read_yaml

_FILES = ("config.v9+.yaml", "config.yaml")


@dataclass(frozen=True)
class Profile:
    """What Snakemake is told (`name`: a path, or a name), and whether jobs run elsewhere."""

    name: str
    remote: bool


def find_profile(given: str) -> Profile:
    """The profile that a user names.

    A path may be relative to where the user is. A name is one of the suite's own profiles, or one that Snakemake
    finds in its folders; of the latter jobs are taken to run elsewhere.

    Raises
    ------
    UsageError
        If a path leads to no profile.
    """
    shipped = package_folder("prognomics.studies") / "profiles"
    for folder in (Path(given), shipped / given):
        for name in _FILES:
            if (folder / name).is_file():
                settings = read_yaml(folder / name)
                executor = settings.get("executor") if isinstance(settings, dict) else None
                return Profile(os.path.abspath(folder), executor not in (None, "local"))
    if os.sep in given or given.startswith(".") or Path(given).is_dir():
        near = near_names(given, [p.name for p in shipped.iterdir() if p.is_dir()])
        hint = f"did you mean {' or '.join(near)}?" if near else f"a folder with {_FILES[-1]}"
        raise UsageError(f"there is no profile in {given!r}", hint=hint)
    return Profile(given, True)
