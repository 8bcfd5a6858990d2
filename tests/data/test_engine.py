"""What a connection is set to, whoever opens it."""

from __future__ import annotations

import pytest

from helpers.data.engine import connect


@pytest.mark.parametrize(
    ("setting", "value"),
    [("TimeZone", "UTC"), ("enable_progress_bar", False), ("autoload_known_extensions", False)],
)
def test_duckdb_is_quiet_and_keeps_to_utc(setting, value):
    assert connect().raw_sql(f"SELECT current_setting('{setting}')").fetchone() == (value,)


def test_another_engine_is_refused_by_name():
    with pytest.raises(ValueError, match="'sqlite' is not known; choose 'duckdb' or 'spark'"):
        connect(engine="sqlite")
