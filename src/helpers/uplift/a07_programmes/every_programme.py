"""A7 over all programmes: each staged programme by the outcome it is meant to move."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.report import CannotAnswer, Finding, Picture, Skipped, canvas, question
from helpers.uplift.a07_programmes.programme_effect import ProgrammeEffect, in_words, programme_effect, ranged
from helpers.uplift.a07_programmes.programme_events import OUTCOMES
from methods.intervals.influence import excludes

# What a programme is judged by, by the kind of its units; orders where the tables for it are missing.
JUDGED_BY = {"category": "returns", "seller": "response_hours", "customer": "orders"}


@dataclass(frozen=True, kw_only=True)
class EveryProgramme:
    """The effects of the programmes that can be judged; `unanswered` says why the others cannot."""

    effects: tuple[ProgrammeEffect, ...]
    unanswered: tuple[Skipped, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of every programme, then one skip for each that cannot be judged."""
        parts = (*self.effects, *self.unanswered)
        return tuple(finding for part in parts for finding in part.findings)

    def table(self) -> pd.DataFrame:
        """One row a stage, average or older regression of a programme: programme, outcome, and its table."""
        parts = []
        for effect in self.effects:
            frame = effect.table()
            frame.insert(0, "programme", effect.programme.replace("_", " "))
            parts.append(frame.assign(measured=effect.panel.outcome.unit))
        joined = pd.concat(parts, ignore_index=True)
        formats = parts[0].attrs["formats"]
        joined.attrs = {"caption": "Every programme by stage, and what the older regression says"}
        joined.attrs["formats"] = formats
        return joined

    def draw(self) -> Picture:
        """Draw each programme's effect by time since its start, beside each other."""
        clear = sum(excludes(effect.overall, 0) for effect in self.effects)
        figure, axes = canvas(
            f"{clear} of {len(self.effects)} programmes clearly changed what they are judged by",
            columns=len(self.effects),
            width_inches=max(7.5, 4.2 * len(self.effects)),
            height_inches=4.4,
        )
        panels = axes[0] if len(self.effects) > 1 else [axes]
        for panel, effect in zip(panels, self.effects, strict=True):
            effect.draw_events(panel)
            panel.set_title(f"{in_words(effect.programme)}: {ranged(effect.overall)}")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
        return Picture(figure, " ".join(effect.spoken() for effect in self.effects))


@question(
    "A7",
    "What did the programmes do that reached some before others?",
    needs=("orders.placed_at", "programmes.started_at"),
)
def every_programme(
    shop, *, programmes: str = "", periods_before: int = 3, controls: str = "not_yet", seed: int = 1
) -> EveryProgramme:
    """Answer `programme_effect` for each programme, by returns, time to the first answer, or orders.

    programmes: names with commas between; empty takes all of the table. The outcome follows from the units:
    categories by returns, sellers by time to the first answer, customers by orders; orders too where tickets
    or returns are missing. Raises CannotAnswer when no programme can be judged.
    """
    kinds = _kinds(shop)
    names = [name.strip() for name in programmes.split(",") if name.strip()] or list(kinds)
    options = {"periods_before": periods_before, "controls": controls, "seed": seed}
    answers = [
        programme_effect(shop, programme=name, outcome=_outcome(shop, kinds.get(name, "")), **options)
        for name in names
    ]
    effects = tuple(answer for answer in answers if not isinstance(answer, Skipped))
    unanswered = tuple(answer for answer in answers if isinstance(answer, Skipped))
    if not effects:
        reasons = dict.fromkeys(answer.reason.removeprefix("Not answered: ") for answer in unanswered)
        raise CannotAnswer("; ".join(reasons) or "no programme is named in the table")
    return EveryProgramme(effects=effects, unanswered=unanswered)


def _kinds(shop) -> dict[str, str]:
    """The programmes and the kind of their units, by name."""
    rows = shop["programmes"].select("programme", "unit_kind").distinct().order_by("programme").execute()
    return dict(zip(rows["programme"], rows["unit_kind"], strict=True))


def _outcome(shop, kind: str) -> str:
    """The outcome of this kind of units, or orders where its tables are missing."""
    wanted = JUDGED_BY.get(kind, "orders")
    known = OUTCOMES.get((wanted, "customer" if kind == "customer" else "other"))
    return wanted if known is not None and not shop.missing(*known.needs) else "orders"
