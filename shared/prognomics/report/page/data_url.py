"""Pictures as part of the page: an SVG as text, which is a fifth smaller than as base64; others as base64."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

if TYPE_CHECKING:
    from prognomics.data.store import Picture

MEDIA = {"png": "image/png", "svg": "image/svg+xml"}
SVG_AS_TEXT = "data:image/svg+xml;charset=utf-8,"
_UNCHANGED = " !$'()*+,-./:;=?@[]^_`{|}~"  # the others, such as <, >, ", & and #, are written as %3C and so on
_PROLOGUE = re.compile(r"^\s*(<\?xml[^>]*\?>)?\s*(<!DOCTYPE[^>\[]*>)?\s*")
_XLINK = ' xmlns:xlink="http://www.w3.org/1999/xlink"'
_LINE_BREAKS = re.compile(r"[\r\n\t]+")


def data_url(picture: Picture) -> str:
    """The picture as a URL that needs no escaping within double quotes."""
    text = _svg_text(picture)
    if text:
        return Markup(SVG_AS_TEXT + quote(text, safe=_UNCHANGED))
    return f"data:{MEDIA[picture.format]};base64,{base64.b64encode(picture.data).decode('ascii')}"


def _svg_text(picture: Picture) -> str:
    """An SVG with single quotes, where that changes nothing; '' if it is not text."""
    if picture.format != "svg":
        return ""
    try:
        text = picture.data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    text = _LINE_BREAKS.sub(" ", _PROLOGUE.sub("", text))
    if text.count("xlink:") == text.count(" xlink:href="):  # in a page `href` is enough
        text = text.replace(" xlink:href=", " href=").replace(_XLINK, "", 1)
    return text if "'" in text else text.replace('"', "'").strip()
