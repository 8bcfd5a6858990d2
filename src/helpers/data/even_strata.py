"""Whether a test drew its arms in the same shares in every stratum of its draw."""

from __future__ import annotations

import pandas as pd

from helpers.data.drawn_groups import with_groups
from helpers.data.experiment import Experiment
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.errors import CannotAnswer
from methods.trials.sample_ratio import ALARM, sample_ratio

WORDS = words_beside(__file__, "reasons")


def demand_even_strata(shop: Shop, test: Experiment) -> None:
    """Raise CannotAnswer where an arm holds another share of a stratum than of all strata together.

    The arms of such a test differed by stratum before anything was done to them, so that arms set side by
    side show what their strata are like. Where whole groups were drawn these are counted, not their members.
    A fair draw is refused as seldom as for its arm sizes (`sample_ratio`, Holm over strata and arms).
    """
    if shop.missing("experiments.stratum"):
        return
    stratum = shop.once(("uneven stratum", test.name, test.cluster), lambda: _uneven(_drawn(shop, test)))
    if stratum:
        raise CannotAnswer(WORDS.text("uneven strata", name=test.name, stratum=stratum))


def _drawn(shop: Shop, test: Experiment) -> pd.DataFrame:
    """What was drawn, one row each: arm and stratum; no rows where strata cut through groups drawn."""
    rows = with_groups(shop, test)
    drawn = rows.filter(rows.stratum.notnull()).select("arm", "stratum", "group").execute()
    kinds = drawn.groupby("group")[["arm", "stratum"]].nunique()
    if drawn["group"].isna().any() or (kinds["arm"] > 1).any():
        return drawn  # customers were drawn, each by itself
    return drawn.drop_duplicates("group") if (kinds["stratum"] == 1).all() else drawn.iloc[:0]


def _uneven(drawn: pd.DataFrame) -> str:
    """The stratum whose arms differ most from those of all together, beyond chance; empty where none does."""
    shares = drawn["arm"].value_counts(normalize=True)
    if len(shares) < 2:
        return ""
    beyond = sample_ratio(drawn["arm"], planned=shares.to_dict(), days=drawn["stratum"]).by_day
    return str(beyond.idxmin()) if beyond.min() < ALARM else ""
