"""What is fuzzed of the compiled loops: their numbers against NumPy's, and arguments that do not belong together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

SPECIAL = (0.0, -0.0, 1.0, -1.0, 1e-300, -1e300, 5e-324, float("nan"), float("inf"), -float("inf"))
LIMITS = (-1, 0, 1, 2, 7, 255, 1 << 20, (1 << 31) - 1, 1 << 62, -(1 << 63))
MOST_SAMPLES, N_GENES = 60, 3


class Bytes:
    """Values drawn from the fuzzer's bytes; zeros when these are used up."""

    def __init__(self, content: bytes) -> None:
        self.content, self.place = content, 0

    def one(self, below: int = 256) -> int:
        self.place += 1
        return self.content[self.place - 1] % below if self.place <= len(self.content) else 0

    def many(self, n: int, below: int = 256) -> np.ndarray:
        return np.array([self.one(below) for _ in range(n)], dtype=np.int64)


def compare_loops(path: Path) -> None:
    """Orders, log-rank tests, cut searches, pairs and likelihoods of any follow-up are those of NumPy."""
    from prognomics.compiled import compiled_loops

    drawn = Bytes(path.read_bytes())
    n = 2 + drawn.one(MOST_SAMPLES)
    values, time, event, strata = _cohort(drawn, n)
    if compiled_loops() is None:
        return
    _compare_orders(values, drawn)
    _compare_pairs(time, event, values[0], drawn)
    if event.any():
        _compare_screens(values, time, event, strata)
        _compare_likelihoods(values[0], time, event, strata)


def _cohort(drawn: Bytes, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Few distinct values and times, so that ties are many."""
    levels = 1 + drawn.one(20)
    values = np.array([drawn.many(n, levels) for _ in range(N_GENES)], dtype=np.float64) / 4 - 1
    time = drawn.many(n, 1 + drawn.one(30)) / 2 + 0.5
    return values, time, drawn.many(n, 2).astype(np.float64), drawn.many(n, 1 + drawn.one(4))


def _compare_orders(values: np.ndarray, drawn: Bytes) -> None:
    from prognomics.stats.ordering import row_orders

    mixed = values.copy()
    for place in drawn.many(drawn.one(30)):
        mixed.flat[place % mixed.size] = SPECIAL[drawn.one(len(SPECIAL))]
    np.testing.assert_array_equal(row_orders(mixed), np.argsort(mixed, axis=1, kind="stable"))


def _compare_pairs(time: np.ndarray, event: np.ndarray, score: np.ndarray, drawn: Bytes) -> None:
    """Samples that outlast a death, with a score below, at and above its, by the definition."""
    from prognomics.survival.concordance_sweeps import outlasting

    rank, weight = np.unique(score, return_inverse=True)[1].reshape(-1), 1.0 + drawn.many(len(time), 3)
    later, _ = outlasting(time, event > 0, rank, np.zeros(len(time), dtype=np.int64), weight)
    outlasts = (time[:, None] < time) | ((time[:, None] == time) & (event == 0))  # a death comes before a censoring
    outlasts &= event[:, None] > 0
    sides = [rank[None, :] < rank[:, None], rank[None, :] == rank[:, None], rank[None, :] > rank[:, None]]
    np.testing.assert_allclose(later, [((outlasts & side) * weight).sum(axis=1) for side in sides])


def _compare_screens(values: np.ndarray, time: np.ndarray, event: np.ndarray, strata: np.ndarray) -> None:
    from prognomics.cutpoint import cut_statistics
    from prognomics.cutpoint.logrank_scores import rank_follow_up
    from prognomics.errors import Refused
    from prognomics.screen import cox_screen, logrank_screen
    from prognomics.screen.follow_up import sort_follow_up

    follow_up = sort_follow_up(time, event, strata)
    ranked = rank_follow_up(time, event, strata)
    covariate = np.arange(len(time), dtype=np.float64)[follow_up.columns, None] % 5
    logrank = logrank_screen.logrank_screen(values, follow_up, threads=1).chisq
    cuts = cut_statistics.best_cuts(values, ranked, 0.1, 1).statistic
    cox_screen.cox_screen(values, follow_up, threads=1)  # at the edge of separation the two end at different steps
    with contextlib.suppress(Refused):  # the covariate may separate the events
        cox_screen.cox_screen(values, follow_up, covariates=covariate, threads=1)
    without = {"compiled_loops": lambda: None}
    with mock.patch.multiple(logrank_screen, **without), mock.patch.multiple(cut_statistics, **without):
        other = logrank_screen.logrank_screen(values, follow_up, threads=1).chisq
        np.testing.assert_allclose(logrank, other, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(
            cuts, cut_statistics.best_cuts(values, ranked, 0.1, 1).statistic, rtol=1e-7, atol=1e-9
        )


def _compare_likelihoods(linear: np.ndarray, time: np.ndarray, event: np.ndarray, strata: np.ndarray) -> None:
    from prognomics.learning.partial_likelihood import order_by_risk

    risk = order_by_risk(time, event, strata)
    compiled, plain = risk.evaluate(linear[risk.order]), risk.evaluate_slowly(linear[risk.order])
    for name in ("value", "hazard", "total", "exposure"):
        np.testing.assert_allclose(getattr(compiled, name), getattr(plain, name), rtol=1e-9, atol=1e-12, err_msg=name)


# ------------------------------------------------------------------ arguments


def call_with_wrong_arguments(path: Path) -> None:
    """A loop refuses arrays that do not belong together, or stays within those that it was given."""
    from prognomics.compiled import compiled_loops

    drawn, loops = Bytes(path.read_bytes()), compiled_loops()
    if loops is None:
        return
    names = sorted(right_arguments())
    name = names[drawn.one(len(names))]
    arguments = right_arguments()[name]()
    for _ in range(1 + drawn.one(3)):
        place = drawn.one(len(arguments))
        arguments[place] = _changed(arguments[place], drawn)
    if name == "fisher_tail":
        arguments[3] = 1e4  # any larger number of steps is waited for
    with contextlib.suppress(ValueError, TypeError, MemoryError, OverflowError):
        getattr(loops, name)(*arguments)


def _changed(given: Any, drawn: Bytes) -> Any:
    if isinstance(given, bool):
        return not given
    if isinstance(given, int):
        return LIMITS[drawn.one(len(LIMITS))]
    if isinstance(given, float):
        return SPECIAL[drawn.one(len(SPECIAL))]
    how, place = drawn.one(4), drawn.one()
    if how == 0:
        return np.ascontiguousarray(given[: place % (len(given) + 1)])
    if how == 1:
        return np.concatenate([given, given])
    if how == 2:
        return np.ascontiguousarray(given[::-1])
    changed = given.copy()
    if changed.size:
        wanted = SPECIAL if changed.dtype.kind == "f" else LIMITS
        changed.flat[place % changed.size] = np.array(wanted[drawn.one(len(wanted))]).astype(changed.dtype)
    return changed


def right_arguments() -> dict[str, Callable[[], list[Any]]]:
    """Of each loop, arguments that belong together."""
    from prognomics.cutpoint.cut_statistics import N_RESULTS as N_SEARCH
    from prognomics.learning.partial_likelihood import order_by_risk
    from prognomics.screen.follow_up import sort_follow_up
    from prognomics.screen.results import CUT_N_RESULTS, N_RESULTS

    rng = np.random.default_rng(2)
    n = 24
    time, event, strata = rng.integers(1, 9, n).astype(float), rng.random(n) < 0.5, np.arange(n) % 3
    values = np.round(rng.normal(size=(N_GENES, n)), 1)
    follow_up, risk = sort_follow_up(time, event, strata), order_by_risk(time, event.astype(float), strata)
    order, rank = np.argsort(time), rng.integers(0, 5, n)
    text = np.frombuffer(b"a\t1.5\t2\nb\t3\tNA\n", dtype=np.uint8)

    def genes(width: int) -> list[Any]:
        return [np.empty((N_GENES, width))]

    head = [values, 0, N_GENES]
    return {
        "screen_cox": lambda: [*head, *follow_up.arrays, True, False, *genes(N_RESULTS)],
        "screen_cox_adjusted": lambda: [*head, *follow_up.arrays, True, rng.normal(size=(2, n)), np.zeros(2),
                                        np.ones(n), *genes(N_RESULTS)],
        "screen_logrank": lambda: [*head, *follow_up.arrays, np.full(N_GENES, np.nan), *genes(CUT_N_RESULTS)],
        "search_cuts": lambda: [*head, rng.normal(size=(1, n)), strata, 3, 0.1, *genes(N_SEARCH),
                                np.empty((N_GENES, n))],
        "order_rows": lambda: [*head, np.empty((N_GENES, n), dtype=np.int64), np.empty(N_GENES, dtype=np.int64)],
        "count_pairs": lambda: [order, time[order], event.astype(np.uint8), rank, np.ones(n), 5, np.empty(3 * n),
                                np.empty(3 * n)],
        "breslow": lambda: [values[0].copy(), risk.weight, risk.end, risk.deaths, risk.first_time, risk.bounds,
                            np.empty(n), np.empty(len(risk.deaths)), np.empty(n)],
        "rank_one": lambda: [np.eye(5), np.ones(4), 0.5],
        "fisher_tail": lambda: [np.array([5, 6, 7]), np.array([4, 5, 6, 3]), -20.0, 1e4],
        "plain_rows": lambda: [text, 0, len(text), 9, 1, np.frombuffer(b"NA", dtype=np.uint8), np.empty((2, 2)),
                               np.empty((2, 1, 2), dtype=np.int64), np.empty((4, 3), dtype=np.int64)],
    }  # fmt: skip


LOOP_TARGETS: dict[str, tuple[Callable[[Path], None], list[bytes]]] = {
    "loops": (compare_loops, [bytes(range(200)), bytes(range(255, 0, -1)), b"\x20\x05" * 90, b""]),
    "loop_arguments": (call_with_wrong_arguments, [bytes([i, 1, i, 3, i, i]) for i in range(10)]),
}
