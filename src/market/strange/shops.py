"""All strange shops by name."""

from __future__ import annotations

from types import MappingProxyType

from market.strange import adopters, coins, customers, fashion, habits, policy_logs, posters, queries
from market.strange.shop_world import ShopRules, ShopWorld

_RULES = {
    "sound_log": ("two policies, true chances", policy_logs.sound_log, 1_500),
    "log_lacks_items": ("a log without the other's products", policy_logs.log_lacks_items, 1_500),
    "log_of_wrong_chances": ("a log of wrong chances", policy_logs.log_of_wrong_chances, 1_500),
    "log_of_slate_chances": ("a log of the list's chances", policy_logs.log_of_slate_chances, 1_500),
    "log_of_few_rows": ("a log of which few rows count", policy_logs.log_of_few_rows, 1_500),
    "fair_coin": ("lists by a fair coin that add nothing", coins.fair_coin, 4_000),
    "coin_broken_for_a_list": ("one list shown more often", coins.coin_broken_for_a_list, 4_000),
    "coin_of_the_eager": ("lists shown to the eager", coins.coin_of_the_eager, 4_000),
    "list_that_moves_purchases": ("lists that only move", coins.list_that_moves_purchases, 4_000),
    "independent_habits": ("favourites that have no ties", habits.independent_habits, 400),
    "habits_of_pairs": ("three pairs of favourites", habits.habits_of_pairs, 800),
    "fast_fashion": ("fashion decides, taste little", fashion.fast_fashion, 1_500),
    "fashion_alone": ("fashion alone decides", fashion.fashion_alone, 1_500),
    "lasting_taste": ("taste decides within fashion", fashion.lasting_taste, 1_500),
    "mixed_script_queries": ("queries in other scripts", queries.mixed_script_queries, 1_400),
    "season": ("promotion months, habits unchanged", customers.seasonal, 3_000),
    "rising_pace": ("everybody 2 % faster a month", customers.rising_pace, 3_000),
    "left_truncated": ("data begin after the customers", customers.left_truncated, 3_000),
    "pauses": ("nobody leaves, many pause", customers.pauses, 3_000),
    "heavy_baskets": ("amounts of a power law", customers.heavy_baskets, 3_000),
    "structureless": ("one kind of customer", customers.structureless, 3_000),
    "members_already": ("half hold the membership", customers.members_already, 3_000),
    "unseen_posts": ("half post to nobody, at random", posters.unseen_posts, 2_000),
    "unseen_posts_of_the_keen": ("half post to nobody, the keen", posters.unseen_posts_of_the_keen, 2_000),
    "early_adopters": ("the eager post and move nobody", adopters.early_adopters, 1_500),
}
SHOPS = MappingProxyType(
    {
        name: ShopRules(about=about, make=make, customers=customers)
        for name, (about, make, customers) in _RULES.items()
    }
)


def draw_shop(name: str, *, customers: int = 0, seed: int = 1) -> ShopWorld:
    """Return a shop of a world; customers: 0 takes as many as it is checked at.

    Raises KeyError on a name that is not in `SHOPS`.

    >>> sorted(draw_shop("sound_log", customers=50).tables)
    ['customers', 'impressions', 'items', 'order_lines', 'orders']
    """
    if name not in SHOPS:
        raise KeyError(f"no shop {name!r}; there are {list(SHOPS)}")
    rules = SHOPS[name]
    return rules.make(customers or rules.customers, seed)
