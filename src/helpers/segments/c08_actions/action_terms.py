"""What an action costs and what is known of its effect: measured elsewhere, or given, or not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from helpers.data.names import names_in
from helpers.report import Finding
from helpers.report.finding_view import FindingView

SHARES = ("margin", "brought forward")  # in % of a purchase, and of the purchases won
# Beyond so many times the chance of those on whom it was measured no effect is carried over.
MOST_PROPORTION = 3.0
_TERM = re.compile(r"(?P<name>.+?) (?P<number>\d+(\.\d+)?)( \((?P<source>[^()]+)\))?")


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that may be done for the customers of a tier.

    finding: id of the finding that measured the effect of something like it, in percentage points of
    customers who buy within its window; empty where nothing has. segment: of that finding, where it is one
    of several that is meant; empty: the only one there is. tested: that finding in words.
    window_days: of that finding. programme: whose members have the action already; empty where there is none.
    """

    name: str
    tier: str
    finding: str = ""
    segment: str = ""
    tested: str = ""
    window_days: int = 90
    programme: str = ""


# Each tier has the action that fits it; the effects are those of the test that comes nearest.
ACTIONS = (
    Action(name="welcome pack", tier="new"),
    Action(
        name="guided tasks (ask to share)",
        tier="active",
        finding="A2.intention_to_treat",
        tested="the test of the share prompt (A2)",
    ),
    Action(
        name="membership",
        tier="active, most to come",
        finding="A7.customer_orders",
        segment="membership",
        tested="the membership scheme, introduced in stages (A7)",
        window_days=7,
        programme="membership",
    ),
    Action(
        name="wake-up offer",
        tier="silent",
        finding="A9.offer_uplift_others",
        tested="the test of the offer, customers not targeted (A9)",
        window_days=56,
    ),
    Action(
        name="win-back coupon",
        tier="lost",
        finding="A5.cashback_uplift",
        tested="the test of the cashback (A5)",
        window_days=56,
    ),
    Action(name="first order voucher", tier="no order yet"),
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is declared of money: nothing is assumed. All but the shares are in the shop's money.

    margin_percent: what is left of a purchase after its costs. contact: cost of reaching one customer.
    brought_forward_percent: of the purchases won, those that would have come later. benefits: action name to
    what a customer who buys is given, also one who would have bought anyway. sources: name of a term to where
    its number comes from, empty where nobody said.
    """

    margin_percent: float | None = None
    contact: float | None = None
    brought_forward_percent: float | None = None
    benefits: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def cover(self, action: str) -> bool:
        """Whether all that an action's net value rests on is declared."""
        return self.margin_percent is not None and self.contact is not None and action in self.benefits

    @property
    def kept(self) -> float:
        """The part of the purchases won that would not have come later anyway."""
        return 1 - (self.brought_forward_percent or 0.0) / 100


def read_terms(text: str) -> Terms:
    """Read terms such as "margin 30 (accounts of 2025), contact 0.5, wake-up offer 8"; empty is none.

    What stands in brackets says where a number comes from. Raises ValueError that quotes what names no
    action, gives no number, or a number that cannot be.

    >>> read_terms("margin 30 (accounts of 2025), wake-up offer 8").sources
    {'margin': 'accounts of 2025', 'wake-up offer': ''}
    """
    names = (*SHARES, "contact", *(action.name for action in ACTIONS))
    told: dict[str, float] = {}
    sources: dict[str, str] = {}
    for part in names_in(text):
        found = _TERM.fullmatch(part)
        if not found or found["name"] not in names:
            raise ValueError(
                f"offer_terms: {part!r} is none of {', '.join(names)} with a number from 0 on behind it, and "
                "perhaps its source in brackets"
            )
        told[found["name"]], sources[found["name"]] = float(found["number"]), found["source"] or ""
    for name in SHARES:
        if told.get(name, 0.0) > 100:
            raise ValueError(f"offer_terms: {name} {told[name]:g} % is above 100")
    margin, forward = (told.pop(name, None) for name in SHARES)
    contact = told.pop("contact", None)
    return Terms(
        margin_percent=margin,
        contact=contact,
        brought_forward_percent=forward,
        benefits=told,
        sources=sources,
    )


@dataclass(frozen=True, kw_only=True)
class Effect:
    """How many more purchases 100 customers make because of an action.

    source: id of the finding that says so, or "given"; told: the same in words. is_open: whether its chapter,
    which judged it beside its other tests, calls it not settled. untreated: % of those measured who buy
    without it within window_days; None where that is not known.

    A finding in percentage points of customers who buy within a window counts as one purchase each, and
    nothing after its window; a weekly effect (window of 7 days) goes on through the weeks looked at.
    """

    estimate: float
    low: float
    high: float
    window_days: int
    untreated: float | None = None
    source: str
    told: str
    is_open: bool = False

    def scaled(self, factor: float) -> Effect:
        """Return the effect times a factor above 0."""
        return replace(self, estimate=factor * self.estimate, low=factor * self.low, high=factor * self.high)

    def proportion(self, buys: float, *, everybody: float, days: int) -> float:
        """Return how many times as likely these people buy as those on whom the effect was measured.

        buys: % of these people who buy within `days`, brought to the effect's own window at a steady pace.
        everybody: the same of all, who stand in where it is not known of those measured.
        """
        if not self.untreated:
            return buys / everybody
        return within(buys, days=days, window_days=self.window_days) / self.untreated

    def carried(self, buys: float, *, everybody: float, days: int) -> tuple[Effect, bool]:
        """Return the effect on these people within `days`, and whether it was cut.

        It is carried over in proportion to how likely they buy, at most MOST_PROPORTION times (of people who
        hardly ever buy, any effect is many times their chance), and never moves more of them than would not
        have bought within its window.
        """
        share = self.proportion(buys, everybody=everybody, days=days)
        here = self.over(days).scaled(min(share, MOST_PROPORTION))
        room = 100 - within(buys, days=days, window_days=self.window_days)
        if self.window_days == 7 or here.high <= room:
            return here, share > MOST_PROPORTION
        ends = {name: min(getattr(here, name), room) for name in ("estimate", "low", "high")}
        return replace(here, **ends), True

    def over(self, days: int) -> Effect:
        """Return the purchases within `days`."""
        return self.scaled(days / 7) if self.window_days == 7 else self


def within(buys: float, *, days: int, window_days: int) -> float:
    """Return the % who buy within a window, of whom `buys` % do within `days`, at a steady pace.

    >>> within(75.0, days=90, window_days=45)
    50.0
    """
    return 100 * (1 - (1 - buys / 100) ** (window_days / days))


def known_effects(
    findings: Iterable[Finding], given: Mapping[str, tuple[float, float, float]] | None = None
) -> dict[str, Effect]:
    """Return what is known of each action of ACTIONS, by its name; an action without evidence is left out.

    So is one of whose finding there are several and none is named: which arm the action is nobody says.
    findings: of any chapters. given: action name to (estimate, low, high) in percentage points of customers
    who buy; goes before what was found.
    """
    answered = [finding for finding in findings if finding.status == "answered"]
    known = {}
    for action in ACTIONS:
        of_id = [finding for finding in answered if finding.id == action.finding]
        own = [finding for finding in of_id if action.segment in ("", finding.segment)]
        found = own[0] if len(own) == 1 else None
        if given and action.name in given:
            estimate, low, high = given[action.name]
            known[action.name] = Effect(
                estimate=estimate, low=low, high=high, window_days=90, source="given", told="given"
            )
        elif found is not None:
            view = FindingView(found)
            known[action.name] = Effect(
                estimate=view.estimate, low=view.low, high=view.high, window_days=action.window_days,
                untreated=found.untreated, source=found.id, told=action.tested,
                is_open=found.verdict == "not settled",
            )  # fmt: skip
    return known
