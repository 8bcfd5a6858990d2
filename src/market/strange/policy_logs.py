"""Logs of two policies side by side, whose values are known: sound ones, and ones that cannot answer.

The log of “broad” stands for “keen” as far as its chances reach. Designs after Saito and others 2020 (Open
Bandit Data) and Swaminathan and others 2017 (slates).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.strange.shop_world import FIRST_DAY, ShopWorld, named, trade

POLICIES = ("broad", "keen")
_ITEMS, _PLACES, _TASTES = 40, 4, 3
_PLACE = np.array([1.0, 0.8, 0.65, 0.5])
_LACKING = 4


def sound_log(customers: int, seed: int) -> ShopWorld:
    """Draw a log with its true chances and enough overlap both ways."""
    return _shop(*draw_log(customers, seed))


def log_lacks_items(customers: int, seed: int) -> ShopWorld:
    """Draw a log whose policy never shows the four products that the other likes best."""
    return _shop(*draw_log(customers, seed, fault="lacks items"))


def log_of_wrong_chances(customers: int, seed: int) -> ShopWorld:
    """Draw a log that writes down a keener choice than “broad” made, in chances that still add up to 1."""
    return _shop(*draw_log(customers, seed, fault="wrong chances"))


def log_of_slate_chances(customers: int, seed: int) -> ShopWorld:
    """Draw a log that writes down the chance of standing anywhere in the list for that of the place."""
    return _shop(*draw_log(customers, seed, fault="slate chances"))


def log_of_few_rows(customers: int, seed: int) -> ShopWorld:
    """Draw a log of policies so unlike that a few rows carry most of the weight."""
    return _shop(*draw_log(customers, seed, sharpness=2.4))


def draw_log(
    customers: int, seed: int, *, sharpness: float = 1.0, fault: str = "", click_factor: float = 1.0
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return one row an impression of either policy, and each policy's clicks per impression (0 to 1).

    sharpness: how firmly the policies choose; above 1.6 few rows carry the weights. fault: empty, "lacks
    items", "wrong chances" or "slate chances". click_factor: on every chance of a click. Columns:
    customer_id, policy, position, item_id (numbers), propensity, other_propensity, clicked (0/1).
    Chances and tastes are the world's own, the same for every seed.
    """
    shown, click = _rules(sharpness)
    click = np.minimum(click * click_factor, 1.0)
    if fault == "lacks items":
        best = np.argsort(-shown[1].mean(axis=(0, 1)))[:_LACKING]
        shown[0][:, :, best] = 0.0
        shown[0] /= shown[0].sum(axis=-1, keepdims=True)
    written = _written(shown, fault)
    rng = np.random.default_rng(seed)
    taste, eager = rng.integers(0, _TASTES, customers), rng.gamma(4, 0.25, customers)
    who = np.repeat(np.arange(customers), 1 + rng.poisson(1.0, customers))
    policy, kind = rng.integers(0, 2, len(who)), taste[who]
    frames = []
    for place in range(_PLACES):
        edges = shown[policy, kind, place].cumsum(axis=1)
        item = np.minimum((rng.random(len(who))[:, None] > edges).sum(axis=1), _ITEMS - 1)
        frame = pd.DataFrame(
            {"customer_id": who, "policy": np.array(POLICIES)[policy], "position": place + 1}
        )
        frame["item_id"] = item
        frame["propensity"] = written[policy, kind, place, item]
        frame["other_propensity"] = written[1 - policy, kind, place, item]
        frame["clicked"] = (rng.random(len(who)) < click[kind, place, item] * eager[who]).astype(float)
        frames.append(frame)
    values = (shown * click).sum(axis=-1).mean(axis=(1, 2))
    return pd.concat(frames, ignore_index=True), dict(zip(POLICIES, values.tolist(), strict=True))


def _rules(sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """Chances of being shown (policy, taste, place, item) and of a click (taste, place, item)."""
    rng = np.random.default_rng(7)
    known, own = rng.standard_normal(_ITEMS), rng.standard_normal((_TASTES, _ITEMS))
    firm = np.linspace(1.3, 0.7, _PLACES)[None, :, None]
    scores = [0.5 * known + 0.0 * own, 0.4 * known + 0.8 * own]
    shown = np.stack([np.exp(sharpness * score[:, None, :] * firm) for score in scores])
    shown /= shown.sum(axis=-1, keepdims=True)
    return shown, 0.05 * _PLACE[None, :, None] * np.exp(0.3 * known + 0.5 * own)[:, None, :]


def _written(shown: np.ndarray, fault: str) -> np.ndarray:
    """The chances as the log has them."""
    if fault == "slate chances":
        return np.repeat(np.minimum(shown.sum(axis=2, keepdims=True), 1.0), _PLACES, axis=2)
    if fault == "wrong chances":
        keener = shown[0] ** 1.6
        return np.stack([keener / keener.sum(axis=-1, keepdims=True), shown[1]])
    return shown


def _shop(log: pd.DataFrame, values: dict[str, float]) -> ShopWorld:
    rows, customers = len(log), int(log["customer_id"].max()) + 1
    minutes = pd.to_timedelta(np.arange(rows) % 40_000, unit="min")
    goods = pd.DataFrame(
        {"item_id": named("i", np.arange(_ITEMS)), "category": [f"类{n % 5}" for n in range(_ITEMS)]}
    )
    lines = pd.DataFrame(
        {"order": np.arange(customers), "item_id": named("i", np.arange(customers) % _ITEMS)}
    )
    tables = trade(np.arange(customers), pd.Series(FIRST_DAY).repeat(customers), goods, lines)
    tables["impressions"] = log.assign(
        impression_id=named("m", np.arange(rows)),
        customer_id=named("c", log["customer_id"].to_numpy()),
        item_id=named("i", log["item_id"].to_numpy()),
        shown_at=FIRST_DAY + pd.Timedelta(days=7) + minutes,
        clicked=log["clicked"] > 0,
    )
    percent = {name: 100 * value for name, value in values.items()}
    gap = percent["broad"] - percent["keen"]
    truth: dict[str, float | dict[str, float]] = {
        "D5.value": percent,
        "D5.value_own": percent,
        "D5.difference": gap,
    }
    return ShopWorld(tables=tables, truth=truth)
