"""What chapters say of their samples: by the sizes that the code draws by, and where a shop is so large."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers import recommend, uplift
from helpers.data import simulated_people
from helpers.report import samples
from helpers.uplift.a07_programmes.programme_panel import programme_panel
from methods.adjust import bootstrap_coverage, dose_response
from methods.graphs import circle_scan, leiden
from methods.learners import nuisances
from methods.lists import als
from methods.targeting import cross_fitted_cate
from tests.notebook_in_process import NOTEBOOKS

ENTRIES = tomllib.loads(Path(samples.__file__).with_name("samples.en.toml").read_text(encoding="utf-8"))


def most(question, name="most_customers") -> int:
    return inspect.signature(inspect.unwrap(question)).parameters[name].default


def of(thing, name: str) -> int:
    """A constant of the module in which something stands, whatever the package calls by that name."""
    return (thing.__globals__ if inspect.isfunction(thing) else vars(thing))[name]


@pytest.mark.parametrize(
    ("chapter", "section", "size"),
    [
        ("03_share_uplift", "A1, A3", of(nuisances, "MOST_LEARNED")),
        ("03_share_uplift", "A1: copies", of(bootstrap_coverage, "MOST_ROWS")),
        ("03_share_uplift", "A3: the curve", of(dose_response, "ROWS_FOR_ONE_DRAW")),
        ("03_share_uplift", "A7", most(programme_panel)),
        ("03_share_uplift", "A8", most(uplift.spill_over)),
        ("03_share_uplift", "A8", most(uplift.community_purchases, "most_orders")),
        ("03_share_uplift", "A9", of(cross_fitted_cate, "MOST_ROWS")),
        ("03_share_uplift", "A11", most(uplift.coupon_halo)),
        ("04_segmentation", "C3: circles", of(leiden, "MANY_TIES")),
        ("04_segmentation", "C3: circles", of(circle_scan, "SCANNED_CUSTOMERS")),
        ("05_recommendation", "D1 to D4", most(recommend.accuracy_of_lists)),
        ("05_recommendation", "D1: hidden", of(als, "LEARNED_FROM")),
        ("07_incentives", "F1, F2", of(simulated_people, "MOST_SIMULATED")),
    ],
)
def test_a_size_told_is_the_size_drawn(chapter, section, size):
    told = [f"{one['from']} {one['how']}" for one in ENTRIES[chapter] if one["what"].startswith(section)]
    assert len(told) == 1
    assert f"{size:,}" in told[0]


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_chapter_that_draws_says_so(name):
    code = Path("notebooks", f"{name}.ipynb").read_text(encoding="utf-8")
    assert name in NOTEBOOKS
    assert f'show_samples(\\"{name}\\", chapter)' in code
    assert samples.samples_of(name).notna().all(axis=None)


def chapter(count):
    answered = [SimpleNamespace(requirement="C3", status="answered")]
    return SimpleNamespace(shop={"customers": count}, findings=answered)


@pytest.mark.parametrize(("customers", "shown"), [(20_000, 0), (20_001, 1)])
def test_only_a_large_shop_says_so(customers, shown, monkeypatch):
    seen = []
    monkeypatch.setattr(samples, "show_table", lambda frame, *, folded: seen.append(folded))
    count = SimpleNamespace(count=lambda: SimpleNamespace(execute=lambda: customers))
    samples.show_samples("04_segmentation", chapter(count))
    assert seen == [True] * shown


def test_only_samples_of_questions_with_an_answer_are_told():
    assert len(samples.samples_of("03_share_uplift", {"A3"})) == 2
    assert samples.samples_of("03_share_uplift", set()).attrs["caption"] == ""
    assert len(samples.samples_of("03_share_uplift")) == len(ENTRIES["03_share_uplift"])
