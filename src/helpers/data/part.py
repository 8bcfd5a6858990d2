"""A part of a shop, one seller or one category, as loaded tables of its own.

Orders count with their lines of the part, and customers are those who ordered any of it. What is of the whole
shop, such as a test of customers or a coupon, is left out: who buys in the part may be what it moved.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ibis import _
from ibis.expr.types import Table

from helpers.data.catalogue import CATALOGUE
from helpers.data.decode import sha256_of
from helpers.data.engine import connect
from helpers.data.errors import DataError
from helpers.data.load import put_in_place
from helpers.data.names import did_you_mean
from helpers.data.receipt import Receipt, TableReceipt
from helpers.data.shop import Shop, open_tables

COLUMNS = {"seller": "seller_id", "category": "category"}
_FORM = re.compile(r"""\s*(?P<by>\w+)\s*=\s*(?P<quote>["'])(?P<value>.+)(?P=quote)\s*""")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a shop: by what it is cut (seller or category), and which."""

    by: str
    value: str

    @property
    def name(self) -> str:
        """What the part is called on pages."""
        return f"{self.by} = “{self.value}”"

    @property
    def mark(self) -> str:
        """A mark of the part that may stand in names of files."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:12]


def parse_part(text: str) -> Part:
    """Return the part that a text such as `category = "口红"` names; raises ValueError on another form.

    >>> parse_part('seller = "S1"').value
    'S1'
    """
    found = _FORM.fullmatch(text)
    if found is None or found["by"] not in COLUMNS:
        raise ValueError(f"""{text!r} is not of the form `seller = "…"` or `category = "…"`""")
    return Part(by=found["by"], value=found["value"])


def part_folder(whole: Path, part: Part, *, loads: Path) -> Path:
    """Return the loaded tables of a part of loaded tables, made on first use beside other loads.

    Raises DataError where the tables do not say what is cut by, or have no such seller or category.
    """
    # Two wholes may bear one name, and one may be loaded anew: its receipt says which tables these are.
    which = sha256_of(whole / "receipt.json")[:12]
    out = loads / f"{whole.name}-{which}-part-{part.mark}"
    if not (out / "receipt.json").is_file():
        loads.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=loads))
        try:
            staging.chmod(0o755)
            _write_part(whole, part, staging)
            put_in_place(staging, out, replace=False)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return out


def _write_part(whole: Path, part: Part, out: Path) -> None:
    receipt = Receipt.read(whole / "receipt.json")
    connection = connect()
    try:
        shop = open_tables(connection, whole, receipt, as_of=None)
        _demand(shop, part)
        kept = _Part(shop, part).tables()
        (out / "accepted").mkdir()
        counted = {}
        for name, rows in kept.items():
            path = out / "accepted" / f"{name}.parquet"
            rows.order_by(list(CATALOGUE[name].key)).to_parquet(path)
            counted[name] = _counted(receipt.tables[name], connection.read_parquet(str(path)))
    finally:
        connection.disconnect()
    gone = tuple(sorted(name for name in receipt.tables if name not in kept and receipt.filled(name)))
    said = f"This is a part of the shop, {part.name}: orders with their lines of it, and who ordered any."
    left = f"Left out, as they are of the whole shop: {', '.join(gone)}." if gone else ""
    last = receipt.last_moment
    replace(
        receipt,
        tables=counted,
        notes=(said, *filter(None, [left]), *receipt.notes),
        doubts=(),
        experiments={},
        part=part.name,
        left_out=gone,
        seen_until=None if last is None else (last - dt.timedelta(seconds=1)).isoformat(),
    ).write(out / "receipt.json")


def _demand(shop: Shop, part: Part) -> None:
    column = COLUMNS[part.by]
    if shop.missing("orders", "order_lines", f"items.{column}"):
        raise DataError(f"--where {part.name}: these tables do not say the {part.by} of what was ordered")
    known = shop["items"].select(column).distinct().to_pandas()[column].dropna().astype(str)
    if part.value not in set(known):
        hint = did_you_mean(part.value, known)
        raise DataError(f"--where {part.name}: no item has this {part.by}. {hint}".rstrip())


class _Part:
    """The rows of each table that belong to a part."""

    def __init__(self, shop: Shop, part: Part) -> None:
        self.shop = shop
        items, lines = shop["items"], shop["order_lines"]
        self.items = items.filter(items[COLUMNS[part.by]] == part.value)
        self.lines = lines.semi_join(self.items, "item_id")
        self.orders = shop["orders"].semi_join(self.lines, "order_id")
        self.whole_orders = self.orders.anti_join(lines.anti_join(self.items, "item_id"), "order_id")
        self.customers = shop["customers"].semi_join(self.orders, "customer_id")

    def tables(self) -> dict[str, Table]:
        """Return the tables that a part has; a fee or cost of more than the part is not known of it."""
        made: Mapping[str, Callable[[], Table]] = {
            "customers": lambda: _unknown(self.customers, "acquisition_cost_cents"),
            "sellers": lambda: self.shop["sellers"].semi_join(self.items, "seller_id"),
            "items": lambda: self.items,
            "orders": lambda: _unknown(self.orders, "shipping_fee_cents"),
            "order_lines": lambda: self.lines,
            "returns": lambda: self._of_items("returns"),
            "tickets": lambda: self.shop["tickets"].semi_join(self.whole_orders, "order_id"),
            "reviews": lambda: self._of_items("reviews"),
            "ties": self._ties,
            "shares": lambda: self._of_items("shares"),
            "reactions": lambda: self.shop["reactions"].semi_join(self._of_items("shares"), "share_id"),
        }
        return {name: make() for name, make in made.items() if name in self.shop.tables}

    def _of_items(self, name: str) -> Table:
        """Rows about an item of the part, or an order that holds nothing else, of the part's customers."""
        rows = self.shop[name]
        of_item = rows.semi_join(self.items, "item_id")
        of_order = rows.filter(_.item_id.isnull()).semi_join(self.whole_orders, "order_id")
        found = of_item.union(of_order)
        return found.semi_join(self.customers, "customer_id") if "customer_id" in rows.columns else found

    def _ties(self) -> Table:
        ties, known = self.shop["ties"], self.customers.select("customer_id")
        for end in ("customer_a", "customer_b"):
            ties = ties.semi_join(known.rename({end: "customer_id"}), end)
        return ties


def _unknown(rows: Table, column: str) -> Table:
    """Return the rows with a column that is not known."""
    return rows.mutate(**{column: rows[column].nullif(rows[column])}) if column in rows.columns else rows


def _counted(whole: TableReceipt, rows: Table) -> TableReceipt:
    """Return what the receipt says of the part's rows; what was put aside stays with the whole."""
    time = CATALOGUE[whole.table].time
    asked = {f"filled {name}": rows[name].count() for name in rows.columns}
    if time is not None and time in rows.columns:
        asked |= {"first": rows[time].min(), "last": rows[time].max()}
    found = rows.aggregate(rows=rows.count(), **asked).to_pyarrow().to_pylist()[0]
    first, last = (found[end].isoformat() if found.get(end) else None for end in ("first", "last"))
    return replace(
        whole,
        read=found["rows"],
        accepted=found["rows"],
        quarantined=0,
        reasons={},
        remarks={},
        filled={name: found[f"filled {name}"] for name in whole.filled},
        first=first,
        last=last,
    )
