"""The weekly loop: who orders, who shares, and what that does to the weeks after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.market import recommendations, settings, sharing
from helpers.data.market.goods import Goods, fill_baskets
from helpers.data.market.network import Network
from helpers.data.market.people import People, habit_to_clock
from helpers.data.market.programmes import Programmes
from helpers.data.market.settings import Effects, stream
from helpers.data.market.state import Log, State

KEPT_WEEKS = tuple(range(settings.CASHBACK_WEEK, settings.CASHBACK_WEEK + 8)) + tuple(
    range(48, settings.WEEKS)
)
SNAPSHOTS = (settings.CASHBACK_WEEK, settings.TRY_FIRST_WEEK)
_FIRST_ORDER_PROBABILITY = 0.85
_SPILL_COUNTED_FROM = 52


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything fixed before the first week. forced_share: None, or what all index orders must do (tests)."""

    people: People
    taste: np.ndarray
    network: Network
    goods: Goods
    programmes: Programmes
    circle_log: np.ndarray
    effects: Effects
    seed: int
    forced_share: bool | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """What happened. log: columns by table. outside: kept week to log rate apart from the own share and coupon.

    snapshots: week to the state at its start. spill: sums for the spill-over truth.
    """

    log: dict[str, dict[str, np.ndarray]]
    outside: dict[int, np.ndarray]
    snapshots: dict[int, dict[str, np.ndarray]]
    alive: np.ndarray
    spill: dict[str, float]


def live(world: World) -> History:
    """Run all weeks."""
    state, log = State.empty(len(world.people)), Log()
    outside: dict[int, np.ndarray] = {}
    snapshots: dict[int, dict[str, np.ndarray]] = {}
    spill = {"difference": 0.0, "exposed": 0}
    taste_edges = np.cumsum(world.taste, axis=1, dtype=np.float32)
    shelves = recommendations.make_shelves(world.goods)
    for week in range(settings.WEEKS):
        rng = stream(world.seed, "week", week)
        state.friends += world.network.degree_changes(week, len(world.people)).astype(np.int32)
        if week in SNAPSHOTS:
            snapshots[week] = state.snapshot()
        if week == settings.TRY_FIRST_WEEK:
            _offer_try_first(world, state)
        base, exposure = _outside(world, state, week)
        if week in KEPT_WEEKS:
            outside[week] = base
        who, day = _orders(world, state, week, base, exposure, spill, rng)
        wanted, source = _wanted(world, state, shelves, log, week=week, who=who, day=day)
        _buy_and_share(
            world, state, log, week=week, who=who, day=day, wanted=wanted, source=source, edges=taste_edges
        )
    return History(log=log.finish(), outside=outside, snapshots=snapshots, alive=state.alive, spill=spill)


def _offer_try_first(world: World, state: State) -> None:
    """The perk goes to half of those who bought in the last 26 weeks; it works best on lipstick sharers."""
    recent = state.last_day >= 7 * (settings.TRY_FIRST_WEEK - 26)
    keen = state.lipstick_bought & (state.shares > 0)
    gain = world.effects.try_first + world.effects.try_first_lipstick * keen
    state.try_first[:] = gain * (recent & world.programmes.try_first)


def _outside(world: World, state: State, week: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the log rate apart from the own share and coupon, and the exposure to friends' shares."""
    effects, people = world.effects, world.people
    exposure = np.minimum(state.shares_seen.sum(axis=0), 3.0)
    total = people.log_rate + world.programmes.shift(week, effects, world.taste)
    total += effects.spillover * exposure + effects.reply * (week <= state.reply_until)
    if settings.TRY_FIRST_WEEK <= week < settings.TRY_FIRST_WEEK + settings.TEST_WEEKS:
        total += state.try_first
    total += 1.5 * brushing_now(people, week)
    return total.astype(np.float32), exposure


def brushing_now(people: People, week: int) -> np.ndarray:
    """Say which accounts place faked orders this week: one week in nine, each account in its own rhythm."""
    return people.brushing & ((np.arange(len(people)) + week) % 9 == 0)


def order_probability(log_rate: np.ndarray, fraction: np.ndarray | float) -> np.ndarray:
    """Return the chance of an order in a week of which `fraction` is open to the customer."""
    return -np.expm1(-np.exp(log_rate) * fraction)


def _orders(world, state, week, base, exposure, spill, rng) -> tuple[np.ndarray, np.ndarray]:
    """Return who orders this week and on which day (habit clock); adds to the spill-over sums."""
    people, first = world.people, 7.0 * week
    joined = people.joined_week <= week
    opens = np.maximum(state.last_day + settings.QUIET_DAYS, people.joined_day) - first
    opens = opens.clip(0.0, 7.0)
    rate = base + state.own_boost(week, world.effects.coupon)
    chance = order_probability(rate, 1.0 - opens / 7.0)
    if week >= _SPILL_COUNTED_FROM:
        exposed = joined & (people.joined_week < week) & (exposure > 0)
        without = order_probability(
            (rate - world.effects.spillover * exposure)[exposed], 1 - opens[exposed] / 7
        )
        gain = (chance[exposed] - without) * state.alive[exposed]
        spill["difference"] += float(gain.sum()) * (1.0 - settings.CANCEL_PROBABILITY)
        spill["exposed"] += int(exposed.sum())
    chance = np.where(people.joined_week == week, _FIRST_ORDER_PROBABILITY, chance)
    draws = rng.random((2, len(people)))
    who = np.flatnonzero(joined & state.alive & (draws[0] < chance))
    return who, first + opens[who] + draws[1, who] * (7.0 - opens[who])


def _wanted(world, state, shelves, log, *, week, who, day) -> tuple[np.ndarray, np.ndarray]:
    """Return the item each buyer came for (-1: none) and the share that persuaded the buyer (-1: none)."""
    rng = stream(world.seed, "wanted", week)
    uniform = rng.random((3, len(who)))
    friend = world.network.one_friend(who, uniform[0], week)
    stranger = (uniform[0] * len(world.people)).astype(np.int64)
    model = np.where(uniform[1] < 0.14, friend, np.where(uniform[1] > 0.97, stranger, -1))
    model = np.where(model == who, -1, model)
    wanted = np.where(model >= 0, state.shared_item[model], -1)
    source = np.where(wanted >= 0, state.shared_number[model], -1)
    if week >= recommendations.FIRST_WEEK:
        clicked, shown = _recommend(world, state, shelves, log, week)
        takes = (clicked[who] >= 0) & (shown[who] < day) & (uniform[2] < 0.4)
        wanted, source = np.where(takes, clicked[who], wanted), np.where(takes, -1, source)
    fakes = brushing_now(world.people, week)[who]
    if fakes.any():
        brushed = np.flatnonzero(
            world.goods.brushing_seller[world.goods.seller] & (world.goods.launched_week <= 0)
        )
        wanted[fakes] = rng.choice(brushed, fakes.sum()) if len(brushed) else -1
        source[fakes] = -1
    return wanted, source


def _recommend(world, state, shelves, log, week) -> tuple[np.ndarray, np.ndarray]:
    """Show slates; return for every customer the item clicked (-1: none) and when it was shown."""
    rng = stream(world.seed, "slates", week)
    here = state.alive & (world.people.joined_week < week)
    visitors = np.flatnonzero(here & (rng.random(len(here)) < recommendations.SHOWN_PROBABILITY))
    slates = recommendations.show(
        shelves, visitors, state.last_category[visitors], world.taste[visitors], world.goods.category, rng
    )
    moment = 7.0 * week + slates.moment
    log.add(
        "slates", customer=visitors, favourite=slates.favourite, policy=slates.policy, day=moment,
        item=slates.item, propensity=slates.propensity, clicked=slates.clicked,
    )  # fmt: skip
    clicked, shown = np.full(len(here), -1), np.zeros(len(here))
    some = slates.clicked.any(axis=1)
    place = slates.clicked.argmax(axis=1)
    clicked[visitors[some]] = slates.item[some, place[some]]
    shown[visitors] = moment
    return clicked, shown


def _buy_and_share(world, state, log, *, week, who, day, wanted, source, edges) -> None:
    """Fill the baskets, let the buyers share, and carry the consequences into the state."""
    rng = stream(world.seed, "baskets", week)
    people, goods = world.people, world.goods
    baskets = fill_baskets(
        goods,
        goods.shelf_edges(week),
        taste=edges[who],
        level=people.price_level[who],
        wanted=wanted,
        rng=rng,
    )
    main = baskets.item[baskets.line == 1]
    cancelled, leaves, urge, toss, beg = stream(world.seed, "fates", week).random((5, len(people)))[:, who]
    cancelled = cancelled < settings.CANCEL_PROBABILITY
    known = _known(world, state, who, day, goods.category[main])
    orders_so_far = log.rows("orders")
    shares = _decide(world, state, log, known, week=week, who=who, day=day, cancelled=cancelled,
                     urge=urge, toss=toss, beg=beg, item=main)  # fmt: skip
    log.add("lines", order=orders_so_far + baskets.order, line=baskets.line, item=baskets.item,
            quantity=baskets.quantity, price=baskets.unit_price_cents)  # fmt: skip
    log.add("orders", customer=who, day=day, cancelled=cancelled, source=source,
            faked=brushing_now(people, week)[who] & (wanted >= 0), week=np.full(len(who), week, np.int16))  # fmt: skip
    kept = ~cancelled
    stays = leaves[kept] >= people.dropout[who[kept]]
    state.bought(who[kept], day[kept], goods.category[main[kept]], stays)
    _post(world, state, log, week=week, who=who, day=day, item=main, first_order=orders_so_far, **shares)


def _known(world: World, state: State, who, day, category) -> sharing.Known:
    kind = world.people.type[who]
    tenure = habit_to_clock(day, kind) - habit_to_clock(world.people.joined_day[who], kind)
    return sharing.Known(
        orders_before=state.orders[who],
        shares_before=state.shares[who],
        friends=state.friends[who],
        tenure_days=np.floor(tenure),
        lipstick=category == settings.LIPSTICK,
    )


def _decide(world, state, log, known, *, week, who, day, cancelled, urge, toss, beg, item) -> dict:
    """Draw the likes each order would get, and who shares; log the share study's index orders."""
    people, effects = world.people, world.effects
    rng = stream(world.seed, "likes", week)
    earned, begged = sharing.potential_likes(
        known, people, who, circle_log=world.circle_log[world.network.circle[who]], appeal=world.goods.appeal[item],
        uniform=beg, rng=rng,
    )  # fmt: skip
    bought = sharing.bought_likes(people, who, rng)
    boost = effects.share * sharing.share_factor(known) + effects.like * np.log1p(begged)
    study = (day >= settings.STUDY_START) & (day < settings.STUDY_END) & ~cancelled & ~state.had_index[who]
    logit = sharing.share_logit(known, people, who)
    if settings.FORCED_WEEK <= week < settings.FORCED_WEEK + settings.TEST_WEEKS:
        asks = world.programmes.asks[who]
        logit = logit + effects.ask * np.sqrt(asks) - 0.16 * asks * effects.ask
    prompted = study & (toss < 0.5)
    without = sharing.share_chance(logit)
    prompt = sharing.share_chance(logit + effects.prompt)
    shared = ~cancelled & (urge < np.where(prompted, prompt, without))
    if world.forced_share is not None:
        shared = np.where(study, world.forced_share, shared)
    coupon = begged + bought >= settings.LIKES_FOR_COUPON
    log.add(
        "index", customer=who[study], day=day[study], order=log.rows("orders") + np.flatnonzero(study),
        shared=shared[study], prompted=prompted[study], if_prompted=(urge < prompt)[study],
        if_not=(urge < without)[study], likes=begged[study], coupon=coupon[study], boost=boost[study],
        factor=sharing.share_factor(known)[study], old_boost=state.boost[who[study]],
        old_until=state.boost_until[who[study]], old_coupon=state.coupon_until[who[study]],
        lipstick=known.lipstick[study], propensity=np.where(prompted, prompt, without)[study],
    )  # fmt: skip
    state.had_index[who[study]] = True
    return {"shared": shared, "prompted": prompted | (known.friends < 0), "earned": earned, "begged": begged,
            "bought": bought, "boost": boost, "coupon": coupon}  # fmt: skip


def _post(world, state, log, *, week, who, day, item, first_order, shared, prompted, earned, begged, bought,
          boost, coupon) -> None:  # fmt: skip
    """Enter the shares, the boosts they start, the comments and replies, and what friends get to see."""
    rng = stream(world.seed, "posts", week)
    mine = np.flatnonzero(shared)
    sharers, first_share = who[mine], log.rows("shares")
    coupons = coupon[mine]
    log.add("shares", customer=sharers, order=first_order + mine, item=item[mine], prompted=prompted[mine],
            earned=earned[mine], likes=begged[mine], bought=bought[mine], coupon=coupons, day=day[mine],
            week=np.full(len(mine), week, np.int16))  # fmt: skip
    state.shares[sharers] += 1
    state.boost[sharers] = boost[mine]
    state.boost_until[sharers] = week + settings.SHARE_WEEKS
    state.coupon_until[sharers[coupons]] = week + settings.COUPON_WEEKS
    state.shared_item[sharers] = item[mine]
    state.shared_number[sharers] = first_share + np.arange(len(mine))
    comments = sharing.make_comments(
        sharers, begged[mine], network=world.network, week=week, rng=rng,
        liveliness=world.people.log_rate - np.log(0.06),
    )  # fmt: skip
    log.add("comments", share=first_share + comments.share, author=comments.author, likes=comments.likes,
            replied=comments.replied)  # fmt: skip
    state.reply_until[comments.author[comments.replied]] = week + settings.REPLY_WEEKS
    owner, friend = world.network.reach(sharers, week)
    seen = np.bincount(friend, weights=world.people.influence[sharers[owner]], minlength=len(world.people))
    state.shares_seen = np.roll(state.shares_seen, -1, axis=0)
    state.shares_seen[-1] = seen
