"""A7 over all programmes: each staged programme by the outcome it is meant to move."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from helpers.data.names import names_in
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, Skipped, canvas, question, words_beside
from helpers.report.judging import SETTLED
from helpers.report.reasons import bare
from helpers.uplift.a07_programmes.programme_effect import ProgrammeEffect, headline, programme_effect, spoken
from helpers.uplift.a07_programmes.programme_events import OUTCOMES

# What a programme is judged by, by the kind of its units; orders where the tables for it are missing.
JUDGED_BY = {"category": "returns", "seller": "response_hours", "customer": "orders"}
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class EveryProgramme:
    """The effects of the programmes that can be judged; `unanswered` says why the others cannot.

    findings: those of every programme, then one skip for each that cannot be judged, by segment.
    """

    effects: tuple[ProgrammeEffect, ...]
    unanswered: tuple[Skipped, ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a stage, average or older regression of a programme; what it is measured in stands once."""
        parts = []
        for effect in self.effects:
            frame = effect.table()
            frame.insert(0, "programme", effect.programme.replace("_", " "))
            parts.append(frame.assign(measured=[effect.unit, *[""] * (len(frame) - 1)]))
        joined = pd.concat(parts, ignore_index=True)
        joined.attrs = {
            "people": "customers",
            "unseen": ("customers",),
            "within": "programme",
            "caption": WORDS.text("caption"),
            "formats": parts[0].attrs["formats"],
        }
        return joined

    def draw(self) -> Picture:
        """Draw each programme's effect by time since its start, beside each other."""
        names = {effect.panel.outcome.finding for effect in self.effects}
        settled = sum(one.id in names and one.verdict in SETTLED for one in self.findings)
        title, alt = WORDS.picture(
            "programmes",
            (),
            settled=settled,
            programmes=len(self.effects),
            spoken=[spoken(effect, self.findings) for effect in self.effects],
        )
        figure, axes = canvas(
            title,
            columns=len(self.effects),
            width_inches=max(7.5, 4.2 * len(self.effects)),
            height_inches=4.4,
        )
        panels = axes[0] if len(self.effects) > 1 else [axes]
        for panel, effect in zip(panels, self.effects, strict=True):
            effect.draw_events(panel)
            panel.set_title(headline(effect, self.findings))
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "programmes.started_at"))
def every_programme(
    shop: Shop, *, programmes: str = "", periods_before: int = 3, controls: str = "not_yet", seed: int = 1
) -> EveryProgramme:
    """Answer `programme_effect` for each programme, by returns, time to the first answer, or orders.

    programmes: names with commas between; empty takes all of the table. The outcome follows from the units:
    categories by returns, sellers by time to the first answer, customers by orders; orders too where tickets
    or returns are missing. Raises CannotAnswer when no programme can be judged.
    """
    kinds = _kinds(shop)
    names = names_in(programmes) or tuple(kinds)
    answers = [
        programme_effect(
            shop,
            programme=name,
            outcome=_outcome(shop, kinds.get(name, "")),
            periods_before=periods_before,
            controls=controls,
            seed=seed,
        )
        for name in names
    ]
    effects = tuple(answer for answer in answers if not isinstance(answer, Skipped))
    unanswered = {name: one for name, one in zip(names, answers, strict=True) if isinstance(one, Skipped)}
    if not effects:
        reasons = dict.fromkeys(bare(answer.reason) for answer in unanswered.values())
        raise CannotAnswer("; ".join(reasons) or WORDS.text("none named"))
    told = [finding for effect in effects for finding in effect.findings]
    silent = [replace(finding, segment=name) for name, one in unanswered.items() for finding in one.findings]
    return EveryProgramme(effects=effects, unanswered=tuple(unanswered.values()), findings=(*told, *silent))


def _kinds(shop: Shop) -> dict[str, str]:
    """The programmes and the kind of their units, by name."""
    rows = shop["programmes"].select("programme", "unit_kind").distinct().order_by("programme").execute()
    return dict(zip(rows["programme"], rows["unit_kind"], strict=True))


def _outcome(shop: Shop, kind: str) -> str:
    """The outcome of this kind of units, or orders where its tables are missing."""
    wanted = JUDGED_BY.get(kind, "orders")
    known = OUTCOMES.get((wanted, "customer" if kind == "customer" else "other"))
    return wanted if known is not None and not shop.missing(*known.needs) else "orders"
