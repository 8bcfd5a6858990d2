"""Likes and posts as the method takes them: who liked, when, and whether author and liker are near."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from helpers.data.shop import Shop

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, kw_only=True)
class Liked:
    """Likes and posts in numbers.

    likes: a row a like: reaction_id, post (place in posts), liker (place in accounts, −1 not known),
    age_days, tied (friends, or with a friend in common). posts: a row a post: share_id, author (place in
    accounts), group, week, posted_at. accounts: their customer_ids.
    """

    likes: pd.DataFrame
    posts: pd.DataFrame
    accounts: pd.Index

    def before(self, moment: dt.datetime) -> Liked:
        """Return the posts up before a moment (naive UTC) and the likes they got before it."""
        kept = (self.posts["posted_at"] < moment).to_numpy()
        place = np.cumsum(kept) - 1
        post = self.likes["post"].to_numpy()
        up = self.posts["posted_at"].to_numpy()[post] + self.likes["age_days"].to_numpy() * _DAY
        mine = self.likes[kept[post] & (up < np.datetime64(moment))]
        return Liked(
            likes=mine.assign(post=place[mine["post"]]).reset_index(drop=True),
            posts=self.posts[kept].reset_index(drop=True),
            accounts=self.accounts,
        )


def liked(shop: Shop) -> Liked:
    """Return the likes of every post; a like without a time, or from before its post, is left out."""
    return shop.once("likes in numbers", lambda: _liked(shop))


def _liked(shop: Shop) -> Liked:
    shares, reactions = shop["shares"], shop["reactions"]
    audience = "audience" if not shop.missing("shares.audience") else None
    columns = ["share_id", "customer_id", "posted_at", *([audience] if audience else [])]
    posts = shares.filter(shares.posted_at.notnull()).select(*columns).order_by("share_id").to_pandas()
    likes = reactions.filter((reactions.kind == "like") & reactions.posted_at.notnull())
    likes = (
        likes.select("reaction_id", "share_id", "customer_id", "posted_at")
        .order_by("reaction_id")
        .to_pandas()
    )
    post = pd.Index(posts["share_id"]).get_indexer(likes["share_id"])
    likes, post = likes[post >= 0].reset_index(drop=True), post[post >= 0]
    accounts = pd.Index(pd.unique(pd.concat([posts["customer_id"], likes["customer_id"].dropna()])))
    author, liker = accounts.get_indexer(posts["customer_id"]), accounts.get_indexer(likes["customer_id"])
    age = (likes["posted_at"].to_numpy() - posts["posted_at"].to_numpy()[post]) / _DAY
    first = posts["posted_at"].min() if len(posts) else None
    frame = pd.DataFrame(
        {
            "reaction_id": likes["reaction_id"],
            "post": post,
            "liker": liker,
            "age_days": age,
            "tied": _know(shop, accounts, author[post], liker),
        }
    )
    table = pd.DataFrame(
        {
            "share_id": posts["share_id"],
            "author": author,
            "group": posts[audience].astype(str) if audience else "all",
            "week": ((posts["posted_at"] - first).dt.days // 7) if len(posts) else 0,
            "posted_at": posts["posted_at"],
        }
    )
    return Liked(likes=frame[age >= 0].reset_index(drop=True), posts=table, accounts=accounts)


def _know(shop: Shop, accounts: pd.Index, author: np.ndarray, liker: np.ndarray) -> np.ndarray:
    """Say whether liker and author are the same, friends, or have a friend in common."""
    known = liker >= 0
    near = known & (liker == author)
    if shop.missing("ties") or not known.any():
        return near
    ties = shop["ties"].select("customer_a", "customer_b").to_pandas()
    a, b = accounts.get_indexer(ties["customer_a"]), accounts.get_indexer(ties["customer_b"])
    both = (a >= 0) & (b >= 0)
    ends = np.concatenate([a[both], b[both]]), np.concatenate([b[both], a[both]])
    friends = csr_array((np.ones(len(ends[0]), np.int32), ends), shape=(len(accounts), len(accounts)))
    friends.data[:] = 1
    rows = np.flatnonzero(known)
    direct = np.sort(ends[0] * np.int64(len(accounts)) + ends[1])
    near[rows] |= _among(author[rows] * np.int64(len(accounts)) + liker[rows], direct)
    rows = np.flatnonzero(known & ~near)
    common = friends[author[rows]].multiply(friends[liker[rows]]).sum(axis=1)
    near[rows] = np.asarray(common).ravel() > 0
    return near


def _among(keys: np.ndarray, found: np.ndarray) -> np.ndarray:
    if not len(found):
        return np.zeros(len(keys), bool)
    return found[np.searchsorted(found, keys).clip(max=len(found) - 1)] == keys
