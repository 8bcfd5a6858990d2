"""The contract's tables of friends, posts, tests, programmes and recommendations."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from market import reactions as posts
from market.activities import GIVEN, draw_activities
from market.asking import GROUPS_ASKED, KINDS, REWARD_CENTS, forced_asks, reminders
from market.audits import PICKED, VERDICTS, draw_audits
from market.columns import Ids, choice, ids, number, seen, text, times, whole
from market.facts import Facts
from market.formats import FORMATS, post_formats
from market.holdouts import LISTS, SHOWN_PROBABILITY, draw_holdouts
from market.invitations import OFFERED, draw_invitations
from market.network import NEVER
from market.people import habit_to_clock
from market.programmes import ASKS, FORCED_ARMS
from market.recommendations import POLICIES, POSITIONS, make_shelves
from market.review_rewards import ARMS, PLANNED, START_DAY, draw_arms
from market.settings import CASHBACK_WEEK, CATEGORIES, DAYS, FORCED_WEEK, TRY_FIRST_WEEK


def _monday(week: np.ndarray) -> pa.Array:
    """Turn week numbers into Monday 00:00 shop time, null from the market's end on."""
    day = 7.0 * week.astype(float)
    return times(np.where(day >= DAYS, np.nan, day))


def ties(facts: Facts) -> pa.Table:
    """One row a pair of friends."""
    net = facts.world.network
    return pa.table(
        {
            "customer_a": facts.customer_ids.take(net.a),
            "customer_b": facts.customer_ids.take(net.b),
            "since_at": _monday(net.tie_since),
            "until_at": _monday(net.tie_until),
            "strength": number(net.tie_strength),
        }
    )


def shares(facts: Facts) -> pa.Table:
    """One row a post made before the market's end."""
    rows = np.flatnonzero(seen(facts.shares["posted"]))
    these = {name: values[rows] for name, values in facts.shares.items()}
    form = post_formats(facts.world.people, facts.shares["customer"], facts.world.seed)
    return pa.table(
        {
            "share_id": facts.share_ids.take(rows),
            "customer_id": facts.customer_ids.take(these["customer"]),
            "order_id": facts.order_ids.take(these["order"]),
            "item_id": facts.item_ids.take(these["item"]),
            "audience": choice(("timeline", "group", "friend"), these["audience"]),
            "receiver_id": facts.customer_ids.take(these["receiver"]),
            "format": choice(FORMATS, form[rows]),
            "prompted": pa.array(these["prompted"]),
            "posted_at": times(these["posted"]),
        }
    )


def reactions(facts: Facts) -> pa.Table:
    """One row a like, comment, click, reply or join."""
    these = posts.make_reactions(facts.world, facts.history.log)
    names = Ids("r", len(these["day"]))
    rows = np.flatnonzero(seen(these["day"]) & seen(facts.shares["posted"])[these["share"]])
    these = {name: values[rows] for name, values in these.items()}
    return pa.table(
        {
            "reaction_id": names.take(rows),
            "share_id": facts.share_ids.take(these["share"]),
            "customer_id": facts.customer_ids.take(these["customer"]),
            "kind": choice(posts.KINDS, these["kind"]),
            "parent_id": names.take(these["parent"]),
            "likes": whole(these["likes"], missing=these["likes"] < 0),
            "posted_at": times(these["day"]),
        }
    )


def experiments(facts: Facts) -> pa.Table:
    """One row a customer in each randomised test."""
    plans, joined = facts.world.programmes, facts.world.people.joined_week
    index = facts.history.log["index"]
    circle = facts.world.network.circle
    offered = np.flatnonzero(facts.history.snapshots[TRY_FIRST_WEEK]["last_day"] >= 7 * (TRY_FIRST_WEEK - 26))
    here, asked = np.flatnonzero(joined < CASHBACK_WEEK), np.flatnonzero(joined < FORCED_WEEK)
    placed = facts.orders["placed"][index["order"]]
    arms = ("control", "prompt"), ("control", "cashback"), ("control", "try_first")

    def part(
        name: str, who: np.ndarray, arm: pa.Array, day: np.ndarray, cluster: pa.Array | None
    ) -> pa.Table:
        return pa.table(
            {
                "experiment": text(name, len(who)),
                "customer_id": facts.customer_ids.take(who),
                "arm": arm,
                "stratum": text(None, len(who)),
                "cluster": text(None, len(who)) if cluster is None else cluster,
                "assigned_at": times(day),
                # What these tests move is read from the orders.
                "outcome": pa.nulls(len(who), pa.float64()),
            }
        )

    clusters = ids("k", circle[here], count=int(circle.max()) + 1)
    ask_arm = np.searchsorted(ASKS, plans.asks[asked])
    return pa.concat_tables(
        [
            part("share_prompt", index["customer"], choice(arms[0], index["prompted"]), placed, None),
            part(
                "group_cashback",
                here,
                choice(arms[1], plans.cashback[here]),
                _at(CASHBACK_WEEK, here),
                clusters,
            ),
            part(
                "try_first",
                offered,
                choice(arms[2], plans.try_first[offered]),
                _at(TRY_FIRST_WEEK, offered),
                None,
            ),
            part("forced_share", asked, choice(FORCED_ARMS, ask_arm), _at(FORCED_WEEK, asked), None),
        ]
    )


def _at(week: int, like: np.ndarray) -> np.ndarray:
    return np.full(len(like), 7.0 * week)


def programmes(facts: Facts) -> pa.Table:
    """One row a category, seller or customer of each staged programme; empty start: not yet."""
    plans, world = facts.world.programmes, facts.world
    members = np.flatnonzero(world.people.joined_week < 26)

    def part(name: str, kind: str, unit: pa.Array, week: np.ndarray) -> pa.Table:
        return pa.table(
            {
                "programme": text(name, len(unit)),
                "unit_kind": text(kind, len(unit)),
                "unit_id": unit,
                "started_at": _monday(np.where(week >= NEVER, NEVER, week)),
            }
        )

    return pa.concat_tables(
        [
            part("quality_control", "category", pa.array(CATEGORIES), plans.quality_week),
            part("fast_desk", "seller", Ids("s", len(plans.desk_week)).text, plans.desk_week),
            part("membership", "customer", facts.customer_ids.take(members), plans.member_week[members]),
        ]
    )


def impressions(facts: Facts) -> pa.Table:
    """One row a recommended item shown."""
    slates = facts.history.log["slates"]
    rows = slates["item"].size
    slate = np.repeat(np.arange(len(slates["customer"])), POSITIONS)
    item, kind = slates["item"].ravel(), facts.world.people.type[slates["customer"]]
    chance = make_shelves(facts.world.goods).chance
    other = chance[1 - slates["policy"][slate], slates["favourite"][slate], item]
    bought = _bought_within(facts, slates["customer"][slate], item, slates["day"][slate], days=7.0)
    return pa.table(
        {
            "impression_id": ids("m", np.arange(rows), count=max(rows, 1)),
            "customer_id": facts.customer_ids.take(slates["customer"][slate]),
            "item_id": facts.item_ids.take(item),
            "policy": choice(POLICIES, slates["policy"][slate]),
            "position": whole(np.tile(np.arange(1, POSITIONS + 1), len(slates["customer"]))),
            "propensity": number(slates["propensity"].ravel()),
            "other_propensity": number(other),
            "shown_at": times(habit_to_clock(slates["day"], kind)[slate]),
            "clicked": pa.array(slates["clicked"].ravel()),
            "bought": pa.array(bought),
        }
    )


def _bought_within(
    facts: Facts, who: np.ndarray, item: np.ndarray, day: np.ndarray, *, days: float
) -> np.ndarray:
    """Say whether the customer bought the item (not cancelled) within some days after a moment."""
    lines, orders = facts.lines, facts.orders
    kept = np.flatnonzero(~orders["cancelled"][lines["order"]])
    order, width = lines["order"][kept], len(facts.world.goods.title)

    def key(customer: np.ndarray, number: np.ndarray, moment: np.ndarray) -> np.ndarray:
        pair = customer.astype(np.int64) * width + number
        return pair * 100_000_000 + np.floor(moment * 100_000).astype(np.int64)

    sold = np.sort(key(orders["customer"][order], lines["item"][kept], orders["day"][order]))
    low = np.searchsorted(sold, key(who, item, day), side="right")
    return np.searchsorted(sold, key(who, item, day + days), side="right") > low


def holdouts(facts: Facts) -> pa.Table:
    """One row a place in a list that was shown or withheld by a coin."""
    these = draw_holdouts(facts.world, facts.history)
    rows = len(these.item)
    return pa.table(
        {
            "holdout_id": ids("h", np.arange(rows), count=max(rows, 1)),
            "slate_id": ids("l", these.slate, count=int(these.slate.max()) + 1 if rows else 1),
            "customer_id": facts.customer_ids.take(these.customer),
            "item_id": facts.item_ids.take(these.item),
            "policy": choice(LISTS, these.policy),
            "position": whole(these.position),
            "shown": pa.array(these.shown),
            "shown_chance": number(np.full(rows, SHOWN_PROBABILITY)),
            "decided_at": times(these.day),
            "bought": pa.array(these.bought),
        }
    )


def activities(facts: Facts) -> pa.Table:
    """One row a coin that gave an activity to a customer or held it back."""
    world, rewards = facts.world, draw_arms(facts.world)
    coins = [
        (kind, draw.customer, draw.day, draw.given, GIVEN)
        for kind, draw in draw_activities(world).draws.items()
    ]
    coins.append(
        ("invitation", np.arange(len(world.people)), facts.joined, draw_invitations(world).rewarded, OFFERED)
    )
    parts = [
        (kind, who, day, np.array(["control", "given"])[given.astype(int)], np.where(given, share, 1 - share))
        for kind, who, day, given, share in coins
    ]
    asked = np.flatnonzero(rewards >= 0)
    planned = np.array(PLANNED)[rewards[asked]]
    parts.append(
        ("review_reward", asked, np.full(len(asked), START_DAY), np.array(ARMS)[rewards[asked]], planned)
    )
    kind = np.concatenate([np.full(len(who), name) for name, who, *_ in parts])
    who, day, arm, share = (np.concatenate([part[place] for part in parts]) for place in (1, 2, 3, 4))
    return pa.table(
        {
            "activity_id": ids("y", np.arange(len(who)), count=max(len(who), 1)),
            "customer_id": facts.customer_ids.take(who),
            "kind": pa.array(kind),
            "arm": pa.array(arm),
            "planned_share": number(share),
            "happened_at": times(day),
        }
    )


def prompts(facts: Facts) -> pa.Table:
    """One row a request to share, sent or kept back by a coin; one of a test stands for a week's requests."""
    parts = forced_asks(facts.world, facts.shares), reminders(facts.world, facts.history)
    names = ("customer", "day", "kind", "asks", "chance", "asked", "shared", "opted_out")
    these = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    rows = len(these["day"])
    return pa.table(
        {
            "prompt_id": ids("q", np.arange(rows), count=max(rows, 1)),
            "customer_id": facts.customer_ids.take(these["customer"]),
            "kind": choice(KINDS, these["kind"]),
            "asked_at": times(these["day"]),
            "asks": whole(these["asks"]),
            "groups": whole(np.where(these["kind"] == 0, GROUPS_ASKED, 1)),
            "reward_cents": whole(np.where(these["kind"] == 0, REWARD_CENTS, 0)),
            "chance": number(these["chance"]),
            "asked": pa.array(these["asked"]),
            "shared": pa.array(these["shared"]),
            "opted_out": pa.array(these["opted_out"]),
        }
    )


def audits(facts: Facts) -> pa.Table:
    """One row a person's verdict on a post."""
    these = draw_audits(facts)
    rows = len(these.post)
    return pa.table(
        {
            "audit_id": ids("u", np.arange(rows), count=max(rows, 1)),
            "unit_kind": text("post", rows),
            "unit_id": facts.share_ids.take(these.post),
            "verdict": choice(VERDICTS, these.verdict),
            "picked": choice(PICKED, these.picked),
            "picked_chance": number(these.chance),
            "judged_at": times(these.day),
        }
    )
