"""How many threads a tool may use, and work shared among them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

VARIABLES = ("PROGNOMICS_THREADS", "GALAXY_SLOTS")


def n_threads() -> int:
    """What `PROGNOMICS_THREADS` or Galaxy's `GALAXY_SLOTS` states, else the processors that this process may use."""
    for name in VARIABLES:
        value = os.environ.get(name, "")
        if value.isascii() and value.isdigit() and int(value) > 0:
            return int(value)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[[int, int], object], n_items: int, chunk: int, threads: int | None = None) -> None:
    """Call `work(begin, end)` for consecutive chunks of items, several at once; each item belongs to one call."""
    bounds = [(begin, min(begin + chunk, n_items)) for begin in range(0, n_items, chunk)]
    threads = min(threads or n_threads(), len(bounds))
    if threads <= 1:
        for begin, end in bounds:
            work(begin, end)
        return
    with ThreadPoolExecutor(threads) as pool:
        _finish(pool.map(lambda pair: work(*pair), bounds))


def _finish(results: Iterable[object]) -> None:
    for _ in results:  # an error of a thread is raised here
        pass
