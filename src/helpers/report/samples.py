"""What a chapter of a large shop draws by lot: from which size on, how, and what that costs in certainty."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from helpers.report.chapter import Chapter
from helpers.report.language import in_language
from helpers.report.phrases import said
from helpers.report.show import show_table

SMALLEST = 20_000
_IDS = re.compile(r"[A-G]\d+")
_FILE = Path(__file__).with_name("samples.en.toml")


def show_samples(name: str, chapter: Chapter) -> None:
    """Show, folded, the samples that a chapter draws; nothing where the shop is smaller than any of them.

    name: of the chapter's notebook.
    """
    customers = int(chapter.shop["customers"].count().execute())
    if customers > SMALLEST:
        show_table(
            samples_of(name, {one.requirement for one in chapter.findings if one.status == "answered"}),
            folded=True,
        )


def samples_of(name: str, answered: Collection[str] | None = None) -> pd.DataFrame:
    """Return one row a sample of the chapter: what for, from which size on, how, and what it costs.

    answered: requirements that have an answer, whose samples alone are told; None: all.

    >>> samples_of("07_incentives").columns.tolist()
    ['for', 'from', 'by lot', 'costs in certainty']
    """
    entries = tomllib.loads(in_language(_FILE).read_text(encoding="utf-8"))[name]
    frame = pd.DataFrame(entries)[["what", "from", "how", "cost"]]
    frame.columns = pd.Index(["for", "from", "by lot", "costs in certainty"])
    if answered is not None:
        frame = frame[[bool(set(_IDS.findall(what)) & set(answered)) for what in frame["for"]]]
    frame.attrs = {
        "people": None,
        "caption": "" if frame.empty else said("Samples: from which size on, how, and what they cost"),
    }
    return frame
