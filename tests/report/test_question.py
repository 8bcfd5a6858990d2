"""A question is answered, or skipped with one honest sentence; errors stay errors."""

from __future__ import annotations

import pytest

from helpers.report import CannotAnswer, Skipped, question
from tests.report.labels import Named


class Shop:
    """A shop that lacks what it is told."""

    def __init__(self, *lacks: str) -> None:
        self.lacks = lacks

    def missing(self, *needs: str) -> tuple[str, ...]:
        return tuple(need for need in needs if need in self.lacks)


@question(Named("A3", "Do likes help?"), needs=("shares", "reactions", "orders.placed_at"))
def likes(shop, *, fail: Exception | None = None):
    if fail:
        raise fail
    return "answer"


def test_answer_is_handed_through():
    assert likes(Shop()) == "answer"
    assert (likes.requirement, likes.question) == ("A3", "Do likes help?")
    assert likes.needs == ("shares", "reactions", "orders.placed_at")


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        (["shares"], "needs shares, which"),
        (["shares", "orders.placed_at"], "needs shares and orders.placed_at, which"),
        (["shares", "reactions", "orders.placed_at"], "needs shares, reactions and orders.placed_at, which"),
    ],
)
def test_missing_tables_skip_the_question(lacks, said):
    found = likes(Shop(*lacks), fail=RuntimeError("never reached"))
    assert isinstance(found, Skipped)
    assert said in found.reason
    (finding,) = found.findings
    assert (finding.status, finding.requirement, finding.reading) == ("skipped", "A3", found.reason)


def test_limit_of_the_data_skips_and_error_raises():
    found = likes(Shop(), fail=CannotAnswer("only 3 customers shared."))
    assert found.reason == "Not answered: only 3 customers shared."
    with pytest.raises(ZeroDivisionError):
        likes(Shop(), fail=ZeroDivisionError())
