"""How a shop declares its tests: read, refused by name, kept in the receipt, and found by the questions."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data import DataError, Experiment, load, open_shop
from helpers.data.find_experiment import find_experiment
from helpers.data.source_file import read_source
from methods.errors import CannotAnswer

WHOLE = """
[experiments.spring_banner]
kind = "prompt"
control = "old"
planned = { old = 75, new = 25 }
cluster = "city_tier"
outcome = "bought"
outcome_days = 28
category = "tea"
paid_cents = 500
margin_pp = 1.5
planned_customers = 8000
"""
DECLARED = Experiment(
    name="spring_banner",
    kind="prompt",
    control="old",
    planned={"old": 75, "new": 25},
    cluster="city_tier",
    outcome="bought",
    outcome_days=28,
    category="tea",
    paid_cents=500,
    margin_pp=1.5,
    planned_customers=8000,
)


def read(folder, text):
    (folder / "source.toml").write_text(text, encoding="utf-8")
    return read_source(folder / "source.toml").experiments


def test_every_key_is_read(tmp_path):
    assert read(tmp_path, WHOLE) == {"spring_banner": DECLARED}


def test_a_usual_name_says_its_kind_unless_told_otherwise(tmp_path):
    found = read(
        tmp_path, '[experiments.try_first]\noutcome_days = 14\n[experiments.share_prompt]\nkind = ""\n'
    )
    assert {name: one.kind for name, one in found.items()} == {"try_first": "offer", "share_prompt": ""}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kind = "banner"', "kind = 'banner' is not known; allowed are prompt, cashback, offer"),
        ('outcome = "clicks"', "allowed are bought, recorded"),
        ("outcome_days = 366", "must be from 1 to 365"),
        ("outcome_days = 7.5", "must be a whole number"),
        ("outcome_days = true", "must be a whole number"),
        ("paid_cents = -1", "must be 0 (read from coupons) or more"),
        ("planned = { control = 0, new = 1 }", "control = 0 must be a number above 0"),
        ("planned = { control = nan, new = 1 }", "must be a number above 0"),
        ('planned = { control = "75", new = 1 }', "must be a number above 0"),
        ("planned = { new = 1 }", "it needs 'control', the control, and another arm"),
        ("planned = { control = 1 }", "and another arm"),
        ('planned = "75/25"', "must be a table of keys"),
        ("planed = { control = 1, new = 1 }", "'planed' is not a known key"),
        ('name = "x"', "'name' is not a known key"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path, line, words):
    with pytest.raises(DataError, match=r"experiments\.banner") as refused:
        read(tmp_path, f"[experiments.banner]\n{line}\n")
    assert words in str(refused.value)


def test_two_tests_of_one_kind_are_refused(tmp_path):
    with pytest.raises(DataError, match="a and share_prompt are both declared as kind = 'prompt'"):
        read(tmp_path, '[experiments.a]\nkind = "prompt"\n[experiments.share_prompt]\ncontrol = "none"\n')


@pytest.mark.parametrize("value", ["3", "[1]"])
def test_a_test_that_is_no_table_is_refused(tmp_path, value):
    with pytest.raises(DataError, match="must be a table of keys"):
        read(tmp_path, f"[experiments]\nbanner = {value}\n")


def shop_of(folder, names, declared=""):
    rows = [(name, f"u{n}", ("old", "new")[n % 2], n % 3 == 0) for name in names for n in range(60)]
    frame = pd.DataFrame(rows, columns=["experiment", "customer_id", "arm", "outcome"])
    frame.assign(outcome=frame["outcome"].astype(int)).to_csv(folder / "experiments.csv", index=False)
    frame[["customer_id"]].drop_duplicates().to_csv(folder / "customers.csv", index=False)
    text = f'currency = "EUR"\ntimezone = "Europe/Berlin"\n{declared}'
    (folder / "source.toml").write_text(text, encoding="utf-8")
    load(folder, out=folder / "out")
    return open_shop(folder / "out")


def test_the_receipt_carries_what_was_declared_to_the_questions(tmp_path):
    shop = shop_of(tmp_path, ["spring_banner", "other"], WHOLE)
    assert shop.receipt.experiments == {"spring_banner": DECLARED}
    assert find_experiment(shop, kind="prompt") == DECLARED


def test_a_declared_test_that_no_row_names_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"experiments\.spring_banner.*holds autumn; correct the name"):
        shop_of(tmp_path, ["autumn"], WHOLE)


def test_the_only_test_is_the_one_meant_and_of_two_neither(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert find_experiment(shop_of(tmp_path / "one", ["banner"]), kind="prompt").name == "banner"
    two = shop_of(tmp_path / "two", ["banner", "colour"])
    with pytest.raises(CannotAnswer, match=r'if banner or colour is it, write kind = "prompt"'):
        find_experiment(two, kind="prompt")
    assert find_experiment(two, kind="prompt", name="colour").name == "colour"


def test_the_only_test_is_not_another_kind(tmp_path):
    with pytest.raises(CannotAnswer, match="no customer took part in a test named 'share_prompt'"):
        find_experiment(shop_of(tmp_path, ["try_first"]), kind="prompt")


def test_planned_shares_add_up_and_name_the_arms():
    assert DECLARED.shares(["new", "old"]) == {"new": 0.25, "old": 0.75}
    assert Experiment(name="x").shares(["a", "b", "c"]) == pytest.approx(dict.fromkeys("abc", 1 / 3))
    with pytest.raises(CannotAnswer, match="name the arms new, old, but the test has a, old"):
        DECLARED.shares(["a", "old"])
    assert DECLARED.shares(["old"]) == {"old": 1.0}
    assert DECLARED.absent(["old", "a"]) == ["new"]
