"""Does a sample express the genes of the sex that its sheet states?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.errors import note

FEMALE, MALE = "XIST", "RPS4Y1"
WORDS = {"f": "female", "female": "female", "woman": "female", "m": "male", "male": "male", "man": "male"}
MIN_OF_EACH = 3
SEPARATION = 4.0  # distance of the two medians, in robust standard deviations within a sex
UNCLEAR = 0.15  # of the distance, on either side of the middle


def check_sex(
    values: np.ndarray, gene_ids: Sequence[str], cohort: np.ndarray, sex: Sequence[object] | None
) -> pd.DataFrame:
    """Compare the stated sex with XIST, which females express, and RPS4Y1, which lies on Y.

    In each cohort the difference XIST - RPS4Y1 has a median among stated females and one among stated males,
    which a few swapped samples hardly move. Where these lie at least four robust standard deviations apart, a
    sample is of the sex whose median is nearer; in the middle third it is `unclear` (lost Y chromosomes, lost
    inactive X chromosomes and mixtures of tissue are common in tumors).

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        On a log scale; missing is NaN.
    gene_ids : sequence of str, shape=(n_genes,)
    cohort : numpy.ndarray of str, shape=(n_samples,)
    sex : sequence, shape=(n_samples,), optional
        `female`, `f`, `male`, `m` in any case; anything else is not known.

    Returns
    -------
    pandas.DataFrame
        `sex_reported, sex_by_expression, sex_agrees` (`yes`, `no`), one row per sample; NaN where nothing can
        be said: no column, a gene that is not measured, fewer than three of a sex in the cohort, or no
        separation.
    """
    n = len(cohort)
    table = pd.DataFrame({c: pd.Series([np.nan] * n, dtype=object) for c in
                          ("sex_reported", "sex_by_expression", "sex_agrees")})  # fmt: skip
    if sex is None:
        return table
    stated = np.array([WORDS.get(str(word).strip().casefold(), "") for word in sex], dtype=object)
    table["sex_reported"] = pd.Series(stated, dtype=object).replace("", np.nan)
    rows = [list(gene_ids).index(gene) for gene in (FEMALE, MALE) if gene in set(gene_ids)]
    if len(rows) < 2:
        note("sex-not-checked", f"sex was not checked: the matrix does not hold {FEMALE} and {MALE}")
        return table
    difference = values[rows[0]] - values[rows[1]]
    left_out = []
    for name in dict.fromkeys(cohort):
        mine = np.flatnonzero(cohort == name)
        found = _of_cohort(difference[mine], stated[mine])
        if found is None:
            left_out.append(str(name))
            continue
        table.loc[mine, "sex_by_expression"] = found
        clear = np.isin(found, ("female", "male")) & (stated[mine] != "")
        table.loc[mine[clear], "sex_agrees"] = np.where(found[clear] == stated[mine][clear], "yes", "no")
    if left_out:
        note(
            "sex-not-checked",
            f"sex was not checked in {', '.join(left_out)}: fewer than {MIN_OF_EACH} of a sex, or no separation",
        )
    return table


def _of_cohort(difference: np.ndarray, stated: np.ndarray) -> np.ndarray | None:
    """The sex that each sample expresses, or None where the cohort does not show it."""
    known = ~np.isnan(difference)
    groups = [difference[known & (stated == name)] for name in ("male", "female")]
    if min(map(len, groups)) < MIN_OF_EACH:
        return None
    male, female = (float(np.median(g)) for g in groups)
    deviations = np.concatenate([np.abs(g - m) for g, m in zip(groups, (male, female), strict=True)])
    spread = 1.4826 * float(np.median(deviations))
    if female - male <= max(SEPARATION * spread, 0.0):
        return None
    place = (difference - male) / (female - male)
    found = np.where(place > 0.5, "female", "male").astype(object)
    found[np.abs(place - 0.5) < UNCLEAR] = "unclear"
    found[~known] = np.nan
    return found
