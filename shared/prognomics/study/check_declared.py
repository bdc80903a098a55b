"""What a study file declares, against its mappings and steps: endpoints, populations, primary analysis, labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prognomics.spec.loader import load_tool, tool_names
from prognomics.spec.schema import proposal
from prognomics.study.check_options import Found, Scene, Wrong
from prognomics.study.known import Known


def declared_problems(raw: dict[str, Any], known: Known, steps: list[str], folder: Path) -> Iterator[Found]:
    """Names in declarations that nothing in the study has; `known` is what it has after its last step."""
    cohorts = list(map(str, _dict(raw.get("cohorts"))))
    scene = Scene(known, tuple(steps), folder, None, {})
    yield from _endpoints(raw, known)
    yield from _cohorts_of_steps(raw, cohorts)
    for name, population in _dict(raw.get("populations")).items():
        for number, condition in enumerate(_list(_dict(population).get("where"))):
            for found in scene.condition(str(condition)):
                yield ["populations", name, "where", number], found
    genes = _markers(raw)
    primary = _dict(raw.get("primary"))
    for number, name in enumerate(_list(primary.get("adjusted_for"))):
        if wrong := scene.column(str(name), genes):
            yield ["primary", "adjusted_for", number], wrong
    endpoints = [_dict(raw.get("endpoint")).get("name"), *_dict(raw.get("endpoints"))]
    declared = {
        "marker": ("markers", genes),
        "endpoint": ("endpoints", tuple(map(str, filter(None, endpoints)))),
        "population": ("populations", tuple(map(str, _dict(raw.get("populations"))))),
    }
    for field, (place, names) in declared.items():
        name = primary.get(field)
        if isinstance(name, str) and name not in names:
            yield ["primary", field], Wrong(f"{name!r} is not declared under {place}", proposal(name, names))
    yield from _labels(_dict(raw.get("labels")), scene, cohorts, genes)


def _endpoints(raw: dict[str, Any], known: Known) -> Iterator[Found]:
    single = _dict(raw.get("endpoint")).get("name")
    named = [(["endpoint", "name"], single)] if single else []
    named += [(["endpoints", name], name) for name in _dict(raw.get("endpoints"))]
    for field, name in named:
        if not known.open and str(name) not in known.endpoints:
            hint = proposal(str(name), known.endpoints)
            yield field, Wrong(f"no cohort's mapping has the endpoint {str(name)!r}", hint)


def _cohorts_of_steps(raw: dict[str, Any], cohorts: list[str]) -> Iterator[Found]:
    for number, item in enumerate(_list(raw.get("steps"))):
        for place, name in enumerate(_list(_dict(item).get("cohorts"))):
            if str(name) not in cohorts:
                hint = proposal(str(name), cohorts)
                yield ["steps", number, "cohorts", place], Wrong(f"there is no cohort {str(name)!r}", hint)


def _labels(labels: dict[str, Any], scene: Scene, cohorts: list[str], genes: tuple[str, ...]) -> Iterator[Found]:
    for field in ("variables", "units", "levels"):
        for name in _dict(labels.get(field)):
            if wrong := scene.column(str(name), genes):
                yield ["labels", field, name], wrong
    for column, levels in _dict(labels.get("levels")).items():
        for level in _dict(levels):
            if wrong := scene.level(str(column), str(level)):
                yield ["labels", "levels", column, level], wrong
    for name in _dict(labels.get("cohorts")):
        if str(name) not in cohorts:
            hint = proposal(str(name), cohorts)
            yield ["labels", "cohorts", name], Wrong(f"there is no cohort {str(name)!r}", hint)


def suspicions(raw: dict[str, Any]) -> Iterator[Found]:
    """What may be meant: a gene that is nearly a declared marker, an accession other than the cohort's."""
    markers = _markers(raw)
    for field, options in _options(raw):
        tool = load_tool(field[-1])
        genes = [i.name for i in tool.inputs if i.kind == "gene"]
        for name in genes:
            for place, gene in enumerate(_list(options.get(name))):
                near = [m for m in markers if _one_edit(str(gene).upper(), m.upper())]
                if near and str(gene) not in markers:
                    at = [*field, name, place] if isinstance(options[name], list) else [*field, name]
                    what, hint = f"{str(gene)!r} is not a declared marker", f"did you mean {' or '.join(near)}?"
                    yield at, Wrong(what, hint, certain=False)
    for name, cohort in _dict(raw.get("cohorts")).items():
        stated = _dict(cohort).get("accession")
        for number, item in enumerate(_list(_dict(cohort).get("steps"))):
            used = _dict(_dict(item).get("fetch_cohort")).get("accession")
            if stated and used and str(stated).casefold() != str(used).casefold():
                field = ["cohorts", name, "steps", number, "fetch_cohort", "accession"]
                what = f"{used!r} is fetched, and the cohort's accession is {stated!r}"
                yield field, Wrong(what, "one of them is wrong", certain=False)


def _options(raw: dict[str, Any]) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """The options of all steps, with their fields."""
    tools = tool_names()
    lists = [([name], raw.get(name)) for name in ("within", "pool", "steps")]
    lists += [(["cohorts", name, "steps"], _dict(c).get("steps")) for name, c in _dict(raw.get("cohorts")).items()]
    for field, items in lists:
        for number, item in enumerate(_list(items)):
            for key, options in _dict(item).items():
                if key in tools and isinstance(options, dict):
                    yield [*field, number, key], options


def _one_edit(one: str, other: str) -> bool:
    """Whether one letter more, less, other or two swapped make one of two names the other; not a last number."""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 3:
        return one == other
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if one[start:].isdigit() and other[start:].isdigit():
        return False  # CCND1 and CCND2 are two genes
    ends = [
        (one[start + 1 :], other[start:]),
        (one[start:], other[start + 1 :]),
        (one[start + 1 :], other[start + 1 :]),
    ]
    swapped = one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
    return swapped or any(a == b for a, b in ends)


def _markers(raw: dict[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, dict.fromkeys([*filter(None, [raw.get("marker")]), *_list(raw.get("markers"))])))


def _dict(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None or isinstance(value, dict) else [value]
