"""Sellers, items and what an order holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.settings import CATEGORIES, WEEKS, pick, stream

_WEIGHT = [1.5, 1.1, 1.2, 1.4, 0.9, 1.0, 1.6, 0.9, 1.3, 0.8, 0.7, 0.6]
_PRICE_CENTS = [12900, 45900, 8900, 3900, 11900, 69900, 15900, 16900, 18900, 4500, 23900, 6900]
_WORDS = ("经典", "轻奢", "国潮", "复古", "日系", "原创", "限定", "热卖", "温柔", "清爽", "都市", "元气")
_THINGS = {
    "口红": ("哑光口红", "丝绒唇釉", "变色唇膏", "镜面唇蜜"),
    "球鞋": ("跑步鞋", "篮球鞋", "板鞋", "老爹鞋"),
    "家居": ("香薰蜡烛", "收纳盒", "四件套", "台灯"),
    "零食": ("坚果礼盒", "麻辣牛肉", "水果干", "小饼干"),
    "母婴": ("婴儿湿巾", "积木玩具", "学步鞋", "保温奶瓶"),
    "数码": ("蓝牙耳机", "充电宝", "机械键盘", "智能手环"),
    "女装": ("连衣裙", "针织衫", "阔腿裤", "风衣"),
    "男装": ("休闲衬衫", "牛仔裤", "卫衣", "夹克"),
    "护肤": ("保湿面霜", "精华液", "防晒乳", "洁面泡沫"),
    "图书": ("推理小说", "旅行随笔", "菜谱", "绘本"),
    "户外": ("双肩包", "露营帐篷", "登山杖", "冲锋衣"),
    "宠物": ("猫粮", "狗零食", "猫砂", "宠物窝"),
}
LINE_SHARES = (0.62, 0.26, 0.12)  # of orders with one, two and three lines
HOSTILE_TITLES = (
    "<img src=x onerror=alert(1)>",
    "“大牌”同款 $\\frac{1}{2}$ 'quote' \"双引号\"; DROP TABLE items",
)
_SELLER_WORDS = ("星河", "小鹿", "南风", "拾光", "花间", "云朵", "橙子", "木马", "远山", "鲸落")


@dataclass(frozen=True, kw_only=True)
class Goods:
    """Arrays of one entry an item, sorted by category; sellers beside them.

    category_start: first item of each category. popularity: how often bought within the category.
    appeal: log likes that a post of it gets beyond others. defect: log odds of a return beyond its category.
    launched_week: 0 or before the start for most. brushing_seller: whether a seller buys faked orders.
    """

    category: np.ndarray
    category_start: np.ndarray
    seller: np.ndarray
    title: list[str]
    price_cents: np.ndarray
    popularity: np.ndarray
    appeal: np.ndarray
    defect: np.ndarray
    launched_week: np.ndarray
    seller_name: list[str]
    brushing_seller: np.ndarray

    def shelf_edges(self, week: int) -> np.ndarray:
        """Return cumulated popularity of the items on sale, plus the category number: searchable by c + u."""
        return np.cumsum(self.shelf_shares(week))  # each category adds exactly one

    def shelf_shares(self, week: int) -> np.ndarray:
        """Return the chance of each item on sale among those of its category."""
        weight = np.where(self.launched_week <= week, self.popularity, 0.0)
        total = np.add.reduceat(weight, self.category_start)
        return weight / total[self.category]


def make_goods(customers: int, seed: int) -> Goods:
    """Draw sellers and items; their number grows with the square root of the number of customers."""
    rng = stream(seed, "goods")
    items = max(96, round(400 * np.sqrt(customers / 20_000)))
    sellers = max(8, items // 10)
    category = np.sort(np.concatenate([np.repeat(np.arange(12), 4), pick(rng.random(items - 48), _WEIGHT)]))
    category_start = np.searchsorted(category, np.arange(12))
    launched = np.where(
        rng.random(items) < 0.2, rng.integers(1, WEEKS - 6, items), -rng.integers(1, 60, items)
    )
    launched[category_start] = -20  # every category has something on sale from the start
    price = np.array(_PRICE_CENTS)[category] * np.exp(0.45 * rng.standard_normal(items))
    return Goods(
        category=category.astype(np.int8),
        category_start=category_start,
        seller=rng.integers(0, sellers, items).astype(np.int32),
        title=_titles(rng, category),
        price_cents=(np.round(price / 100) * 100 - 10).clip(490).astype(np.int64),
        popularity=np.exp(1.1 * rng.standard_normal(items)),
        appeal=0.25 * rng.standard_normal(items),
        defect=0.7 * rng.standard_normal(items),
        launched_week=launched.astype(np.int16),
        seller_name=[
            f"{_SELLER_WORDS[n % 10]}{('旗舰店', '小铺', '专营店')[n % 3]}{n + 1}号" for n in range(sellers)
        ],
        brushing_seller=np.arange(sellers) % 13 == 5,
    )


def _titles(rng: np.random.Generator, category: np.ndarray) -> list[str]:
    word, thing = rng.integers(0, len(_WORDS), len(category)), rng.integers(0, 4, len(category))
    titles = [
        f"{_WORDS[w]}{_THINGS[CATEGORIES[c]][t]} {100 + n}款"
        for n, (c, w, t) in enumerate(zip(category, word, thing, strict=True))
    ]
    titles[1], titles[len(titles) // 2] = HOSTILE_TITLES
    return titles


@dataclass(frozen=True, kw_only=True)
class Baskets:
    """The lines of a week's orders; `order` counts the orders of the week from 0, dearest line first."""

    order: np.ndarray
    line: np.ndarray
    item: np.ndarray
    quantity: np.ndarray
    unit_price_cents: np.ndarray


def choose_items(edges: np.ndarray, category: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Return an item of each category drawn by popularity."""
    spot = np.searchsorted(edges, category + np.minimum(uniform, 0.9999999), side="right")
    return np.minimum(spot, len(edges) - 1)


def fill_baskets(
    goods: Goods,
    edges: np.ndarray,
    *,
    taste: np.ndarray,
    level: np.ndarray,
    wanted: np.ndarray,
    rng: np.random.Generator,
) -> Baskets:
    """Return one to three lines for each order.

    taste: cumulated taste rows of the buyers. level: price level they pay. wanted: item they came for, or -1.
    """
    orders = len(taste)
    uniform = rng.random((orders, 3, 4))
    category = (uniform[:, :, 0, None] > taste[:, None, :]).sum(axis=2).clip(max=len(CATEGORIES) - 1)
    item = choose_items(edges, category, uniform[:, :, 1])
    item[:, 0] = np.where(wanted >= 0, wanted, item[:, 0])
    quantity = 1 + (uniform[:, :, 2] < 0.12) + (uniform[:, :, 2] < 0.02)
    price = goods.price_cents[item] * np.minimum(level[:, None] * (0.9 + 0.2 * uniform[:, :, 3]), 1.0)
    price = np.round(price).astype(np.int64)
    lines = 1 + pick(rng.random(orders), LINE_SHARES)
    distinct = np.ones((orders, 3), bool)
    distinct[:, 1] = item[:, 1] != item[:, 0]
    distinct[:, 2] = (item[:, 2] != item[:, 0]) & (item[:, 2] != item[:, 1])
    kept = (np.arange(3) < lines[:, None]) & distinct
    value = np.where(kept, quantity * price, -1)
    rank = np.argsort(-value, axis=1, kind="stable")
    order, place = np.nonzero(np.take_along_axis(kept, rank, axis=1))
    column = rank[order, place]
    return Baskets(
        order=order,
        line=place + 1,
        item=item[order, column],
        quantity=quantity[order, column],
        unit_price_cents=price[order, column],
    )
