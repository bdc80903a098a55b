"""Compiled loops: the switch, an older build, threads, and arrays that do not belong together."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import prognomics
from prognomics import compiled as module
from prognomics.compiled import compiled_loops
from prognomics.screen.follow_up import sort_follow_up
from prognomics.screen.results import N_RESULTS

needs_loops = pytest.mark.skipif(compiled_loops() is None, reason="the loops were not compiled")


@pytest.mark.parametrize("off", [True, False])
def test_the_switch(off):
    """Off, nothing compiled is imported."""
    code = (
        "import sys; from prognomics.compiled import compiled_loops\n"
        "compiled_loops(); print('prognomics._loops' in sys.modules)"
    )
    environment = os.environ | {"PROGNOMICS_COMPILED": "0" if off else "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(not off and compiled_loops() is not None)


def test_loops_of_another_version_are_not_used(monkeypatch):
    for version, used in ((module.VERSION, True), (module.VERSION + 1, False)):
        loops = SimpleNamespace(VERSION=version)
        monkeypatch.setitem(sys.modules, "prognomics._loops", loops)
        monkeypatch.setattr(prognomics, "_loops", loops, raising=False)
        module.compiled_loops.cache_clear()
        try:
            assert (compiled_loops() is loops) == used
        finally:
            module.compiled_loops.cache_clear()


@needs_loops
def test_arrays_that_do_not_belong_together_are_refused():
    rng = np.random.default_rng(1)
    follow_up = sort_follow_up(rng.exponential(1, 20), rng.random(20) < 0.5, rng.integers(0, 2, 20))
    values, results = rng.normal(size=(3, 20)), np.empty((3, N_RESULTS))

    def call(values=values, begin=0, end=3, results=results, **changed):
        names = follow_up.__dataclass_fields__
        arrays = [changed.get(name, given) for name, given in zip(names, follow_up.arrays, strict=True)]
        compiled_loops().screen_cox(values, begin, end, *arrays, True, False, results)

    call()
    faults = [
        {"columns": follow_up.columns + 1}, {"event": follow_up.event[1:]}, {"ends": follow_up.ends + 1},
        {"deaths": follow_up.deaths + 30}, {"moment": follow_up.moment + 100}, {"cell": follow_up.cell - 1},
        {"event": 1 - follow_up.event}, {"event": follow_up.event * 255}, {"cell": follow_up.cell[::-1].copy()},
        {"stratum_bounds": follow_up.stratum_bounds[::-1].copy()}, {"n_moments": 0}, {"end": 4}, {"begin": -1},
        {"n_moments": 1 << 62}, {"n_moments": 21},
        {"results": np.empty((2, N_RESULTS))}, {"values": values[:, :10].copy()},
    ]  # fmt: skip
    for fault in faults:
        with pytest.raises(ValueError):
            call(**fault)
    for wrong in ({"cell": follow_up.cell.astype(float)}, {"results": np.empty((3, N_RESULTS), dtype=np.float32)}):
        with pytest.raises(TypeError, match="an array of type"):
            call(**wrong)


@needs_loops
@pytest.mark.parametrize("kind", ["plain", "ties", "missing", "crowded", "infinite", "zeros", "constant", "none"])
@pytest.mark.parametrize("n", [0, 1, 2, 300, 5000])
def test_rows_are_ordered_as_numpy_does(kind, n):
    rng = np.random.default_rng(n)
    values = rng.normal(7, 2, (3, n))
    if kind == "ties":
        values = np.round(values)
    elif kind == "missing":
        values[rng.random((3, n)) < 0.3] = np.nan
    elif kind == "crowded":  # nearly all in one bucket of the range
        values = 1 + values * 1e-12
        values[:, : n // 100 + 1] = 1e6
    elif kind == "infinite":
        values[:, ::7], values[:, ::5] = np.inf, -np.inf
    elif kind == "zeros":
        values = np.where(rng.random((3, n)) < 0.5, 0.0, -0.0) + np.where(rng.random((3, n)) < 0.1, np.inf, 0)
    elif kind == "constant":
        values[:] = 3.5
    elif kind == "none":
        values[:] = np.nan
    orders, known = np.empty((3, n), dtype=np.int64), np.empty(3, dtype=np.int64)
    compiled_loops().order_rows(values, 0, 3, orders, known)
    np.testing.assert_array_equal(orders, np.argsort(values, axis=1, kind="stable"))
    np.testing.assert_array_equal(known, (~np.isnan(values)).sum(axis=1))
