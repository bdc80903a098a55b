"""The numbers that a page prints, each with the finding that it is of, read from the finished HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

TOKEN = re.compile(r"[<>]?[−-]?\d[\d,]*(?:\.\d+)?(?:e[+−-]?\d+)?%?(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
FULL = re.compile(r"-?[\d.]+(?:e[+-]\d+)?(?:; -?[\d.]+(?:e[+-]\d+)?)*")  # the title of a cell of numbers
SENTENCE = re.compile(r"([\d.,]+) \(95% CI ([\d.,]+) to ([\d.,]+)\)")
FIELDS = (
    "estimate",
    "ci_low",
    "ci_high",
    "p_value",
    "p_lr",
    "statistic",
    "n",
    "events",
    "se",
    "df",
    "n_level",
    "events_level",
)
COUNTS = ("n", "events", "df", "n_level", "events_level")
RATIO = ("estimate", "ci_low", "ci_high")


class _Page(HTMLParser):
    """Cells with full numbers by row, and the text outside tables, each with the id of its section."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.section, self.rows, self.texts = "", [], []  # type: ignore[var-annotated]
        self._cell: list[str] | None = None
        self._title, self._number, self._silent = "", False, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "section":
            self.section = found.get("id") or self.section
        if tag in ("style", "script"):
            self._silent += 1
        if tag == "tr":
            self.rows.append((self.section, []))
        if tag in ("td", "th"):
            self._cell, self._title = [], found.get("title") or ""
            self._number = tag == "td" and found.get("class") == "n"  # in full without a title

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._silent -= 1
        if tag in ("td", "th") and self._cell is not None:
            text = " ".join("".join(self._cell).split())
            if (self._title or self._number) and self.rows:
                self.rows[-1][1].append((text, self._title or text))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._cell is not None:
            self._cell.append(data)
        else:
            self.texts.append((self.section, data))


def printed_numbers(page: str, findings: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """One row per printed number: `section, text, value, finding, field`; `finding` is NA where none has it.

    Numbers of tables are those whose cell gives them in full; counts belong to the finding of their row. Of sentences
    those of a ratio with its interval are taken.
    """
    parser = _Page()
    parser.feed(page)
    known = _by_value(findings)
    found: list[dict[str, str]] = []
    for section, cells in parser.rows:
        found += _of_row(section, cells, known)
    triples = {tuple(f[n] for n in RATIO): f["id"] for f in findings if f["ci_low"] != "NA"}
    for section, text in parser.texts:
        for match in SENTENCE.finditer(text):
            found += _of_sentence(section, match.groups(), triples)
    return found


def _by_value(findings: Sequence[Mapping[str, str]]) -> dict[str, list[tuple[str, str]]]:
    known: dict[str, list[tuple[str, str]]] = {}
    for finding in findings:
        for name in FIELDS:
            if finding[name] != "NA":
                known.setdefault(finding[name], []).append((finding["id"], name))
    return known


def _of_row(
    section: str, cells: list[tuple[str, str]], known: Mapping[str, list[tuple[str, str]]]
) -> list[dict[str, Any]]:
    """The numbers of one row; those that occur in the same findings are of the same finding."""
    numbers = [(text, title.split("; ")) for text, title in cells if FULL.fullmatch(title)]
    votes: dict[str, int] = {}
    for _, values in numbers:
        for value in values:
            for name, field in known.get(value, ()):
                votes[name] = votes.get(name, 0) + (0 if _is_weak(value, field) else 1)
    made = []
    for text, values in numbers:
        tokens = TOKEN.findall(text)
        if tokens and tokens[0].endswith("%"):  # 58% (53–64): the limits are percentages as well
            tokens = [t if t.endswith("%") else f"{t}%" for t in tokens]
        for place, value in enumerate(values):
            token = tokens[place] if len(tokens) >= len(values) else text
            told = len(tokens) >= len(values)  # else the cell prints fewer numbers than its title has
            mine = [(n, f) for n, f in known.get(value, ()) if votes[n] and told]
            best = max(mine, key=lambda x: votes[x[0]], default=("NA", "NA"))
            made.append({"section": section or "NA", "text": token, "value": value, "finding": best[0],
                         "field": best[1]})  # fmt: skip
    return made


def _is_weak(value: str, field: str) -> bool:
    """Whether a number alone does not tell which finding it is of: a count, or an integer."""
    return field in COUNTS or value.lstrip("-").isdigit()


def _of_sentence(section: str, texts: tuple[str, ...], triples: Mapping[tuple[str, ...], str]) -> list[dict[str, Any]]:
    match = next((key for key in triples if all(map(_rounds, key, texts))), None)
    name, values = (triples[match], match) if match else ("NA", ("NA",) * len(RATIO))
    shown = zip(texts, values, RATIO, strict=True)
    return [{"section": section or "NA", "text": text, "value": value, "finding": name, "field": field}
            for text, value, field in shown]  # fmt: skip


def _rounds(value: str, text: str) -> bool:
    """Whether a printed number is this one at its decimals."""
    if value == "NA":
        return False
    plain = text.replace(",", "").rstrip(".")
    decimals = len(plain.partition(".")[2])
    return bool(abs(float(value) - float(plain)) <= 0.5 * 10**-decimals * (1 + 1e-9))
