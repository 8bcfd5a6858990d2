"""What customers pay of the list price, believed as far as their purchases tell."""

import numpy as np
import pandas as pd
import pytest

from helpers.data.order_sums import order_sums
from methods.customers.prices import price_habit, shrunken_means


def sums(values):
    return [
        np.array([f(row) for row in values], dtype=float) for f in (len, np.sum, lambda row: np.sum(row**2))
    ]


@pytest.mark.parametrize(("spread", "noise", "believed"), [(1.0, 0.05, 0.99), (0.05, 1.0, 0.05)])
def test_means_are_believed_as_far_as_rows_differ_more_than_chance(spread, noise, believed):
    rng = np.random.default_rng(1)
    truth = spread * rng.standard_normal(2000)
    values = [mean + noise * rng.standard_normal(rng.integers(1, 6)) for mean in truth]
    pulled = shrunken_means(*sums(values))
    plain = np.array([row.mean() for row in values])
    assert np.cov(pulled, plain)[0, 1] / plain.var() == pytest.approx(believed, abs=0.05)
    # At 2,000 rows the two errors differ by half a percent by chance alone.
    assert np.square(pulled - truth).mean() <= np.square(plain - truth).mean() * 1.01


def test_rows_that_do_not_differ_are_all_given_the_mean():
    rng = np.random.default_rng(2)
    pulled = shrunken_means(*sums([rng.standard_normal(3) * 0 + 0.5 for _ in range(50)]))
    np.testing.assert_allclose(pulled, 0.5)


def test_what_is_paid_leaves_out_lines_without_a_list_price(make_shop):
    tables = {
        "customers": pd.DataFrame({"customer_id": ["a", "b"]}),
        "items": pd.DataFrame({"item_id": ["i", "j"], "list_price_cents": [1000, None]}),
        "orders": pd.DataFrame(
            {"order_id": ["1", "2"], "customer_id": ["a", "b"], "placed_at": pd.Timestamp("2024-05-01")}
        ),
        "order_lines": pd.DataFrame(
            {
                "order_id": ["1", "1", "1", "2"],
                "line_number": [1, 2, 3, 1],
                "item_id": ["i", "i", "j", "j"],
                "quantity": 2,
                "unit_price_cents": [500, 1500, 100, 100],
            }
        ),
    }
    sums = order_sums(make_shop(tables), until=19_900, habits=True)
    rows = sums.lines[["lines", "paid", "paid_square"]].fillna(0.0).set_axis(sums.customers["customer_id"])
    assert rows.loc["a"].tolist() == [2, 1.5, 1.25]
    assert rows.loc["b", "lines"] == 0
    plain, pulled = price_habit(rows)
    assert plain[0] == 0.75
    assert np.isnan(plain[1])
    assert pulled[1] == pytest.approx(0.75)
