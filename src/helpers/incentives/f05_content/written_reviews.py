"""What each customer of a test wrote before and after the lot."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from helpers.data.activity_draws import ActivityDraws
from helpers.data.shop import Shop

COLUMNS = ("reviews", "pictured", "seen", "characters", "lengths", "stars", "rated")


def with_reviews(shop: Shop, draws: ActivityDraws) -> pd.DataFrame:
    """Return the drawn customers with what they wrote in the days after the lot.

    Adds float columns: reviews, pictured (with a picture), seen (of how many that
    is known), characters and lengths (their sum, and of how many
    reviews it is known), stars and rated (the same of the ratings), and reviews_before (of all time).
    """
    table = shop["reviews"].filter(_.posted_at.notnull())
    drawn = ibis.memtable(draws.frame[["customer_id", "drawn_at"]])
    both = table.join(drawn, "customer_id")
    after = both.filter(
        (both.posted_at >= both.drawn_at) & (both.posted_at < both.drawn_at + ibis.interval(days=draws.days))
    )
    sums = after.group_by("customer_id").agg(
        reviews=_.count(),
        pictured=(_.pictures > 0).sum(),
        seen=_.pictures.count(),
        characters=_.length_characters.sum(),
        lengths=_.length_characters.count(),
        stars=_.rating.sum(),
        rated=_.rating.count(),
    )
    earlier = both.filter(both.posted_at < both.drawn_at).group_by("customer_id").agg(many=_.count())
    written = sums.to_pandas().set_index("customer_id")
    before = earlier.to_pandas().set_index("customer_id")["many"]
    frame = draws.frame.copy()
    for name in COLUMNS:
        frame[name] = frame["customer_id"].map(written[name]).fillna(0).astype(float)
    frame["reviews_before"] = frame["customer_id"].map(before).fillna(0).astype(float)
    return frame
