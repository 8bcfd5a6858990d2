"""Sentences tell no number of people from 1 to 10, and leave every other number as it is."""

from __future__ import annotations

import pytest

from helpers.report.counted_words import without_few_people


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("only 7 customers shared", "fewer than 11 customers shared"),
        ("1 customer shared", "fewer than 11 customers shared"),
        ("10 other enrolled customers", "fewer than 11 other enrolled customers"),
        ("3 of 50 buyers", "fewer than 11 of 50 buyers"),
        ("3 of the 57 enrolled customers", "fewer than 11 of the 57 enrolled customers"),
        ("45 of 50 buyers", "all but fewer than 11 of 50 buyers"),
        ("2,995 of 3,000 authors", "all but fewer than 11 of 3,000 authors"),
        ("It did. 3 customers left.", "It did. Fewer than 11 customers left."),
        ("3 of 9 customers", "fewer than 11 customers"),
        ("6 friends of buyers", "fewer than 11 friends of buyers"),
        (
            "250 friends of buyers, of whom 6 bought it",
            "250 friends of buyers, of whom fewer than 11 bought it",
        ),
    ],
)
def test_small_numbers_of_people_are_not_told(said, told):
    assert without_few_people(said) == told
    assert without_few_people(told) == told, "said twice it stays"


@pytest.mark.parametrize(
    "said",
    [
        "11 customers",
        "1,007 customers",
        "110 buyers",
        "0 customers",
        "0.7 customers a day",
        "at least 10 customers are needed",
        "fewer than 5 buyers",
        "39 of 50 buyers",
        "400 posters, of whom 6.5 % left",
        "400 posters, of whom 10 % left",
        "400 posters, of whom 60 left",
        "9 customers are needed",
        "100 customers bring 5 others in the end",
        "in 7 days customers bought 3 products",
        "2 to 4 purchases before",
        "orders per 100 customers",
        "5 to 10 customers a group",
    ],
)
def test_other_numbers_stay(said):
    assert without_few_people(said) == said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("only 1 comment can be followed", "fewer than 11 comments can be followed"),
        ("8 purchases in the smaller; 50 needed", "fewer than 11 purchases in the smaller; 50 needed"),
        ("4 clicks and at least 5 purchases", "fewer than 11 clicks and at least 5 purchases"),
        (
            "brought 5 others in 5 families; 20 families are needed",
            "brought fewer than 11 others in fewer than 11 families; 20 families are needed",
        ),
        (
            "6 purchases of the product; 200 of each and 10 purchases are needed",
            "fewer than 11 purchases of the product; 200 of each and 10 purchases are needed",
        ),
        ("3 circles of friends", "3 circles of friends"),
    ],
)
def test_where_there_were_too_few_events_they_are_people_s(said, told):
    assert without_few_people(said, events=True) == told
