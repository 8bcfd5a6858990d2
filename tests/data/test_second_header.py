"""Header lines inside a file: put aside by row, with whatever stands below the header of another table."""

from __future__ import annotations

import pytest

HEADER = "survey_id,customer_id,answered_at,kind,score,reason"
HEAD = "item_id,category,title\n"
SECOND = "looks like the header line of a second table"


def rows(first: int, count: int = 6) -> list[str]:
    return [f"s{n},c1,2025-03-01 10:00:00,nps,9,慢" for n in range(first, first + count)]


def below(line: int) -> str:
    return f"stands below the header line of a second table (line {line})"


@pytest.mark.parametrize(
    ("lines", "accepted", "bad"),
    [
        ([HEADER, HEADER, *rows(0)], 6, {"the header line again": 1}),
        ([HEADER, HEADER, HEADER, *rows(0)], 6, {"the header line again": 2}),
        ([HEADER, *rows(0), HEADER, *rows(6)], 12, {"the header line again": 1}),
        ([HEADER, *rows(0), HEADER.upper(), *rows(6)], 12, {"the header line again": 1}),
        (
            [HEADER, *rows(0), '"' + HEADER.replace(",", '","') + '"', *rows(6)],
            12,
            {"the header line again": 1},
        ),
        ([HEADER, *rows(0, 30_000), HEADER, *rows(40_000)], 30_006, {"the header line again": 1}),
        (
            [HEADER, *rows(0, 20), "编号,客户,时间,类型,分数,原因", *rows(30)],
            20,
            {below(22): 6, SECOND: 1},
        ),
        (
            [HEADER, *rows(0, 30_000), "编号,客户,时间,类型,分数,原因", *rows(40_000)],
            30_000,
            {below(30_002): 6, SECOND: 1},
        ),
        (
            [HEADER, *rows(0, 1), "ticket_id,customer_id,opened_at,topic,level,words", *rows(20, 2)],
            1,
            {below(3): 2, SECOND: 1},
        ),
        ([HEADER, *rows(0), "sa,c1,,nps,,so", *rows(20)], 12, {"answered_at: missing": 1}),
    ],
)
def test_header_lines_inside_a_file_are_put_aside(load_one, lines, accepted, bad):
    loaded = load_one("surveys", "".join(f"{line}\n" for line in lines).encode(), declare='timezone = "UTC"')
    assert dict(loaded.receipt.reasons) == bad
    assert loaded.receipt.accepted == accepted
    assert loaded.receipt.read == len(lines) - 1


def test_a_second_table_of_texts_is_put_aside(load_raw):
    items = HEAD + "i1,lips,red\nb,lips,blue\n"
    loaded = load_raw({"items.csv": items + "seller_id,name,opened_at\nx,shop,today\n"})
    assert loaded.accepted("items")["item_id"].tolist() == ["i1", "b"]
    assert loaded.receipt.tables["items"].reasons == {SECOND: 1, below(4): 1}


def test_rows_without_digits_are_rows_where_they_are_usual(load_raw):
    items = HEAD + "".join(f"i{n},lips,no {n}\n" for n in range(9))
    loaded = load_raw({"items.csv": items + "lamp,home,bright\nbook,home,thick\n" + items[len(HEAD) :]})
    assert loaded.receipt.tables["items"].reasons == {"item_id: the same row again": 9}


def test_ids_that_happen_to_hold_no_digit_are_no_header(load_raw):
    rows = [f"r{n},c1,i1,{n % 5 + 1},buyer{n}\n" for n in range(30)]
    text = (
        "review_id,customer_id,item_id,rating,who\n" + "".join(rows) + "anna,ben,carl,five,dora\n" + rows[0]
    )
    reasons = load_raw({"reviews.csv": text}).receipt.tables["reviews"].reasons
    assert SECOND not in reasons
    assert reasons["rating: not a whole number"] == 1
