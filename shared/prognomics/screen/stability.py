"""How stable the ranks of genes are: the screen repeated on samples drawn with replacement within strata."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from prognomics.screen.cox_screen import cox_screen
from prognomics.screen.follow_up import FollowUp


class Bootstraps:
    """Score statistics of all genes in each bootstrap sample.

    Parameters
    ----------
    follow_up : FollowUp
    covariates : numpy.ndarray, shape (n_samples, n_covariates)
        Without any the score test ranks the genes, else Wald's of the model that holds them.
    n_genes, n_bootstraps : int
    ties : {"efron", "breslow"}
    rng : numpy.random.Generator
    """

    def __init__(
        self, follow_up: FollowUp, covariates: np.ndarray, n_genes: int, n_bootstraps: int, ties: str,
        rng: np.random.Generator,
    ):  # fmt: skip
        self.ties, self.covariates = ties, covariates
        self.drawn = [_draw(follow_up, rng) for _ in range(n_bootstraps)]
        self.statistics = np.full((n_genes, n_bootstraps), np.nan, dtype=np.float32)
        self.done = 0

    def add(self, values: np.ndarray) -> None:
        """Take in a block of genes, shape (n_genes, n_columns)."""
        place = slice(self.done, self.done + len(values))
        for column, (drawn, rows) in enumerate(self.drawn):
            if self.covariates.shape[1]:
                found = cox_screen(values, drawn, self.ties, self.covariates[rows])
                statistic = found.beta / found.se
            else:
                statistic = cox_screen(values, drawn, self.ties, score_only=True).score
            self.statistics[place, column] = np.abs(statistic)
        self.done += len(values)

    def leave_out(self, genes: np.ndarray) -> None:
        """Genes (bool, shape (n_genes,)) that take no rank: they have no estimate."""
        self.statistics[genes] = np.nan

    def ranks(self, genes: np.ndarray) -> np.ndarray:
        """Ranks of some genes among all, 1 the strongest, shape (n_chosen, n_bootstraps)."""
        known = np.nan_to_num(self.statistics, nan=-1.0)
        ordered = np.sort(known, axis=0)
        above = [len(known) - np.searchsorted(ordered[:, j], known[genes, j], "right") for j in range(known.shape[1])]
        return np.array(above).reshape(known.shape[1], -1).T + 1


def _draw(follow_up: FollowUp, rng: np.random.Generator) -> tuple[FollowUp, np.ndarray]:
    """Samples drawn with replacement within each stratum, sorted, and which they are; cells keep their numbers."""
    bounds = follow_up.stratum_bounds
    pairs = zip(bounds[:-1], bounds[1:], strict=True)
    rows = np.concatenate([np.sort(rng.integers(begin, end, end - begin)) for begin, end in pairs])
    cells = len(follow_up.ends)
    cell, event = follow_up.cell[rows], follow_up.event[rows]
    drawn = replace(
        follow_up, columns=follow_up.columns[rows], event=event, cell=cell, moment=follow_up.moment[rows],
        ends=np.cumsum(np.bincount(cell, minlength=cells)), deaths=np.bincount(cell[event == 1], minlength=cells),
    )  # fmt: skip
    return drawn, rows
