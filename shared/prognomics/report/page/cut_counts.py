"""How many samples a cutpoint calls high and low, and of whom these are numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.data.population import as_population
from prognomics.report.page.cells import get, label
from prognomics.report.results.declarations import Declarations, normal_conditions
from prognomics.report.wording import as_number, format_count, is_absent, join_words


def cut_counts(row: Mapping[str, Any], declared: Declarations) -> str:
    """The groups of a row of a cutpoint table with their population, and after a ROC cut those of cases and controls.

    A group may include controls and other tissue, so a number without its population is not that of the cases.
    """
    groups = f"{format_count(get(row, 'n_high'))} high, {format_count(get(row, 'n_low'))} low"
    text = f"{groups} of {_population(label(get(row, 'population')), declared)}"
    case, _, control = label(get(row, "learnt_in")).partition(" versus ")
    sides = [(case, "n_case", "n_high_case"), (control, "n_control", "n_high_control")]
    known = [(name, get(row, n), get(row, high)) for name, n, high in sides if name]
    if not control or any(is_absent(value) for _, *pair in known for value in pair):
        return text
    parts = [
        f"{format_count(high)} high, {format_count(as_number(n) - as_number(high))} low of {words}"
        for words, n, high in ((_population(name, declared), n, high) for name, n, high in known)
    ]
    return f"{text}; of these {join_words(parts)}"


def _population(name: str, declared: Declarations) -> str:
    return declared.population_words(normal_conditions(list(as_population(name).conditions)))
