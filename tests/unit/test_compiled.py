"""Compiled loops: the switch, the fallback of their cache, threads."""

import os

import pytest

from prognomics import compiled as module


def _add(a, b):
    return a + b


def test_without_numba_a_loop_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(module, "is_compiled", lambda: False)
    assert module.compiled(_add) is _add
    assert module.compiled(any_order=True)(_add) is _add


@pytest.mark.parametrize("private", [True, False])
def test_a_cache_that_cannot_be_written_stops_nothing(private, monkeypatch, tmp_path):
    numba = pytest.importorskip("numba")
    asked = []

    def njit(**options):
        asked.append(options.get("cache", False))
        if len(asked) == 1:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(module, "is_compiled", lambda: True)
    monkeypatch.setattr(numba, "njit", njit)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path if private else tmp_path / "nowhere"))
    assert module.compiled(_add)(1, 2) == 3
    assert asked == [True, private]
    assert bool(numba.config.CACHE_DIR) == private


def test_a_folder_that_others_can_write_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = tmp_path / f"prognomics-compiled-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    assert module._private_folder() is None
    folder.chmod(0o700)
    assert module._private_folder() == folder
