"""Workbooks for tests, written part by part, so that they can hold what no writer would write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DATE_STYLE = 1


def cell(place: str, value: str, kind: str = "inlineStr") -> str:
    """Return the XML of one cell. kind: inlineStr, n, e (error), b, date, f (a formula never calculated)."""
    if kind == "inlineStr":
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
    if kind == "date":
        return f'<c r="{place}" s="{DATE_STYLE}"><v>{value}</v></c>'
    if kind == "f":
        return f'<c r="{place}"><f>{value}</f></c>'
    return f'<c r="{place}" t="{kind}"><v>{value}</v></c>'


def rows_of(lines: list[list[object]]) -> str:
    """Return the XML of rows: texts, numbers, and pairs (value, kind) as said; None is left out."""
    made = []
    for number, line in enumerate(lines, start=1):
        cells = []
        for column, value in enumerate(line):
            place = f"{chr(65 + column)}{number}"
            if isinstance(value, tuple):
                cells.append(cell(place, *value))
            elif value is not None:
                cells.append(cell(place, str(value), "inlineStr" if isinstance(value, str) else "n"))
        made.append(f'<row r="{number}">{"".join(cells)}</row>' if cells else "")
    return "".join(made)


def workbook(sheets: Mapping[str, list[list[object]]], *, dimension: str = "") -> bytes:
    """Return a workbook of these sheets. dimension: what it falsely says of their size."""
    names = list(sheets)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
            for n in range(1, len(names) + 1)
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(names) + 1)
        )
        + f'<Relationship Id="rId99" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for number, name in enumerate(names, start=1):
        size = f'<dimension ref="{dimension}"/>' if dimension else ""
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_MAIN}">{size}<sheetData>{rows_of(sheets[name])}</sheetData></worksheet>'
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return packed.getvalue()
