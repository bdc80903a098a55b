"""Tables as a document for a word processor (Office Open XML), written with the standard library.

Estimates and intervals are in columns of their own and abbreviations below, as in gtsummary's tables of regression.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from prognomics.report.page.cells import Cell, View
from prognomics.report.page.parts import Part
from prognomics.report.wording import clean_text

_EPOCH = (1980, 1, 1, 0, 0, 0)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ABBREVIATIONS = "HR: hazard ratio; CI: confidence interval."
_RATIO = re.compile(r"([<>]?[\d.,]+) \(([^)]*)\)")
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(study: Mapping[str, Any], parts: Sequence[Part]) -> bytes:
    """The parts that have a table, each with its title above and its legend below; the same content, the same bytes."""
    body = [_paragraph(clean_text(study.get("title")) or "Results of a marker study", bold=True, size=28)]
    for part in parts:
        if part.view is None:
            continue
        body.append(_paragraph(f"{part.number}. {part.title}", bold=True, before=360, keep=True))
        body.append(_table(part.view))
        ratios = any(cell.kind == "ratio" for row in part.view.rows for cell in row)
        body.append(_paragraph(f"{part.legend} {ABBREVIATIONS if ratios else ''}".strip(), size=16))
    section = (
        '<w:sectPr><w:pgSz w:w="15840" w:h="12240" w:orient="landscape"/>'
        '<w:pgMar w:top="1000" w:right="1000" w:bottom="1000" w:left="1000" '
        'w:header="500" w:footer="500" w:gutter="0"/></w:sectPr>'
    )
    text = f"{HEAD}<w:document {W}><w:body>{''.join(body)}{section}</w:body></w:document>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in (("[Content_Types].xml", HEAD + TYPES), ("_rels/.rels", HEAD + RELATIONS),
                           ("word/document.xml", text)):  # fmt: skip
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data.encode())
    return buffer.getvalue()


def _run(text: str, bold: bool, size: int) -> str:
    weight = "<w:b/>" if bold else ""
    text = _FORBIDDEN.sub(" ", text)
    fonts = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/>'
    return (
        f'<w:r><w:rPr>{fonts}{weight}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def _paragraph(text: str, bold: bool = False, size: int = 20, before: int = 60, keep: bool = False, indent: int = 0,
               right: bool = False) -> str:  # fmt: skip
    properties = f'{"<w:keepNext/>" if keep else ""}<w:spacing w:before={quoteattr(str(before))} w:after="40"/>'
    properties += f'<w:ind w:left="{indent}"/>' if indent else ""
    properties += '<w:jc w:val="right"/>' if right else ""
    return f"<w:p><w:pPr>{properties}</w:pPr>{_run(text, bold, size)}</w:p>"


def _table(view: View) -> str:
    kept = [i for i, text in enumerate(view.heads) if "<svg" not in text]
    ratios = {i for i in kept if "(95% CI)" in view.heads[i]}
    heads = []
    for i in kept:
        heads += [view.heads[i].replace(" (95% CI)", ""), "95% CI"] if i in ratios else [view.heads[i]]
    heads[0] = "Characteristic" if view.figure and heads[0] == "Variable" else heads[0]
    rows = [_row([(h, n in view.numeric) for n, h in enumerate(heads)], head=True)]
    for number, row in enumerate(view.rows):
        cells: list[tuple[str, bool]] = []
        for i in kept:
            cells += _split(row[i]) if i in ratios else [(_text(row[i]), row[i].kind in ("number", "p", "counts"))]
        bold = number in view.grouped or number in view.marked
        rows.append(_row(cells, bold=bold, indent=200 if row[0].indent else 0))
    line = '<w:{} w:val="single" w:sz="{}" w:space="0" w:color="000000"/>'
    borders = line.format("top", 8) + line.format("bottom", 8) + line.format("insideH", 2)
    grid = "".join("<w:gridCol/>" for _ in heads)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="autofit"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def _text(cell: Cell) -> str:
    return f"{cell.text} ({cell.small})" if cell.small else cell.text


def _split(cell: Cell) -> list[tuple[str, bool]]:
    """An estimate and its interval; of anything else the text and nothing."""
    found = _RATIO.fullmatch(cell.text)
    return [(found[1], True), (found[2].replace("–", ", "), True)] if found else [(cell.text, True), ("", True)]


def _row(cells: Sequence[tuple[str, bool]], head: bool = False, bold: bool = False, indent: int = 0) -> str:
    repeated = "<w:tblHeader/>" if head else ""
    made = []
    for place, (text, right) in enumerate(cells):
        said = _paragraph(text, head or (bold and place == 0), 17, 20, right=right, indent=indent if place == 0 else 0)
        made.append(f'<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/></w:tcPr>{said}</w:tc>')
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(made)}</w:tr>"
