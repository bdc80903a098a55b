"""XML as people write it by hand: one element per line, four spaces, text kept as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

INDENT = "    "
# The order of a parameter's attributes in the IUC's coding style; further ones follow.
_ORDER = ("name", "argument", "type", "format", "min", "truevalue", "max", "falsevalue", "value", "checked", "optional")
_PLACE = {name: place for place, name in enumerate((*_ORDER, "label", "help"))}
_ATTRIBUTE = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


@dataclass
class Element:
    """An element: attributes in the order given; children, or a text, or literal lines (CDATA)."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""
    literal: str = ""


@dataclass
class Comment:
    text: str


Node = Element | Comment


def element(tag: str, *children: Node, text: str = "", literal: str = "", **attributes: object) -> Element:
    """An element; attributes that are None or empty are omitted, `_` at the end of a name as well."""
    kept = {k.rstrip("_"): _written(v) for k, v in attributes.items() if v is not None and v != ""}
    if tag == "param":
        kept = dict(sorted(kept.items(), key=lambda item: _PLACE.get(item[0], len(_PLACE))))
    return Element(tag, kept, list(children), text, literal)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def escaped(text: str, quotes: bool = True) -> str:
    table = _ATTRIBUTE if quotes else {k: _ATTRIBUTE[k] for k in "&<>"}
    return "".join(table.get(c, c) for c in text)


def lines(node: Node, depth: int = 0) -> Iterable[str]:
    pad = INDENT * depth
    if isinstance(node, Comment):
        yield f"{pad}<!-- {' '.join(node.text.replace('--', '').split())} -->"
        return
    head = f"{pad}<{node.tag}" + "".join(f' {k}="{escaped(v)}"' for k, v in node.attributes.items())
    if node.literal:
        body = node.literal.strip("\n").replace("]]>", "]] >")
        yield f"{head}><![CDATA[\n{body}\n{pad}]]></{node.tag}>"
    elif node.text:
        text = f"<![CDATA[{node.text}]]>" if any(c in node.text for c in "<>&") else node.text
        yield f"{head}>{text}</{node.tag}>"
    elif node.children:
        yield f"{head}>"
        for child in node.children:
            yield from lines(child, depth + 1)
        yield f"{pad}</{node.tag}>"
    else:
        yield f"{head}/>"


def document(root: Element, *notice: str) -> str:
    """The text of a file, with comments at its head."""
    return "\n".join([*(f"<!-- {n} -->" for n in notice), *lines(root)]) + "\n"
