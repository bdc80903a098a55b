"""SVG made smaller without a visible change: matplotlib writes six decimals, comments, long ids and each style anew."""

from __future__ import annotations

import re
from collections import Counter
from itertools import count

PLACES = 2  # of a point: 0.01 pt is 3.5 micrometres on paper
MANY = 3  # times that a style must occur to become a class

_COMMENT = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>", re.S)
_BETWEEN = re.compile(r">\s+<")
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")
_GEOMETRY = re.compile(r'(\s(?:x|y|x1|x2|y1|y2|points|transform|width|height)=")([^"]*)"')
_PATH = re.compile(r'(\sd=")([^"]*)"')
_COMMAND = re.compile(r" ?([A-Za-z]) ?")
_GLYPH = re.compile(r'(<use xlink:href="[^"]*") transform="translate\((-?[\d.]+) 0\)"/>')
_ID = re.compile(r'\sid="([^"]*)"')
_LINK = re.compile(r'(xlink:href="#|url\(#)([^")]*)')
_STYLE = re.compile(r'(?<=<use )([^>]*?) style="([^"]*)"')
_EMPTY = re.compile(r"<g>((?:<use [^>]*/>)*)</g>")
_NEIGHBORS = re.compile(r'(<g clip-path="url\(#[^"]*\)">)((?:<use [^>]*/>)+)</g>(?:\1((?:<use [^>]*/>)+)</g>)+')


def compact_svg(text: str) -> str:
    """The same picture in fewer bytes: coordinates at 0.01 point, short ids, each style of marks said once.

    Parameters
    ----------
    text : str
        An SVG as matplotlib's backend writes it, its texts drawn as paths.
    """
    head, _, body = _BETWEEN.sub("><", _COMMENT.sub("", text)).rpartition("<svg")
    body = _GLYPH.sub(lambda m: f'{m[1]} x="{float(m[2]):.0f}"/>', body)
    body = _GEOMETRY.sub(lambda m: f'{m[1]}{_shorter(m[2])}"', body)
    body = _PATH.sub(lambda m: m[1] + _COMMAND.sub(r"\1", _shorter(m[2])) + '"', body)
    body = _NEIGHBORS.sub(lambda m: m[0].replace(f"</g>{m[1]}", ""), body)
    body = _EMPTY.sub(r"\1", body)
    return f"{head}<svg{_classes(_short_ids(body))}".rstrip() + "\n"


def _shorter(geometry: str) -> str:
    kept, scale, rest = geometry.partition("scale(")  # the scale of a text is a small number
    return " ".join(_DECIMALS.sub(lambda m: _rounded(m[0]), kept).split()) + scale + rest


def _rounded(number: str) -> str:
    short = f"{float(number):.{PLACES}f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def _short_ids(body: str) -> str:
    """Ids that something refers to as a1, a2, ...; the others are excluded."""
    used = {match[2] for match in _LINK.finditer(body)}
    numbers = count(1)
    short = {name: f"a{next(numbers)}" for name in dict.fromkeys(_ID.findall(body)) if name in used}
    body = _ID.sub(lambda m: f' id="{short[m[1]]}"' if m[1] in short else "", body)
    return _LINK.sub(lambda m: m[1] + short.get(m[2], m[2]), body)


def _classes(body: str) -> str:
    """Styles that many marks share, as classes."""
    times = Counter(match[2] for match in _STYLE.finditer(body))
    names = {style: f"s{n}" for n, (style, found) in enumerate(times.items()) if found >= MANY}
    body = _STYLE.sub(lambda m: f'{m[1]} class="{names[m[2]]}"' if m[2] in names else m[0], body)
    rules = "".join(f".{name}{{{style.replace('; ', ';').replace(': ', ':')}}}" for style, name in names.items())
    return body.replace("</style>", f"{rules}</style>", 1)
