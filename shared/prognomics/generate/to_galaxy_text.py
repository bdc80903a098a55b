"""Which characters a text of a form may hold, by its kind: sanitizers and validators as macros.

Every text reaches the shell in single quotes, so the quote itself is the only
character that could do harm; the lists allow what gene symbols, columns and
their values hold, and nothing that a shell, a template or a page interprets.
The validator refuses with a message before the sanitizer would drop a character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prognomics.generate.to_galaxy_xml import Element, element
from prognomics.spec.model import Input

_LETTERS = "".join(chr(c) for c in [*range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100)])
_GREEK = "".join(chr(c) for c in range(0x391, 0x3CA) if c != 0x3A2)
_UNITS = "\u00b0\u00b2\u00b3\u00b5\u00b1\u2264\u2265"
_MARKS = " _.,:/|()[]+*%#@&?~-"


@dataclass(frozen=True)
class Charset:
    """Characters beside ASCII letters and digits, and how to say them to a user."""

    extra: str
    said: str

    @property
    def expression(self) -> str:
        """A regular expression of a whole text in these characters."""
        marks = self.extra.replace(_LETTERS, "").replace(_GREEK, "").replace("-", "")
        ranges = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff" * (_LETTERS in self.extra)
        ranges += "\u0391-\u03a1\u03a3-\u03c9" * (_GREEK in self.extra)
        escaped = re.sub(r"([][])", r"\\\1", marks)
        return f"^[A-Za-z0-9{ranges}{escaped}-]+$"


_COLUMN = _MARKS + _LETTERS + _GREEK + _UNITS
_SAID = "letters, digits, spaces and _ . , : / | ( ) [ ] + * % # @ & ? ~ -"
CHARSETS = {
    "gene": Charset(" _.,:/|()[]+*@-", "letters, digits, spaces and _ . , : / | ( ) [ ] + * @ -"),
    "column": Charset(_COLUMN, _SAID),
    "filter": Charset(_COLUMN + "=!", f"{_SAID} = !"),
    "title": Charset(_COLUMN + "=!\u2013\u2014\u2019", f"{_SAID} = ! and dashes"),
    "name": Charset(" _.-", "letters, digits, spaces and _ . -"),
    "identifier": Charset("_.:-", "letters, digits and _ . : -"),
}
_KINDS = {"columns": "column", "level": "column", "free": "column", "accession": "identifier", "": "identifier"}


def charset_of(item: Input) -> str:
    """The charset of a text input; an endpoint is an identifier."""
    return _KINDS.get(item.kind, item.kind)


def charset_macro(name: str) -> Element:
    """The macro with sanitizer and validator of a charset, for use inside a text parameter."""
    charset = CHARSETS[name]
    valid = element("valid", element("add", value=charset.extra), initial="string.ascii_letters,string.digits")
    message = f"Enter only {charset.said}"
    return element(
        "xml",
        Element("sanitizer", {"invalid_char": ""}, [valid]),
        element("validator", type="regex", message=message, text=charset.expression),
        name=f"text_{name}",
    )


def text_checks(item: Input) -> list[Element]:
    """What stands inside the parameter of a text: its charset, and the pattern of the spec.

    A form shows the first check that fails, so of an empty field not that its characters are wrong.
    """
    empty = element("validator", type="empty_field", message="A value is needed")
    checks = [*([empty] if item.required else []), element("expand", macro=f"text_{charset_of(item)}")]
    if item.pattern:
        example = f", such as {item.example}" if item.example else ""
        checks.append(element("validator", type="regex", message=f"This has the wrong form{example}",
                              text=item.pattern))  # fmt: skip
    return checks
