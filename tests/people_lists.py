"""Lists of people beside the findings that speak of them and the shop whose ids they hold."""

from __future__ import annotations

from helpers.report.people_list import PeopleList

_TABLES = {"customer_id": "customers", "share_id": "shares", "seller_id": "sellers"}


def lists_of(answer, shop) -> dict[str, PeopleList]:
    """Return an answer's lists by name; the ids are the shop's own, each once, the findings its own."""
    found = {people.name: people for people in answer.people_lists()}
    keys = {finding.key for finding in answer.findings}
    for people in found.values():
        column = people.members.columns[0]
        known = set(shop[_TABLES[column]].select(column).to_pandas()[column])
        assert people.members[column].is_unique
        assert set(people.members[column]) <= known
        assert people.findings
        assert set(people.findings) <= keys
    return found


def told(answer, id: str) -> dict[str | None, float]:
    """Return what the findings of one id say as they leave, by segment."""
    return {one.segment: one.entry()["estimate"] for one in answer.findings if one.id == id}
