"""Times as spreadsheets and Chinese exports write them: day numbers, halves of the day before the hour."""

from __future__ import annotations

import pytest

HEAD = "survey_id,customer_id,answered_at,kind\n"


@pytest.fixture
def read_time(load_one):
    """Return `(text, formats, zone="UTC") -> (UTC as text or None, reasons)`."""

    def run(text: str, formats: list[str], zone: str = "UTC"):
        declare = f'timezone = "{zone}"\ntime_formats = {formats!r}'
        loaded = load_one("surveys", f"{HEAD}s1,c1,{text},nps\n".encode(), declare=declare)
        times = loaded.accepted("surveys")["answered_at"].dt.strftime("%Y-%m-%d %H:%M:%S").tolist()
        return (times[0] if times else None), list(loaded.receipt.reasons)

    return run


@pytest.mark.parametrize(
    ("text", "formats", "zone", "utc"),
    [
        ("2025/1/31 下午03:04:05", ["%Y/%m/%d %p%I:%M:%S"], "UTC", "2025-01-31 15:04:05"),
        ("2025/1/31 下午 3:04", ["%Y/%m/%d %p %I:%M"], "Asia/Shanghai", "2025-01-31 07:04:00"),
        ("2025年1月31日上午12:04", ["%Y年%m月%d日%p%I:%M"], "UTC", "2025-01-31 00:04:00"),
        ("2025年1月31日下午12:04", ["%Y年%m月%d日%p%I:%M"], "UTC", "2025-01-31 12:04:00"),
        ("2025-01-31 11:04 PM", ["%Y-%m-%d %I:%M %p"], "UTC", "2025-01-31 23:04:00"),
        ("45000.5", ["excel_days"], "UTC", "2023-03-15 12:00:00"),
        ("45000.416666666664", ["excel_days"], "Asia/Shanghai", "2023-03-15 02:00:00"),
        ("４５０００", ["excel_days"], "UTC", "2023-03-15 00:00:00"),
        ("45000", ["excel_days", "%Y-%m-%d"], "UTC", "2023-03-15 00:00:00"),
        ("2023-03-15", ["excel_days", "%Y-%m-%d"], "UTC", "2023-03-15 00:00:00"),
        ("45745.125", ["excel_days"], "Europe/London", "2025-03-29 03:00:00"),
    ],
)
def test_times_are_read_as_written(read_time, text, formats, zone, utc):
    assert read_time(text, formats, zone) == (utc, [])


def test_a_day_number_is_a_time_of_the_clock(read_time):
    made, (reason,) = read_time("45746.0625", ["excel_days"], "Europe/London")  # 30 March 2025, 01:30
    assert made is None
    assert "a time that Europe/London skipped" in reason


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("2025/1/31 下午03:04", ["%Y/%m/%d %H:%M"]),
        ("2025/1/31 午03:04", ["%Y/%m/%d %p%I:%M"]),
        ("2025/1/31 下午13:04", ["%Y/%m/%d %p%I:%M"]),
        ("2025/1/31 03:04", ["%Y/%m/%d %p%I:%M"]),
        ("60", ["excel_days"]),
        ("-45000", ["excel_days"]),
        ("4.5e4", ["excel_days"]),
        ("450000000", ["excel_days"]),
        ("45000", ["%Y-%m-%d"]),
    ],
)
def test_what_is_not_written_so_is_refused(read_time, text, formats):
    made, (reason,) = read_time(text, formats)
    assert made is None
    assert reason.startswith("answered_at: not a time as declared")
