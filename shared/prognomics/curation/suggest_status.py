"""Guess what the words of a status column mean: event, censored or a competing event."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from prognomics.curation.draft import Draft, to_decide
from prognomics.curation.event_words import DEATH_WORDS, EVENT_FALSE, EVENT_TRUE
from prognomics.curation.headings import DEATHS, event_of, plain
from prognomics.data.mapping import TODO

_ALIVE = re.compile(
    r"(0:)?\s*(alive|living|lebt|lebend|am leben|vivante?|en vie|ned|awd|no evidence of disease)\b.*", re.IGNORECASE
)
# (0=alive, 1=dead), 0_alive_1_dead, (dead: 1; alive: 0)
_LEGEND = re.compile(r"(?<![\w.])(?:0*)(\d)[\s.]*[=:_.\-–][\s.]*([^\W\d_]+(?:[ -][^\W\d_]+)*)")
_TURNED_LEGEND = re.compile(r"([^\W\d_]+(?:[ -][^\W\d_]+)*)\s*[=:]\s*(\d)(?!\d)")
_OTHER_CAUSE = re.compile(
    r".*(other cause|non.?(cancer|disease|tumou?r)|not (of|from|due to) (the )?(disease|cancer|tumou?r)|intercurrent|"
    r"unrelated|andere ursache|autre cause).*|doc", re.IGNORECASE,
)  # fmt: skip
_WITHOUT = re.compile(r".*\b(without|before|no) (a )?(relapse|recurrence|progression|metastas\w+).*", re.IGNORECASE)
# headings whose "yes" is the absence of the event
_INVERSE = re.compile(
    r"\balive\b|\bliving\b|\bsurvi(ved|vor)\b|\b(ue?ber)?leb(t|end)\b|vivant|survecu|\ben vie\b|"
    r"(disease|event|relapse|recurrence|progression) free$|\bned\b"
)
_DEATH = re.compile(r"dead|death|died|deceased|\btod\b|\btot\b|verstorben|gestorben|decede|deces|\bmort")
_CENSORING = re.compile(r"\bcens(or(ed|ing|ship)?)?\b|zensier|censur")
_YES = re.compile(r"1|1\.0|yes|y|true|ja|oui", re.IGNORECASE)
_NO = re.compile(r"0|0\.0|no|n|false|nein|non", re.IGNORECASE)


@dataclass
class Status:
    """The words of a status column by what they mean."""

    column: str
    endpoint: str = "followup"
    event: list[str] = field(default_factory=list)
    censored: list[str] = field(default_factory=list)
    competing: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    bare: bool = False  # coded 0 and 1, by a heading that does not say which is the event

    def spec(self) -> dict[str, Any]:
        """The `event` of an endpoint in a mapping."""
        asked = [to_decide(self.unclear)] if self.unclear else []
        spec: dict[str, Any] = {"column": self.column, "event": [*self.event, *asked] or [TODO]}
        spec["censored"] = self.censored or [TODO]
        return {**spec, "competing": self.competing} if self.competing else spec

    def rows(self, draft: Draft, words: list[str]) -> np.ndarray:
        """Which rows have one of the words, shape (n_rows,)."""
        return np.isin(np.array(draft.words[self.column], dtype=object), words)


def read_status(draft: Draft, column: str, endpoint: str) -> Status:
    """Sort the words of a column into event, censored, competing and unclear.

    Parameters
    ----------
    draft : Draft
    column : str
    endpoint : str
        The endpoint that the heading speaks of, or `""`: then the words decide, or it is `followup`.
    """
    levels = draft.levels(column)
    endpoint = endpoint or _endpoint_of_words(levels)
    status = Status(column, endpoint)
    for word in levels:
        getattr(status, _meaning(word, endpoint)).append(word)
    legend = _legend(column, levels, endpoint)
    if legend:
        status.event, status.censored, status.competing, status.unclear = (
            [word for word in levels if legend[word] == kind] for kind in ("event", "censored", "competing", "unclear")
        )
        return status
    yes_no = all(_YES.fullmatch(word) or _NO.fullmatch(word) for word in levels)
    text = plain(column)
    if yes_no and _INVERSE.search(text) and not _DEATH.search(text):
        status.event, status.censored = status.censored, status.event
        status.doubts.append(f"{column!r} is read as the absence of the event: {_words(status.censored)} is censored")
    elif yes_no and _CENSORING.search(text):
        status.unclear, status.event, status.censored = levels, [], []
        status.doubts.append(
            f"does 1 or yes in {column!r} mean censored, or the event? Count the events of the publication"
        )
        status.event, status.censored, status.unclear = [], [], levels
    elif (codes := _codes_alone(levels)) and codes[0] > 0:
        status.event, status.censored, status.competing, status.unclear = [], [], [], levels
        named = f"{', '.join(map(str, codes[:-1]))} and {codes[-1]}" if codes[1:] else f"{codes[0]}"
        usual = " (often 1 is alive or censored and 2 the event, but not always)" if codes == [1, 2] else ""
        status.doubts.append(
            f"{column!r} is coded {named}: which is the event? The codebook of the study decides{usual}; "
            "write one under event, the other under censored"
        )
    elif set(levels) <= {"0", "1", "0.0", "1.0"}:
        status.bare = True
    if status.unclear and (codes := _codes_alone(levels)) and codes[0] == 0:
        status.doubts.append(
            f"the codebook of the study decides what {_words(status.unclear)} in {column!r} means: "
            "write it under event, censored or competing"
        )
    if not status.event and not status.unclear and status.censored:
        status.doubts.append(f"no value of {column!r} is an event")
    return status


def _codes_alone(levels: list[str]) -> list[int]:
    """The codes of a column that has bare codes alone, other than 0 and 1, in ascending order; else empty."""
    if not all(re.fullmatch(r"\d{1,3}(\.0+)?", word) for word in levels):
        return []
    codes = sorted({int(float(word)) for word in levels})
    return [] if set(codes) <= {0, 1} else codes


def tells_the_dead(words: list[str]) -> bool:
    """Whether words tell the dead from the living, whatever their column is called."""
    return any(DEATH_WORDS.fullmatch(word) for word in words) and any(_ALIVE.fullmatch(word) for word in words)


def _endpoint_of_words(words: list[str]) -> str:
    """The endpoint whose event the words name, such as death; `followup` where they name none or several."""
    if tells_the_dead(words) or {word.casefold() for word in words} == {"a", "d"}:
        return "os"
    found = {event_of(word) for word in words if EVENT_TRUE.fullmatch(word) and not EVENT_FALSE.fullmatch(word)}
    return found.pop() or "followup" if len(found) == 1 else "followup"


def _legend(heading: str, levels: list[str], endpoint: str) -> dict[str, str]:
    """What the heading states of bare codes, as in `status (0=alive, 1=dead)`; empty unless it names all of them."""
    spaced = heading.replace("_", " _ ") if re.search(r"(^|_)\d_[a-z]", heading, re.IGNORECASE) else heading
    codes = [word.removesuffix(".0") for word in levels]
    for found in (_LEGEND.findall(spaced), [(code, word) for word, code in _TURNED_LEGEND.findall(spaced)]):
        said = {code: _meaning(word.strip(), endpoint) for code, word in found}
        meanings = {level: said.get(code, "unclear") for level, code in zip(levels, codes, strict=True)}
        if levels and "unclear" not in meanings.values() and "event" in meanings.values():
            return meanings
    return {}


def _meaning(word: str, endpoint: str) -> str:
    text = word.strip()
    if endpoint in DEATHS:
        if _ALIVE.fullmatch(text):
            return "censored"
        if _OTHER_CAUSE.fullmatch(text) and endpoint != "os":
            return "competing"
        if DEATH_WORDS.fullmatch(text) or text in ("D", "d"):
            return "event"
        if text in ("A", "a"):
            return "censored"
    elif _WITHOUT.fullmatch(text) and DEATH_WORDS.match(text):
        return "competing"
    if EVENT_FALSE.fullmatch(text) or (re.fullmatch(r"0\.0+", text) is not None):
        return "censored"
    if EVENT_TRUE.fullmatch(text) or (re.fullmatch(r"1\.0+", text) is not None):
        return "event"
    return "unclear"


def status_contradictions(draft: Draft, one: Status, other: Status) -> list[str]:
    """Samples for which two status columns say opposite things."""
    opposite = (one.rows(draft, one.event) & other.rows(draft, other.censored)) | (
        one.rows(draft, one.censored) & other.rows(draft, other.event)
    )
    ids = draft.words[draft.mapping["sample_id"]] if isinstance(draft.mapping.get("sample_id"), str) else None
    return [ids[i] if ids else f"row {i + 1}" for i in np.flatnonzero(opposite)]


def _words(words: list[str]) -> str:
    return ", ".join(map(repr, words))
