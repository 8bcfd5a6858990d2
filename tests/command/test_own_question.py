"""The template of an own question answers it, and a copy of it is a chapter among the others."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from helpers.command import main
from helpers.command.notebooks import copy_template, find_notebooks, select
from helpers.command.outcome import Exit, Refusal
from helpers.paths import project_folder
from helpers.report import own_words, read_findings
from helpers.report.registry import TEMPLATE, registry
from methods.intervals import Interval
from tests.conftest import draw_tables, write_shop
from tests.notebook_in_process import run_notebook

NOTEBOOKS = project_folder() / "notebooks"


@pytest.fixture(autouse=True)
def read_anew():
    """The registry holds what lies beside the notebooks of the project it was first asked in."""
    registry.cache_clear()
    yield
    registry.cache_clear()


@pytest.fixture
def with_template(toy):
    """A toy project that has the template."""
    for path in NOTEBOOKS.glob(f"{TEMPLATE}.*"):
        shutil.copy(path, toy.folder / "notebooks")
    registry.cache_clear()
    return toy


def weekend_shop(folder, *, customers=1200):
    """A shop in Shanghai where 60 % of weekend's and 30 % of other days' first-time buyers buy again."""
    rng = np.random.default_rng(5)
    ids = [f"c{number:05d}" for number in range(customers)]
    # Saturday in Shanghai begins on Friday at 16:00 UTC.
    first = pd.Timestamp("2025-01-06T16:30") + pd.to_timedelta(rng.integers(0, 28, customers), unit="D")
    weekend = (first + pd.Timedelta(hours=8)).day_of_week >= 5
    again = rng.random(customers) < np.where(weekend, 0.6, 0.3)
    placed = pd.concat([pd.Series(first), pd.Series(first[again] + pd.Timedelta(days=20))], ignore_index=True)
    owner = np.concatenate([ids, np.array(ids)[again]])
    ends = pd.Series([pd.Timestamp("2025-09-01T03:00")])
    orders = pd.DataFrame(
        {
            "customer_id": [*owner, ids[0]],
            "placed_at": pd.concat([placed, ends], ignore_index=True),
            "status": "completed",
        }
    )
    orders.insert(0, "order_id", [f"o{number}" for number in range(len(orders))])
    lines = orders[["order_id"]].assign(line_number=1, item_id="i1", quantity=1, unit_price_cents=100)
    customers_table = pd.DataFrame({"customer_id": ids, "joined_at": first.min()})
    tables = {"customers": customers_table, "items": pd.DataFrame({"item_id": ["i1"]})}
    write_shop({**tables, "orders": orders, "order_lines": lines}, folder)
    return again[weekend].mean() - again[~weekend].mean()


def test_the_template_finds_what_is_there(tmp_path):
    truth = 100 * weekend_shop(tmp_path / "shop")
    run = run_notebook(TEMPLATE, data=tmp_path / "shop", out=tmp_path / "out")
    (finding,) = run.findings
    assert finding.id == "X1.weekend_gap"
    assert finding.estimate == pytest.approx(truth, abs=0.06)
    assert finding.n == 1200
    assert "more of the weekend's first-time buyers bought again" in finding.reading
    assert [data["alt"] for data in run.shown if "alt" in data]
    assert "% who bought again" in run.words


def test_few_people_are_hidden_in_it_as_everywhere(tmp_path):
    weekend_shop(tmp_path / "shop", customers=30)
    run = run_notebook(TEMPLATE, data=tmp_path / "shop", out=tmp_path / "out")
    (finding,) = run.findings
    assert (finding.status, finding.estimate) == ("skipped", None)
    assert not [data for data in run.shown if "alt" in data]


def test_a_copy_is_a_chapter_of_the_report_and_the_template_is_none(with_template):
    toy = with_template
    toy.notebook("02_first")
    assert main(["own", "09_weekend"]) == Exit.DONE

    def prepare(data, *, source, as_of, out):
        return write_shop(draw_tables(seed=2, customers=600), toy.folder / "shop").folder

    names = [book.name for book in find_notebooks(toy.folder / "notebooks")]
    assert names == ["02_first", "09_weekend"]
    folder = toy.run(prepare=prepare)
    found = {finding.id: finding for finding in read_findings(folder / "findings.json")}
    assert found["X9.weekend_gap"].status == "answered"
    page = (folder / "09_weekend.html").read_text()
    assert "first-time buyers" in page
    assert 'href="09_weekend.html"' in (folder / "index.html").read_text()
    assert not (folder / f"{TEMPLATE}.html").exists()


def test_the_template_is_run_where_it_is_named(with_template):
    with_template.notebook("02_first")
    every = find_notebooks(with_template.folder / "notebooks")
    assert [book.name for book in select(every, "")] == ["02_first"]
    assert [book.name for book in select(every, TEMPLATE)] == [TEMPLATE]


@pytest.mark.parametrize("name", ["weekend", "9_weekend", "09_../x", "09_", "02_again", "09_週末"])
def test_a_copy_needs_a_name_and_number_of_its_own(with_template, name):
    with_template.notebook("02_first")
    before = sorted((with_template.folder / "notebooks").iterdir())
    with pytest.raises(Refusal, match=r"no name such as 09_weekend|the number 02 is taken by 02_first"):
        copy_template(with_template.folder / "notebooks", name)
    assert sorted((with_template.folder / "notebooks").iterdir()) == before


def test_an_id_declared_twice_is_named(with_template):
    notebooks = with_template.folder / "notebooks"
    copy_template(notebooks, "09_weekend")
    text = (notebooks / "09_weekend.toml").read_text()
    (notebooks / "10_more.toml").write_text(text)
    with pytest.raises(ValueError, match=r"X9.weekend_gap.*09_weekend.toml and in 10_more.toml"):
        registry()


def test_words_that_are_missing_or_changed_since_are_told(with_template):
    notebooks = with_template.folder / "notebooks"
    copy_template(notebooks, "09_weekend")
    registry()
    (notebooks / "09_weekend.toml").write_text(
        (notebooks / "09_weekend.toml").read_text().replace("pp of", "% of")
    )
    with pytest.raises(ValueError, match="start the kernel anew"):
        own_words("09_weekend")
    (notebooks / "09_weekend.en.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"notebooks/09_weekend\.en\.txt is missing"):
        own_words("09_weekend")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (2.0, 6.0, "4.0 pp (2.0 to 6.0) more of the weekend's"),
        (-6.0, -2.0, "4.0 pp (2.0 to 6.0) fewer of the weekend's"),
        (-2.0, 1.0, "do not settle who buys again more often: the difference is −0.5 pp (−2.0 to 1.0)"),
    ],
)
def test_its_sentence_obeys_its_number(low, high, said):
    words = own_words(TEMPLATE)
    gap = Interval(estimate=(low + high) / 2, low=low, high=high, n=1000)
    finding = words.finding("X1.weekend_gap", gap, method="counting", outcome_days=90)
    assert said in finding.reading
    title, alt = words.picture("gap", [finding])
    assert ("not settled" in title) == (low < 0 < high)
    assert "by the day of their first order" in alt
