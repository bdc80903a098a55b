"""Columns of a matrix next to the values of the samples: detection calls, p-values, other quantities; tables of tests.

Names are those of `known_names.yml`; what the columns contain decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from prognomics.errors import BadInput, first_few
from prognomics.io.known_names import beside_values, plain_name, result_headings

FEWEST_RESULTS = 2
FEWEST_PAIRS = 2


def columns_beside_values(
    columns: Sequence[str], annotation: Collection[int], samples: Collection[str], where: str
) -> list[int]:
    """Positions of the columns that are not samples, though their names alone do not show this.

    Parameters
    ----------
    columns : sequence of str
        The header.
    annotation : collection of int
        Positions of the columns that annotate rows.
    samples : collection of str
        Names of samples, where they are known: these are samples under any name.
    where : str
        For messages.

    Returns
    -------
    list of int
        Statistics next to those of a table of tests (`t`, `stat`), and what accompanies the value of each sample
        (`S1.Detection Pval`, `S1_conf_lo`).

    Raises
    ------
    BadInput
        A table of tests (log fold changes, p-values) without values of samples; several values of each sample (FPKM
        and counts).
    """
    others = [i for i in range(1, len(columns)) if i not in annotation and columns[i] not in samples]
    names = {i: plain_name(columns[i]) for i in others}
    found = _statistics(columns, names, where, any(name in samples for name in columns))
    names = {i: name for i, name in names.items() if i not in found}
    companions = _companions(names)
    names = {i: name for i, name in names.items() if i not in companions}
    further = _further_quantities(columns, names, where, any(name in samples for name in columns))
    return sorted({*found, *companions, *further})


def is_table_of_tests(columns: Sequence[str]) -> bool:
    """Whether a header names log fold changes, p-values and the like, and nothing else behind its first column."""
    known, beside = result_headings()
    names = [plain_name(name) for name in columns[1:]]
    return sum(name in known for name in names) >= FEWEST_RESULTS and all(n in known or n in beside for n in names)


def _statistics(columns: Sequence[str], names: dict[int, str], where: str, with_samples: bool) -> list[int]:
    known, beside = result_headings()
    results = [name for name in columns[1:] if plain_name(name) in known]
    if len(results) < FEWEST_RESULTS:
        return []
    found = [i for i, name in names.items() if name in known or name in beside]
    if len(found) == len(names) and not with_samples:
        raise BadInput(
            f"this is a table of tests ({first_few(results, 3)}), not of values per sample", where=where,
            hint="give the matrix that was tested, one column per sample; enrichment takes a table of tests (--table)",
        )  # fmt: skip
    return found


def _split(name: str, words: Sequence[str]) -> tuple[str, str]:
    """What is left of a name without one of the words before or behind it, and the word; empty if there is none."""
    for word in words:
        if name == word:
            return "", ""
        if name.endswith(f"_{word}"):
            return name[: -len(word) - 1], word
        if name.startswith(f"{word}_"):
            return name[len(word) + 1 :], word
    return "", ""


def companion_columns(columns: Sequence[str]) -> list[int]:
    """Positions of the columns that accompany a known quantity of the same sample (`S1_Signal`, `S1_Detection`)."""
    return _companions({i: plain_name(name) for i, name in enumerate(columns) if i}, bare=False)


def _same_samples(one: dict[str, int], other: dict[str, int]) -> bool:
    return 2 * len(one.keys() & other.keys()) >= min(len(one), len(other))


def _companions(names: dict[int, str], bare: bool = True) -> list[int]:
    """Columns that accompany a value of the same sample: next to a known quantity, or of at least two samples next to
    a column with the bare name of the sample (if `bare`)."""
    companions, quantities = beside_values()
    split = {i: _split(name, companions) for i, name in names.items()}
    values = {name for i, name in names.items() if not split[i][1]}
    measured = {stem for name in values if (stem := _split(name, quantities)[0])}
    by_word: dict[str, list[int]] = {}
    for i, (stem, word) in split.items():
        if word and (stem in measured or (bare and stem in values)):
            by_word.setdefault(word, []).append(i)
    return [
        i
        for places in by_word.values()
        for i in places
        if len(places) >= FEWEST_PAIRS or split[i][0] in measured
    ]  # fmt: skip


def _further_quantities(columns: Sequence[str], names: dict[int, str], where: str, with_samples: bool) -> list[int]:
    """Columns of a second value of the samples: where samples are known by name these are none, else they stop."""
    _, quantities = beside_values()
    stems: dict[str, dict[str, int]] = {}
    for i, name in names.items():
        stem, word = _split(name, quantities)
        if word:
            stems.setdefault(word, {})[stem] = i
    words = list(stems)
    several = [w for w in words if any(w != v and _same_samples(stems[w], stems[v]) for v in words)]
    if not several:
        return []
    if with_samples:
        return [i for word in several for i in stems[word].values()]
    kinds = ", ".join(several)
    shown = [columns[next(iter(stems[word].values()))] for word in several]
    raise BadInput(
        f"the table has several values of each sample: {kinds}", where=f"{where}: columns {first_few(shown)}",
        hint=f"keep the columns of one of them, such as {shown[0]!r}, and remove those of the others",
    )  # fmt: skip
