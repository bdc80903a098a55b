"""How many threads a tool takes."""

import pytest

from prognomics.threads import in_threads, n_threads


@pytest.mark.parametrize(
    ("own", "galaxy", "expected"), [("3", "5", 3), (None, "5", 5), ("0", "2", 2), ("many", "1", 1)]
)
def test_the_environment_decides(monkeypatch, own, galaxy, expected):
    for name, value in (("PROGNOMICS_THREADS", own), ("GALAXY_SLOTS", galaxy)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert n_threads() == expected


def test_else_the_processors(monkeypatch):
    for name in ("PROGNOMICS_THREADS", "GALAXY_SLOTS"):
        monkeypatch.delenv(name, raising=False)
    assert n_threads() >= 1


def test_work_is_cut_into_chunks_and_errors_are_raised():
    seen = []
    in_threads(lambda begin, end: seen.append((begin, end)), 10, 4, threads=3)
    assert sorted(seen) == [(0, 4), (4, 8), (8, 10)]
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda begin, end: 1 / 0, 10, 4, threads=2)
