"""Figures of the page as URLs, and as operators of the PDF."""

import re
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
from figure_cases import box, cox_forest
from test_report import STUDY, record, sha

from prognomics.data.store import Picture
from prognomics.report.export.pdf_figures import Figure, NotDrawn, _matrix, _outline, figures_of
from prognomics.report.page import build_report
from prognomics.report.page.data_url import SVG_AS_TEXT, data_url

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="72pt" height="36pt" viewBox="0 0 72 36">'
)
PATH = '<path d="M0 0L5 5" style="fill: none; stroke: #ff0000; stroke-width: 2"/>'


def svg(inner):
    return f"{HEAD}{inner}</svg>".encode()


def operators(inner):
    return [part.operators.decode() for part in Figure(svg(inner)).parts]


def test_an_svg_as_text_is_the_same_picture():
    inner = '<path d="M0 0" style="fill: #00ff00"/><g title="100% &amp; é"/>'
    data = b'<?xml version="1.0"?><!DOCTYPE svg>\n' + svg(inner)
    url = data_url(Picture("x", "p.svg", "svg", data))
    assert url.startswith(SVG_AS_TEXT) and not set('"<>&#\n') & set(url)
    made = unquote_to_bytes(url.removeprefix(SVG_AS_TEXT))
    assert ElementTree.canonicalize(made) == ElementTree.canonicalize(data)
    quoted = svg('<g title="it\'s"/>')  # a quote within a text: the others stay as they are
    made = unquote_to_bytes(data_url(Picture("x", "p.svg", "svg", quoted)).removeprefix(SVG_AS_TEXT))
    assert ElementTree.canonicalize(made) == ElementTree.canonicalize(quoted)


def test_what_is_no_text_stays_base64():
    assert data_url(Picture("x", "p.png", "png", b"\x89PNG")) == "data:image/png;base64,iVBORw=="
    assert data_url(Picture("x", "p.svg", "svg", b"<svg \xff")).startswith("data:image/svg+xml;base64,")


def test_quadratic_curves_become_cubic_ones():
    assert _outline("M0 0Q3 0 3 3z") == b"0 0 m 2 0 3 1 3 3 c h"
    assert _outline("M0 0L1e-9 2 3 4") == b"0 0 m 0 2 l 3 4 l"  # points that follow a line are lines; no exponents
    for other in ("m0 0l1 1", "M0 0A1 1 0 0 0 2 2", "M0 0L1", "M0 0z1 1"):
        with pytest.raises(NotDrawn):
            _outline(other)


def test_what_stands_first_in_a_transformation_is_applied_last():
    assert _matrix("translate(10 20) scale(2 -3)") == (2, 0, 0, -3, 10, 20)
    assert _matrix("translate(1 2) rotate(90)") == pytest.approx((0, 1, -1, 0, 1, 2))
    with pytest.raises(NotDrawn):
        _matrix("skewX(3)")


def test_styles_come_from_rules_classes_and_the_element():
    (line,) = operators(f"<style>*{{stroke-linejoin: round}}</style>{PATH}")
    assert line.startswith("q 1.0000 0.0000 0.0000 RG 2 w 0 J 1 j") and line.endswith("0 0 m 5 5 l S Q")
    used = '<style>.s0{fill:#0000ff}</style><defs><path id="a" d="M0 0L1 0L1 1z"/></defs>' \
        '<use xlink:href="#a" x="7" y="8" class="s0"/>'  # fmt: skip
    assert operators(used) == ["q 1 0 0 1 7 8 cm 0.0000 0.0000 1.0000 rg 0 0 m 1 0 l 1 1 l h f Q"]
    clip = '<clipPath id="c"><rect x="1" y="2" width="3" height="4"/></clipPath>'
    clipped = PATH.replace("<path", '<path clip-path="url(#c)"')
    assert operators(clip + clipped)[0].startswith("q 1 2 3 4 re W n ")
    (faint,) = Figure(svg(PATH.replace("stroke-width: 2", "stroke-opacity: 0.5; opacity: 0.5"))).parts
    assert (faint.fill_opacity, faint.stroke_opacity) == (0.5, 0.25)


@pytest.mark.parametrize("inner", [
    "<text>x</text>", '<g style="opacity: 0.5"/>', '<path d="M0 0L1 1" style="fill: url(#g)"/>',
    '<use xlink:href="#no"/>', '<path d="M0 0" style="filter: blur(1)"/>', '<image xlink:href="http://example.org/x.png"/>',
])  # fmt: skip
def test_anything_else_is_left_to_weasyprint(inner):
    url = data_url(Picture("x", "p.svg", "svg", svg(inner)))
    assert figures_of(f'<img src="{url}">') == {}


def test_every_figure_of_the_page_is_drawn_without_exponents():
    plots = [
        Picture(sha(str(n)), f"{n}.svg", "svg", figure.to_bytes("svg"))
        for n, figure in enumerate((cox_forest(), box()))
    ]
    page = build_report(STUDY, [record("cox", {"plot": p.sha256}, covariate=[p.name]) for p in plots], [], plots)
    found = figures_of(page)
    assert len(found) == page.count("<img ") == len(plots)
    for figure in found.values():
        assert figure.get_intrinsic_size(1, 16)[0] > 100
        assert not any(re.search(rb"\d[eE][-+]?\d", part.operators) for part in figure.parts)


def test_the_pdf_of_a_figure_holds_its_lines():
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    from prognomics.report.export.pdf import pdf_of

    url = data_url(Picture("x", "p.svg", "svg", svg(PATH)))
    assert len(pdf_of(f'<img src="{url}">')) > len(pdf_of("<p></p>"))
