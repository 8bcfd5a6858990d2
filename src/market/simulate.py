"""Put the market together: simulate it in memory, or write it as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from market.asking import end_ties
from market.facts import Facts, gather
from market.goods import make_goods
from market.labels import find_labels
from market.network import make_circles, make_network
from market.people import make_people, make_taste
from market.programmes import make_programmes
from market.settings import (
    CASHBACK_PAID_CENTS,
    CHANGES,
    CURRENCY,
    FEWEST_CUSTOMERS,
    FRAUDS,
    SIZES,
    TIMEZONE,
    Change,
    Effects,
    Fraud,
    stream,
)
from market.tables import BUILDERS
from market.truth import Truth, find_truth
from market.truth_ratings import ratings_truth
from market.weeks import live
from market.world import World


@dataclass(frozen=True, kw_only=True)
class Market:
    """A simulated shop.

    tables: contract name to Arrow table. truth: finding id to true value, or to one a segment.
    labels: frames that tests compare with (customers, posts, orders, share_study); analyses never read them.
    """

    tables: Mapping[str, pa.Table]
    truth: Truth
    labels: Mapping[str, pd.DataFrame]
    effects: Effects


def build_world(
    customers: int,
    seed: int,
    effects: Effects | None = None,
    *,
    fraud: Fraud = "hard",
    change: Change = "",
) -> World:
    """Draw everything that is fixed before the first week.

    Raises ValueError on fewer customers than FEWEST_CUSTOMERS, or a level of fraud or change not known.
    """
    if customers < FEWEST_CUSTOMERS:
        raise ValueError(f"customers {customers} is too few for a market; give {FEWEST_CUSTOMERS} or more")
    if fraud not in FRAUDS:
        raise ValueError(f"fraud {fraud!r} is not known; give one of {', '.join(FRAUDS)}")
    if change and change not in CHANGES:
        raise ValueError(f"change {change!r} is not known; give one of {', '.join(CHANGES)}")
    people = make_people(customers, seed)
    if fraud == "none":
        nobody = np.zeros(customers, bool)
        people = replace(people, buys_likes=nobody, brushing=nobody)
    circle, circle_taste = make_circles(customers, seed)
    network = make_network(people, circle, seed)
    goods = make_goods(customers, seed)
    effects = effects or Effects()
    programmes = make_programmes(people, network, len(goods.seller_name), seed)
    return World(
        people=people,
        taste=make_taste(people, circle, circle_taste, seed),
        network=end_ties(network, programmes.asks, effects.unfriend, seed),
        goods=goods,
        programmes=programmes,
        circle_log=0.25 * stream(seed, "circle applause").standard_normal(int(circle.max()) + 1),
        effects=effects,
        seed=seed,
        fraud=fraud,
        change=change,
    )


def simulate(
    *,
    customers: int = SIZES["demo"],
    seed: int = 1,
    effects: Effects | float | None = None,
    fraud: Fraud = "hard",
) -> Market:
    """Return a market of this many customers; the same arguments give the same market, bit for bit.

    effects: the causal coefficients; a number scales the usual ones (0: nothing moves purchases).
    fraud: how well bought likes and faked orders hide: none are there, easy to see, or hard (see
    ASSUMPTIONS.md).
    Raises ValueError on fewer than 200 customers.

    >>> market = simulate(customers=800, seed=1)
    >>> market.tables["orders"].num_rows > 1_000
    True
    """
    facts, truth, labels = _run(customers, seed, effects, fraud)
    tables = {name: build(facts) for name, build in BUILDERS.items()}
    return Market(tables=tables, truth=truth, labels=labels, effects=facts.world.effects)


def write_market(
    folder: Path | str,
    *,
    customers: int = SIZES["demo"],
    seed: int = 1,
    null: bool = False,
    fraud: Fraud = "hard",
    change: Change = "",
) -> Path:
    """Write one Parquet file a table, with source.toml, truth.json and truth/*.parquet; return the folder.

    null: nothing moves purchases. fraud: as in `simulate`. change: what is another in the last four weeks
    ("orders", "shares", "prices"); truth.json is then empty, as its numbers are of a shop that stays.
    Tables are built and written one after the other to keep memory low.
    """
    folder = Path(folder)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    facts, truth, labels = _run(customers, seed, Effects.none() if null else None, fraud, change)
    truth = {} if change else truth
    for name, build in BUILDERS.items():
        pq.write_table(build(facts), folder / f"{name}.parquet", compression="zstd", row_group_size=1 << 20)
    for name, frame in labels.items():
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, folder / "truth" / f"{name}.parquet", compression="zstd")
    declared = f'currency = "{CURRENCY}"\ntimezone = "{TIMEZONE}"\n\n'
    declared += f"[experiments.group_cashback]\npaid_cents = {CASHBACK_PAID_CENTS}\n"
    (folder / "source.toml").write_text(declared, encoding="utf-8")
    (folder / "truth.json").write_text(
        json.dumps(dict(truth), indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return folder


def _run(
    customers: int, seed: int, effects: Effects | float | None, fraud: Fraud, change: Change = ""
) -> tuple[Facts, dict, dict]:
    if isinstance(effects, (int, float)):
        effects = Effects().scaled(effects)
    world = build_world(customers, seed, effects, fraud=fraud, change=change)
    history = live(world)
    truth, outcomes = find_truth(world, history)
    facts = gather(world, history)
    return facts, {**truth, **ratings_truth(facts)}, find_labels(facts, outcomes)
