"""A split that somebody else made: training and test rows as frames, as of a published benchmark."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from methods.lists.purchases import Purchases
from methods.lists.split import Split, split_rows


def predefined_split(
    training: pd.DataFrame,
    judged: pd.DataFrame,
    *,
    customer: str = "customer",
    item: str = "item",
    time: str | None = None,
) -> tuple[Purchases, Split]:
    """Take training and test interactions as given and audit them like any other split.

    training, judged: one row an interaction, any order; repeated rows count once.
    customer, item: the names of the id columns (any type). Judged rows of unknown customers or products,
        and pairs that are also in the training rows, are left out and counted in `split.exclusions`.
    time: column of moments in both frames; the cut is the first of the judged ones. Without it `split.leak`
        says that no times were seen.
    Returns the purchases of both frames and the split, for `judge` and `compare_models`.
    Raises KeyError on a missing column, ValueError on missing ids or times and where a column of moments is
    not named, and LeakageError where training rows lie at or after the cut.

    >>> from methods.lists.lists_for_all import Popular
    >>> from methods.lists.model_comparison import judge
    >>> train = pd.DataFrame({"user": ["a", "a", "b", "c"], "item": ["x", "y", "y", "y"]})
    >>> test = pd.DataFrame({"user": ["b", "c"], "item": ["x", "x"]})
    >>> purchases, split = predefined_split(train, test, customer="user")
    >>> lists, measures = judge(Popular(), split, split.judged, 1)
    >>> float(measures["recall"].mean())
    1.0
    """
    for frame in (training, judged):
        moments = [str(name) for name in frame.columns if is_datetime64_any_dtype(frame[name])]
        if moments and time is None:
            raise ValueError(f"column {moments[0]!r} holds moments: name it by time=, or leave it out")
    both = pd.concat([_ids(training, customer, item), _ids(judged, customer, item)], ignore_index=True)
    customers, people = _numbered(both["customer"])
    items, goods = _numbered(both["item"])
    rows = pd.DataFrame({"customer": customers, "item": items})
    cut_at = None
    if time is not None:
        rows["placed_at"] = pd.concat([training[time], judged[time]], ignore_index=True)
        if rows["placed_at"].isna().any():
            raise ValueError(f"column {time!r} holds missing times; leave such rows out")
        cut_at = judged[time].min().to_pydatetime()
    nothing = np.full(len(goods), None)
    purchases = Purchases(rows=rows, customers=people, items=goods, sellers=nothing, categories=nothing)
    before, later = rows.iloc[: len(training)], rows.iloc[len(training) :]
    return purchases, split_rows(purchases, before, later, cut_at=cut_at, leak="" if time else _LEAK)


_LEAK = "the split was given without times, so whether anything learned from came later is not known"


def _ids(frame: pd.DataFrame, customer: str, item: str) -> pd.DataFrame:
    ids = frame[[customer, item]].set_axis(["customer", "item"], axis=1)
    if ids.isna().any().any():
        raise ValueError(f"columns {customer!r} and {item!r} hold missing ids; leave such rows out")
    return ids


def _numbered(ids: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    codes, names = pd.factorize(ids, sort=True)
    return codes.astype(np.int32), names.to_numpy(object)
