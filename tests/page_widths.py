"""How wide tables are in a browser: Debian's Chromium without a window, where it is installed."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from helpers.report.page import TEMPLATES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# The width for which pages are laid out; see CONTRIBUTING.
WIDTH_PIXELS = 1280
_MEASURE = """<script>
const found = [...document.querySelectorAll(".table")].map(
  table => [table.getAttribute("aria-label"), table.scrollWidth - table.clientWidth]);
const told = JSON.stringify(found).replace(/&/g, "&amp;").replace(/</g, "&lt;");
document.body.innerHTML = `<pre id="found">${told}</pre>`;
</script>"""


def hidden_pixels(tables: Iterable[str], *, folder: Path) -> dict[str, int]:
    """Return by caption how many pixels of each table one has to scroll to, on a page of ours.

    tables: HTML that holds tables as `html_table` writes them, folded or not. folder: for the page and the
    browser's own files.
    """
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    body = "\n".join(tables).replace("<details", "<details open")
    page = folder / "widths.html"
    page.write_text(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><style>{css}</style></head>'
        f'<body><main id="main">{body}</main>{_MEASURE}</body></html>',
        encoding="utf-8",
    )
    asked = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={WIDTH_PIXELS},800",
             f"--user-data-dir={folder / 'browser'}", "--dump-dom", page.as_uri()]  # fmt: skip
    shown = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=120).stdout
    told = re.search(r'<pre id="found">(.*?)</pre>', shown, re.DOTALL)
    assert told, "the browser measured nothing"
    return dict(json.loads(html.unescape(told[1])))
