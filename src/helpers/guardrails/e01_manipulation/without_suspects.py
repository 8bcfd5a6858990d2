"""E1: the answers of chapter 03 beside those without suspect likes, and without accounts flagged before."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import t as student

from helpers.data.shop import Shop
from helpers.guardrails.e01_manipulation.fewer_rows import suspect_likes, without_accounts, without_likes
from helpers.guardrails.e01_manipulation.manipulation import Manipulation, flagged_before
from helpers.report import CannotAnswer, Finding, Mark, Picture, canvas, forest, question, words_beside
from helpers.report.formats import POINTS, interval
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
# The number of each answer that is compared, and the finding that tells it here.
COMPARED = {
    "A1.adjusted_uplift": "E1.share_uplift",
    "A2.intention_to_treat": "E1.prompt_uplift",
    "A3.ten_likes_uplift": "E1.likes_uplift",
    "A4.bunching": "E1.likes_piled",
}
_SPLIT = {"A1.adjusted_uplift", "A3.ten_likes_uplift"}  # answers that random splits move
_UNLIKED = {"A2.intention_to_treat"}  # answers that no like has a say in
SPLITS = 4  # random splits of the customers by which the noise of a difference is told
_NOTED = 0.1  # of an interval: how far an answer has to move for that noise to be worked out
ALL, NO_LIKES, NO_ACCOUNTS = "all", "suspect likes removed", "flagged accounts left out"


@dataclass(frozen=True, kw_only=True)
class WithoutSuspects:
    """Answers by column. answers: column to finding id to that finding, answered or not.

    likes_removed, accounts_left_out: how many. before: accounts were flagged by posts before this moment.
    by_splits_pp: finding id to how far new random splits of the customers alone move a difference, 95 %;
    of answers that moved by more than a tenth of their interval without flagged accounts.
    """

    answers: dict[str, dict[str, Finding]] = field(repr=False)
    likes_removed: int
    accounts_left_out: int
    before: dt.datetime
    by_splits_pp: dict[str, float]
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row an answer: with all, without suspect likes, without flagged accounts."""
        rows = []
        for id in COMPARED:
            told = [self.answers[column].get(id) for column in self.answers]
            rows.append((WORDS.text(id), *map(_told, told)))
        frame = pd.DataFrame(rows, columns=["answer", *self.answers])
        frame.attrs = {"caption": WORDS.text("caption"), "people": None}
        return frame

    def draw(self) -> Picture:
        """Draw each answer that is in points in its columns."""
        marks = [
            Mark(label=f"{WORDS.text(id)}: {column}", value=_interval(one))
            for id in COMPARED
            for column, found in self.answers.items()
            if (one := found.get(id)) is not None and one.status == "answered" and one.unit.startswith(POINTS)
        ]
        spoken = [f"{mark.label} {interval(*mark.numbers)}" for mark in marks]
        title, alt = WORDS.picture("columns", self.findings, answers=spoken)
        figure, axes = canvas(title, height_inches=1.4 + 0.35 * len(marks))
        forest(axes, marks, x="pp")
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "shares.posted_at", "reactions.posted_at"))
def without_suspects(
    shop: Shop,
    suspects: Manipulation,
    *,
    asked: Sequence[Callable[..., object]],
    days_before: int = 148,
    seed: int = 1,
) -> WithoutSuspects:
    """Ask questions again of the shop without suspect likes, and without accounts flagged by earlier posts.

    asked: questions of a shop, such as uplift.share_gap, some of which take a seed. days_before: accounts are
    judged by posts up so many days before the end, so that no flag rests on the posts compared. Posts are
    never deleted. To leave accounts out splits the other customers anew, so where an answer moves it is also
    asked of all rows with other seeds, and a difference that new splits can give is told as such.
    Raises CannotAnswer where nothing is flagged.
    """
    likes = suspect_likes(suspects)
    before = shop.end - dt.timedelta(days=days_before)
    try:
        accounts = suspects.liked.accounts[flagged_before(suspects.liked, before, seed=seed)]
    except CannotAnswer:
        accounts = np.zeros(0, dtype=str)
    if not len(likes) and not len(accounts):
        raise CannotAnswer(WORDS.text("nothing flagged"))
    firsts = [_answers(shop, [ask]) for ask in asked]
    answers = {ALL: {id: one for first in firsts for id, one in first.items()}}
    if len(likes):
        liked = [ask for ask, first in zip(asked, firsts, strict=True) if set(first) != _UNLIKED]
        answers[NO_LIKES] = answers[ALL] | _answers(without_likes(shop, likes), liked)
    if len(accounts):
        answers[NO_ACCOUNTS] = _answers(without_accounts(shop, np.asarray(accounts)), asked)
    moved = _moved(answers[ALL], answers.get(NO_ACCOUNTS, {})) & _SPLIT
    by_splits = _by_splits(shop, list(zip(asked, firsts, strict=True)), moved)
    findings = _findings(answers, by_splits, likes=len(likes), accounts=len(accounts))
    if not findings:
        raise CannotAnswer(WORDS.text("nothing to compare"))
    return WithoutSuspects(
        answers=answers,
        likes_removed=len(likes),
        accounts_left_out=len(accounts),
        before=before,
        by_splits_pp=by_splits,
        findings=tuple(findings),
    )


def _answers(shop: Shop, asked: Sequence[Callable[..., object]], seed: int = 1) -> dict[str, Finding]:
    answers = [ask(shop, **({"seed": seed} if _takes_seed(ask) else {})) for ask in asked]
    found = [finding for answer in answers for finding in getattr(answer, "findings", ())]
    return {one.id: one for one in found if one.id in COMPARED}


def _takes_seed(ask: Callable[..., object]) -> bool:
    return "seed" in inspect.signature(ask).parameters


def _moved(first: dict[str, Finding], without: dict[str, Finding]) -> set[str]:
    """Return the answers that moved by more than a tenth of their interval: less nobody makes anything of."""
    moved = set()
    for id in set(first) & set(without):
        if first[id].status == without[id].status == "answered":
            one, other = _interval(first[id]), _interval(without[id])
            if abs(other.estimate - one.estimate) > _NOTED * (one.high - one.low):
                moved.add(id)
    return moved


def _by_splits(
    shop: Shop, asked: list[tuple[Callable[..., object], dict[str, Finding]]], moved: set[str]
) -> dict[str, float]:
    """Return how far two answers from the same customers, split at random anew, lie apart in 19 of 20 cases.

    asked: questions with their first answers. To leave out one account splits all the others anew, so this is
    what a difference has to exceed.
    """
    reach = float(student.ppf(0.975, SPLITS - 1)) * np.sqrt(2)
    told = {}
    for ask, first in asked:
        if not moved & set(first):
            continue
        every = [first, *(_answers(shop, [ask], seed=1 + split) for split in range(1, SPLITS))]
        for id in moved & set(first):
            values = [value for one in every if id in one and (value := one[id].estimate) is not None]
            if len(values) == SPLITS:
                told[id] = float(reach * np.std(values, ddof=1))
    return told


def _findings(
    answers: dict[str, dict[str, Finding]], by_splits: dict[str, float], *, likes: int, accounts: int
) -> list[Finding]:
    found = []
    for id, own in COMPARED.items():
        base = answers[ALL].get(id)
        for column, told in answers.items():
            one = told.get(id)
            if one is None or one.status != "answered" or base is None or base.status != "answered":
                continue
            found.append(
                WORDS.finding(
                    own,
                    _interval(one),
                    segment=column,
                    persons=one.persons,
                    method=one.method,
                    assumptions=one.assumptions,
                    base=base.estimate,
                    likes=likes,
                    accounts=accounts,
                    by_splits=by_splits.get(id, 0.0),
                )
            )
    return found


def _interval(finding: Finding) -> Interval:
    low, high = finding.ends
    return Interval(estimate=finding.estimate or 0.0, low=low, high=high, n=finding.n or 0)


def _told(finding: Finding | None) -> str:
    if finding is None or finding.status != "answered":
        return "–"
    told = finding.told
    return interval(told.estimate, told.low, told.high)
