"""What opinion leaders are like, beside the other authors (or, without posts, the other customers)."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
from ibis import _

from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report.release import may_leave, share_of
from helpers.segments.c04_leaders.evidence import Evidence


def leader_profile(shop: Shop, evidence: Evidence, named: np.ndarray) -> pd.DataFrame:
    """Return one row a measure with columns leaders and others; all from before the cut.

    Others are those who were answered at least once; without posts all in the graph. NaN where a share would
    tell of ten people or fewer.
    """
    scores = evidence.scores
    others = scores["answers"] > 0 if "answers" in scores else pd.Series(True, index=scores.index)
    facts = _facts(shop, evidence).reindex(scores.index)
    leads = scores.index.isin(named)
    rows: list[tuple[object, ...]] = [("people", leads.sum(), (others & ~leads).sum())]
    rows += [
        (label, *(factor * _mean(facts.loc[group, column]) for group in (leads, others & ~leads)))
        for column, (label, factor) in _LABELS.items()
        if column in facts and facts[column].notna().any()
    ]
    frame = pd.DataFrame(
        rows, columns=["measure", "leaders", "other authors" if "answers" in scores else "others"]
    )
    frame.attrs = {
        "people": None,
        "caption": "What the named are like (means)",
        "formats": dict.fromkeys(frame.columns[1:], ",.1f"),
    }
    return frame


def _mean(values: pd.Series) -> float:
    """The mean; of a yes-or-no column only where it tells of no small group."""
    known = values.dropna()
    is_share = len(known) > 0 and known.isin([0, 1]).all()
    few = is_share and not may_leave(share_of("the group", float(known.mean()), len(known)))
    return float("nan") if few else float(known.mean())


_LABELS = {
    "friends": ("friends", 1),
    "answers": ("answers received", 1),
    "posts": ("posts", 1),
    "orders": ("orders", 1),
    "female": ("% women", 100),
    "young": ("% under 25", 100),
}


def _facts(shop: Shop, evidence: Evidence) -> pd.DataFrame:
    facts = evidence.scores[[name for name in ("friends", "answers") if name in evidence.scores]]
    orders, time = purchases(shop), None
    if evidence.cut is not None:
        time = ibis.literal(evidence.cut, type="timestamp(6)")
        orders = orders.filter(_.placed_at < time)
    counted = orders.group_by("customer_id").agg(orders=_.count()).to_pandas().set_index("customer_id")
    facts = facts.join(counted).fillna({"orders": 0})
    if "answers" in facts:
        posts = shop["shares"] if time is None else shop["shares"].filter(_.posted_at < time)
        posts = posts.group_by("customer_id").agg(posts=_.count()).to_pandas().set_index("customer_id")
        facts = facts.join(posts).fillna({"posts": 0})
    people = (
        shop["customers"].select("customer_id", "gender", "age_band").to_pandas().set_index("customer_id")
    )
    known = people["gender"].notna()
    facts["female"] = (people["gender"] == "female").where(known)
    facts["young"] = people["age_band"].isin(["under 18", "18-24"]).where(people["age_band"].notna())
    return facts.astype(float)
