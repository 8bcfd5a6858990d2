"""The share study with the likes that each shared order gathered up to the landmark."""

from __future__ import annotations

import dataclasses

import ibis
from ibis import _

from helpers.data.share_study import Study, share_study
from helpers.data.shop import Shop


def liked_study(shop: Shop, *, enrol_days: int, share_hours: int, like_hours: int, follow_days: int) -> Study:
    """Return the share study with `likes`, counted up to a landmark that leaves every post its time.

    The landmark is share_hours + like_hours after the enrolling order, the same for sharers and others; the
    outcome runs from there for the whole days left until `follow_days` after the order. `shared`: posted
    within share_hours of the order. likes: of the first such post before the landmark (0 without one), so
    nothing is counted that came after somebody could have bought again in the outcome window. Raises
    ValueError when a window is empty.
    """
    landmark_hours = share_hours + like_hours
    outcome_days = (24 * follow_days - landmark_hours) // 24
    if share_hours <= 0 or like_hours <= 0 or outcome_days <= 0:
        raise ValueError(
            f"share_hours {share_hours} and like_hours {like_hours} must be above 0 and leave at least "
            f"a day of follow_days {follow_days}"
        )
    shop = shop.while_known("reactions")
    study = share_study(shop, enrol_days=enrol_days, landmark_hours=landmark_hours, outcome_days=outcome_days)
    posts = _likes(shop, study, share_hours=share_hours, like_hours=like_hours)
    frame = study.frame.merge(posts, on="customer_id", how="left", validate="one_to_one")
    frame["shared"] = frame["likes"].notna().astype(float)
    frame["likes"] = frame["likes"].astype("Float64").fillna(0.0).astype(float)
    return dataclasses.replace(study, frame=frame)


def _likes(shop: Shop, study: Study, *, share_hours: int, like_hours: int):
    """One row an enrolled customer with a post in time: customer_id, likes."""
    moments = ibis.memtable(study.frame[["customer_id", "index_at", "landmark_at"]])
    posts = shop["shares"].select("share_id", "customer_id", "posted_at").join(moments, "customer_id")
    posts = posts.filter(
        (posts.posted_at >= posts.index_at)
        & (posts.posted_at < posts.index_at + ibis.interval(hours=share_hours))
    )
    place = ibis.row_number().over(
        group_by=posts.customer_id, order_by=[posts.posted_at.asc(), posts.share_id.asc()]
    )
    posts = posts.mutate(place=place).filter(_.place == 0)
    likes = shop["reactions"].filter(_.kind == "like").select("share_id", liked_at="posted_at")
    likes = likes.join(posts.select("share_id", "landmark_at"), "share_id")
    counted = likes.filter(likes.liked_at < likes.landmark_at).group_by("share_id").agg(likes=_.count())
    rows = posts.left_join(counted, "share_id").drop("share_id_right")
    return rows.select("customer_id", likes=rows.likes.fill_null(0)).order_by("customer_id").execute()
