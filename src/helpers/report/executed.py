"""An executed notebook as the audit of a run reads and changes it: sentences, rows, pictures by their keys.

Executed notebooks are what the pages are rendered from, so what goes here goes from the page.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

from helpers.report.cells import Cell, cell_of
from helpers.report.finding import Finding
from helpers.report.phrases import said
from helpers.report.reasons import reason_text
from helpers.report.show import NOTED, paragraph
from helpers.report.table import HIDDEN
from helpers.report.told_picture import AS_BEFORE, told_caption, told_picture

Key = tuple[str, str | None]
_SENTENCE = re.compile(
    r'<p data-finding="(?P<id>[^"]*)"(?: data-segment="(?P<segment>[^"]*)")? data-verdict="[^"]*">.*?</p>',
    re.S,
)
_BODY = re.compile(r"(<tbody>)(.*?)(</tbody>)", re.S)
_ROW = re.compile(r"<tr>.*?</tr>", re.S)
_CELL = re.compile(r"(<td[^>]*>)(.*?)(</td>)", re.S)
_NUMBER = re.compile(r"\d")
_ID = re.compile(r"[A-Z]\d+\.\w+")


def row_cells_of(notebook: Path) -> tuple[Cell, ...]:
    """Return the cells of all rows of tables that an executed notebook shows."""
    noted = (output["metadata"].get(NOTED, {}) for output in _outputs(_read(notebook)))
    return tuple(cell_of(entry) for one in noted for entry in one.get("cells", ()))


def rows_as_told(notebook: Path) -> dict[str, list[str]]:
    """Return the texts of each row that an executed notebook tells, by the key of its cell."""
    found: dict[str, list[str]] = {}
    for output in _outputs(_read(notebook)):
        keys = [entry["key"] for entry in output["metadata"].get(NOTED, {}).get("cells", ())]
        body = _BODY.search(_html(output))
        for key, row in zip(keys, _ROW.findall(body[2]) if body else (), strict=False):
            found[key] = [unescape(cell[1]) for cell in _CELL.findall(row)]
    return found


def redact(
    notebook: Path,
    *,
    told: Iterable[Finding],
    findings: Mapping[Key, Finding],
    rows: Mapping[str, Sequence[str] | None],
) -> bool:
    """Put other findings and rows in the place of some; return whether the notebook changed.

    told: all findings of the chapter as they leave. findings: those of them that are said instead, by id and
    segment. rows: texts instead, by the key of a row's cell; None hides its numbers. In the place of a
    picture that draws one of them stands one of its findings as they leave (see `told_picture`).
    """
    content = _read(notebook)
    before = json.dumps(content)
    leaving = {one.key: one for one in told}
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                made
                for output in cell["outputs"]
                for made in _without_picture(output, leaving, {*findings, *rows})
                or [_redacted(output, findings, rows)]
            ]
    if json.dumps(content) == before:
        return False
    notebook.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return True


def _without_picture(
    output: Mapping[str, Any], leaving: Mapping[Key, Finding], changed: set[Key | str]
) -> list[dict[str, Any]]:
    """What stands in the place of an output that is a picture of something changed; nothing for others."""
    noted = output.get("metadata", {}).get(NOTED, {})
    keys: list[Key] = [tuple(key) for key in noted.get("findings", ())]
    is_picture = "image/png" in output.get("data", {})
    if not (is_picture and changed & {*keys, *noted.get("rows", ())}):
        return []
    own = [leaving[key] for key in keys if key in leaving]
    picture = told_picture(own)
    if picture is None:
        return [_said(reason_text("no picture"))]
    png = base64.b64encode(picture.png()).decode()
    about = {"image/png": {"alt": picture.alt}}
    shown = {"output_type": "display_data", "data": {"image/png": png}, "metadata": about}
    return [shown, _said(told_caption(own))]


def _said(words: str) -> dict[str, Any]:
    data = {"text/html": f'<div class="reading"><p>{escape(words)}</p></div>', "text/plain": words}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _redacted(
    output: dict[str, Any], findings: Mapping[Key, Finding], rows: Mapping[str, Sequence[str] | None]
) -> dict[str, Any]:
    noted = output.get("metadata", {}).get(NOTED, {})
    html = _html(output)
    if not html:
        return output
    keys = [entry["key"] for entry in noted.get("cells", ())]
    if keys:
        html = _with_rows(html, keys, rows, staying=noted["staying"])
    else:
        html = _BODY.sub(lambda body: body[1] + _without_numbers(body[2], findings) + body[3], html)
    html = _SENTENCE.sub(_instead(findings), html)
    return output if html == _html(output) else {**output, "data": {**output["data"], "text/html": html}}


def _instead(findings: Mapping[Key, Finding]) -> Callable[[re.Match[str]], str]:
    def sentence(found: re.Match[str]) -> str:
        segment = found["segment"]
        key = (unescape(found["id"]), unescape(segment) if segment is not None else None)
        return paragraph(findings[key]) if key in findings else found[0]

    return sentence


def _with_rows(
    html: str, keys: Sequence[str], rows: Mapping[str, Sequence[str] | None], *, staying: Sequence[int]
) -> str:
    body = _BODY.search(html)
    if body is None or not any(key in rows for key in keys):
        return html
    made = [
        _row(row, rows[key], staying) if key in rows else row
        for key, row in zip(keys, _ROW.findall(body[2]), strict=True)
    ]
    as_before = any(rows.get(key) is not None for key in keys)
    note = f"<p>{AS_BEFORE} {escape(reason_text('rows as before'))}</p>" if as_before else ""
    whole = html[: body.start()] + body[1] + "\n".join(made) + body[3] + html[body.end() :]
    return whole.replace("</table>", f"</table>{note}", 1)


def _row(row: str, texts: Sequence[str] | None, staying: Sequence[int]) -> str:
    cells = _CELL.findall(row)
    if texts is None or len(texts) != len(cells):
        told = [text if place in staying else said(HIDDEN) for place, (_, text, _) in enumerate(cells)]
    else:
        told = [escape(text) for text in texts]
        told[0] = f"{told[0]} {AS_BEFORE}"
    return (
        "<tr>"
        + "".join(f"{head}{text}{end}" for (head, _, end), text in zip(cells, told, strict=True))
        + "</tr>"
    )


def _without_numbers(body: str, findings: Mapping[Key, Finding]) -> str:
    """Hide the numbers of rows that name a finding which is not told, such as those of the tests."""
    ids = {id for id, _ in findings}

    def row(found: re.Match[str]) -> str:
        texts = [unescape(text) for _, text, _ in _CELL.findall(found[0])]
        named = {match[0] for text in texts if (match := _ID.match(text))}
        if not named & ids:
            return found[0]
        return _CELL.sub(
            lambda one: (
                one[0]
                if _ID.match(unescape(one[2])) or not _NUMBER.search(one[2])
                else one[1] + said(HIDDEN) + one[3]
            ),
            found[0],
        )

    return _ROW.sub(row, body)


def _html(output: Mapping[str, Any]) -> str:
    html = output.get("data", {}).get("text/html", "")
    return html if isinstance(html, str) else "".join(html)


def _outputs(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in content["cells"]:
        yield from (one for one in cell.get("outputs", ()) if "metadata" in one)


def _read(notebook: Path) -> dict[str, Any]:
    return json.loads(notebook.read_text(encoding="utf-8"))
