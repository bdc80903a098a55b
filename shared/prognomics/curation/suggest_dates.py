"""Guess times between two dates: from diagnosis or surgery to the event or the last contact."""

from __future__ import annotations

from typing import Any

from prognomics.curation.draft import Draft, to_decide
from prognomics.curation.headings import DATE, DEATHS, FOLLOW_UP, START, event_of, named_endpoint, plain
from prognomics.curation.suggest_status import Status


def time_of_dates(draft: Draft, name: str, status: Status) -> tuple[dict[str, Any], str] | None:
    """The time of a status between two columns of dates; None if there are none.

    Returns
    -------
    spec : dict
        `event`, `censored` or `column`, with `since` and `date_format`.
    reason : str
    """
    dates = {c: formats for c in draft.words if (formats := _dates(draft, c))}
    starts = [c for c in dates if START.search(plain(c)) and not FOLLOW_UP.search(plain(c)) and not event_of(c)]
    ends = [c for c in dates if c not in starts]
    contacts = [c for c in ends if FOLLOW_UP.search(plain(c))]
    events = [c for c in ends if c not in contacts and _of_event(c, name)]
    if not starts or not (contacts or events):
        return None
    field = f"endpoints.{name}.time"
    starts.sort(key=lambda c: -float(draft.present(c).mean()))
    start = starts[0]
    if len(starts) > 1:
        draft.doubt(field, f"times count from {start!r}; also there: {', '.join(map(repr, starts[1:]))}")
    spec: dict[str, Any]
    dated = status.rows(draft, status.event)
    covers = contacts and dated.any() and draft.present(contacts[0])[dated].mean() > 0.5
    if events and contacts:
        spec = {"event": events[0], "censored": contacts[0]}
    elif contacts and (covers or name in DEATHS):
        spec = {"column": contacts[0]}
        if not covers:
            draft.doubt(field, f"few events have a date in {contacts[0]!r}: is there another column?")
    elif events:
        spec = {"column": events[0]}
        draft.doubt(field, f"no column of the last contact of censored samples was found beside {events[0]!r}")
    else:
        return None
    used = [start, *(value for value in spec.values())]
    for column in used:
        draft.note_missing(column)
        draft.used.add(column)
    formats = [f for f in dates[start] if all(f in dates[column] for column in used)]
    spec["since"] = start
    if len(formats) == 1:
        if formats[0] != "yyyy-mm-dd":
            spec["date_format"] = formats[0]
    else:
        spec["date_format"] = to_decide(formats or sorted({f for column in used for f in dates[column]}))
        draft.doubt(field, "the values do not decide the order of day and month")
    return spec, f"days from {start!r} to {' or '.join(map(repr, used[1:]))}"


def _dates(draft: Draft, column: str) -> list[str]:
    found = draft.date_formats(column)
    # day numbers of a spreadsheet are dates only under such a heading
    return [] if found == ["excel"] and not DATE.search(plain(column)) else found


def _of_event(column: str, name: str) -> bool:
    found = named_endpoint(column) or event_of(column)
    return found == name or (name in DEATHS and found == "os")
