"""Show an answer in a notebook: its reading in words, its picture, its table."""

from __future__ import annotations

from html import escape

from IPython.display import HTML, Image, display

from helpers.report.question import Answer, Skipped
from helpers.report.style import Picture
from helpers.report.table import html_table


def show(answer: Answer | Skipped, *, table: bool = True) -> None:
    """Display what an analysis found: one sentence a finding, the figure with alt text, the table.

    table: False leaves the table out. A skipped question shows its one sentence and nothing else.
    """
    kind = "skipped" if isinstance(answer, Skipped) else "reading"
    lines = "".join(f"<p>{escape(finding.reading)}</p>" for finding in answer.findings)
    words = "\n".join(finding.reading for finding in answer.findings)
    if lines:
        display({"text/html": f'<div class="{kind}">{lines}</div>', "text/plain": words}, raw=True)
    if isinstance(answer, Skipped):
        return
    show_picture(answer.draw())
    if table:
        show_table(answer.table())


def show_picture(picture: Picture) -> None:
    """Display a picture as PNG with its alt text."""
    display(Image(picture.png(), format="png", alt=picture.alt), metadata={"image/png": {"alt": picture.alt}})


def show_table(frame, *, caption: str | None = None) -> None:
    """Display a frame through the one escaping table function.

    `frame.attrs` may carry `caption`, `formats` and `people` (see `html_table`).
    """
    options = {name: frame.attrs[name] for name in ("formats", "people") if name in frame.attrs}
    title = caption or frame.attrs.get("caption", "Table")
    display(HTML(html_table(frame, caption=title, **options)))
