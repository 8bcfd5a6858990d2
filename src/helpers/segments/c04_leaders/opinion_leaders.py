"""C4: opinion leaders, sought by several scores and judged by what followed later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.friend_graph import FRIENDS
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    reference_line,
    words_beside,
)
from helpers.report.people_list import PeopleList
from helpers.report.release import FEWEST_PEOPLE, may_leave, share_of
from helpers.report.table import HIDDEN
from helpers.report.verdicts import p_of_nil
from helpers.segments.c04_leaders.contest import number_judged, winner
from helpers.segments.c04_leaders.evidence import SCORES, Evidence, gather_evidence
from helpers.segments.c04_leaders.friends_alike import friends_alike
from helpers.segments.c04_leaders.item_contagion import (
    FEWEST_EXPECTED,
    NEEDS,
    WINDOW_DAYS,
    Contagion,
    item_contagion,
)
from helpers.segments.c04_leaders.list_checks import authors_seen_later, influence_later, list_stability
from helpers.segments.c04_leaders.profile import leader_profile
from methods.graphs.homophily import FEWEST_COMMON
from methods.graphs.leader_scores import JudgedScore, judge_scores, top_list
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
_ANSWERS_AGAIN = "answers are drawn again"
_REDRAWN = {"pull": "posts are drawn again", "answers": _ANSWERS_AGAIN, "pagerank": _ANSWERS_AGAIN}


@dataclass(frozen=True, kw_only=True)
class OpinionLeaders:
    """The list of leaders and how it was judged.

    leaders: customer ids, first the first; never shown. judged: one entry a score, over longer lists
    (`number_judged`); empty without posts.
    influence: answers of friends to later posts over what their taste explains, of the listed and of those
    with most friends, keys "leaders" and "friends"; empty without ties and times. influencers: how many of
    either had such posts. contagion: purchases of
    posted items, None where the data can't say: they lack the tables, or (`sought`) too few are expected.
    alike: items both friends bought, over pairs dealt anew; None where too few are expected.
    stability: % of the list that stays when the posts (or ties) are drawn again. profile: one row a measure,
    leaders beside other authors.
    """

    leaders: np.ndarray
    evidence: Evidence
    judged: tuple[JudgedScore, ...]
    influence: dict[str, Interval]
    influencers: dict[str, int]
    contagion: Contagion | None
    sought: bool
    alike: Interval | None
    stability: Interval
    profile: pd.DataFrame
    findings: tuple[Finding, ...] = ()

    def draw(self) -> Picture:
        """Draw how well each score predicted, and what moves friends beyond taste."""
        if not self.judged:
            return self._draw_degrees()
        rows = {row.name: row for row in self.judged if not _is_hidden(row)}
        ratios = self._ratios()
        shares = {name: row.precision.estimate for name, row in rows.items()}
        title, alt = WORDS.picture(
            "lists",
            self.findings,
            top=self.judged[0].precision.n,
            score=SCORES[self.evidence.main],
            mine=shares.get(self.evidence.main),
            friends=None if self.is_by_friends else shares.get("friends"),
            ratios=[f"{name} {value.estimate:.2f}" for name, value in ratios.items()],
        )
        figure, panels = canvas(title, columns=2, width_inches=11, height_inches=3.8)
        left, right = panels[0]
        hidden = len(self.judged) - len(rows)
        scores = [Mark(label=SCORES[name], value=row.precision) for name, row in rows.items()]
        top = self.judged[0].precision.n
        _draw_marks(left, scores, x=WORDS.label("of the list of", top=top, hidden=hidden))
        left.set_xlim(0, 100)
        marks = [Mark(label=name, value=value) for name, value in ratios.items()]
        _draw_marks(right, marks, x="times what taste or chance explains (dashed: 1)")
        reference_line(right, 1)
        return Picture(figure, alt)

    @property
    def is_by_friends(self) -> bool:
        """Whether the list is that of most friends, so that a comparison with it would say all twice."""
        return self.evidence.main == "friends"

    def _ratios(self) -> dict[str, Interval]:
        found = {}
        if self.influence:
            found["answers to the named"] = self.influence["leaders"]
        if self.influence and not self.is_by_friends:
            found["answers to those with most friends"] = self.influence["friends"]
        if self.contagion is not None:
            found["friends buy the item after a post"] = self.contagion.after
            found["placebo: bought it before the post"] = self.contagion.before
            found["what remains for the post"] = self.contagion.remains
        if self.alike is not None:
            found["items in common (by lot: 1)"] = self.alike
        return found

    def _draw_degrees(self) -> Picture:
        degrees = self.evidence.scores["friends"].to_numpy()
        named = self.evidence.scores.loc[self.leaders, "friends"].to_numpy()
        facts = {"named": len(named), "mine": np.median(named), "others": np.median(degrees)}
        title, alt = WORDS.picture("degrees", self.findings, **facts)
        figure, axes = canvas(title, x="friends", y="% of customers with more", height_inches=3.4)
        # Each step stands for eleven people; the few with most friends are not told.
        people = np.arange(FEWEST_PEOPLE, len(degrees) - FEWEST_PEOPLE + 1, FEWEST_PEOPLE)
        axes.step(np.sort(degrees)[people - 1], 100 * (1 - people / len(degrees)), color=PALETTE[0])
        reference_line(axes, float(np.median(named)))
        axes.set_yscale("log")
        return Picture(figure, alt)

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
        hidden = [_is_hidden(row) for row in self.judged]
        told_of_few = list(frame.columns[1:5])
        frame[told_of_few] = frame[told_of_few].astype(object).mask(pd.Series(hidden), HIDDEN)
        frame.attrs = {
            "people": None,
            "caption": WORDS.text("caption", top=self.judged[0].precision.n, split=self.evidence.split),
            "formats": dict.fromkeys(frame.columns[1:4], ".0f")
            | {"times by lot": ".1f", "rank correlation": ".2f"},
        }
        return frame

    def people_lists(self) -> tuple[PeopleList, ...]:
        """Return the named leaders, first the first, with their scores, for analysts."""
        scores = self.evidence.scores.loc[self.leaders].rename(columns=SCORES).reset_index(drop=True)
        members = pd.DataFrame(
            {"customer_id": self.leaders, "group": "leader", "place": range(1, len(self.leaders) + 1)}
        )
        told = [one for one in self.findings if one.id in ("C4.precision", "C4.list_stability")]
        return (
            PeopleList(
                name="leaders",
                about=WORDS.text("list leaders", score=SCORES[self.evidence.main]),
                findings=tuple(one.key for one in told),
                members=members.join(scores),
                spoken={"leader": len(self.leaders)},
            ),
        )


def _is_hidden(row: JudgedScore) -> bool:
    """Whether the precision of a list must not be told, since it tells of too few people."""
    return not may_leave(share_of("the list", row.hits / row.precision.n, row.precision.n))


def _draw_marks(panel, marks: list[Mark], *, x: str) -> None:
    if not marks:
        panel.text(0.5, 0.5, "not shown: few people", ha="center", transform=panel.transAxes)
        panel.set_yticks([])
        panel.set_xlabel(x)
        return
    forest(panel, marks, zero=None, x=x)


@question(WORDS, needs=(), one_of=FRIENDS)
def opinion_leaders(
    shop: Shop, *, leaders: int = 50, later_days: int = 90, draws: int = 40, seed: int = 1
) -> OpinionLeaders:
    """Name opinion leaders by what is known before the last `later_days` days and judge them by these days.

    leaders: length of the list, at least 11, so that it tells of no small group. draws: of the posts, for
    the stability of the list. Without times held-out posts take the place of later ones; without posts only
    the graph is described. Scores: k-shell (Kitsak et al. 2010), degree, H-index (Lü et al. 2016), answers,
    PageRank of answers, and pull: influence beyond shared taste times reach (`influence`). The list follows
    the score that won the same contest `later_days` earlier, where the data reach so far back. Raises
    CannotAnswer without ties and posts, or with fewer than 100 answered authors.
    """
    evidence = gather_evidence(shop, later_days=later_days, seed=seed)
    evidence = replace(evidence, winner=winner(shop, evidence, later_days=later_days, seed=seed))
    top = max(min(leaders, len(evidence.scores) // 20), FEWEST_PEOPLE)
    score = evidence.scores[evidence.main].to_numpy()
    named = evidence.scores.index[top_list(score, top)].to_numpy(dtype=str)
    most = evidence.scores.index[top_list(evidence.scores["friends"].to_numpy(), top)]
    chosen = {"leaders": named, "friends": most}
    influence = {name: influence_later(evidence, people) for name, people in chosen.items()}
    sought = not shop.missing(*NEEDS)
    answer = OpinionLeaders(
        leaders=named,
        evidence=evidence,
        judged=_judged(evidence),
        influence={name: value for name, value in influence.items() if value is not None},
        influencers={name: authors_seen_later(evidence, people) for name, people in chosen.items()},
        contagion=item_contagion(shop, seed=seed) if sought else None,
        sought=sought,
        alike=friends_alike(shop, evidence.ties, seed=seed),
        stability=list_stability(evidence, top=top, draws=draws, seed=seed),
        profile=leader_profile(shop, evidence, named),
    )
    return replace(answer, findings=_findings(answer))


def _judged(evidence: Evidence) -> tuple[JudgedScore, ...]:
    if evidence.later is None:
        return ()
    return judge_scores(evidence.scores, evidence.later, top=number_judged(len(evidence.scores)))


def _findings(answer: OpinionLeaders) -> tuple[Finding, ...]:
    """What the data can carry."""
    told = (_precision, _influence, _contagion, _alike, _stability)
    return tuple(finding for tell in told for finding in tell(answer))


def _precision(answer: OpinionLeaders) -> list[Finding]:
    """How many of the list are at the top later, of the main score and of the number of friends."""
    rows = {row.name: row for row in answer.judged}
    evidence = answer.evidence
    found = []
    for name, id in ((evidence.main, "C4.precision"), ("friends", "C4.precision_most_friends")):
        if name not in rows:
            continue
        if id == "C4.precision_most_friends" and answer.is_by_friends:
            found.append(WORDS.skip(id, WORDS.text("same list", id="C4.precision")))
            continue
        row = rows[name]
        facts: dict[str, Any] = {"top": row.precision.n, "score": SCORES[name], "split": evidence.split}
        correlation = row.rank_correlation
        if _is_hidden(row):
            found.append(WORDS.skip(id, WORDS.text("hidden", correlation=correlation, **facts)))
            continue
        more: dict[str, Any] = _of_the_named(answer) if id == "C4.precision" else {}
        found.append(
            WORDS.finding(
                id,
                row.precision,
                n=len(evidence.scores),
                persons=row.precision.n,
                method=WORDS.text("method precision", kind=evidence.kind, **facts),
                assumptions=(evidence.ties.source,),
                lift=row.lift,
                correlation=correlation,
                **facts,
                **more,
            )
        )
    return found


def _of_the_named(answer: OpinionLeaders) -> dict[str, Any]:
    return {
        "profile": _likeness(answer),
        "named": len(answer.leaders),
        "won": bool(answer.evidence.winner),
    }


def _likeness(answer: OpinionLeaders) -> list[str]:
    """What the named are like, a measure each, beside the others."""
    rows = answer.profile.iloc[1:].dropna().itertuples(index=False)
    return [f"{measure} {mine:.1f} ({others:.1f})" for measure, mine, others in rows]


def _influence(answer: OpinionLeaders) -> list[Finding]:
    if answer.evidence.later_seen is None:
        return []
    ids = {"leaders": "C4.influence", "friends": "C4.influence_most_friends"}
    same = []
    if answer.is_by_friends:
        same = [WORDS.skip(ids.pop("friends"), WORDS.text("same list", id=ids["leaders"]))]
    told = [
        _influence_of(id, answer.influence[who], answer.influencers[who])
        if who in answer.influence
        else WORDS.skip(id, WORDS.text("few seen"))
        for who, id in ids.items()
    ]
    return told + same


def _influence_of(id: str, value: Interval, persons: int) -> Finding:
    return WORDS.finding(
        id,
        value,
        method=WORDS.text("method influence"),
        assumptions=(WORDS.text("assumption taste"), WORDS.text("assumption equal")),
        verdict=effect_verdict(value.beyond(1)),
        p_value=p_of_nil(value.beyond(1)),
        persons=persons,
    )


def _contagion(answer: OpinionLeaders) -> list[Finding]:
    if answer.contagion is None:
        ids = ("C4.bought_after_post", "C4.placebo_bought_before_post") if answer.sought else ()
        return [WORDS.skip(id, WORDS.text("few posted", fewest=FEWEST_EXPECTED)) for id in ids]
    found = answer.contagion
    of_drawn = WORDS.text("of drawn", customers=found.drawn) if found.drawn else ""
    return [
        WORDS.finding(
            "C4.bought_after_post",
            found.remains,
            method=WORDS.text("method after", days=WINDOW_DAYS) + of_drawn,
            assumptions=(WORDS.text("assumption category"), WORDS.text("assumption matched")),
            verdict=effect_verdict(found.remains.beyond(1)),
            p_value=p_of_nil(_log(found.remains)),
            days=WINDOW_DAYS,
            after=found.after.estimate,
            before=found.before.estimate,
            quiet_after=found.quiet_after.estimate,
            quiet_before=found.quiet_before.estimate,
        ),
        WORDS.finding(
            "C4.placebo_bought_before_post",
            found.before,
            method=WORDS.text("method before", days=WINDOW_DAYS) + of_drawn,
            assumptions=(WORDS.text("assumption placebo"),),
        ),
    ]


def _log(ratio: Interval) -> Interval:
    """The ratio's interval on the log scale, on which it was made."""
    low, middle, high = np.log([ratio.low, ratio.estimate, ratio.high])
    return Interval(estimate=float(middle), low=float(low), high=float(high), n=ratio.n)


def _alike(answer: OpinionLeaders) -> list[Finding]:
    value = answer.alike
    if value is None:
        return [WORDS.skip("C4.friends_alike", WORDS.text("few alike", fewest=FEWEST_COMMON))]
    return [
        WORDS.finding(
            "C4.friends_alike",
            value,
            method=WORDS.text("method alike"),
            assumptions=(answer.evidence.ties.source,),
            verdict=effect_verdict(value.beyond(1)),
            p_value=p_of_nil(value.beyond(1)),
        )
    ]


def _stability(answer: OpinionLeaders) -> list[Finding]:
    main, top = answer.evidence.main, len(answer.leaders)
    how = _REDRAWN.get(main, "a tenth of the ties is left out")
    return [
        WORDS.finding(
            "C4.list_stability",
            answer.stability,
            n=len(answer.evidence.scores),
            method=WORDS.text("method stability", top=top, score=SCORES[main], how=how),
            assumptions=(WORDS.text("assumption stable"),),
            how=how,
            judged=bool(answer.judged),
        )
    ]
