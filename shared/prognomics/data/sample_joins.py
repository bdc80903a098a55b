"""Joins of tables by sample id: how many ids both have, and which change of the ids would make more of them match."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from prognomics.errors import AnalysisNote, BadInput, first_few, note, warn
from prognomics.io.look_alikes import described as code_point
from prognomics.io.look_alikes import difference, skeleton

MIN_MATCHED = 0.5
_least: ContextVar[float] = ContextVar("least_matched", default=MIN_MATCHED)
_FILE_ENDING = re.compile(r"(\.(cel|bam|sam|cram|fastq|fq|txt|tsv|csv|idat|gz|counts?|sorted|results|genes))+$", re.I)
_BARCODE = re.compile(r"(TCGA[-._][A-Z0-9]{2}[-._][A-Z0-9]{4}|TARGET[-._]\d\d[-._][A-Z0-9]{6})"
                      r"([-._]\d\d[A-Z]?)?([-._].*)?$", re.I)  # fmt: skip


@contextlib.contextmanager
def matching_at_least(fraction: float | None) -> Iterator[None]:
    """Accept joins of cohort files in which this fraction of the smaller side matches; None is the default."""
    before = _least.set(MIN_MATCHED if fraction is None else fraction)
    try:
        yield
    finally:
        _least.reset(before)


def least_matched() -> float:
    """The fraction of `matching_at_least`."""
    return _least.get()


@dataclass(frozen=True)
class Join:
    """Two sets of ids.

    Attributes
    ----------
    left, right : str
        What the two sides are called.
    matched, only_left, only_right : tuple of str
        Ids of both, and of one side only, in their order.
    """

    left: str
    right: str
    matched: tuple[str, ...]
    only_left: tuple[str, ...]
    only_right: tuple[str, ...]

    @classmethod
    def of(cls, left: str, left_ids: Iterable[str], right: str, right_ids: Iterable[str]) -> Join:
        mine, others = dict.fromkeys(left_ids), dict.fromkeys(right_ids)
        return cls(left, right, tuple(i for i in mine if i in others), tuple(i for i in mine if i not in others),
                   tuple(i for i in others if i not in mine))  # fmt: skip

    @property
    def fraction(self) -> float:
        """The matched fraction of the smaller side."""
        smaller = len(self.matched) + min(len(self.only_left), len(self.only_right))
        return len(self.matched) / smaller if smaller else 0.0

    @property
    def counts(self) -> dict[str, str | int]:
        """For the run record."""
        return {"left": self.left, "right": self.right, "matched": len(self.matched),
                "only_left": len(self.only_left), "only_right": len(self.only_right)}  # fmt: skip

    def __str__(self) -> str:
        parts = [f"{len(self.matched)} samples are in both {self.left} and {self.right}"]
        for side, ids in ((self.left, self.only_left), (self.right, self.only_right)):
            if ids:
                parts.append(f"{len(ids)} only in {side} ({first_few(ids, 3)})")
        return "; ".join(parts)

    def text(self, about: str = "") -> JoinText:
        """The sentence with its counts; `about` goes before it."""
        return JoinText.of(f"{about}{self}", self.counts)

    def of_patients(self, about: str = "") -> JoinText:
        """The same of ids that name patients."""
        return JoinText.of(f"{about}{self}".replace(" samples are in both", " patients are in both"), self.counts)

    def nearly(self) -> str:
        """What would make ids match that only one side has; empty if no change does."""
        return best_change(self.only_left, self.only_right)[1]

    def warn_about_near(self, where: str) -> None:
        """Warn of ids of one side that a change of their spelling would match with ids of the other.

        Warns
        -----
        samples-matched
        """
        if proposed := self.nearly():
            warn("samples-matched", f"{Path(where).name}: {self}; of these {proposed}")

    def require(self, min_fraction: float, *, where: str, hint: str = "") -> None:
        """BadInput where no id, or less than this fraction of the smaller side, is in both; with a proposed change."""
        if self.matched and self.fraction >= min_fraction:
            return
        n_left, n_right = len(self.matched) + len(self.only_left), len(self.matched) + len(self.only_right)
        what = f"{self.left} matches no sample of {self.right}"
        if self.matched:
            smaller = self.left if n_left <= n_right else self.right
            what = f"only {len(self.matched)} of the {min(n_left, n_right)} samples of {smaller} are in both"
            what += f" {self.left} and {self.right}"
        proposed = propose_change(self.only_left, self.only_right)
        raise BadInput(
            what,
            where=f"{where}: {first_few(self.only_left or self.matched, 3)}; {self.right}: "
            f"{first_few(self.only_right or self.matched, 3)}",
            hint=proposed or hint or "both must use the same sample ids",
        )


class JoinText(str):
    """A sentence on a join, with its counts for the run record."""

    counts: dict[str, str | int]

    @classmethod
    def of(cls, text: str, counts: dict[str, str | int]) -> JoinText:
        found = cls(text)
        found.counts = counts
        return found


class JoinNote(AnalysisNote):
    """A note on a join, whose counts go into `joins` of the run record."""

    def __init__(self, code: str, text: str, counts: dict[str, str | int] | None = None):
        super().__init__(code, text)
        self.counts = counts or {}


def note_source(text: str) -> None:
    """A note on what a source has; a sentence on a join also gives its counts to the run record."""
    if isinstance(text, JoinText):
        warnings.warn(JoinNote("source", str(text), text.counts), stacklevel=2)
    else:
        note("source", text)


# ------------------------------------------------------------------ what would make ids match


def _part(number: int) -> Callable[[str], str]:
    return lambda name: re.split(r"[_\s.:/|-]+", name.strip())[number]


def _without_prefix_letters(name: str) -> str:
    return re.sub(r"^[A-Za-z]+[_. -]?0*(?=\d)|^0+(?=\d)", "", name)


def _with_first_letter(name: str) -> str:
    """`Sample_01`, `s1` and `S-001` are one."""
    return name[:1].casefold() + _without_prefix_letters(name)


def _barcode(length: str) -> Callable[[str], str]:
    def cut(name: str) -> str:
        found = _BARCODE.match(name)
        if not found:
            return name
        patient, kind = found[1].upper().replace(".", "-").replace("_", "-"), (found[2] or "")
        kind = kind.replace(".", "-").replace("_", "-").upper()
        return {"patient": patient, "sample": patient + kind[:3], "vial": patient + kind}[length]

    return cut


def _piece(mark: str, cut: str, kept: int) -> Callable[[str], str]:
    return lambda name: (name.partition(mark) if cut == "first" else name.rpartition(mark))[kept] or name


# what is before or behind one kind of separator, where ids also have others (`12-90_RNAseq-2020` is `12-90`)
_AT_SEPARATORS = tuple(
    (f"what {side} the {cut} {mark!r} is removed", _piece(mark, cut, kept))
    for mark in "_.:/|- "
    for cut in ("first", "last")
    for side, kept in (("follows", 0), ("is before", 2))
)
_LOOK_ALIKE = "characters that look the same are taken as equal"
# simplest first: of changes that match equally many, the first is proposed
_CHANGES: tuple[tuple[str, Callable[[str], str]], ...] = (
    (_LOOK_ALIKE, skeleton),
    ("letters of upper and lower case are taken as equal", str.casefold),
    ("blanks are removed", lambda name: re.sub(r"\s+", "", name)),
    ("", lambda name: re.sub(r"[\s._:/-]+", "-", name)),  # described by the characters that differ
    ("quotes are removed", lambda name: name.strip("\"' ")),
    ("the X that R puts before digits is removed", lambda name: re.sub(r"^X(?=\d)", "", re.sub(r"[^\w]", ".", name))),
    ("separators and case are ignored", lambda name: re.sub(r"[\W_]+", "", name).casefold()),
    ("the endings of file names are removed", lambda name: _FILE_ENDING.sub("", re.split(r"[/\\]", name)[-1])),
    ("TCGA barcodes are cut to 16 characters (sample and vial)", _barcode("vial")),
    ("TCGA barcodes are cut to 15 characters (sample)", _barcode("sample")),
    ("TCGA barcodes are cut to 12 characters (patient)", _barcode("patient")),
    ("only the part before the first separator is kept", _part(0)),
    ("only the part behind the last separator is kept", _part(-1)),
    ("what is between the first letter and the number is removed, zeros too", _with_first_letter),
    ("leading letters and zeros are removed", _without_prefix_letters),
    *_AT_SEPARATORS,
)  # fmt: skip


def propose_change(left: Sequence[str], right: Sequence[str]) -> str:
    """A sentence on the change of ids that makes the most of them match; empty where none does."""
    return best_change(left, right)[1]


def best_change(left: Sequence[str], right: Sequence[str]) -> tuple[int, str]:
    """How many ids match after the change that makes the most of them match, and a sentence on it.

    A change counts only where it leaves the ids of each side different from each other, but for TCGA barcodes, of which
    several samples may belong to a patient. Of changes that match equally many, one that leaves a side as it is wins.
    """
    smaller = min(len(left), len(right))
    best, text = (0, False), ""
    for described, change in _CHANGES:
        mine, others = _changed(left, change), _changed(right, change)
        if change is _without_prefix_letters and not (_are_numbers(left) or _are_numbers(right)):
            continue  # A1 and B1 are of two cohorts
        if not described.startswith("TCGA") and (len(mine) < len(set(left)) or len(others) < len(set(right))):
            continue
        both = mine.keys() & others.keys()
        found = len(both), any(all(side[name] == name for name in both) for side in (mine, others))
        if found > best and len(both) >= max(1, min(2, smaller)):
            best = found
            text = f"{len(both)} of {smaller} match if {described or _separators(mine, others, both)}"
            if described == _LOOK_ALIKE:
                odd = dict.fromkeys(c for name in both for c in difference(mine[name], others[name]))
                text += f" ({first_few(map(code_point, odd), 3)})"
    if not text:
        return 0, ""
    advice = "change the ids of one side, such as by sample_id: {column, replace, extract} in a mapping"
    return best[0], f"{text}; {advice}"


def _are_numbers(names: Iterable[str]) -> bool:
    return all(name.isdigit() for name in names)


def _changed(names: Iterable[str], change: Callable[[str], str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        try:
            changed = change(name)
        except IndexError:
            changed = name
        if changed:
            found.setdefault(changed, name)
    return found


def _separators(mine: dict[str, str], others: dict[str, str], both: Collection[str]) -> str:
    """`'-' becomes '.'`, by the characters in which most pairs differ."""
    pairs: Counter[tuple[str, str]] = Counter()
    for name in both:
        a, b = mine[name], others[name]
        if len(a) == len(b):
            pairs.update((x, y) for x, y in zip(a, b, strict=True) if x != y)
    if len({old for old, _ in pairs}) != len(pairs) or not pairs:
        return "separators are taken as equal"
    return " and ".join(f"{old!r} becomes {new!r}" for old, new in pairs)


def common_barcodes(left: Sequence[str], right: Sequence[str]) -> Callable[[str], str] | None:
    """What cuts barcodes of TCGA or TARGET so that ids of the two sides match; None where they are not barcodes.

    The longest form that both sides have in common: 16 characters, 15, or the patient's 12.
    """
    if not left or not right or not all(_BARCODE.match(name) for name in [*left, *right]):
        return None
    for length in ("vial", "sample", "patient"):
        cut = _barcode(length)
        if {cut(name) for name in left} & {cut(name) for name in right}:
            return cut
    return None
