"""A12: how large must the next test be, how long must it run, and may one look at it every week?"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.share_study import share_study
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    band_curve,
    canvas,
    question,
    reference_line,
    words_beside,
)
from helpers.report.release import share_of
from methods.intervals.estimates import Interval, wilson
from methods.intervals.sample_size import sample_per_arm, smallest_difference
from methods.sequential.designs import Design, DesignPrice, design_price
from methods.sequential.peeking import PeekingRates, peeking_false_alarms
from methods.trials.planner import (
    GroupLikeness,
    design_effect,
    encouragement_inflation,
    group_likeness,
    weeks_to_enrol,
)

RUN_WEEKS = (2, 4, 8, 12, 26)
SHOWN_LOOKS = (1, 2, 5, 10, 20)
MOST_LOOKS = 104
# More looks change a price by less than 2 %, and take long to work out.
MOST_PRICED = 52
# Nobody waits longer for a test: by then the shop is another.
MOST_WEEKS, WEEKS_A_YEAR = 104, 52
FEWEST_GROUPS = 10
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class NextTest:
    """The plan of a test on this shop's customers, drawn one by one or by group.

    base: share who buy again (0 to 1). arrivals: new customers by week. follow_days: wait for the outcome.
    per_arm, enrol_weeks: estimate, and range from the base's interval. groups: likeness within the groups
    of an earlier draw, None without one. peeking: false alarms by number of looks, the plan's own last.
    always, planned: price of looking every week, for as long as one likes or up to the planned end.
    """

    uplift_pp: float
    power: float
    first_stage: float
    base: Interval
    arrivals: np.ndarray
    follow_days: float
    per_arm: Interval
    enrol_weeks: Interval
    groups: GroupLikeness | None
    peeking: tuple[PeekingRates, ...]
    always: DesignPrice
    planned: DesignPrice
    findings: tuple[Finding, ...] = ()

    @property
    def group_factor(self) -> tuple[float, float]:
        """By how much a test by group must be larger: estimate and upper end; nan without groups."""
        known = self.groups
        if known is None:
            return float("nan"), float("nan")
        variation = known.size_variation
        estimate, most = (
            design_effect(known.mean_size, icc, size_variation=variation) for icc in (known.icc, known.high)
        )
        return estimate, most

    def table(self) -> pd.DataFrame:
        """One row a length of enrolment: weeks, customers, smallest uplift found (points) in each way."""
        customers = self._entered(np.array(RUN_WEEKS))
        frame = pd.DataFrame({"weeks of enrolment": RUN_WEEKS, "customers": customers.astype(int)})
        frame["smallest uplift found"] = [self._found(count) for count in customers]
        frame["looking every week"] = [self._found(count / self.always.sample) for count in customers]
        if self.groups is not None:
            frame["drawn by group, at most"] = [
                self._found(count / self.group_factor[1]) for count in customers
            ]
        caption = WORDS.text("caption", power=self.power)
        frame.attrs = {"people": None, "caption": caption, "formats": dict.fromkeys(frame.columns[2:], ".1f")}
        return frame

    @property
    def found_in_a_year_pp(self) -> float:
        """The smallest change that the customers of a year would show."""
        return self._found(float(self._entered(np.array([WEEKS_A_YEAR]))[0]))

    def _entered(self, weeks: np.ndarray) -> np.ndarray:
        """Customers who enter in so many weeks."""
        total = np.concatenate([[0.0], np.cumsum(self.arrivals)])
        later = np.maximum(weeks - len(self.arrivals), 0)
        pace = self.arrivals[len(self.arrivals) // 2 :].mean()
        return np.interp(weeks, np.arange(len(total)), total) + later * pace

    def _found(self, customers: float) -> float:
        per_arm = max(customers, 2) / 2
        found = smallest_difference(self.base.estimate, per_arm=per_arm, power=self.power)
        return 100 * found / self.first_stage

    def draw(self) -> Picture:
        """Draw the customers needed by size of uplift, and false alarms by the number of looks."""
        rates = self.peeking[-1]
        title, alt = WORDS.picture(
            "plan",
            self.findings,
            size=self.per_arm.estimate,
            sought=f"{self.uplift_pp:g}",
            looks=rates.looks,
            plain=rates.plain.estimate,
            sequence=rates.sequence.estimate,
        )
        figure, axes = canvas(title, columns=2, width_inches=9.5)
        self._draw_sizes(axes[0, 0])
        self._draw_looks(axes[0, 1])
        return Picture(figure, alt)

    def _draw_sizes(self, panel: Axes) -> None:
        base = self.base.estimate
        rises = np.linspace(0.5, max(3 * abs(self.uplift_pp), 2), 40)
        rises = rises[base + rises / 100 < 0.99]
        needed = np.array([_per_arm(base, rise, self.power, self.first_stage) for rise in rises])
        band_curve(panel, rises, needed, label="drawn one by one", marker="")
        if self.groups is not None:
            by_group = needed * self.group_factor[1]
            band_curve(panel, rises, by_group, label="drawn by group, at most", colour=PALETTE[1], marker="")
        reference_line(panel, abs(self.uplift_pp))
        panel.set(yscale="log", xlabel="uplift to find, pp of customers", ylabel="customers an arm")
        panel.yaxis.set_major_formatter("{x:,.0f}")
        panel.legend()

    def _draw_looks(self, panel: Axes) -> None:
        looks = [rate.looks for rate in self.peeking]
        kinds = (("plain", "plain test", PALETTE[1]), ("sequence", "valid at every look", PALETTE[2]))
        for name, label, colour in kinds:
            share = [100 * getattr(rate, name).estimate for rate in self.peeking]
            band_curve(panel, looks, share, label=label, colour=colour)
        reference_line(panel, 5, upright=False)
        panel.set(xlabel="looks", ylabel="% of tests without effect that raise an alarm", ylim=(0, None))
        panel.legend()


@question(WORDS, needs=("orders.placed_at",))
def next_test(
    shop: Shop,
    *,
    uplift_pp: float = 2.0,
    power: float = 0.8,
    first_stage: float = 1.0,
    enrol_days: int = 56,
    landmark_hours: int = 48,
    outcome_days: int = 90,
    seed: int = 1,
) -> NextTest:
    """Plan a test of two equal arms on buying again, from the shop's own rate and pace of orders.

    uplift_pp: change to find, in points of customers moved. first_stage: share of customers whom the offer
    moves (1: the offer is the treatment). Customers enter at their first order of the enrolment window, as
    in `share_gap`. Raises CannotAnswer with too few customers, or when the change would pass 0 or 100 %.
    """
    study = share_study(shop, enrol_days=enrol_days, landmark_hours=landmark_hours, outcome_days=outcome_days)
    frame = study.frame
    base = wilson(float(frame["repurchased"].sum()), len(frame))
    if base.low <= 0 or not all(0 < share + uplift_pp / 100 < 1 for share in (base.low, base.high)):
        raise CannotAnswer(
            WORDS.text("buying too rare or common", estimate=base.estimate, uplift_pp=format(uplift_pp, "g"))
        )
    arrivals = _arrivals(frame, study.start, enrol_days)
    sizes = [_per_arm(share, uplift_pp, power, first_stage) for share in (base.estimate, base.low, base.high)]
    weeks = [weeks_to_enrol(2 * size, arrivals) for size in sizes]
    if not math.isfinite(weeks[0]):
        raise CannotAnswer(WORDS.text("no newcomers"))
    plan = NextTest(
        uplift_pp=uplift_pp,
        power=power,
        first_stage=first_stage,
        base=base,
        arrivals=arrivals,
        follow_days=outcome_days + landmark_hours / 24,
        per_arm=_ranged(sizes, len(frame)),
        enrol_weeks=_ranged(weeks, len(frame)),
        groups=_groups(shop, frame),
        peeking=_peeking(weeks[0], 2 * sizes[0], seed),
        always=_price("always_valid", weeks[0], power),
        planned=_price("obrien_fleming", weeks[0], power),
    )
    found = (_size_finding(plan), _weeks_finding(plan), _peeking_finding(plan), _price_finding(plan))
    return replace(plan, findings=found)


def _per_arm(base: float, uplift_pp: float, power: float, first_stage: float) -> float:
    """An offer that moves some only shows among all as uplift_pp times their share."""
    return sample_per_arm(base, uplift_pp * first_stage / 100, power=power)


def _arrivals(frame: pd.DataFrame, start: dt.datetime, enrol_days: int) -> np.ndarray:
    """New customers of each whole week of the window."""
    weeks = max(enrol_days // 7, 1)
    week = ((frame["index_at"] - pd.Timestamp(start)) // pd.Timedelta(weeks=1)).to_numpy()
    return np.bincount(week, minlength=weeks)[:weeks].astype(float)


def _ranged(values: list[float], n: int) -> Interval:
    return Interval(estimate=values[0], low=min(values), high=max(values), n=n)


def _peeking(weeks: float, customers: float, seed: int) -> tuple[PeekingRates, ...]:
    looks = int(np.clip(math.ceil(weeks), 2, MOST_LOOKS))
    steps = [*(step for step in SHOWN_LOOKS if step < looks), looks]
    return tuple(peeking_false_alarms(step, per_look=customers / looks, seed=seed) for step in steps)


def _price(design: Design, weeks: float, power: float) -> DesignPrice:
    return design_price(design, looks=int(np.clip(math.ceil(weeks), 2, MOST_PRICED)), power=power)


def _groups(shop: Shop, frame: pd.DataFrame) -> GroupLikeness | None:
    """Likeness within the groups of the largest earlier draw by group, if there was one.

    Likeness is measured on the members who entered this study; size is that of the groups as they were drawn,
    for a test that fills for longer than the study sees more of each group's members.
    """
    if shop.missing("experiments.cluster"):
        return None
    table = shop["experiments"]
    rows = table.filter(table.cluster.notnull()).select("experiment", "customer_id", "cluster")
    drawn = rows.order_by("experiment", "customer_id").execute()
    if drawn.empty:
        return None
    drawn = drawn[drawn["experiment"] == drawn["experiment"].mode().iloc[0]]
    joined = frame.merge(drawn, on="customer_id")
    sizes = joined.groupby("cluster").size()
    varied = joined.groupby("cluster")["repurchased"].nunique().max()
    if len(sizes) < FEWEST_GROUPS or sizes.max() < 2 or varied < 2:
        return None
    likeness = group_likeness(joined, outcome="repurchased", cluster="cluster")
    members = drawn.groupby("cluster")["customer_id"].nunique()
    return replace(
        likeness,
        mean_size=float(members.mean()),
        size_variation=float(members.std(ddof=0) / members.mean()),
    )


def _size_finding(plan: NextTest) -> Finding:
    return WORDS.finding(
        "A12.sample_per_arm",
        plan.per_arm,
        method=WORDS.text("size method", power=plan.power),
        assumptions=(WORDS.text("assumption equal arms"), WORDS.text("assumption as common")),
        tells=(share_of("enrolled customers", plan.base.estimate, plan.base.n),),
        base=plan.base.estimate,
        sought=f"{plan.uplift_pp:g}",
        power=plan.power,
        first_stage=plan.first_stage,
        inflation=encouragement_inflation(plan.first_stage),
        groups=plan.groups,
        most=plan.group_factor[1],
    )


def _weeks_finding(plan: NextTest) -> Finding:
    follow, enrol = plan.follow_days / 7, plan.enrol_weeks
    whole = replace(enrol, estimate=enrol.estimate + follow, low=enrol.low + follow, high=enrol.high + follow)
    if whole.estimate > MOST_WEEKS:
        sought = f"{plan.uplift_pp:g}"
        return WORDS.skip(
            "A12.weeks", WORDS.text("too long", sought=sought, in_a_year=plan.found_in_a_year_pp)
        )
    return WORDS.finding(
        "A12.weeks",
        whole,
        method=WORDS.text("weeks method"),
        assumptions=(WORDS.text("assumption pace"),),
        enrol=enrol.estimate,
        follow=follow,
    )


def _peeking_finding(plan: NextTest) -> Finding:
    rates = plan.peeking[-1]
    return WORDS.finding(
        "A12.peeking_false_alarms",
        rates.plain,
        scale=100,
        method=WORDS.text("peeking method", tests=rates.plain.n, looks=rates.looks),
        assumptions=(WORDS.text("assumption between looks"),),
        looks=rates.looks,
        sequence=rates.sequence.estimate,
    )


def _price_finding(plan: NextTest) -> Finding:
    times, looks = plan.always.sample, plan.always.looks
    return WORDS.finding(
        "A12.price_of_looking",
        Interval(estimate=times, low=times, high=times, n=looks),
        method=WORDS.text("price method", looks=looks),
        power=plan.power,
        planned=plan.planned.sample,
        without=plan.always.power_without,
        planned_without=plan.planned.power_without,
    )
