"""C4 in findings: precision of the list, influence beyond taste, purchases of posted items, stability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.report import Finding
from helpers.segments.item_contagion import WINDOW_DAYS
from helpers.segments.leader_scores import SCORES

if TYPE_CHECKING:
    from helpers.segments.leader_scores import Judged
    from helpers.segments.leaders import OpinionLeaders
    from methods.intervals.estimates import Interval

_AGAINST = (
    " The score foretells nothing here: who is answered much in one part is answered little in the "
    "other, as where "
    "the data hold a fixed number of answered posts an author."
)
_TASTE = "what a friend's taste explains is seen in the friend's own earlier purchases of the category"


def leader_findings(answer: OpinionLeaders, *, question: str) -> tuple[Finding, ...]:
    """Return the findings that the data can carry."""
    told = [
        *_precision(answer),
        *_influence(answer),
        *_contagion(answer),
        *_alike(answer),
        _stability(answer),
    ]
    return tuple(Finding(requirement="C4", question=question, **words) for words in told)


def _words(name: str, value: Interval, **words) -> dict:
    return {"id": f"C4.{name}", "estimate": value.estimate, "low": value.low, "high": value.high, **words}


def _precision(answer: OpinionLeaders) -> list[dict]:
    if not answer.judged:
        return []
    rows = {row.name: row for row in answer.judged}
    evidence, top = answer.evidence, len(answer.leaders)
    found = []
    for name, label in ((evidence.main, "precision"), ("friends", "precision_most_friends")):
        row = rows[name]
        if row.hidden:
            found.append(_hidden(label, row, evidence.split, top))
            continue
        found.append(
            _words(
                label,
                row.precision,
                unit="% of the list",
                n=len(evidence.scores),
                method=f"top {top} by {SCORES[name]} against the top {top} by customers who gave a "
                f"{evidence.kind} "
                f"to {evidence.split}; Wilson interval on the list",
                assumptions=(evidence.ties.source,),
                reading=f"Of the {top} with the highest {SCORES[name]}, {row.precision.estimate:.0f} % "
                "are among the "
                f"{top} most answered on {evidence.split}: {row.lift:.0f} times what a list drawn by lot "
                "would "
                f"reach (rank correlation {row.rank_correlation:.2f})."
                + (_AGAINST if row.rank_correlation < 0 else "")
                + (_what_they_are_like(answer) if label == "precision" else ""),
            )
        )
    return found


def _hidden(label: str, row: Judged, split: str, top: int) -> dict:
    reason = (
        f"Of the {top} with the highest {SCORES[row.name]}, ten or fewer are among the {top} most answered "
        f"on {split}, or ten or fewer are not; the share is not told, since it would single out so few "
        f"people (rank correlation {row.rank_correlation:.2f})."
        + (_AGAINST if row.rank_correlation < 0 else "")
    )
    return {"id": f"C4.{label}", "status": "skipped", "reason": reason, "reading": reason, "level": None}


def _what_they_are_like(answer: OpinionLeaders) -> str:
    """What the named are like, in one sentence."""
    rows = answer.profile.iloc[1:].dropna().itertuples(index=False)
    told = ", ".join(f"{measure} {mine:.1f} ({others:.1f})" for measure, mine, others in rows)
    return f" The named beside the other authors (means): {told}."


def _influence(answer: OpinionLeaders) -> list[dict]:
    who = {
        "leaders": ("influence", "those named"),
        "friends": ("influence_most_friends", "those with most friends"),
    }
    found = []
    for key, value in answer.influence.items():
        name, people = who[key]
        told = "more than" if value.low > 1 else "less than" if value.high < 1 else "no clearly other than"
        found.append(
            _words(
                name,
                value,
                unit="times what friends' taste explains",
                n=value.n,
                method="friends' answers to later posts over those expected from exposures of like "
                "taste; clustered "
                "on posts",
                assumptions=(_TASTE, "authors of equal influence are answered alike"),
                verdict="supported" if value.low > 1 else "not settled",
                reading=f"Friends answered the later posts of {people} {value.estimate:.2f} times as "
                "often as their "
                f"own taste explains: {told} an average author. The list was made before these posts.",
            )
        )
    return found


def _contagion(answer: OpinionLeaders) -> list[dict]:
    if answer.contagion is None:
        return []
    after, before = answer.contagion.after, answer.contagion.before
    method = (
        "purchases of the very item a friend posted over the item's share of its category's sales in "
        "that month; "
        "clustered on buyers"
    )
    moved = after.low > max(before.high, 1.0)
    return [
        _words(
            "bought_after_post",
            after,
            unit="times what the category explains",
            n=after.n,
            method=f"{method}; {WINDOW_DAYS} days after the post",
            assumptions=("a taste that friends share is one for categories and popular items",),
            verdict="supported" if moved else "not settled",
            reading=f"In the {WINDOW_DAYS} days after a friend's post customers buy that very item "
            f"{after.estimate:.2f} times as often as their purchases of the category and its popularity "
            "explain; "
            f"in the days before the post, when it can't have moved them, {before.estimate:.2f} times. "
            + ("Posts do move friends beyond shared taste." if moved else "That may be shared taste alone."),
        ),
        _words(
            "placebo_bought_before_post",
            before,
            unit="times what the category explains",
            n=before.n,
            method=f"{method}; placebo: {WINDOW_DAYS} days before the post",
            assumptions=("above 1 where friends share taste for items, or where a third friend moved both",),
            reading="The placebo: a post of the days to come can't have moved a purchase, so what stands "
            "above 1 "
            f"here ({before.estimate:.2f}) is taste for the same items or a common friend's doing.",
        ),
    ]


def _alike(answer: OpinionLeaders) -> list[dict]:
    value = answer.alike
    if value is None:
        return []
    return [
        _words(
            "friends_alike",
            value,
            unit="times the items in common by lot",
            n=value.n,
            method="items both friends bought over those of degree-preserving rewirings; clustered on "
            "customers",
            assumptions=(answer.evidence.ties.source,),
            verdict="supported" if value.low > 1 else "not settled",
            reading=f"Two friends have {value.estimate:.2f} times as many items in common as two "
            "customers dealt "
            "together. Likeness of friends by itself is no influence: like may have found like.",
        )
    ]


def _stability(answer: OpinionLeaders) -> dict:
    main, value = answer.evidence.main, answer.stability
    drawn = {"pull": "posts are drawn again", "answers": "answers are drawn again"}
    how = drawn.get(main, "a tenth of the ties is left out")
    reading = f"When {how}, {value.estimate:.0f} % of the list stays on it."
    if not answer.judged:
        reading += (
            " Whether these customers move others can't be told: that needs posts and who "
            "answered them, with times."
        )
    return _words(
        "list_stability",
        value,
        unit="% of the list",
        n=len(answer.evidence.scores),
        method=f"top {len(answer.leaders)} by {SCORES[main]}, {how}; mean and range of 95 % of the draws",
        assumptions=("stable is not the same as right",),
        reading=reading,
    )
