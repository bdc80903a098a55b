"""Is a contrast separable from the cohorts that it is spread over?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.errors import Refused, first_few, warn

FEW = 10  # samples of a group in the contributing cohorts below which the contrast is thin


def check_confounding(batch: Sequence[str], groups: Sequence[object], *, name: str = "group") -> pd.DataFrame:
    """Refuse a contrast of groups that no cohort holds side by side.

    A cohort contributes when it holds at least two of the groups. Cohort and contrast cannot be told
    apart when no cohort contributes, or when the contributing cohorts leave the groups in two or more
    sets that never meet (then only contrasts within a set can be estimated).

    Parameters
    ----------
    batch : sequence of str, shape=(n_samples,)
        Cohort of each sample.
    groups : sequence, shape=(n_samples,)
        Level of each sample; samples with a missing level are left out.
    name : str
        The variable, for messages.

    Returns
    -------
    pandas.DataFrame
        Cross table: cohorts in order of appearance x levels in alphabetical order.

    Raises
    ------
    Refused
        Confounded; the message holds the cross table.

    Warns
    -----
    one-contributing-cohort, few-in-contributing-cohorts
        The contrast rests on a single cohort, or on fewer than ten samples of a group.
    """
    table = cross_table(batch, groups)
    if table.shape[0] < 2 or table.shape[1] < 2:
        return table
    contributing = (table > 0).sum(axis=1) >= 2
    if not contributing.any():
        raise Refused(
            f"{name} is confounded with cohort: no cohort holds two of its groups",
            where=f"samples per cohort and {name}:\n{indented(table)}",
            hint="add a cohort that holds both groups, or compare within cohorts that do; "
            "no correction can separate the two",
        )
    apart = _sets_that_never_meet(table)
    if len(apart) > 1:
        raise Refused(
            f"{name} is partly confounded with cohort: no cohort links "
            + " with ".join("/".join(levels) for levels in apart),
            where=f"samples per cohort and {name}:\n{indented(table)}",
            hint="drop the levels that stand alone in their cohorts, or add a cohort that holds both sides",
        )
    if contributing.sum() == 1:
        warn(
            "one-contributing-cohort",
            f"only cohort {contributing.idxmax()} holds more than one group of "
            f"{name}: the contrast rests on that cohort alone",
        )
    counts = table[contributing].sum()
    if (few := counts[counts < FEW]).size:
        said = ", ".join(f"{level} ({count})" for level, count in few.items())
        warn(
            "few-in-contributing-cohorts",
            f"fewer than {FEW} samples in the cohorts that hold more than one group of {name}: {said}",
        )
    return table


def warn_if_nested(batch: Sequence[str], groups: Sequence[object], *, name: str) -> pd.DataFrame:
    """Warn when adjusting each cohort on its own takes away differences in `groups`.

    Centring each cohort (z-scores, ComBat without the groups as covariate) removes every difference
    between cohorts, and with it the part of the biology that differs between them: all of it where each
    cohort holds one level (nested), some of it where a cohort holds one level while others hold several.

    Returns
    -------
    pandas.DataFrame
        Cross table, cohorts x levels.

    Warns
    -----
    biology-nested-in-cohorts
    """
    table = cross_table(batch, groups)
    if table.shape[0] < 2 or table.shape[1] < 2:
        return table
    single = (table > 0).sum(axis=1) == 1
    if single.all() and (table > 0).any().sum() > 1:
        warn(
            "biology-nested-in-cohorts",
            f"{name} does not vary within any cohort: adjusting each cohort on its own removes "
            f"its differences altogether\n{indented(table)}",
        )
    elif single.any():
        warn(
            "biology-nested-in-cohorts",
            f"{name} has one level only in cohort {first_few(table.index[single])}: "
            f"adjusting each cohort on its own removes how these differ from the others\n{indented(table)}",
        )
    return table


def cross_table(batch: Sequence[str], groups: Sequence[object]) -> pd.DataFrame:
    """Samples per cohort (order of appearance) and level (alphabetical); missing levels left out."""
    batch, groups = pd.Series(list(batch), dtype=object), pd.Series(list(groups), dtype=object)
    groups = groups.map(lambda level: f"{level:.15g}" if isinstance(level, float) else level, na_action="ignore")
    known = groups.notna() & batch.notna()
    batch, groups = batch[known].astype(str), groups[known].astype(str)
    cohorts, levels = list(dict.fromkeys(batch)), sorted(set(groups))
    table = pd.DataFrame(0, index=pd.Index(cohorts, name="cohort"), columns=pd.Index(levels))
    if cohorts:
        row = {cohort: i for i, cohort in enumerate(cohorts)}
        column = {level: i for i, level in enumerate(levels)}
        counts = np.zeros(table.shape, dtype=np.int64)
        np.add.at(counts, (batch.map(row).to_numpy(), groups.map(column).to_numpy()), 1)
        table = pd.DataFrame(counts, index=table.index, columns=table.columns)
    return table


def _sets_that_never_meet(table: pd.DataFrame) -> list[list[str]]:
    """Levels joined through cohorts that hold both: the connected sets."""
    sets: list[set[str]] = []
    for _, row in table.iterrows():
        levels = set(table.columns[row > 0])
        if not levels:
            continue
        touching = [found for found in sets if found & levels]
        sets = [found for found in sets if not found & levels] + [levels.union(*touching)]
    return sorted(sorted(found) for found in sets)


def indented(table: pd.DataFrame) -> str:
    """A cross table as lines of a message."""
    table = table.rename_axis(index=None)
    return "\n".join("    " + line for line in table.to_string().splitlines())
