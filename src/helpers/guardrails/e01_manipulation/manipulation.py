"""E1: which posts, accounts and sellers look manipulated, how sure is that, and how much would be found?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.guardrails.e01_manipulation.cards import reasons, write_cards
from helpers.guardrails.e01_manipulation.injected import Injected, recall
from helpers.guardrails.e01_manipulation.liked import Liked, liked
from helpers.guardrails.e01_manipulation.order_signs import order_signs
from helpers.report import PALETTE, CannotAnswer, Finding, Picture, canvas, question, words_beside
from helpers.report.formats import count
from helpers.report.people_list import PeopleList, having
from helpers.report.release import share_of_events
from methods.intervals import benjamini_hochberg
from methods.intervals.estimates import wilson
from methods.manipulation import (
    LikeEvidence,
    SuspiciousSellers,
    learn_from_verdicts,
    like_evidence,
    suspicious_orders,
    suspicious_sellers,
)
from methods.manipulation.evidence import KINDS

WORDS = words_beside(__file__)
FLAG_RATE = 0.10
BEYOND, SUSPICIOUS = 1e-3, 5e-3
CHECK_FIRST, FEWEST_POSTS, FEWEST_TO_INJECT = 30, 100, 200
_LEARNED = [*(f"{kind}_p" for kind in KINDS), *(f"{kind}_others" for kind in KINDS), "p"]


@dataclass(frozen=True, kw_only=True)
class Manipulation:
    """Evidence against posts, accounts and sellers.

    posts: a row a post as `like_evidence` gives it, with share_id, author, flagged, rank (1 is the first to
    check). authors: bool, an entry an account of liked.accounts that is flagged. sellers: of
    `suspicious_sellers` with flagged, index seller_id; None where orders tell too little. injected: what
    would be found, by kind and number of likes. verdicts: a row a judged post: place in posts, manipulated;
    empty without audits. learned: whether they rank.
    """

    liked: Liked = field(repr=False)
    evidence: LikeEvidence = field(repr=False)
    posts: pd.DataFrame = field(repr=False)
    authors: np.ndarray = field(repr=False)
    sellers: pd.DataFrame | None
    injected: tuple[Injected, ...]
    verdicts: pd.DataFrame
    learned: bool
    findings: tuple[Finding, ...] = ()
    draws_released = draws_nobody = True  # it draws planted fakes alone; the table hides its rows itself

    @property
    def missed(self) -> tuple[Injected, ...]:
        """The planted fakes of which fewer than half would be flagged."""
        return tuple(one for one in self.injected if one.share.high < 0.5)

    @property
    def judged_flags(self) -> pd.DataFrame:
        """The verdicts on flagged posts."""
        return self.verdicts[self.posts["flagged"].to_numpy()[self.verdicts["post"]]]

    @property
    def by_verdicts(self) -> str:
        """What these say of the rate of false flags that is aimed at: none, fits, beyond or open."""
        judged = self.judged_flags
        if not len(judged):
            return "none"
        right = wilson(float(judged["manipulated"].sum()), len(judged))
        if right.high < 1 - FLAG_RATE:
            return "beyond"
        return "fits" if right.low >= 1 - FLAG_RATE else "open"

    def table(self) -> pd.DataFrame:
        """One row a kind of evidence: posts beyond chance 0.001, as many by chance, authors."""
        looked = self.posts["likes"] > 0
        rows = []
        for kind in KINDS:
            if kind in self.evidence.left_out:
                continue
            beyond = self.posts[looked & (self.posts[f"{kind}_p"] <= BEYOND)]
            rows.append((WORDS.text(kind), len(beyond), BEYOND * looked.sum(), beyond["author"].nunique()))
        frame = pd.DataFrame(
            rows, columns=["evidence", "posts beyond chance", "by chance at most", "authors"]
        )
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {"by chance at most": ".0f"},
            "people": "authors",
        }
        return frame

    def draw(self) -> Picture:
        """Draw the share of injected fakes that would be flagged, by kind and number of likes."""
        names = [f"{one.kind}, {count(one.likes, 'like')}" for one in self.injected]
        found = [one.share for one in self.injected]
        spoken = [f"{name} {100 * one.estimate:.0f} %" for name, one in zip(names, found, strict=True)]
        title, alt = WORDS.picture("recall", self.findings, found=spoken)
        figure, axes = canvas(title, x="% of planted fakes flagged", height_inches=1.4 + 0.35 * len(names))
        middle = np.array([100 * one.estimate for one in found])
        reach = np.array([[100 * one.low for one in found], [100 * one.high for one in found]])
        places = np.arange(len(names))[::-1]
        axes.barh(places, middle, color=PALETTE[5])
        axes.errorbar(middle, places, xerr=np.abs(reach - middle), fmt="none", color=PALETTE[0], capsize=3)
        axes.set_yticks(places, names)
        axes.set_xlim(0, 100)
        return Picture(figure, alt)

    def people_lists(self) -> tuple[PeopleList, ...]:
        """Return the flagged posts, accounts and sellers with the evidence, for analysts."""
        suspects = {"posts": self._flagged_posts(), "accounts": self._flagged_accounts()}
        if self.sellers is not None:
            flagged = self.sellers[self.sellers["flagged"]].rename_axis("seller_id").reset_index()
            suspects["sellers"] = flagged.assign(group="flagged")[["seller_id", "group", "orders", "p"]]
        return tuple(self._suspects(kind, members) for kind, members in suspects.items())

    def _flagged_posts(self) -> pd.DataFrame:
        posts = self.posts[self.posts["flagged"]].sort_values("rank")
        frame = posts[["share_id", "rank", "p"]].assign(
            author=self.liked.accounts.to_numpy()[posts["author"]],
            evidence=["; ".join(reasons(post)) for _, post in posts.iterrows()],
        )
        return frame.assign(group="flagged")[["share_id", "group", "author", "rank", "p", "evidence"]]

    def _flagged_accounts(self) -> pd.DataFrame:
        accounts = self.liked.accounts.to_numpy()[self.authors]
        chances = self.evidence.authors[self.authors]
        return pd.DataFrame({"customer_id": accounts, "group": "flagged", "p": chances})

    def _suspects(self, kind: str, members: pd.DataFrame) -> PeopleList:
        share = next(one for one in self.findings if one.id == f"E1.{kind}_flagged")
        return PeopleList(
            name=f"suspect_{kind}",
            about=WORDS.text("list suspects", kind=kind),
            findings=(share.key,),
            members=members.reset_index(drop=True),
            spoken={"flagged": having(share)},
        )

    def first_to_check(self, most: int = CHECK_FIRST) -> pd.DataFrame:
        """Return the posts to check first, for analysts: share_id, author (customer_id), the evidence."""
        first = self.posts.nsmallest(most, "rank")
        return first.assign(author=self.liked.accounts[first["author"]].to_numpy()).reset_index(drop=True)


@question(WORDS, needs=("shares.posted_at", "reactions.posted_at"))
def manipulation(shop: Shop, *, cards: str = "", rewirings: int = 20, seed: int = 1) -> Manipulation:
    """Weigh every post, account and seller against what honest ones of their size show.

    cards: folder for the evidence cards of the 30 posts to check first, for analysts; empty: none are
    written. rewirings: tables with which groups that like each other are compared. Flags: Benjamini–Hochberg
    at 10 % for each kind of unit. Raises CannotAnswer on fewer than 100 posts, or where likes tell nothing.
    """
    found = liked(shop)
    if len(found.posts) < FEWEST_POSTS:
        raise CannotAnswer(WORDS.text("few posts", posts=len(found.posts), fewest=FEWEST_POSTS))
    evidence = like_evidence(
        found.likes, found.posts, accounts=len(found.accounts), rewirings=rewirings, seed=seed
    )
    posts = evidence.posts.assign(share_id=found.posts["share_id"], author=found.posts["author"])
    verdicts = _verdicts(shop, posts)
    chance = _learned(posts, verdicts, seed)
    answer = Manipulation(
        liked=found,
        evidence=evidence,
        posts=posts.assign(
            flagged=_flags(posts["p"].to_numpy(), posts["likes"].to_numpy() > 0),
            rank=_ranked(posts["p"], chance),
        ),
        authors=_flags(evidence.authors, np.isin(np.arange(len(found.accounts)), posts["author"])),
        sellers=_sellers(shop, seed),
        injected=recall(found, flag_rate=FLAG_RATE, rewirings=5, seed=seed)
        if len(posts) >= FEWEST_TO_INJECT
        else (),
        verdicts=verdicts,
        learned=chance is not None,
    )
    if cards:
        write_cards(answer.posts.nsmallest(CHECK_FIRST, "rank"), found, cards)
    return replace(answer, findings=tuple(_findings(answer)))


def flagged_before(found: Liked, moment, *, seed: int) -> np.ndarray:
    """Return the accounts (places) flagged by their posts from before a moment alone; raises CannotAnswer."""
    early = found.before(moment)
    if len(early.posts) < FEWEST_POSTS:
        raise CannotAnswer(WORDS.text("few posts", posts=len(early.posts), fewest=FEWEST_POSTS))
    evidence = like_evidence(early.likes, early.posts, accounts=len(early.accounts), seed=seed)
    posted = np.isin(np.arange(len(early.accounts)), early.posts["author"])
    return np.flatnonzero(_flags(evidence.authors, posted))


def _ranked(p: pd.Series, chance: np.ndarray | None) -> pd.Series:
    """Rank posts by their evidence and, where verdicts teach a chance, by that as much.

    Verdicts say nothing of a way to manipulate that nobody has judged; by them alone it would stand last.
    """
    score = (-p).rank()
    if chance is not None:
        score += pd.Series(chance, index=p.index).rank()
    return score.rank(ascending=False, method="first").astype(int)


def _flags(p: np.ndarray, judged: np.ndarray) -> np.ndarray:
    flags = np.zeros(len(p), bool)
    if judged.any():
        flags[judged] = benjamini_hochberg(p[judged]) <= FLAG_RATE
    return flags


def _verdicts(shop: Shop, posts: pd.DataFrame) -> pd.DataFrame:
    """Return the judged posts, each by its last verdict: post, manipulated, chance of being picked."""
    empty = pd.DataFrame({"post": np.zeros(0, int), "manipulated": np.zeros(0, bool), "chance": np.zeros(0)})
    if shop.missing("audits"):
        return empty
    audits = shop["audits"]
    rows = audits.filter(audits.unit_kind == "post").order_by("judged_at", "audit_id").to_pandas()
    rows = rows.drop_duplicates("unit_id", keep="last")
    place = pd.Index(posts["share_id"]).get_indexer(rows["unit_id"])
    rows, place = rows[place >= 0], place[place >= 0]
    told = {"post": place, "manipulated": (rows["verdict"] == "manipulated").to_numpy()}
    return pd.DataFrame({**told, "chance": rows["picked_chance"].astype(float).to_numpy()})


def _learned(posts: pd.DataFrame, verdicts: pd.DataFrame, seed: int) -> np.ndarray | None:
    """Return each post's chance of being manipulated as verdicts teach it, None where they are too few."""
    known = [name for name in _LEARNED if name in posts]
    try:
        return learn_from_verdicts(
            posts[known].to_numpy(),
            verdicts["post"].to_numpy(),
            verdicts["manipulated"].to_numpy(),
            seed=seed,
        ).chance
    except CannotAnswer:
        return None


def _sellers(shop: Shop, seed: int) -> pd.DataFrame | None:
    if shop.missing("orders.placed_at", "order_lines", "items.seller_id"):
        return None
    try:
        signs, seller = order_signs(shop)
        doubtful = pd.Series(suspicious_orders(signs).p <= SUSPICIOUS, index=signs.index)
        counts = doubtful.groupby(seller).agg(["sum", "size"])
        found: SuspiciousSellers = suspicious_sellers(
            counts["sum"].to_numpy(), counts["size"].to_numpy(), seed=seed
        )
    except CannotAnswer:
        return None
    sellers = found.sellers.set_index(counts.index)
    return sellers.assign(flagged=_flags(sellers["p"].to_numpy(), (sellers["orders"] > 0).to_numpy()))


def _findings(answer: Manipulation) -> list[Finding]:
    posts = answer.posts[answer.posts["likes"] > 0]
    flagged = posts[posts["flagged"]]
    posted = np.unique(answer.posts["author"])
    accounts = answer.authors[posted]
    method, assume = WORDS.text("method"), (WORDS.text("honest alike"), WORDS.text("ties known"))
    about: dict[str, Any] = {"method": method, "assumptions": assume, "scale": 100}
    weak = dict.fromkeys(one.kind for one in answer.missed)
    found = [
        WORDS.finding(
            "E1.posts_flagged",
            wilson(float(len(flagged)), len(posts)),
            persons=len(posted),
            tells=(share_of_events("authors", posts["flagged"], posts["author"]),),
            flagged=len(flagged),
            first=min(CHECK_FIRST, len(posts)),
            judged=len(answer.verdicts) > 0,
            by_verdicts=answer.by_verdicts,
            missed={kind: [one.likes for one in answer.missed if one.kind == kind] for kind in weak},
            most_found=max((one.share.high for one in answer.missed), default=0.0),
            **about,
        ),
        WORDS.finding(
            "E1.accounts_flagged",
            wilson(float(accounts.sum()), len(posted)),
            flagged=int(accounts.sum()),
            **about,
        ),
        _sellers_finding(answer.sellers),
        _precision(answer),
    ]
    if not answer.injected:
        return [*found, WORDS.skip("E1.recall", WORDS.text("few to inject", fewest=FEWEST_TO_INJECT))]
    for one in answer.injected:
        found.append(
            WORDS.finding(
                "E1.recall",
                one.share,
                segment=f"{one.kind} of {count(one.likes, 'like')}",
                method=WORDS.text("method recall"),
                scale=100,
                kind=one.kind,
                likes=one.likes,
            )
        )
    return found


def _sellers_finding(sellers: pd.DataFrame | None) -> Finding:
    if sellers is None:
        return WORDS.skip("E1.sellers_flagged", WORDS.text("no signs"))
    return WORDS.finding(
        "E1.sellers_flagged",
        wilson(float(sellers["flagged"].sum()), len(sellers)),
        scale=100,
        method=WORDS.text("method sellers"),
        assumptions=(WORDS.text("honest alike"),),
        flagged=int(sellers["flagged"].sum()),
    )


def _precision(answer: Manipulation) -> Finding:
    judged = answer.judged_flags
    if not len(judged):
        flagged = bool(answer.posts["flagged"].any())
        return WORDS.skip("E1.precision", WORDS.text("no verdicts", first=CHECK_FIRST, flagged=flagged))
    return WORDS.finding(
        "E1.precision",
        wilson(float(judged["manipulated"].sum()), len(judged)),
        scale=100,
        persons=int(answer.posts["author"].iloc[judged["post"]].nunique()),
        method=WORDS.text("method precision"),
        assumptions=(WORDS.text("judged alike"),),
        confirmed=int(judged["manipulated"].sum()),
        judged=len(judged),
        learned=answer.learned,
    )
