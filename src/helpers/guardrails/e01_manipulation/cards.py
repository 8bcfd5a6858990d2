"""Evidence cards for analysts: what speaks against a post, what was looked at, what would clear it."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.guardrails.e01_manipulation.liked import Liked
from helpers.paths import project_folder
from helpers.report.formats import count, number

FILE = "evidence_cards.html"
_MOST_REASONS, _CLEAR = 3, 0.05
_NAMES = {
    "burst": "burst of strangers",
    "strangers": "share of strangers",
    "block": "ring",
    "lockstep": "lockstep",
}
_HOURS = (1, 6, 12, 24, 36, 48)
_CLEARS = (
    "It would be cleared by a live event, a campaign or a known account at that hour, by likers who know "
    "the author when asked, or by an audit that finds the accounts real."
)
_COST = "If this is wrong, an honest author loses a coupon and trust. Hear the author before acting."


def write_cards(posts: pd.DataFrame, liked: Liked, folder: Path | str) -> Path:
    """Write a card for each of these posts (rows of `Manipulation.posts`), in this order; return the file.

    Cards name customers: raises ValueError on a folder inside the project's reports, which are passed on.
    """
    folder = Path(folder).resolve()
    if folder.is_relative_to((project_folder() / "reports").resolve()):
        raise ValueError(f"cards {folder}: evidence cards name customers; choose a folder outside reports/")
    folder.mkdir(parents=True, exist_ok=True)
    cards = "\n".join(_card(place, row, liked) for place, row in posts.iterrows())
    page = f'<!doctype html><meta charset="utf-8"><title>Evidence cards</title>\n{cards}\n'
    (folder / FILE).write_text(page, encoding="utf-8")
    return folder / FILE


def reasons(post: pd.Series) -> list[str]:
    """Return up to three reasons, strongest first, each with what was observed and what honest posts show.

    post: a row of `LikeEvidence.posts`.
    """
    told = {
        "burst": lambda: (
            f"{count(post['burst_likes'], 'like')} of strangers within "
            f"{number(24 * post['burst_days'])} hours, {number(post['burst_expected'])} expected"
        ),
        "strangers": lambda: (
            f"{post['strangers']} of {count(post['likes'], 'like')} from strangers, "
            f"{number(post['strangers_expected'])} expected"
        ),
        "block": lambda: (
            f"{count(post['block_likes'], 'like')} from a group of strangers who like each other"
        ),
        "lockstep": lambda: "3 likes or more from accounts that like the same posts at the same moments",
    }
    chances = {
        kind: float(post[f"{kind}_p"]) for kind in told if f"{kind}_p" in post and post[f"{kind}_p"] < _CLEAR
    }
    found = [f"{told[kind]()} (p {chances[kind]:.1g})" for kind in sorted(chances, key=chances.__getitem__)]
    if float(post["others"]) < _CLEAR:
        found.append(f"the author's other posts look alike (p {float(post['others']):.1g})")
    return found[:_MOST_REASONS]


def innocent(post: pd.Series) -> list[str]:
    """Return the innocent explanations that were looked at, and what was seen of each."""
    friends = int(post["likes"] - post["strangers"])
    others = "speak against it" if post["others"] < _CLEAR else "look honest"
    return [
        f"a live event: friends who like in the same window explain it; {count(friends, 'friend')} liked",
        "a circle of friends: likers with a friend in common with the author count as friends",
        f"one lucky post: the author's other posts {others}",
    ]


def _card(place: object, post: pd.Series, liked: Liked) -> str:
    author = escape(str(liked.accounts[int(post["author"])]))
    likes = liked.likes[liked.likes["post"] == place]
    clear = [name for kind, name in _NAMES.items() if post.get(f"{kind}_p", 1.0) >= _CLEAR]
    parts = [
        f"<h2>{int(post['rank'])}. Post {escape(str(post['share_id']))} of {author}</h2>",
        _list("What speaks against it", reasons(post)),
        f"<p>No sign of: {escape(', '.join(clear))}.</p>" if clear else "",
        f"<p>{escape(_time_line(likes))}</p>",
        _list("Innocent explanations looked at", innocent(post)),
        f"<p>{escape(_CLEARS)} {escape(_COST)} Appeal: none recorded.</p>",
    ]
    return f"<section>{''.join(parts)}</section>"


def _list(title: str, lines: list[str]) -> str:
    return f"<h3>{escape(title)}</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _time_line(likes: pd.DataFrame) -> str:
    """Likes of strangers and of friends by hours after the post."""
    hours, tied = 24 * likes["age_days"].to_numpy(), likes["tied"].to_numpy()
    told = []
    for low, high in zip((0, *_HOURS[:-1]), _HOURS, strict=True):
        here = (hours >= low) & (hours < high)
        told.append(f"{low}–{high} h: {np.sum(here & ~tied)} and {np.sum(here & tied)}")
    return "Likes of strangers and of friends: " + "; ".join(told) + "."
