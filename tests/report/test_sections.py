"""A section that was not answered keeps its heading and its sentence, as cells that pages can render."""

from __future__ import annotations

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from helpers.report.sections import without_unasked_words


def section(number: int, kind: str):
    shown = new_output("display_data", data={"text/html": f'<div class="{kind}">words</div>'})
    return [
        new_markdown_cell(f"## A{number} · A question?\n\nHow it is worked out."),
        new_code_cell(f"show(a{number})", outputs=[shown]),
        new_markdown_cell("What could fool us."),
    ]


def test_only_heading_and_sentence_of_an_unanswered_section_stay():
    cells = [*section(1, "reading"), *section(2, "skipped"), *section(3, "failed")]
    kept = without_unasked_words(cells)
    assert kept[:3] == cells[:3]
    assert [cell.cell_type for cell in kept[3:]] == ["markdown", "code"] * 2
    assert [cell.source for cell in kept[3::2]] == ["## A2 · A question?", "## A3 · A question?"]
    assert cells[3].source.endswith("worked out.")
