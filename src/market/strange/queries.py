"""A friends' shelf whose titles are plain, searched by people who type the same things otherwise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.strange.shop_world import FIRST_DAY, ShopWorld, named, trade

# Title, category, and how searchers put it: in other script, width or case, by sound, in other words.
GOODS = (
    ("经典哑光口红", "口红", ("啞光口紅", "kouhong", "LIPSTICK", "哑光唇膏", "口紅經典")),
    ("无线蓝牙耳机", "数码", ("藍牙耳機", "lanya erji", "ＢＬＵＥＴＯＯＴＨ earphones", "无线耳 机")),
    ("轻便运动球鞋", "球鞋", ("輕便球鞋", "SNEAKERS", "qiuxie", "運動球鞋")),
    ("露营折叠帐篷", "户外", ("露營帳篷", "zhangpeng", "折疊帳篷")),
    ("iPhone15手机壳", "数码", ("IPHONE 15", "ｉＰｈｏｎｅ１５", "手機殼", "iphone15壳")),
    ("坚果零食礼盒", "零食", ("堅果禮盒", "snacks", "jianguo", "坚果小吃")),
)
_FRIENDS, _BOUGHT_DAY = len(GOODS), 3


def mixed_script_queries(customers: int, seed: int) -> ShopWorld:
    """Draw searchers with one friend a product on the shelf, who buy what they searched for."""
    rng = np.random.default_rng(seed)
    searchers = max(customers // (_FRIENDS + 1), 1)
    friend = searchers + np.arange(searchers * _FRIENDS)
    product = np.tile(np.arange(_FRIENDS), searchers)
    wanted = rng.integers(0, _FRIENDS, searchers)
    query = [GOODS[one][2][rng.integers(0, len(GOODS[one][2]))] for one in wanted]
    days = np.concatenate([rng.uniform(0, 5, len(friend)), np.full(searchers, 20.0 + _BOUGHT_DAY)])
    last = np.array([40.0])
    buyer = np.concatenate([friend, np.arange(searchers), [0]])
    placed = FIRST_DAY + pd.to_timedelta(np.concatenate([days, last]), unit="D").floor("s")
    items = pd.DataFrame({"item_id": named("i", np.arange(_FRIENDS))})
    items["title"], items["category"] = [one[0] for one in GOODS], [one[1] for one in GOODS]
    lines = pd.DataFrame({"order": np.arange(len(buyer))})
    lines["item_id"] = named("i", np.concatenate([product, wanted, [0]]))
    tables = trade(buyer, placed, items, lines)
    owner = np.repeat(np.arange(searchers), _FRIENDS)
    tables["ties"] = pd.DataFrame(
        {
            "customer_a": named("c", owner),
            "customer_b": named("c", friend),
            "since_at": FIRST_DAY - pd.Timedelta(days=30),
            "strength": 0.5,
        }
    )
    tables["coupons"] = pd.DataFrame(
        {
            "coupon_id": named("k", np.arange(len(friend))),
            "customer_id": named("c", friend),
            "source": "circle",
            "worth_cents": 500,
            "issued_at": FIRST_DAY + pd.Timedelta(days=8),
            "expires_at": FIRST_DAY + pd.Timedelta(days=38),
        }
    )
    tables["events"] = pd.DataFrame(
        {
            "event_id": named("e", np.arange(searchers)),
            "customer_id": named("c", np.arange(searchers)),
            "kind": "search",
            "query": query,
            "happened_at": FIRST_DAY + pd.Timedelta(days=20),
        }
    )
    return ShopWorld(tables=tables, truth={"random_recall": 3 / _FRIENDS, "searches": float(searchers)})
