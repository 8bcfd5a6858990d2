"""The `[tables]` of a draft: each column's value, and what its first rows leave open."""

from __future__ import annotations

import re

from helpers.data.catalogue import CATALOGUE
from helpers.data.draft.guess import count_units_of, guard_of
from helpers.data.draft.look import Look
from helpers.data.draft.tables import Feeding
from helpers.data.draft.text import LOOKED_UP, Draft, bare, listed, quoted
from helpers.data.draft.words import status_of
from methods.counts import count


def write_table(draft: Draft, feed: Feeding, same: list[Feeding], look: Look) -> None:
    """Write one table from one file. same: all feedings of the table."""
    header = f"[[tables.{feed.table}]]" if len(same) > 1 else f"[tables.{feed.table}]"
    draft.lines += ["", header, f"file = {quoted(feed.file)}"]
    if feed.why:
        draft.doubt(f"{feed.table}: {feed.why}")
    if feed.distinct:
        draft.lines.append("distinct = true")
    draft.lines += ["", f"[tables.{feed.table}.columns]"]
    if feed.table == "orders":
        _doubt_persons(draft, feed, look)
    for column in CATALOGUE[feed.table].columns:
        if source := feed.columns.get(column.name, ""):
            _column(draft, feed, column.name, source, look)
        elif column.name in feed.lookups:
            draft.lines.append(f"{column.name} = {quoted(LOOKED_UP + column.name)}")
        elif column.null == "never":
            _needed(draft, feed, column.name, column.meaning, look)


def _doubt_persons(draft: Draft, feed: Feeding, look: Look) -> None:
    """Ask whether customers are persons, where every order seen has a customer of its own."""
    people = [value for value in look.columns[feed.columns["customer_id"]] if value]
    if len(people) > 2 and len(set(people)) == len(people):
        draft.doubt(
            f"no customer has two orders among the first {len(people):,}: does {feed.columns['customer_id']} "
            f"name the person or the order? A lookup can take the person from another file"
        )


def _column(draft: Draft, feed: Feeding, column: str, source: str, look: Look) -> None:
    values = look.columns[source]
    kind = CATALOGUE[feed.table].column(column).kind
    _doubt_values(draft, feed, column, source, look)
    keys = []
    if guard := guard_of(values):
        keys.append(f"strip = {listed([guard] if guard != '=' + chr(34) else [guard, chr(34)])}")
    if kind == "integer" and (units := count_units_of(values)):
        keys.append(f"units = {listed(units)}")
    if column == "status":
        keys += _statuses(draft, source, [bare(value, values) for value in values if value])
    if column == "customer_id" and any("@" in value for value in values):
        draft.lines.append(f"{column} = {{ hash_of = [{quoted(source)}], lower = true }}")
        return
    if kind == "integer" and values and not all(re.fullmatch(r"-?\d+(\.0*)?", v) or not v for v in values):
        draft.doubt(f"{source} is not always a whole number; is it {column}?")
    if column == "category" and any(values) and not all(values):
        draft.doubt(f"{source} is empty in some rows; they are put into one group of their own")
        keys.append('fill = "unknown"')
    if feed.distinct and column not in CATALOGUE[feed.table].key and feed.table == "items":
        keys.append('pick = "first"')
    plain = f"{column} = {quoted(source)}"
    draft.lines.append(f"{column} = {{ column = {quoted(source)}, {', '.join(keys)} }}" if keys else plain)


def _doubt_values(draft: Draft, feed: Feeding, column: str, source: str, look: Look) -> None:
    """Say what the first rows do that the contract does not allow: empty ids, and orders that contradict."""
    values, table = look.columns[source], CATALOGUE[feed.table]
    if table.column(column).null == "never" and (empty := sum(not value for value in values)):
        draft.ask(
            f"[tables.{feed.table}] {source} is empty in {empty:,} of the first "
            f"{count(len(values), 'row')}, which "
            f"will be refused; if they may be, write max_rejected_share = {empty / len(values) + 0.01:.2f}"
        )
    if feed.distinct and feed.table == "orders" and column not in table.key:
        keys = look.columns[feed.columns[table.key[0]]]
        pairs = {(key, value) for key, value in zip(keys, values, strict=True) if key and value}
        if len(pairs) > len({key for key, _ in pairs}):
            draft.ask(
                f"[tables.orders] {source} differs between the rows of one order: choose rows by only, "
                f"or a pick"
            )
    if (column in ("quantity", "unit_price_cents")) and (below := sum(v.startswith("-") for v in values)):
        draft.ask(
            f"[tables.{feed.table}] {source} is below 0 in {below:,} of the first "
            f"{count(len(values), 'row')}: "
            f"if these are returns, keep them out by only, or refuse them by reject"
        )


def _statuses(draft: Draft, source: str, values: list[str]) -> list[str]:
    allowed = CATALOGUE["orders"].column("status").allowed
    seen = [value for value in dict.fromkeys(values) if value not in allowed]
    known = {value: status_of(value) for value in seen}
    if unknown := [value for value, status in known.items() if not status]:
        draft.ask(
            f"[tables.orders.columns] status: what {', '.join(unknown[:9])} of {source} "
            f"mean ({', '.join(allowed)})"
        )
    pairs = ", ".join(f"{quoted(value)} = {quoted(status)}" for value, status in known.items() if status)
    return [f"values = {{ {pairs} }}"] if pairs else []


def _needed(draft: Draft, feed: Feeding, column: str, meaning: str, look: Look) -> None:
    if column == "line_number":
        draft.lines.append(f"line_number = {{ number_within = [{quoted(feed.columns['order_id'])}] }}")
    elif column == "quantity":
        draft.doubt(f"{look.path} has no column of pieces: is each line one piece?")
        draft.lines.append("quantity = { constant = 1 }")
    elif column == "review_id":
        draft.lines.append("review_id = { line_number = true }")
    else:
        must = f"[tables.{feed.table}.columns] {column}: {meaning}, one of {', '.join(look.columns)}"
        draft.declare(f'{column} = ""', must=must)
