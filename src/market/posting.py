"""From an order to a post: baskets, the decision to share, and what a share sets going."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from market import settings, sharing
from market.goods import fill_baskets
from market.people import habit_to_clock
from market.programmes import ASKS
from market.settings import stream
from market.state import State
from market.world import World, brushing_now

if TYPE_CHECKING:
    from market.state import Log


def buy_and_share(
    world: World,
    state: State,
    log: Log,
    *,
    week: int,
    who: np.ndarray,
    day: np.ndarray,
    wanted: np.ndarray,
    source: np.ndarray,
    edges: np.ndarray,
) -> None:
    """Fill the baskets, let the buyers share, and carry the consequences into the state."""
    rng = stream(world.seed, "baskets", week)
    people, goods = world.people, world.goods
    baskets = fill_baskets(
        goods,
        goods.shelf_edges(week),
        taste=edges[who],
        level=people.price_level[who] * (settings.CHANGED_PRICES if world.changed("prices", week) else 1.0),
        wanted=wanted,
        rng=rng,
    )
    main = baskets.item[baskets.line == 1]
    cancelled, leaves, urge, toss, beg = stream(world.seed, "fates", week).random((5, len(people)))[:, who]
    cancelled = cancelled < settings.CANCEL_PROBABILITY
    known = _known(world, state, who, day, goods.category[main])
    orders_so_far = log.rows("orders")
    shares = _decide(
        world,
        state,
        log,
        known,
        week=week,
        who=who,
        day=day,
        cancelled=cancelled,
        urge=urge,
        toss=toss,
        beg=beg,
        item=main,
    )
    log.add(
        "lines",
        order=orders_so_far + baskets.order,
        line=baskets.line,
        item=baskets.item,
        quantity=baskets.quantity,
        price=baskets.unit_price_cents,
    )
    faked = brushing_now(people, week)[who] & (wanted >= 0)
    log.add(
        "orders",
        customer=who,
        day=day,
        cancelled=cancelled,
        source=source,
        faked=faked,
        wanted=wanted,
        week=np.full(len(who), week, np.int16),
    )
    kept = ~cancelled
    stays = leaves[kept] >= people.dropout[who[kept]]
    state.bought(who[kept], day[kept], goods.category[main[kept]], stays)
    _post(world, state, log, week=week, who=who, day=day, item=main, first_order=orders_so_far, **shares)


def _known(
    world: World, state: State, who: np.ndarray, day: np.ndarray, category: np.ndarray
) -> sharing.Known:
    kind = world.people.type[who]
    tenure = habit_to_clock(day, kind) - habit_to_clock(world.people.joined_day[who], kind)
    return sharing.Known(
        orders_before=state.orders[who],
        shares_before=state.shares[who],
        friends=state.friends[who],
        tenure_days=np.floor(tenure),
        lipstick=category == settings.LIPSTICK,
    )


def _asks(world: World, who: np.ndarray, week: int) -> np.ndarray:
    """How often each buyer is asked to share this week."""
    if settings.FORCED_WEEK <= week < settings.FORCED_WEEK + settings.TEST_WEEKS:
        return world.programmes.asks[who]
    built = max(ASKS) if world.from_now_on == "six asks" and week >= settings.WEEKS else 0
    return np.full(len(who), built, dtype=world.programmes.asks.dtype)


def _decide(
    world: World,
    state: State,
    log: Log,
    known: sharing.Known,
    *,
    week: int,
    who: np.ndarray,
    day: np.ndarray,
    cancelled: np.ndarray,
    urge: np.ndarray,
    toss: np.ndarray,
    beg: np.ndarray,
    item: np.ndarray,
) -> dict:
    """Draw the likes each order would get, and who shares; log the share study's index orders."""
    people, effects = world.people, world.effects
    rng = stream(world.seed, "likes", week)
    earned, begged, expected = sharing.potential_likes(
        known,
        people,
        who,
        circle_log=world.circle_log[world.network.circle[who]],
        appeal=world.goods.appeal[item],
        uniform=beg,
        rng=rng,
    )
    bought = sharing.bought_likes(people, who, rng)
    boost = effects.share * sharing.share_factor(known) + effects.like * np.log1p(begged)
    study = (day >= settings.STUDY_START) & (day < settings.STUDY_END) & ~cancelled & ~state.had_index[who]
    logit = sharing.share_logit(known, people, who)
    if world.changed("shares", week):
        logit = logit + settings.CHANGED_SHARES
    asks = _asks(world, who, week)
    asked = asks > 0
    logit = logit + effects.ask * np.sqrt(asks) - 0.16 * asks * effects.ask
    prompted = study & (toss < 0.5)
    without = sharing.share_chance(logit)
    prompt = sharing.share_chance(logit + effects.prompt)
    shared = ~cancelled & (urge < np.where(prompted, prompt, without))
    if world.forced_share is not None:
        shared = np.where(study, world.forced_share, shared)
    coupon = begged + bought >= settings.LIKES_FOR_COUPON
    if world.from_now_on == "no coupon" and week >= settings.WEEKS:
        coupon[:] = False
    log.add(
        "index",
        customer=who[study],
        day=day[study],
        order=log.rows("orders") + np.flatnonzero(study),
        shared=shared[study],
        prompted=prompted[study],
        if_prompted=(urge < prompt)[study],
        if_not=(urge < without)[study],
        likes=begged[study],
        coupon=coupon[study],
        boost=boost[study],
        factor=sharing.share_factor(known)[study],
        old_boost=state.boost[who[study]],
        old_until=state.boost_until[who[study]],
        old_coupon=state.coupon_until[who[study]],
        lipstick=known.lipstick[study],
        propensity=np.where(prompted, prompt, without)[study],
    )
    state.had_index[who[study]] = True
    return {
        "shared": shared,
        "prompted": prompted | asked,
        "earned": earned,
        "begged": begged,
        "bought": bought,
        "boost": boost,
        "coupon": coupon,
        "factor": sharing.share_factor(known),
        "expected": expected,
    }


def _post(
    world: World,
    state: State,
    log: Log,
    *,
    week: int,
    who: np.ndarray,
    day: np.ndarray,
    item: np.ndarray,
    first_order: int,
    shared: np.ndarray,
    prompted: np.ndarray,
    earned: np.ndarray,
    begged: np.ndarray,
    bought: np.ndarray,
    boost: np.ndarray,
    coupon: np.ndarray,
    factor: np.ndarray,
    expected: np.ndarray,
) -> None:
    """Enter the shares, the boosts they start, the comments and replies, and what friends get to see."""
    rng = stream(world.seed, "posts", week)
    mine = np.flatnonzero(shared)
    sharers, first_share = who[mine], log.rows("shares")
    coupons = coupon[mine]
    log.add(
        "shares",
        customer=sharers,
        order=first_order + mine,
        item=item[mine],
        prompted=prompted[mine],
        earned=earned[mine],
        likes=begged[mine],
        bought=bought[mine],
        coupon=coupons,
        day=day[mine],
        week=np.full(len(mine), week, np.int16),
        factor=factor[mine],
        expected=expected[mine],
        old_coupon=state.coupon_until[sharers],
    )
    state.shares[sharers] += 1
    state.boost[sharers] = boost[mine]
    state.boost_until[sharers] = week + settings.SHARE_WEEKS
    state.coupon_until[sharers[coupons]] = week + settings.COUPON_WEEKS
    state.shared_item[sharers] = item[mine]
    state.shared_number[sharers] = first_share + np.arange(len(mine))
    comments = sharing.make_comments(
        sharers,
        begged[mine],
        network=world.network,
        week=week,
        rng=rng,
        liveliness=world.people.log_rate - np.log(0.06),
    )
    author = comments.author
    log.add(
        "comments",
        share=first_share + comments.share,
        author=author,
        likes=comments.likes,
        replied=comments.replied,
        week=np.full(len(author), week, np.int16),
        alive=state.alive[author],
        last_day=state.last_day[author],
        boost=state.boost[author],
        until=state.boost_until[author],
        coupon=state.coupon_until[author],
    )
    state.reply_until[comments.author[comments.replied]] = week + settings.REPLY_WEEKS
    owner, friend = world.network.reach(sharers, week)
    seen = np.bincount(friend, weights=world.people.influence[sharers[owner]], minlength=len(world.people))
    state.shares_seen = np.roll(state.shares_seen, -1, axis=0)
    state.shares_seen[-1] = seen
