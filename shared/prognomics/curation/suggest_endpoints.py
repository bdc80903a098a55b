"""Guess endpoints: which time goes with which status, in which unit, and which of them a person must choose."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from prognomics.curation.draft import Draft, to_decide
from prognomics.curation.headings import (
    DATE,
    DEFINITIONS,
    FOLLOW_UP,
    STATUS,
    TIME,
    endpoint_of,
    event_of,
    named_endpoint,
    plain,
    stem,
)
from prognomics.curation.raw_sheet import NUMBER
from prognomics.curation.suggest_dates import time_of_dates
from prognomics.curation.suggest_status import Status, read_status, status_contradictions, tells_the_dead
from prognomics.curation.suggest_units import suggest_unit
from prognomics.data.mapping import TODO
from prognomics.errors import first_few

MOST_STATUS_LEVELS = 8
_NO_TIME = re.compile(
    r"\bage\b|\balter\b|birth|collect|procure|upload|completion|submission|procedure|additional|drug|radiation|therapy|"
    r"chemo|treatment (start|end|or)|smok|tobacco|pack|exposure|\bonset\b|menopaus|sequenc|storage|ischemi|procur|"
    r"\bindex\b|number of|percent|count|doubling|menarche|\bid\b"
)
_NO_STATUS = re.compile(
    r"\bnode|nodal|lymph|margin|smok|menopaus|receptor|her2|\ber\b|\bpr\b|mutat|kras|egfr|marital|therap|"
    r"treatment(?! failure)|"
    r"respons|performance|karnofsky|ecog|\bmsi\b|\bhpv\b|procedure|history|prior|publication|release|annotation|processing|"
    r"\bstage\b|\bgrade\b|tumor status|cancer status|disease status|\btype\b|"
    r"at diagnosis|\bsite\b|metastasis m\b|\bcause\b"
)
_ALLOWED = re.compile(r"new tumou?r event|initial treatment")
MIXED = ("dfs", "dfi", "pfs", "pfi", "efs", "ffs")  # names whose events differ between studies
LAST_FIRST = (r"last|letzte|dernier", r"known alive|contact|kontakt", r"follow|\bfu\b|nachbeobachtung|suivi")


def suggest_endpoints(draft: Draft) -> dict[str, Any]:
    """Endpoints by headings and values, the better founded first."""
    times = [c for c in draft.words if _is_time(draft, c)]
    statuses = [s for c in draft.words if c not in times and (s := _status(draft, c)) is not None]
    endpoints: dict[str, Any] = {}
    for name in _order(statuses):
        mine = [s for s in statuses if s.endpoint == name]
        drafted = _endpoint(draft, name, mine, times) if mine else None
        if drafted is not None:
            endpoints[name] = drafted
    left = [s for s in statuses if s.column not in draft.used and s.endpoint not in endpoints]
    free = [t for t in times if t not in draft.used]
    if len(left) == 1 and len(free) == 1 and (name := _name_of_pair(left[0], free[0], bool(endpoints))):
        endpoints[name] = _endpoint_of_pair(draft, name, left[0], free[0])
        left, free = [], []
    if left and free and not endpoints:
        found = ", ".join(map(repr, free)), ", ".join(repr(status.column) for status in left)
        text = "no name tells which time ({}) goes with which status ({}): write time and event of each under endpoints"
        draft.doubt("endpoints", text.format(*found))
        left, free = [], []
    for status in left if not endpoints else ():
        draft.doubt("endpoints", f"column {status.column!r} looks like a status, but no time belongs to it")
    unpaired = [t for t in free if named_endpoint(t) and named_endpoint(t) not in endpoints]
    for column, odd in _almost_times(draft):
        draft.doubt("endpoints", f"column {column!r} looks like a time, but has {', '.join(map(repr, odd[:4]))}: "
                    "correct these cells, list them under missing, or cut the number out (extract)")  # fmt: skip
    for column in unpaired:
        draft.doubt("endpoints", f"column {column!r} looks like a time, but no status belongs to it")
    if len(endpoints) > 1 and (further := endpoints.pop("followup", None)):
        same = [name for name, spec in endpoints.items() if _same_columns(draft, further, spec)]
        if same:
            draft.because("endpoints", None, f"a further time and status repeat those of {', '.join(same)}")
            draft.unsure = [doubt for doubt in draft.unsure if not doubt[0].startswith("endpoints.followup")]
            return endpoints
        draft.doubt("endpoints", "a time and status that name no endpoint are excluded; the others have names")
    return endpoints


def _name_of_pair(status: Status, time: str, others: bool) -> str:
    """The endpoint of the only time and the only status that are left; `""` where they speak of different ones."""
    names = [name for name in (named_endpoint(status.column), named_endpoint(time)) if name]
    told = [name for name in (status.endpoint, endpoint_of(time)) if name not in ("", "followup")]
    if len(set(names)) > 1 or (others and not names) or (len(set(told)) > 1 and "os" in told):
        return ""
    return (names or told or [status.endpoint])[0]


def _endpoint_of_pair(draft: Draft, name: str, status: Status, time: str) -> dict[str, Any]:
    """An endpoint of the only time and the only status that are left, to be checked by a person."""
    status = read_status(draft, status.column, name)
    source = {"column": time, **_notation(draft, name, time)}
    draft.doubt(f"endpoints.{name}", f"{time!r} and {status.column!r} are paired as the only time and the only status "
                "that are left: do they belong together?")  # fmt: skip
    return _drafted(draft, name, [status], status, (source, "the only time that is left"))


def _almost_times(draft: Draft) -> list[tuple[str, list[str]]]:
    """Columns that would be times but for a few cells, such as `>60` or `-9`, with these cells."""
    found = []
    for column, levels in ((c, draft.levels(c)) for c in draft.words if c not in draft.used):
        text = plain(column)
        odd = [word for word in levels if word[:1] == "-" or not NUMBER.fullmatch(word.replace(",", "."))]
        if odd and len(odd) < 0.5 * len(levels) and (TIME.search(text) or named_endpoint(column)):
            if not _NO_TIME.search(text) and all(re.search(r"\d", word) for word in odd):
                found.append((column, odd))
    return found


def _same_columns(draft: Draft, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two drafted endpoints have the same values in every row, in columns of their own."""
    pairs = [(spec["time"].get("column"), spec["event"]["column"]) for spec in (one, other)]
    if not all(isinstance(column, str) and column in draft.words for pair in pairs for column in pair):
        return False
    return all(draft.words[a] == draft.words[b] for a, b in zip(*pairs, strict=True))


def _name(column: str) -> str:
    return endpoint_of(column) or "followup"


def _order(statuses: list[Status]) -> list[str]:
    found = [s.endpoint for s in sorted(statuses, key=lambda s: not named_endpoint(s.column))]
    return sorted(dict.fromkeys(found), key=lambda name: (name != "os", name == "followup"))


def _is_time(draft: Draft, column: str) -> bool:
    text = plain(column)
    numbers = draft.numbers(column)
    if DATE.search(text) and draft.date_formats(column):
        return False
    if numbers is None or not (TIME.search(text) or named_endpoint(column)):
        return False
    if (_NO_TIME.search(text) and not _ALLOWED.search(text)) or draft.is_calendar(column):
        return False
    if re.search(r"diagnos|\bdx\b|surgery", text) and not (
        event_of(column) or FOLLOW_UP.search(text) or named_endpoint(column)
    ):
        return False
    values = numbers[~np.isnan(numbers)]
    if len(set(values)) <= 2 and set(values) <= {0.0, 1.0, 2.0}:
        return False  # a status in numbers
    return bool((values >= 0).mean() > 0.9) and float(values.max()) > 0


def _status(draft: Draft, column: str) -> Status | None:
    text = plain(column)
    levels = draft.levels(column)
    if not levels or len(levels) > MOST_STATUS_LEVELS or draft.date_formats(column):
        return None
    if not (STATUS.search(text) or named_endpoint(column) or tells_the_dead(levels)):
        return None
    if _NO_STATUS.search(text) and not (_ALLOWED.search(text) or named_endpoint(column)):
        return None
    if re.search(r"\b(days?|months?|time|date|year)\b", text) and not STATUS.search(
        re.sub(r"death|relapse|event|tod", "", text)
    ):
        return None
    status = read_status(draft, column, endpoint_of(column))
    return status if status.event or status.censored or status.doubts else None


def _endpoint(draft: Draft, name: str, statuses: list[Status], times: list[str]) -> dict[str, Any] | None:
    free = [time for time in times if time not in draft.used]
    ranked = sorted(
        statuses,
        key=lambda s: (
            -max((_affinity(name, s.column, time) for time in free), default=0.0) - _coverage(draft, s.column)
        ),
    )
    found = ((status, _time_of(draft, name, status, times)) for status in ranked)
    status, drafted = next(((status, time) for status, time in found if time is not None), (None, None))
    return _drafted(draft, name, statuses, status, drafted) if status is not None and drafted is not None else None


def _drafted(
    draft: Draft, name: str, statuses: list[Status], status: Status, timed: tuple[dict[str, Any], str]
) -> dict[str, Any]:
    """An endpoint of a status and its time, with what speaks for and against it."""
    source, why = timed
    field = f"endpoints.{name}"
    spec = {
        "definition": DEFINITIONS.get(name, TODO),
        "time": source,
        "event": status.spec(),
    }
    draft.note_missing(status.column)
    draft.because(f"{field}.time", None, why)
    draft.because(f"{field}.event", status.column, "values: " + draft.listed(status.column))
    for text in status.doubts:
        draft.doubt(f"{field}.event", text)
    if status.bare and not any(_confirms(draft, status, other) for other in statuses if other is not status):
        draft.doubt(
            f"{field}.event",
            f"the values of {status.column!r} are bare numbers: 1 is taken as the event; count the events",
        )
    if name in MIXED:
        draft.doubt(f"{field}.definition", "as the name suggests; look up which events count, and whether deaths do")
    for other in statuses:
        if other is status:
            continue
        differ = status_contradictions(draft, status, other)
        if differ:
            draft.doubt(
                f"{field}.event",
                f"{status.column!r} is taken; {other.column!r} contradicts it in {len(differ)} rows: "
                f"{first_few(differ, 8)}",
            )
        else:
            draft.because(f"{field}.event", None, f"{other.column!r} agrees with it where both have a value")
        draft.used.add(other.column)
    return spec


def _confirms(draft: Draft, status: Status, other: Status) -> bool:
    """Whether another status of the same endpoint, in words, agrees with one in every row and has both values."""
    known = (other.rows(draft, other.event) | other.rows(draft, other.censored)) & draft.present(status.column)
    events = status.rows(draft, status.event)[known]
    return (
        not (other.bare or other.doubts)
        and known.mean() > 0.5
        and events.any()
        and not events.all()
        and not status_contradictions(draft, status, other)
    )


def _time_of(draft: Draft, name: str, status: Status, times: list[str]) -> tuple[dict[str, Any], str] | None:
    return _own_times(draft, name, status, times) or time_of_dates(draft, name, status)


def _coverage(draft: Draft, column: str) -> float:
    return float(draft.present(column).mean())


def _own_times(draft: Draft, name: str, status: Status, times: list[str]) -> tuple[dict[str, Any], str] | None:
    """The time of a status among the columns of times: by stem, by endpoint, by the event that it speaks of."""
    scored = [(_affinity(name, status.column, time), time) for time in times if time not in draft.used]
    scored = [(score, time) for score, time in scored if score > 0]
    if not scored:
        return None
    best = max(score for score, _ in scored)
    equal = [time for score, time in scored if score == best]
    if best < 3:  # a time of the event, to which the last follow-up belongs
        return _by_status(draft, name, status, equal, times)
    chosen = equal[0] if len(equal) == 1 else _same_times(draft, equal)
    if chosen is None:
        draft.used.update(equal)
        draft.doubt(f"endpoints.{name}.time", f"times that differ: {', '.join(map(repr, equal))}")
        return {"column": to_decide(equal), "unit": TODO}, f"several times go with {status.column!r}"
    draft.used.update(equal)
    incomplete = _lacks_censored(draft, status, chosen)
    if incomplete:
        return _by_status(draft, name, status, [chosen], times)
    return {"column": chosen, **_notation(draft, name, chosen)}, f"column {chosen!r} is named as its status is"


def _affinity(name: str, status: str, time: str) -> float:
    """How well a time belongs to a status: 4 by stem, 3 by endpoint, 2 by the event, 1 by being a plain follow-up."""
    if name == "followup" and not endpoint_of(time):
        return 3.0 if stem(status) == stem(time) else 2.0 if not FOLLOW_UP.search(plain(time)) else 1.0
    if named_endpoint(status) or named_endpoint(time):
        if named_endpoint(time) == name or (
            not named_endpoint(time) and _name(time) == name and named_endpoint(status)
        ):
            same = stem(status) == stem(time)
            return 4.0 if same else 3.0 if named_endpoint(time) == name else 2.0
        return 0.0 if endpoint_of(time) else 1.0 * bool(FOLLOW_UP.search(plain(time)))
    if event_of(time) == name:
        return 4.0 if stem(status) == stem(time) and not FOLLOW_UP.search(plain(time)) and name != "os" else 2.0
    return 1.0 if FOLLOW_UP.search(plain(time)) and not endpoint_of(time) else 0.0


def _same_times(draft: Draft, columns: list[str]) -> str | None:
    """The first of several columns that are the same time, perhaps in another unit; None if they differ."""
    first = draft.numbers(columns[0])
    for other in columns[1:]:
        both = np.stack([first, draft.numbers(other)])  # type: ignore[list-item]
        both = both[:, (~np.isnan(both)).all(axis=0) & (both > 0).all(axis=0)]
        if both.shape[1] < 3:
            return None
        ratio = both[0] / both[1]
        if np.quantile(ratio, 0.9) / np.quantile(ratio, 0.1) > 1.1:
            return None
    return max(columns, key=lambda column: _coverage(draft, column))


def _lacks_censored(draft: Draft, status: Status, column: str) -> bool:
    censored = status.rows(draft, status.censored)
    return bool(censored.any()) and draft.present(column)[censored].mean() < 0.5


def _by_status(
    draft: Draft, name: str, status: Status, candidates: list[str], times: list[str]
) -> tuple[dict[str, Any], str] | None:
    """A time of the event with a time of the last follow-up for the others; or one of them for all."""
    event, censored = status.rows(draft, status.event), status.rows(draft, status.censored)
    of_event = [t for t in candidates if not FOLLOW_UP.search(plain(t))]
    contacts = sorted(
        (t for t in times if FOLLOW_UP.search(plain(t)) and not (named_endpoint(t) and named_endpoint(t) != name)
         and (not event_of(t) or event_of(t) == "os")),
        key=lambda t: (next((i for i, p in enumerate(LAST_FIRST) if re.search(p, plain(t))), 9), -_coverage(draft, t)),
    )  # fmt: skip
    contacts = [t for t in contacts if draft.present(t)[censored].any()]
    of_event.sort(key=lambda t: -draft.present(t)[event].mean() if event.any() else 0)
    if of_event and draft.present(of_event[0])[censored].mean() > 0.5 if censored.any() else False:
        contacts = []
    if not of_event:
        if not contacts or (event.any() and draft.present(contacts[0])[event].mean() < 0.5):
            return None
        draft.used.add(contacts[0])
        why = f"column {contacts[0]!r} has a time for events and others"
        return {"column": contacts[0], **_notation(draft, name, contacts[0])}, why
    first = of_event[0]
    if len(of_event) > 1 and _same_times(draft, of_event) is None and _differ_in_kind(of_event):
        draft.doubt(f"endpoints.{name}.time", f"{first!r} is taken; also there: {', '.join(map(repr, of_event[1:]))}")
    draft.used.update(of_event)
    if not contacts:
        if _lacks_censored(draft, status, first):
            n = int((censored & ~draft.present(first)).sum())
            draft.doubt(
                f"endpoints.{name}.time",
                f"{n} of {int(censored.sum())} censored rows have no {first!r}: "
                "look for a column of the last follow-up",
            )
        return {"column": first, **_notation(draft, name, first)}, f"column {first!r} is the time of its event"
    contacts = contacts[:3]
    draft.used.update(contacts)
    lacking = int((censored & ~draft.present(first)).sum())
    others = ", ".join(map(repr, contacts))
    why = f"{lacking} of {int(censored.sum())} censored rows have no {first!r}; they have {others}"
    both = {t: _notation(draft, name, t) for t in (first, *contacts)}
    censored_source: str | list[str] = contacts[0] if len(contacts) == 1 else contacts
    if all(notation == both[first] for notation in both.values()):
        return {"event": first, "censored": censored_source, **both[first]}, why
    return {
        "event": {"column": first, **both[first]},
        "censored": {"column": contacts[0], **both[contacts[0]]},
    }, why  # fmt: skip


def _differ_in_kind(columns: list[str]) -> bool:
    return len({plain(c).split()[-1] for c in columns}) > 0


def _notation(draft: Draft, name: str, column: str) -> dict[str, Any]:
    """Unit and decimal mark of a time, with what is unsure about them noted."""
    draft.note_missing(column)
    draft.used.add(column)
    unit, reason, sure = suggest_unit(draft.numbers(column), column, draft.cell_unit(column))  # type: ignore[arg-type]
    draft.because(f"endpoints.{name}.time", column, reason)
    if not sure:
        draft.doubt(f"endpoints.{name}.time", f"the unit of {column!r}: {reason}")
    return {"unit": unit, **draft.notation(column)}
