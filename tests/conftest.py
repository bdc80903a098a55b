"""Fixtures that all tests share."""

import importlib.util
import os
import sys
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


@pytest.fixture(scope="session")
def affymetrix_files():
    """The writers of CEL and CDF files that stand beside the test data."""
    path = REPOSITORY / "test-data" / "affymetrix_files.py"
    spec = importlib.util.spec_from_file_location("affymetrix_files", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module
