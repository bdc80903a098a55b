"""SVG made smaller: the same picture, fewer bytes."""

import re

from prognomics.report.figures.svg import compact_svg

LONG = """<?xml version="1.0"?><!DOCTYPE svg>
<svg width="489.600001pt" xmlns:xlink="x" viewBox="0 0 1 1">
 <metadata>made by</metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="figure_1"><!-- a note -->
  <defs><path id="mark123" d="M 0 -1.234567
L 2.000001 0.5"/></defs>
  <g clip-path="url(#clip9)">
   <use xlink:href="#mark123" x="10.123456" y="3" style="fill: #aa0000; stroke: none"/>
  </g>
  <g clip-path="url(#clip9)">
   <use xlink:href="#mark123" x="11" y="3" style="fill: #aa0000; stroke: none"/>
  </g>
  <g clip-path="url(#clip9)">
   <use xlink:href="#mark123" x="12" y="3" style="fill: #aa0000; stroke: none"/>
  </g>
  <g transform="translate(1.23456 2)scale(0.015625)"><use xlink:href="#mark123" transform="translate(61.27 0)"/></g>
 </g>
 <defs><clipPath id="clip9"><rect x="1" y="1"/></clipPath></defs>
</svg>
"""


def test_less_text_for_the_same_picture():
    short = compact_svg(LONG)
    assert "metadata" not in short and "a note" not in short and "figure_1" not in short
    assert 'd="M0 -1.23L2 0.5"' in short and 'x="10.12"' in short
    assert 'transform="translate(1.23 2)scale(0.015625)"' in short and 'x="61"' in short
    assert short.count("clip-path") == 1  # neighbors under one clip
    assert short.count("#aa0000") == 1 and short.count('class="s0"') == 3
    links, ids = re.findall(r"#(a\d+)", short), re.findall(r'id="(a\d+)"', short)
    assert set(links) == set(ids) and len(ids) == 2


def test_small_already_stays():
    assert compact_svg(compact_svg(LONG)) == compact_svg(LONG)
