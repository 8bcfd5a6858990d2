"""The data dictionary: the contract and how to meet it, written from the catalogue.

Run `python -m helpers.data.dictionary > data/README.md` after a change of the contract.
"""

from __future__ import annotations

from pathlib import Path

from helpers.data.catalogue import CATALOGUE, Column, Table

_HERE = Path(__file__).parent
_INTRODUCTION = """# The data

Tables that the workbench reads, column by column. Four are required: customers, items, orders, order_lines;
without any of the others a section says in one sentence what it needs and is skipped. A plain A/B test needs
two: customers and experiments with `outcome`.

Ids are text. Times are stored as UTC without a zone and shown on the shop's clock. Money is in whole
hundredths of the shop's currency (`_cents`: fen, cents, pence). This page is generated from the contract
(`python -m helpers.data.dictionary > data/README.md`); tables lie here too but are never committed.
"""
_KINDS = {"id": "id", "time": "time (UTC)", "money": "money (hundredths)", "integer": "whole number"}
_NULLS = {"never": "needed", "allowed": "may be empty", "if_absent": "in all rows or in none"}


def data_dictionary() -> str:
    """Return the whole of data/README.md as Markdown."""
    parts = [_INTRODUCTION, (_HERE / "own_tables.md").read_text(encoding="utf-8"), "## The tables\n"]
    parts += [_section(table) for table in CATALOGUE.values()]
    assumptions = _HERE.parents[1] / "market" / "ASSUMPTIONS.md"
    if assumptions.is_file():
        parts.append(assumptions.read_text(encoding="utf-8"))
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _section(table: Table) -> str:
    needed = "required" if table.required else "optional"
    lines = [f"### {table.name}", "", f"One row is {table.row}. {needed.capitalize()}."]
    lines += [f"Key: {', '.join(f'`{name}`' for name in table.key)}.{_order(table)}", ""]
    lines += ["| column | kind | empty? | meaning | rules |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(_row(column) for column in table.columns)]) + "\n"


def _order(table: Table) -> str:
    rules = [f"`{later}` is not before `{earlier}`" for later, earlier in table.not_before]
    if table.time:
        rules.append(f"`{table.time}` dates the row and cannot lie in the future")
    if table.unordered:
        rules.append("the order of the pair means nothing (stored smaller first)")
    return f" {'; '.join(rules).capitalize()}." if rules else ""


def _row(column: Column) -> str:
    kind = _KINDS.get(column.kind, column.kind)
    return f"| `{column.name}` | {kind} | {_NULLS[column.null]} | {column.meaning} | {_rules(column)} |"


def _rules(column: Column) -> str:
    rules = []
    if column.low is not None and column.high is not None:
        rules.append(f"{column.low:g} to {column.high:g}")
    elif column.low is not None:
        rules.append(f"{column.low:g} or more")
    elif column.high is not None:
        rules.append(f"at most {column.high:g}")
    if column.allowed:
        rules.append("one of " + ", ".join(column.allowed))
    if column.references:
        rules.append(f"names one of `{column.references}`")
    return "; ".join(rules)


if __name__ == "__main__":
    print(data_dictionary(), end="")
