"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real public cohorts that live outside the repository; tests that need them skip without."""
    folder = Path(os.environ.get("PROGNOMICS_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "reference_R.tsv").is_file():
        pytest.skip("the folder of real cohorts is not here (PROGNOMICS_SHARED_DATA)")
    return folder
