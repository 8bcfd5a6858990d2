"""C4: opinion leaders, sought by several scores and judged by what followed later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import INK, PALETTE, Finding, Picture, canvas, question
from helpers.report.table import HIDDEN, MINIMUM_PEOPLE
from helpers.segments.friends_alike import friends_alike
from helpers.segments.item_contagion import NEEDS, Contagion, item_contagion
from helpers.segments.leader_evidence import Evidence, gather_evidence
from helpers.segments.leader_profile import leader_profile
from helpers.segments.leader_scores import SCORES, Judged, judge, top_list
from helpers.segments.leader_tests import influence_later, list_stability
from helpers.segments.leaders_findings import leader_findings
from methods.intervals.estimates import Interval

QUESTION = "Opinion leaders: who are they, and do they move others rather than merely have many friends?"


@dataclass(frozen=True, kw_only=True)
class OpinionLeaders:
    """The list of leaders and how it was judged.

    leaders: customer ids, first the first; never shown. judged: one entry a score, empty without posts.
    influence: answers of friends to later posts over what their taste explains, of the listed and of those
    with most friends, keys "leaders" and "friends"; empty without ties and times. contagion: purchases of
    posted items, None where the data can't say. alike: items both friends bought, over pairs dealt anew.
    stability: % of the list that stays when the posts (or ties) are drawn again. profile: one row a measure,
    leaders beside other authors.
    """

    leaders: np.ndarray
    evidence: Evidence
    judged: tuple[Judged, ...]
    influence: dict[str, Interval]
    contagion: Contagion | None
    alike: Interval | None
    stability: Interval
    profile: pd.DataFrame

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Precision, influence, contagion and stability, as far as the data tell."""
        return leader_findings(self, question=QUESTION)

    def draw(self) -> Picture:
        """Draw how well each score foretold, and what moves friends beyond taste."""
        if not self.judged:
            return self._draw_degrees()
        rows = {row.name: row for row in self.judged if not row.hidden}
        by_friends = f"; by number of friends {_told(rows, 'friends')}" if "friends" in rows else ""
        title = (
            f"{_told(rows, self.evidence.main)} of the {len(self.leaders)} named are among the most "
            f"answered later{by_friends}"
        )
        figure, panels = canvas(title, columns=2, width_inches=11, height_inches=3.8)
        _draw_intervals(panels[0, 0], {SCORES[name]: row.precision for name, row in rows.items()})
        hidden = len(self.judged) - len(rows)
        panels[0, 0].set_xlabel(
            f"% of the list of {len(self.leaders)} who are at the top later"
            + (f" ({hidden} not shown: few people)" if hidden else "")
        )
        panels[0, 0].set_xlim(0, 100)
        ratios = self._ratios()
        _draw_intervals(panels[0, 1], ratios)
        panels[0, 1].axvline(1, color=PALETTE[6], ls="--", lw=1)
        panels[0, 1].set_xlabel("times what taste or chance explains (dashed: 1)")
        spoken = "; ".join(f"{name} {value.estimate:.2f}" for name, value in ratios.items())
        return Picture(
            figure, f"Left: precision of each score. {title}. Right, times what taste explains: {spoken}."
        )

    def _ratios(self) -> dict[str, Interval]:
        found = {}
        if self.influence:
            found["answers to the named"] = self.influence["leaders"]
            found["answers to those with most friends"] = self.influence["friends"]
        if self.contagion is not None:
            found["friends buy the item after a post"] = self.contagion.after
            found["placebo: bought it before the post"] = self.contagion.before
        if self.alike is not None:
            found["items in common (by lot: 1)"] = self.alike
        return found

    def _draw_degrees(self) -> Picture:
        degrees = self.evidence.scores["friends"].to_numpy()
        named = self.evidence.scores.loc[self.leaders, "friends"].to_numpy()
        title = (
            f"The {len(named)} with most friends have {np.median(named):.0f} each, the others "
            f"{np.median(degrees):.0f}"
        )
        figure, axes = canvas(title, x="friends", y="% of customers with more", height_inches=3.4)
        ordered = np.sort(degrees)
        axes.step(ordered, 100 * (1 - np.arange(1, len(ordered) + 1) / len(ordered)), color=PALETTE[0])
        axes.axvline(named.min(), color=PALETTE[1], ls="--")
        axes.set_yscale("log")
        return Picture(figure, f"Share of customers with more friends than given, log scale. {title}.")

    def table(self) -> pd.DataFrame:
        """Return one row a score: precision, lift, rank correlation; without posts the profile."""
        if not self.judged:
            return self.profile
        frame = pd.DataFrame(
            {
                "score": [SCORES[row.name] for row in self.judged],
                "% at the top later": [row.precision.estimate for row in self.judged],
                "from": [row.precision.low for row in self.judged],
                "to": [row.precision.high for row in self.judged],
                "times by lot": [row.lift for row in self.judged],
                "rank correlation": [row.rank_correlation for row in self.judged],
            }
        )
        hidden = [row.hidden for row in self.judged]
        told_of_few = list(frame.columns[1:5])
        frame[told_of_few] = frame[told_of_few].astype(object).mask(pd.Series(hidden), HIDDEN)
        frame.attrs = {
            "caption": f"Lists of {len(self.leaders)} by each score, judged by {self.evidence.split}",
            "formats": dict.fromkeys(frame.columns[1:4], ".0f")
            | {"times by lot": ".1f", "rank correlation": ".2f"},
        }
        return frame


def _told(rows: dict[str, Judged], name: str) -> str:
    """The precision of a score in words; rows: those that may be told."""
    return f"{rows[name].precision.estimate:.0f} %" if name in rows else "few or nearly all"


def _draw_intervals(axes, values: dict[str, Interval]) -> None:
    if not values:
        axes.text(0.5, 0.5, "not shown: few people", ha="center", transform=axes.transAxes)
        axes.set_yticks([])
        return
    for place, value in enumerate(values.values()):
        away = [[value.estimate - value.low], [value.high - value.estimate]]
        axes.errorbar(
            value.estimate, place, xerr=away, fmt="o", ms=7, color=PALETTE[0], ecolor=INK, capsize=4
        )
    axes.set_yticks(range(len(values)), list(values))
    axes.set_ylim(len(values) - 0.5, -0.5)


@question("C4", QUESTION, needs=())
def opinion_leaders(
    shop: Shop, *, leaders: int = 50, later_days: int = 90, draws: int = 40, seed: int = 1
) -> OpinionLeaders:
    """Name opinion leaders by what is known before the last `later_days` days and judge them by these days.

    leaders: length of the list, at least 11, so that it tells of no small group. draws: of the posts, for
    the stability of the list. Without times held-out posts take the place of later ones; without posts only
    the graph is described. Scores: k-shell (Kitsak et al. 2010), degree, H-index (Lü et al. 2016), answers,
    PageRank of answers, and pull: influence beyond shared taste times reach (`influence`). Raises
    CannotAnswer without ties and posts, or with fewer than 100 answered authors.
    """
    evidence = gather_evidence(shop, later_days=later_days, seed=seed)
    top = max(min(leaders, len(evidence.scores) // 20), MINIMUM_PEOPLE)
    score = evidence.scores[evidence.main].to_numpy()
    named = evidence.scores.index[top_list(score, top)].to_numpy(dtype=str)
    most = evidence.scores.index[top_list(evidence.scores["friends"].to_numpy(), top)]
    influence = {
        name: influence_later(evidence, chosen) for name, chosen in (("leaders", named), ("friends", most))
    }
    contagion = None if shop.missing(*NEEDS) else item_contagion(shop)
    return OpinionLeaders(
        leaders=named,
        evidence=evidence,
        judged=() if evidence.later is None else judge(evidence.scores, evidence.later, top=top),
        influence={name: value for name, value in influence.items() if value is not None},
        contagion=contagion,
        alike=friends_alike(shop, evidence.ties, seed=seed),
        stability=list_stability(evidence, top=top, draws=draws, seed=seed),
        profile=leader_profile(shop, evidence, named),
    )
