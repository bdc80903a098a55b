"""What a study file declares of its analyses, and the words it gives for variables, levels and cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prognomics.data.names_in_options import filter_name, split_filter, split_values
from prognomics.errors import BadInput
from prognomics.report.wording import ENDPOINT_NAMES, clean_text, join_words, within_sentence

EVENTS = {"os": "death", "dss": "death from the disease", "css": "death from the cancer"}
WIDEST = "all samples"
TISSUES = {
    "normal": "normal samples", "primary": "primary tumors", "relapse": "relapses", "metastasis": "metastases",
    "cell_line": "cell lines", "other": "other samples",
}  # fmt: skip


@dataclass(frozen=True)
class Declarations:
    """The study's own words; every field may be empty.

    Attributes
    ----------
    primary : dict
        What is declared of the primary analysis: `marker`, `endpoint`, `population` (its name), `contrast`,
        `adjusted_for`, `scope`; empty without a declaration.
    endpoints : dict of dict
        By name: `definition`, `title`, `origin`, `event`, `competing`.
    populations : dict of dict
        By name: `title`, and the conditions of `where`.
    markers : tuple of str
        In the order declared.
    labels : dict of dict
        `variables`, `levels` (by variable), `units`, `cohorts`.
    steps : tuple of (str, dict)
        The tools of the study file with their options, in order.
    """

    primary: Mapping[str, Any] = field(default_factory=dict)
    endpoints: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    populations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    markers: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    steps: tuple[tuple[str, dict[str, Any]], ...] = ()

    def endpoint_words(self, name: str) -> str:
        """`overall survival`; an unknown code is `endpoint followup`."""
        title = clean_text(_of(self.endpoints, name).get("title"))
        known = title or ENDPOINT_NAMES.get(name.casefold(), "")
        return within_sentence(known) if known else f"endpoint {name}"

    def event_words(self, name: str) -> str:
        """What happens at the endpoint: `death`; where nobody states it, `the event`."""
        return clean_text(_of(self.endpoints, name).get("event")) or EVENTS.get(name.casefold(), "the event")

    def definition(self, name: str) -> str:
        return clean_text(_of(self.endpoints, name).get("definition"))

    def conditions(self, population: str) -> tuple[str, ...] | None:
        """The conditions of a declared population in order; None for one that is not declared."""
        found = self.populations.get(population)
        return None if found is None else normal_conditions(_listed(_of(self.populations, population).get("where")))

    def population_words(self, conditions: tuple[str, ...]) -> str:
        """`all samples`, the title that the study gives, or the conditions."""
        for name in self.populations:
            if self.conditions(name) == conditions:
                return within_sentence(clean_text(_of(self.populations, name).get("title")) or clean_text(name))
        tissue = next((c for c in conditions if tissue_words(c)), "")
        others = join_words(filter_name(c) for c in conditions if c != tissue)
        return " with ".join(filter(None, [tissue_words(tissue) or ("samples" if others else WIDEST), others]))

    def variable(self, name: str) -> str:
        return self._label("variables", name) or name

    def variables(self, names: tuple[str, ...]) -> str:
        """Variables in a sentence: `age, sex and stage`."""
        return join_words(within_sentence(self.variable(n)) if self._label("variables", n) else n for n in names)

    def level(self, variable: str, level: str) -> str:
        return clean_text(_of(_of(self.labels, "levels"), variable).get(level)) or level

    def cohort(self, name: str) -> str:
        return self._label("cohorts", name) or name

    def _label(self, kind: str, name: str) -> str:
        return clean_text(_of(self.labels, kind).get(name))


def tissue_words(condition: str) -> str:
    """`primary tumors` of `tissue_type=primary`; empty of any other condition."""
    try:
        column, sign, listed = split_filter(condition, ())
    except BadInput:
        return ""
    types = split_values(listed, ())
    known = column == "tissue_type" and sign == "=" and all(kind in TISSUES for kind in types)
    return join_words(TISSUES[kind] for kind in types) if known else ""


def declarations(study: Mapping[str, Any]) -> Declarations:
    """What a study file declares; of old files, whose only words are `marker` and `endpoint`, these."""
    endpoints = {clean_text(k): _dict(v) for k, v in _dict(study.get("endpoints")).items()}
    single = _dict(study.get("endpoint"))
    if single.get("name"):  # the one of an old file is the first
        name = clean_text(single["name"])
        endpoints = {name: {**single, **endpoints.get(name, {})}, **endpoints}
    markers = [clean_text(m) for m in _listed(study.get("markers"))]
    if study.get("marker"):
        markers = [clean_text(study["marker"]), *markers]
    populations = {clean_text(k): _dict(v) for k, v in _dict(study.get("populations")).items()}
    named = tuple(dict.fromkeys(filter(None, markers)))
    steps = tuple((clean_text(tool), _dict(options)) for step in _listed(study.get("steps"))
                  for tool, options in _dict(step).items() if isinstance(options, Mapping))  # fmt: skip
    return Declarations(_dict(study.get("primary")), endpoints, populations, named, _dict(study.get("labels")), steps)


def normal_conditions(conditions: list[Any]) -> tuple[str, ...]:
    """Conditions in one order, so that the same population is the same however it was written."""
    return tuple(sorted(dict.fromkeys(clean_text(c) for c in conditions if clean_text(c) not in ("", "all"))))


def _dict(value: Any) -> dict[Any, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _of(found: Mapping[Any, Any], name: str) -> dict[Any, Any]:
    return _dict(found.get(name))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
