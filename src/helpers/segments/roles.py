"""C6, first part: leaders, active members and readers, and how lasting the roles are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import PALETTE, SEQUENTIAL, CannotAnswer, Finding, Picture, canvas, question
from helpers.segments.role_months import ACTIVE, LEADER, READER, ROLES, RoleMonths, role_months
from methods.intervals.estimates import Interval, ratio_of_sums, share_within_bounds, wilson

QUESTION = "Roles: who leads, who takes part, who only reads, and do they stay in their role?"
_ASSUMPTIONS = (
    "the role of a month is what was seen in it; answers from people who are no customers count for the "
    "author",
    "months of one customer belong together, customers are independent",
)


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

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Share of each role in the last month, and how many keep the role."""
        return (*(self._size(role) for role in (LEADER, ACTIVE, READER)),
                *(self._persistence(role) for role in (LEADER, ACTIVE, READER)))  # fmt: skip

    def _size(self, role: int) -> Finding:
        there = int(self.now.sum())
        share = wilson(self.now[role], there).scaled(100)
        what = {
            LEADER: f"received {self.months.threshold} answers or more, the fewest who collect half of "
            "all answers",
            ACTIVE: "posted or commented without leading",
            READER: "liked, clicked, joined or visited only",
        }[role]
        return Finding(
            id=f"C6.{ROLES[role]}s" if role != ACTIVE else "C6.active_members",
            estimate=share.estimate,
            low=share.low,
            high=share.high,
            unit="% of customers",
            n=there,
            reading=f"In the last whole month {share.estimate:.1f} % of {there:,} customers {what}.",
            method="role from posts, comments and answers of the month; Wilson interval",
            **self._common,
        )

    def _persistence(self, role: int) -> Finding:
        stay, chance = self.stays[role], self.by_chance[role]
        name = {LEADER: "leaders", ACTIVE: "active members", READER: "readers"}[role]
        return Finding(
            id=f"C6.{name.replace(' ', '_')}_stay",
            estimate=stay.estimate,
            low=stay.low,
            high=stay.high,
            unit="% in the next month",
            n=stay.n,
            verdict="supported" if stay.low > chance else "not settled",
            reading=f"Of the {name} of a month {stay.estimate:.0f} % are so in the next one too; of all "
            "customers "
            f"{chance:.0f} % are in a month.",
            method="month to month over all whole months, clustered on customers",
            **self._common,
        )

    @property
    def _common(self) -> dict:
        return {"requirement": "C6", "question": QUESTION, "assumptions": _ASSUMPTIONS}

    def draw(self) -> Picture:
        """Draw how large the roles are by month and how customers move between them."""
        leads, reads = self.stays[LEADER].estimate, self.stays[READER].estimate
        title = f"{leads:.0f} % of leaders lead again the next month, {reads:.0f} % of readers read on"
        figure, panels = canvas(title, columns=2, width_inches=10.5, height_inches=4)
        left, right = panels[0]
        counts = np.array([(self.months.role == role).sum(axis=0) for role in range(len(ROLES))])
        share = 100 * counts / counts.sum(axis=0)
        labels = [f"{number // 12}-{number % 12 + 1:02d}" for number in self.months.months]
        colours = (PALETTE[1], PALETTE[0], PALETTE[5], "#DDDDDD")
        left.stackplot(range(len(labels)), share, labels=ROLES, colors=colours)
        step = max(1, len(labels) // 6)
        left.set_xticks(range(0, len(labels), step), labels[::step], fontsize=8)
        left.set_ylabel("% of customers")
        left.set_ylim(0, 100)
        left.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9)
        right.imshow(self.moves, cmap=SEQUENTIAL, vmin=0, vmax=100, aspect="auto")
        for (row, column), value in np.ndenumerate(self.moves):
            colour = "white" if value < 50 else "black"
            right.text(column, row, f"{value:.0f} %", ha="center", va="center", color=colour)
        right.set_xticks(range(4), ROLES)
        right.set_yticks(range(4), ROLES)
        right.set_xlabel("role in the next month")
        right.set_ylabel("role in a month")
        right.grid(visible=False)
        alt = f"Left: roles by month. Right: moves from month to month. {title}."
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a role: members now, where they are in the next month."""
        frame = pd.DataFrame({"role": ROLES, "customers in the last month": self.now})
        for column, name in enumerate(ROLES):
            frame[f"% {name} next"] = self.moves[:, column]
        frame["same, from"] = [stay.low for stay in self.stays]
        frame["same, to"] = [stay.high for stay in self.stays]
        frame["% of all months"] = self.by_chance
        frame.attrs = {
            "caption": f"Roles and where they lead (leader: {self.months.threshold} answers a month or more)",
            "formats": dict.fromkeys(frame.columns[2:], ".1f"),
            "people": "customers in the last month",
        }
        return frame


@question("C6", QUESTION, needs=("shares.posted_at", "reactions.posted_at", "orders.placed_at"))
def roles(shop: Shop) -> Roles:
    """Sort customers into leaders, active members, readers and absent ones by month, and follow them.

    Raises CannotAnswer with fewer than two whole months, or where nobody leads or reads in them. Method:
    `role_months`.
    """
    months = role_months(shop)
    if len(months.months) < 2:
        raise CannotAnswer(f"there are {len(months.months)} whole months; following a role takes two.")
    before, after = months.role[:, :-1], months.role[:, 1:]
    seen = np.array([(before == role).any(axis=1).sum() for role in range(len(ROLES))])
    if seen.min() < 2:
        raise CannotAnswer(
            f"fewer than two customers were ever {ROLES[int(seen.argmin())]} in a whole month."
        )
    moves = np.array(
        [
            [((before == one) & (after == other)).sum() for other in range(len(ROLES))]
            for one in range(len(ROLES))
        ],
        dtype=float,
    )
    return Roles(
        months=months,
        moves=100 * moves / moves.sum(axis=1, keepdims=True),
        stays=tuple(_stays(before, after, role) for role in range(len(ROLES))),
        by_chance=100 * np.array([(after == role).sum() for role in range(len(ROLES))]) / (after >= 0).sum(),
        now=np.array([(months.role[:, -1] == role).sum() for role in range(len(ROLES))]),
    )


def _stays(before: np.ndarray, after: np.ndarray, role: int) -> Interval:
    """Share of customer-months in a role that are in it a month later, over customers who ever were."""
    was = (before == role).sum(axis=1)
    both = ((before == role) & (after == role)).sum(axis=1)
    ever = was > 0
    return share_within_bounds(ratio_of_sums(both[ever], was[ever])).scaled(100)
