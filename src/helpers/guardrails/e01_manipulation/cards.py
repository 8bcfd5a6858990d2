"""Evidence cards for analysts: what speaks against a post, what was looked at, what would clear it."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.guardrails.e01_manipulation.liked import Liked
from helpers.paths import project_folder
from helpers.report.words import words_beside
from methods.manipulation.evidence import KINDS

FILE = "evidence_cards.html"
_MOST_REASONS, _CLEAR = 3, 0.05
_HOURS = (1, 6, 12, 24, 36, 48)
WORDS = words_beside(__file__)


def write_cards(posts: pd.DataFrame, liked: Liked, folder: Path | str) -> Path:
    """Write a card for each of these posts (rows of `Manipulation.posts`), in this order; return the file.

    Cards name customers: raises ValueError on a folder inside the project's reports, which are passed on.
    """
    folder = Path(folder).resolve()
    if folder.is_relative_to((project_folder() / "reports").resolve()):
        raise ValueError(f"cards {folder}: evidence cards name customers; choose a folder outside reports/")
    folder.mkdir(parents=True, exist_ok=True)
    cards = "\n".join(_card(place, row, liked) for place, row in posts.iterrows())
    title = escape(WORDS.text("title"))
    page = f'<!doctype html><meta charset="utf-8"><title>{title}</title>\n{cards}\n'
    (folder / FILE).write_text(page, encoding="utf-8")
    return folder / FILE


def reasons(post: pd.Series) -> list[str]:
    """Return up to three reasons, strongest first, each with what was observed and what honest posts show.

    post: a row of `LikeEvidence.posts`.
    """
    chances = {sign: p for sign, p in _chances(post).items() if p < _CLEAR}
    strongest_first = sorted(chances, key=chances.__getitem__)
    found = [WORDS.text(sign, post=post, p=f"{chances[sign]:.1g}") for sign in strongest_first]
    if float(post["others"]) < _CLEAR:
        found.append(WORDS.text("others alike", p=f"{float(post['others']):.1g}"))
    return found[:_MOST_REASONS]


def _chances(post: pd.Series) -> dict[str, float]:
    """The p-value of each sign; 1 where it was not looked for."""
    return {sign: float(post.get(f"{sign}_p", 1.0)) for sign in KINDS}


def innocent(post: pd.Series) -> list[str]:
    """Return the innocent explanations that were looked at, and what was seen of each."""
    return [
        WORDS.text("live event", friends=int(post["likes"] - post["strangers"])),
        WORDS.text("went round", home=int(post["at_home"]), strangers=int(post["strangers"])),
        WORDS.text("circle"),
        WORDS.text("lucky", alike=bool(post["others"] < _CLEAR)),
    ]


def _card(place: object, post: pd.Series, liked: Liked) -> str:
    author = str(liked.accounts[int(post["author"])])
    likes = liked.likes[liked.likes["post"] == place]
    clear = [sign for sign, p in _chances(post).items() if p >= _CLEAR]
    heading = WORDS.text("heading", rank=int(post["rank"]), id=post["share_id"], author=author)
    parts = [
        f"<h2>{escape(heading)}</h2>",
        _list(WORDS.text("against"), reasons(post)),
        _paragraph(WORDS.text("no sign", signs=clear)) if clear else "",
        _paragraph(WORDS.text("time line", hours=_by_hours(likes))),
        _list(WORDS.text("innocent"), innocent(post)),
        _paragraph(WORDS.text("clears")),
    ]
    return f"<section>{''.join(parts)}</section>"


def _list(title: str, lines: list[str]) -> str:
    return f"<h3>{escape(title)}</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _paragraph(words: str) -> str:
    return f"<p>{escape(words)}</p>"


def _by_hours(likes: pd.DataFrame) -> list[tuple[int, int, int, int]]:
    """Likes of strangers and of friends by hours after the post: from, to, strangers, friends."""
    hours, tied = 24 * likes["age_days"].to_numpy(), likes["tied"].to_numpy()
    told = []
    for low, high in zip((0, *_HOURS[:-1]), _HOURS, strict=True):
        here = (hours >= low) & (hours < high)
        told.append((low, high, int(np.sum(here & ~tied)), int(np.sum(here & tied))))
    return told
