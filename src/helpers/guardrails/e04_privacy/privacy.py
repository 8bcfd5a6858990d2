"""E4: may every number of this run leave without telling of any one person?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.paths import project_folder
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    question,
    words_beside,
)
from helpers.report.audit import Audit, audited
from helpers.report.cells import FOLDER, LAST_TOLD, Cell, read_cells
from methods.intervals.estimates import Interval

KEYED = "Customers are pseudonyms"
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class Privacy:
    """What of the chapters before this one may leave.

    chapters: one row a chapter: chapter, told, few, covered, led, as_before. audit: see `audited`.
    """

    findings: tuple[Finding, ...]
    chapters: pd.DataFrame
    audit: Audit

    def draw(self) -> Picture:
        """Draw how many numbers of each chapter leave, and how many do not or not anew."""
        frame = self.chapters
        gone = frame[["few", "covered", "led", "as_before"]].sum(axis=1)
        title, alt = WORDS.picture(
            "privacy",
            self.findings,
            hidden=int(gone.sum()),
            every=int(gone.sum() + frame["told"].sum()),
            chapters=list(zip(frame["chapter"], frame["told"], gone, strict=True)),
        )
        figure, axes = canvas(title, x="numbers about people", height_inches=1.4 + 0.4 * len(frame))
        bars(axes, frame["chapter"].tolist(), frame["told"], label="leave")
        bars(
            axes, frame["chapter"].tolist(), gone, left=frame["told"], label="do not, or not anew",
            colour=PALETTE[1],
        )  # fmt: skip
        axes.legend(loc="lower right")
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row a chapter: how many numbers leave, and how many do not for which reason."""
        names = {
            "few": "fewer than 11, or cover them",
            "covered": "given back by another page",
            "led": "one person's money",
            "as_before": "moved by fewer than 11",
        }
        frame = self.chapters.rename(columns=names)
        frame.attrs = {"people": None, "caption": "What leaves, and what does not for which reason"}
        return frame


@question(WORDS, needs=())
def privacy(shop: Shop, *, out: str = "") -> Privacy:
    """Put the numbers of the chapters that have run to the audit of the release, as the run will at its end.

    out: the folder of the chapters' findings; empty means reports/interactive of the project.
    Raises CannotAnswer where no chapter has left any.
    """
    folder = (Path(out) if out else project_folder() / "reports" / "interactive") / FOLDER
    paths = [path for path in sorted(folder.glob("*.json")) if path.stem[:2] < "06"]
    cells = {path.stem: read_cells(path) for path in paths}
    every = [cell for own in cells.values() for cell in own]
    if not every:
        raise CannotAnswer(WORDS.text("none"))
    last = folder / f"{LAST_TOLD}.json"
    earlier = {cell.key: cell for cell in read_cells(last)} if last.exists() else {}
    audit = audited(every, earlier)
    chapters = pd.DataFrame([_row(name, own, audit) for name, own in cells.items() if own])
    key = next((note for note in shop.receipt.notes if note.startswith(KEYED)), "")
    found = _findings(audit, chapters, key=key, compared=bool(earlier))
    return Privacy(findings=tuple(found), chapters=chapters, audit=audit)


def _row(chapter: str, cells: tuple[Cell, ...], audit: Audit) -> dict[str, object]:
    kinds = {"few": audit.few, "covered": audit.covered, "led": audit.led, "as_before": audit.moved}
    keys = {cell.key for cell in cells}
    gone = {name: len(keys & of_kind) for name, of_kind in kinds.items()}
    return {"chapter": chapter[:2], "told": len(keys) - sum(gone.values()), **gone}


def _findings(audit: Audit, chapters: pd.DataFrame, *, key: str, compared: bool) -> list[Finding]:
    sums = chapters.drop(columns="chapter").sum()
    every, hidden = int(sums.sum()), int(sums["few"] + sums["covered"] + sums["led"])
    facts = {name: int(sums[name]) for name in ("few", "covered", "led")}
    facts |= {"crowded": len(audit.crowded), "open": len(audit.open)}
    found = [
        _count("E4.told", every - hidden, every, key=key, compared=compared),
        _count("E4.hidden", 100 * hidden / every, every, **facts),
    ]
    if compared:
        found.append(_count("E4.as_before", float(sums["as_before"]), every))
    else:
        found.append(WORDS.skip("E4.as_before", WORDS.text("alone")))
    if np.isfinite(audit.narrowest):
        found.append(_count("E4.room", audit.narrowest, audit.attacked, standing=bool(audit.held)))
    else:
        found.append(WORDS.skip("E4.room", WORDS.text("nothing few")))
    return found


def _count(id: str, value: float, n: int, **facts: Any) -> Finding:
    made = WORDS.finding(
        id,
        Interval(estimate=float(value), low=float(value), high=float(value), n=n),
        method=WORDS.text("method"),
        assumptions=(WORDS.text("assumption"),),
        **facts,
    )
    return replace(made, level=None)  # counted, not estimated
