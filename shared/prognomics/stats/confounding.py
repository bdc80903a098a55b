"""Whether a contrast can be told from the differences between cohorts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.errors import Refused, warn

FEWEST_WITHIN = 10


@dataclass(frozen=True)
class Contrast:
    """Two groups over cohorts.

    Attributes
    ----------
    counts : DataFrame
        Cohorts in rows, the two groups in columns.
    contributing : tuple of str
        Cohorts that hold both groups.
    n_contributing : tuple of int
        Samples of the two groups in them.
    """

    counts: pd.DataFrame
    contributing: tuple[str, ...]
    n_contributing: tuple[int, int]

    @property
    def confounded(self) -> bool:
        """No cohort holds both groups: cohort and group cannot be distinguished."""
        return not self.contributing

    @property
    def weak(self) -> bool:
        """One cohort contributes only, or fewer than ten samples on a side do."""
        return not self.confounded and (len(self.contributing) == 1 or min(self.n_contributing) < FEWEST_WITHIN)

    def shown(self, limit: int = 15) -> str:
        """The table in one line, as messages show it."""
        names = list(self.counts.columns)
        parts = [
            f"{cohort}: {' + '.join(f'{int(row[name])} {name}' for name in names)}"
            for cohort, row in self.counts.head(limit).iterrows()
        ]
        return "; ".join(parts) + ("; …" if len(self.counts) > limit else "")


def cohort_names(cohort: np.ndarray) -> np.ndarray:
    """Labels of cohorts as text, samples without one being a cohort of their own."""
    result: np.ndarray = text_values(pd.Series(np.asarray(cohort, dtype=object))).fillna("(no cohort)").to_numpy()
    return result


def contrast(
    first: np.ndarray, second: np.ndarray, cohort: np.ndarray, *, names: tuple[str, str] = ("first", "second")
) -> Contrast:
    """Count two groups over cohorts.

    Parameters
    ----------
    first, second : array_like of bool, shape (n_samples,)
        Members of the two groups (those with a value that enters the comparison).
    cohort : array_like of str, shape (n_samples,)
    names : tuple of str
        What to call the groups.
    """
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    counts = pd.DataFrame({names[0]: first, names[1]: second}).astype(int)
    counts = counts.groupby(cohort_names(cohort), sort=True).sum()
    counts = counts[counts.sum(axis=1) > 0]
    both = counts[(counts > 0).all(axis=1)]
    return Contrast(counts, tuple(both.index), (int(both[names[0]].sum()), int(both[names[1]].sum())))


def check_contrast(
    first: np.ndarray,
    second: np.ndarray,
    cohort: np.ndarray,
    *,
    names: tuple[str, str] = ("first", "second"),
    what: str = "the comparison",
) -> Contrast:
    """Refuse a contrast that is confounded with cohort, warn of one that nearly is.

    Parameters
    ----------
    first, second, cohort, names
        As in :func:`contrast`.
    what : str
        Names the analysis in the message.

    Returns
    -------
    Contrast

    Raises
    ------
    Refused
        When there is more than one cohort and none holds both groups. A single cohort is never confounded.
    """
    table = contrast(first, second, cohort, names=names)
    if len(table.counts) < 2:
        return table
    refuse_confounded(table, names, what)
    if table.weak:
        warn("nearly-confounded", confounding_text(table, names, what))
    return table


def refuse_confounded(table: Contrast, names: tuple[str, str], what: str) -> None:
    """Raise Refused, with the table that shows it, when no cohort holds both groups."""
    if table.confounded:
        raise Refused(
            f"{what} of {names[0]} with {names[1]} is confounded with cohort: no cohort holds both, so a "
            "difference between the groups cannot be told from one between the cohorts",
            where=table.shown(),
            hint="add a cohort that holds both groups, or compare within one cohort",
        )


def confounding_text(table: Contrast, names: tuple[str, str], what: str) -> str:
    """Why a contrast is weak, for warnings and notes."""
    cohorts = ", ".join(table.contributing)
    n = " and ".join(f"{k} {name}" for k, name in zip(table.n_contributing, names, strict=True))
    return (
        f"{what} of {names[0]} with {names[1]} rests on {len(table.contributing)} of {len(table.counts)} cohorts "
        f"({cohorts}: {n}); look at the estimate within cohorts"
    )
