"""What a chapter of a large shop draws by lot: from which size on, how, and what that costs in certainty."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd

from helpers.report.chapter import Chapter
from helpers.report.language import in_language
from helpers.report.phrases import said
from helpers.report.show import show_table

SMALLEST = 20_000
_FILE = Path(__file__).with_name("samples.en.toml")


def show_samples(name: str, chapter: Chapter) -> None:
    """Show, folded, the samples that a chapter draws; nothing where the shop is smaller than any of them.

    name: of the chapter's notebook.
    """
    customers = int(chapter.shop["customers"].count().execute())
    if customers > SMALLEST:
        show_table(samples_of(name), folded=True)


def samples_of(name: str) -> pd.DataFrame:
    """Return one row a sample of the chapter: what for, from which size on, how, and what it costs.

    >>> samples_of("07_incentives").columns.tolist()
    ['for', 'from', 'by lot', 'costs in certainty']
    """
    entries = tomllib.loads(in_language(_FILE).read_text(encoding="utf-8"))[name]
    frame = pd.DataFrame(entries)[["what", "from", "how", "cost"]]
    frame.columns = pd.Index(["for", "from", "by lot", "costs in certainty"])
    frame.attrs = {"people": None, "caption": said("Samples: from which size on, how, and what they cost")}
    return frame
