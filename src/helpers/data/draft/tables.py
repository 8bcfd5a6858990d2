"""Which file could feed which table of the contract, and which of its columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpers.data.catalogue import CATALOGUE
from helpers.data.draft.guess import is_key
from helpers.data.draft.look import Look
from helpers.data.draft.words import match


@dataclass(frozen=True, kw_only=True)
class Feeding:
    """One table from one file. columns: of the contract, to the file's. why: what made this the choice.

    lookups: columns of the contract that another file gives, by the order that both name.
    """

    table: str
    file: str
    columns: dict[str, str]
    lookups: dict[str, Taken] = field(default_factory=dict)
    distinct: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A column taken from another file. pick: "first" where an order has several."""

    file: str
    by: str
    key: str
    take: str
    pick: str = "same"


@dataclass
class _Files:
    """The looks by name, and for each table the columns that its names stand for."""

    looks: dict[str, Look]
    matched: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tables = ("customers", "items", "orders", "order_lines", "reviews")
        self.matched = {
            table: {name: match(table, look.columns) for name, look in self.looks.items()} for table in tables
        }

    def having(self, table: str, *columns: str, without: tuple[str, ...] = ()) -> list[str]:
        """Return the files in which all of `columns` and none of `without` are known for the table."""
        found = self.matched[table]
        return [
            name
            for name, known in found.items()
            if all(column in known for column in columns) and not any(column in known for column in without)
        ]


def feedings(looks: dict[str, Look]) -> list[Feeding]:
    """Return the tables that files not named as in the contract could feed, in the order of the contract."""
    files = _Files(looks)
    reviews = files.having("reviews", "rating")
    lines = [name for name in files.having("order_lines", "order_id", "item_id") if name not in reviews]
    carts = [
        name for name in files.having("orders", "order_id", "customer_id") if name not in (*lines, *reviews)
    ]
    orders = carts or [name for name in files.having("orders", "order_id", "customer_id") if name in lines]
    found = [
        *_owners(files, orders, [*lines, *carts, *reviews]),
        *_goods(files, lines, [*carts, *reviews]),
        *(_feeding(files, "orders", name, distinct=name not in carts) for name in orders),
        *(_feeding(files, "order_lines", name) for name in lines),
        *(_reviews(files, name, orders=carts, lines=lines) for name in reviews),
    ]
    rank = {table: place for place, table in enumerate(CATALOGUE)}
    return sorted(found, key=lambda one: rank[one.table])


def _feeding(files: _Files, table: str, name: str, *, distinct: bool = False, why: str = "") -> Feeding:
    return Feeding(table=table, file=name, columns=files.matched[table][name], distinct=distinct, why=why)


def _reviews(files: _Files, name: str, *, orders: list[str], lines: list[str]) -> Feeding:
    """Return the reviews of a file; who wrote them and of what may stand in its order instead."""
    known = files.matched["reviews"][name]
    lookups = {}
    for column, table, others, pick in (
        ("customer_id", "orders", orders, "same"),
        ("item_id", "order_lines", lines, "first"),
    ):
        if column not in known and "order_id" in known and others:
            there = files.matched[table][others[0]]
            lookups[column] = Taken(
                file=others[0], by=known["order_id"], key=there["order_id"], take=there[column], pick=pick
            )
    return Feeding(table="reviews", file=name, columns=known, lookups=lookups)


def _owners(files: _Files, orders: list[str], taken: list[str]) -> list[Feeding]:
    own = [name for name in files.having("customers", "customer_id") if name not in taken]
    for name in own:
        column = files.matched["customers"][name]["customer_id"]
        unique = is_key(files.looks[name].columns[column])
        return [_feeding(files, "customers", name, distinct=not unique)]
    why = "no file has one row a customer; each customer of an order is one"
    return [
        Feeding(
            table="customers",
            file=name,
            columns={"customer_id": files.matched["orders"][name]["customer_id"]},
            distinct=True,
            why=why,
        )
        for name in orders[:1]
    ]


def _goods(files: _Files, lines: list[str], taken: list[str]) -> list[Feeding]:
    own = [name for name in files.having("items", "item_id") if name not in (*lines, *taken)]
    for name in own:
        unique = is_key(files.looks[name].columns[files.matched["items"][name]["item_id"]])
        return [_feeding(files, "items", name, distinct=not unique)]
    why = "no file has one row a product; each product of a line is one"
    made = []
    for name in lines[:1]:
        known = {"item_id": files.matched["order_lines"][name]["item_id"]}
        for column in ("title", "category"):
            if column in files.matched["items"][name]:
                known[column] = files.matched["items"][name][column]
        made.append(Feeding(table="items", file=name, columns=known, distinct=True, why=why))
    return made
