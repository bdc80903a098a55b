"""The box with all providers in it, a cache of its own, and no patience."""

import contextlib
import io

import pytest
from box_contents import everything
from provider_box import Box

from prognomics.cli import commands
from prognomics.runtime.guard import guarded
from prognomics.sources.transport.retry import WAIT_VARIABLE


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PROGNOMICS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(WAIT_VARIABLE, "0.001")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def box():
    with Box(everything()) as served:
        yield served


@pytest.fixture
def fetch(tmp_path):
    """`fetch_cohort` as on the command line; returns exit code, what it said, and the files it wrote by output."""

    def fetch(source, accession, mirror, *more, outputs=("expression", "samples")):
        words = ["fetch_cohort", "--source", source, "--accession", accession, "--mirror", mirror, *more]
        paths = {name: tmp_path / f"{name}.{'tar' if name == 'raw' else 'tsv'}" for name in outputs}
        for name, path in paths.items():
            path.unlink(missing_ok=True)
            words += [f"--out-{name}", str(path)]
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            code = guarded(lambda: commands.main(words, "prognomics", standalone_mode=False), debug=False)
        written = {name: path for name, path in paths.items() if path.exists()}
        assert code == 0 or not written
        return code, errors.getvalue(), written

    return fetch
