"""A part of a shop holds the rows of one seller or category, whole and no others, and says what it lacks."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data import DataError, open_shop
from helpers.data.part import Part, parse_part, part_folder
from helpers.report import question, words_beside
from tests.conftest import draw_tables, write_shop

LIPSTICK = Part(by="category", value="口红")


@pytest.fixture(scope="module")
def tables():
    drawn = draw_tables(seed=4)
    items = drawn["items"].assign(seller_id=["s1", "s2"] * 20)
    tests = pd.DataFrame(
        {"experiment": "prompt", "customer_id": drawn["customers"]["customer_id"], "arm": "a"}
    )
    costly = drawn["orders"].assign(shipping_fee_cents=500)
    sellers = pd.DataFrame({"seller_id": ["s1", "s2"], "name": ["one", "two"]})
    return {**drawn, "items": items, "orders": costly, "experiments": tests, "sellers": sellers}


@pytest.fixture(scope="module")
def whole(tables, tmp_path_factory):
    return write_shop(tables, tmp_path_factory.mktemp("whole") / "shop-1")


@pytest.fixture(scope="module")
def part(whole, tmp_path_factory):
    return open_shop(part_folder(whole.folder, LIPSTICK, loads=tmp_path_factory.mktemp("loads")))


def ids(shop, name, column):
    return set(shop[name].select(column).to_pandas()[column])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('seller = "S 1"', Part(by="seller", value="S 1")),
        ("category='口红'", LIPSTICK),
        ('category = "it\'s"', Part(by="category", value="it's")),
    ],
)
def test_a_part_is_named_by_seller_or_category(text, found):
    assert parse_part(text) == found


@pytest.mark.parametrize(
    "text", ["", "口红", "category = 口红", 'city = "1"', 'category = ""', 'category = "a', 'category <> "a"']
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"not of the form `seller = "):
        parse_part(text)


def test_it_holds_the_lines_of_its_items_and_their_orders_and_customers(part, tables):
    items = tables["items"].query("category == '口红'")
    lines = tables["order_lines"][tables["order_lines"]["item_id"].isin(items["item_id"])]
    orders = tables["orders"][tables["orders"]["order_id"].isin(lines["order_id"])]
    assert part["order_lines"].count().execute() == len(lines)
    assert ids(part, "items", "item_id") == set(items["item_id"])
    assert ids(part, "orders", "order_id") == set(orders["order_id"])
    assert ids(part, "customers", "customer_id") == set(orders["customer_id"])


def test_what_is_of_an_order_is_its_where_the_order_holds_nothing_else(part, tables):
    categories = tables["order_lines"].merge(tables["items"], on="item_id").groupby("order_id")["category"]
    only = set(categories.agg(set)[lambda found: found == {"口红"}].index)
    shares = tables["shares"][tables["shares"]["order_id"].isin(only)]
    assert ids(part, "shares", "share_id") == set(shares["share_id"]) != set()
    assert ids(part, "reactions", "share_id") <= set(shares["share_id"])
    likes = tables["reactions"][tables["reactions"]["share_id"].isin(shares["share_id"])]
    assert part["reactions"].count().execute() == len(likes), "applause of others than its customers counts"
    assert ids(part, "returns", "order_id") <= only


def test_friends_are_friends_within_it(part):
    known = ids(part, "customers", "customer_id")
    assert ids(part, "ties", "customer_a") | ids(part, "ties", "customer_b") <= known


def test_what_is_known_of_the_whole_alone_is_not_known_of_it(part):
    assert part.missing("experiments", "customers.acquisition_cost_cents", "orders.shipping_fee_cents") == (
        "experiments",
        "customers.acquisition_cost_cents",
        "orders.shipping_fee_cents",
    )
    assert part.left_out == ("experiments", "surveys")
    assert part.part == "category = “口红”"
    assert "Left out, as they are of the whole shop: experiments, surveys." in part.receipt.notes


def test_its_receipt_counts_its_rows_and_it_is_seen_as_long_as_the_whole(part, whole):
    for name, receipt in part.receipt.tables.items():
        assert receipt.read == receipt.accepted == part[name].count().execute()
        frame = part[name].to_pandas()
        assert receipt.filled == {column: int(frame[column].notna().sum()) for column in receipt.filled}
    assert part.as_of == whole.as_of
    assert part.receipt.tables["orders"].last <= whole.receipt.tables["orders"].last


def test_a_question_of_what_it_lacks_says_so(part, tmp_path):
    (tmp_path / "test.toml").write_text('requirement = "T1"\nquestion = "Does it work?"\n')

    @question(words_beside(str(tmp_path / "test.py")), needs=("experiments", "ties"))
    def ask(shop):
        raise AssertionError

    skipped = ask(part)
    assert (
        "experiments, which is of the whole shop and not of a part of it (category = “口红”)"
        in skipped.reason
    )
    assert skipped.missing == (), "to bring the table would open nothing"


def test_it_is_made_once_and_the_whole_stays(whole, tmp_path):
    before = {path.name: path.read_bytes() for path in (whole.folder / "accepted").iterdir()}
    first = part_folder(whole.folder, LIPSTICK, loads=tmp_path)
    made = (first / "receipt.json").stat().st_mtime_ns
    assert part_folder(whole.folder, LIPSTICK, loads=tmp_path) == first
    assert (first / "receipt.json").stat().st_mtime_ns == made
    assert {path.name: path.read_bytes() for path in (whole.folder / "accepted").iterdir()} == before
    other = part_folder(whole.folder, Part(by="seller", value="s1"), loads=tmp_path)
    assert ids(open_shop(other), "sellers", "seller_id") == {"s1"}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first.name, other.name])


def test_the_part_of_another_whole_of_its_name_is_not_taken_for_it(whole, tmp_path, make_shop, random_tables):
    namesake = make_shop(random_tables(seed=9), folder=tmp_path / "other" / whole.folder.name)
    first, second = (part_folder(one.folder, LIPSTICK, loads=tmp_path / "loads") for one in (whole, namesake))
    assert ids(open_shop(first), "orders", "order_id") != ids(open_shop(second), "orders", "order_id")


def test_what_is_not_there_is_refused_with_what_was_meant(whole, tmp_path, make_shop, random_tables):
    with pytest.raises(DataError, match="no item has this category"):
        part_folder(whole.folder, Part(by="category", value="口"), loads=tmp_path)
    with pytest.raises(DataError, match="Did you mean 's2'"):
        part_folder(whole.folder, Part(by="seller", value="S2"), loads=tmp_path)
    bare = make_shop(random_tables(seed=1))
    with pytest.raises(DataError, match="do not say the seller of what was ordered"):
        part_folder(bare.folder, Part(by="seller", value="s1"), loads=tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "shop"], "nothing half made is left"
