"""Letters that cannot be seen or told from others, in the names that join files: they are named with code point.

Names in any one script are taken as they are. What is named: invisible characters and unusual blanks, Cyrillic, Greek
or full-width letters among Latin ones (in one word, or a word of look-alikes only where other names are Latin), and
names that differ in such characters only. After Unicode Technical Standard 39, for the scripts that clinics and
laboratories mix.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from prognomics.errors import BadInput, first_few, warn

_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХаеорсухіјѕԁһԛԝЗ", "ABESIJKMHOPCTYXaeopcyxijsdhqw3", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονα", "ABEZHIKMNOPTYXova", strict=True))
_DASHES = dict.fromkeys("‐‑‒–—−", "-")
_LIKE_LATIN = {**_CYRILLIC, **_GREEK}
_SKELETON = str.maketrans({**_LIKE_LATIN, **_DASHES})
_WORD = re.compile(r"[^\W_]+")
_JOINERS = "\u200c\u200d"  # which Persian and Indic scripts need
_LATIN = re.compile("[A-Za-z]")
_MOST_SHOWN = 3


def described(character: str) -> str:
    """Code point and name of a character, such as `U+200B ZERO WIDTH SPACE`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def odd_characters(name: str, *, among_latin: bool = False) -> list[str]:
    """The characters of a name that cannot be seen, or that represent Latin letters without being some.

    Parameters
    ----------
    name : str
    among_latin : bool
        Whether other names have Latin letters, so that a word of look-alikes only is probably meant as Latin.
    """
    if name.isascii() and name.isprintable():
        return []
    joined = any(_needs_joiners(c) for c in name)
    odd = [c for c in name if _invisible(c) and not (joined and c in _JOINERS)]
    for word in _WORD.findall(name):
        if word.isascii():
            continue
        strange = [c for c in word if c in _LIKE_LATIN or _styled(c) or _script(c) == "CYRILLIC"]
        letters = [c for c in word if c.isalpha()]
        alike = all(c in _LIKE_LATIN or _styled(c) for c in letters)
        if strange and (_LATIN.search(word) or (among_latin and alike)):
            odd += [c for c in strange if not (_script(c) == "GREEK" and c.islower() and c != "ο")]
    return list(dict.fromkeys(odd))


def _invisible(character: str) -> bool:
    kind = unicodedata.category(character)
    blank = kind == "Zs" and character != " "
    return blank or kind in ("Cc", "Cf", "Co", "Zl", "Zp") or character in "\u3164\uffa0\u115f"


def _needs_joiners(character: str) -> bool:
    return 0x600 <= ord(character) <= 0xDFF


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def _styled(character: str) -> bool:
    return _script(character) in ("FULLWIDTH", "MATHEMATICAL")


def skeleton(name: str) -> str:
    """What a name looks like: the same for names that differ in invisible or look-alike characters only."""
    if name.isascii() and name.isprintable():
        return name
    plain = unicodedata.normalize("NFKC", name).translate(_SKELETON)
    return "".join(" " if c.isspace() else c for c in plain if c.isspace() or not _invisible(c))


def warn_about_look_alikes(names: Iterable[str], kind: str, where: str) -> None:
    """Warn of names with odd characters, and of names that look like another one.

    Parameters
    ----------
    names : iterable of str
    kind : str
        What they are, in the plural, such as `sample ids`.
    where : str
        Their file.

    Warns
    -----
    look-alike-characters
    """
    names = list(dict.fromkeys(names))
    if all(name.isascii() and name.isprintable() for name in names):
        return
    among_latin = any(_LATIN.search(name) for name in names)
    found = {name: odd for name in names if (odd := odd_characters(name, among_latin=among_latin))}
    if found:
        shown = [f"{name!r} has {', '.join(map(described, odd))}" for name, odd in list(found.items())[:_MOST_SHOWN]]
        rest = f"; and {len(found) - _MOST_SHOWN} more" if len(found) > _MOST_SHOWN else ""
        warn("look-alike-characters", f"{kind} have characters that cannot be seen or that look like others: "
             f"{'; '.join(shown)}{rest} ({where}). They match no name without them; correct the file")  # fmt: skip
    first: dict[str, str] = {}
    pairs = [(name, other) for name in names if (other := first.setdefault(skeleton(name), name)) != name]
    if pairs:
        shown = [f"{one!r} and {two!r} ({', '.join(described(c) for c in difference(one, two))})"
                 for one, two in pairs[:_MOST_SHOWN]]  # fmt: skip
        warn("look-alike-names", f"{kind} look the same and are different: {first_few(shown)} ({where})")


def difference(one: str, two: str) -> list[str]:
    """The invisible characters and those beyond ASCII that only one of two names has."""
    return [c for c in dict.fromkeys(one + two) if (c in one) != (c in two) and not (c.isascii() and c.isprintable())]


def refuse_controls(names: Iterable[str], kind: str, where: str) -> None:
    """BadInput for a name with a line break, tab or other control character, which no table can hold."""
    bad = [name for name in names if not name.isprintable() and any(unicodedata.category(c) == "Cc" for c in name)]
    if bad:
        control = next(c for c in bad[0] if unicodedata.category(c) == "Cc")
        raise BadInput(f"{kind} have control characters (U+{ord(control):04X})",
                       where=f"{where}: {first_few(map(repr, bad))}",
                       hint="remove line breaks and tabs from the names")  # fmt: skip
