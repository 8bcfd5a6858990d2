"""C6, first part: voices, active members and readers, and how lasting the roles are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    SEQUENTIAL,
    CannotAnswer,
    Finding,
    Picture,
    canvas,
    effect_verdict,
    heat_map,
    question,
    words_beside,
)
from helpers.report.release import is_few
from helpers.report.verdicts import p_of_nil
from helpers.segments.c06_roles.role_months import ACTIVE, READER, ROLES, VOICE, RoleMonths, role_months
from methods.intervals.estimates import Interval, ratio_of_sums, share_within_bounds, wilson

WORDS = words_beside(__file__)
_NAMES = {VOICE: "voices", ACTIVE: "active members", READER: "readers"}
_COLOURS = (PALETTE[1], PALETTE[0], PALETTE[5], "#DDDDDD")


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Roles and their persistence.

    months: roles of all customers in all whole months. moves: float, from role to role, % of customers of a
    month in the next one. stays: the same role in the next month, % by role, clustered on customers.
    by_chance: % of all customer-months that have the role. now: members of each role in the last month.
    """

    months: RoleMonths
    moves: np.ndarray
    stays: tuple[Interval, ...]
    by_chance: np.ndarray
    now: np.ndarray
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw how large the roles are by month and how customers move between them."""
        heard, reads = self.stays[VOICE].estimate, self.stays[READER].estimate
        title, alt = WORDS.picture("roles", self.findings, heard=heard, reads=reads)
        figure, panels = canvas(title, columns=2, width_inches=10.5, height_inches=4)
        left, right = panels[0]
        counts = np.array([(self.months.role == role).sum(axis=0) for role in range(len(ROLES))])
        told = ~is_few(counts).any(axis=0)
        counts, months = counts[:, told], np.asarray(self.months.months)[told]
        labels = [f"{number // 12}-{number % 12 + 1:02d}" for number in months]
        left.stackplot(range(len(labels)), 100 * counts / counts.sum(axis=0), labels=ROLES, colors=_COLOURS)
        step = max(1, len(labels) // 6)
        left.set_xticks(range(0, len(labels), step), labels[::step], fontsize=8)
        left.set_ylabel("% of customers")
        left.set_ylim(0, 100)
        left.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9)
        moves = pd.DataFrame(self.moves, index=ROLES, columns=ROLES)
        heat_map(right, moves, form="{:.0f} %", colours=SEQUENTIAL, lowest=0, highest=100)
        right.set_xlabel("role in the next month")
        right.set_ylabel("role in a month")
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a role: members now, where they are in the next month."""
        frame = pd.DataFrame({"role": ROLES, "customers in the last month": self.now})
        for column, name in enumerate(ROLES):
            frame[WORDS.label("next", named=name)] = self.moves[:, column]
        frame["same, from"] = [stay.low for stay in self.stays]
        frame["same, to"] = [stay.high for stay in self.stays]
        frame["% of all months"] = self.by_chance
        frame.attrs = {
            "caption": WORDS.text("caption", threshold=self.months.threshold),
            "formats": dict.fromkeys(frame.columns[2:], ".1f"),
            "people": "customers in the last month",
        }
        return frame


@question(WORDS, needs=("shares.posted_at", "reactions.posted_at", "orders.placed_at"))
def roles(shop: Shop) -> Roles:
    """Sort customers into voices, active members, readers and absent ones by month, and follow them.

    Raises CannotAnswer with fewer than two whole months, or where nobody is heard or reads in them. Method:
    `role_months`.
    """
    months = role_months(shop.while_known("shares", "reactions", "events"))
    if len(months.months) < 2:
        raise CannotAnswer(WORDS.text("few months", found=len(months.months)))
    before, after = months.role[:, :-1], months.role[:, 1:]
    seen = np.array([(before == role).any(axis=1).sum() for role in range(len(ROLES))])
    if seen.min() < 2:
        raise CannotAnswer(WORDS.text("few of a role", roles=ROLES[int(seen.argmin())]))
    moves = np.array(
        [
            [((before == one) & (after == other)).sum() for other in range(len(ROLES))]
            for one in range(len(ROLES))
        ],
        dtype=float,
    )
    stays = tuple(_stays(before, after, role) for role in range(len(ROLES)))
    by_chance = 100 * np.array([(after == role).sum() for role in range(len(ROLES))]) / (after >= 0).sum()
    now = np.array([(months.role[:, -1] == role).sum() for role in range(len(ROLES))])
    return Roles(
        months=months,
        moves=100 * moves / moves.sum(axis=1, keepdims=True),
        stays=stays,
        by_chance=by_chance,
        now=now,
        findings=(
            *(_size(role, now, months.threshold) for role in _NAMES),
            *(_persistence(role, stays[role], float(by_chance[role])) for role in _NAMES),
        ),
    )


def _stays(before: np.ndarray, after: np.ndarray, role: int) -> Interval:
    """Share of customer-months in a role that are in it a month later, over customers who ever were."""
    was = (before == role).sum(axis=1)
    both = ((before == role) & (after == role)).sum(axis=1)
    ever = was > 0
    return share_within_bounds(ratio_of_sums(both[ever], was[ever])).scaled(100)


def _size(role: int, now: np.ndarray, threshold: int) -> Finding:
    return WORDS.finding(
        "C6.role_share",
        wilson(now[role], int(now.sum())),
        scale=100,
        segment=_NAMES[role],
        method=WORDS.text("method share"),
        assumptions=_assumptions(),
        role=_NAMES[role],
        threshold=threshold,
    )


def _persistence(role: int, stay: Interval, chance: float) -> Finding:
    beyond = stay.beyond(chance)
    return WORDS.finding(
        "C6.role_stays",
        stay,
        segment=_NAMES[role],
        method=WORDS.text("method stays"),
        assumptions=_assumptions(),
        verdict=effect_verdict(beyond),
        p_value=p_of_nil(beyond),
        role=_NAMES[role],
        chance=chance,
    )


def _assumptions() -> tuple[str, ...]:
    return WORDS.text("assumption seen"), WORDS.text("assumption independent")
