"""Shops of few customers: no page, title, alternative text, mark of a picture or finding tells of 1 to 10."""

from __future__ import annotations

import importlib
import json
import re
import warnings
from html.parser import HTMLParser

import pytest
from IPython.display import HTML
from matplotlib.container import BarContainer

from helpers.report.reasons import reason_text
from helpers.report.registry import registry
from helpers.report.release import FEWEST_OF_A_SHARE, FEWEST_PEOPLE
from market import simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop
from tests.degenerate_shops import kept_customers
from tests.notebook_in_process import NOTEBOOKS, run_notebook

PICTURE = "<p>a picture</p>"
# Findings of results whose pictures leave out what is withheld (`draws_released`).
LEAVE_OUT = {"B8.overall", "C8.reason_share", "D3.gain", "E1.posts_flagged"}
SIZES = (11, 12, 50, 200)
PEOPLE = "customers?|buyers?|sharers?|authors?|people|posters?|leaders?|seeds?|stayers?|newcomers?"
# A threshold ("fewer than 11 people", "at least 10 customers") is no count.
THRESHOLDS = r"(?<!fewer than )(?<!at least )(?<!more than )(?<!\d to )(?<![\d.,–-])"
SMALL = re.compile(rf"{THRESHOLDS}\b(?:[1-9]|10) (?:[a-z]+ )?(?:{PEOPLE})\b")
COUNTS = re.compile(rf"^(?:active|new|returning|resurrecting|dormant|units|.*\b(?:{PEOPLE})\b.*)$")
RATES = re.compile(r"%|expected|per |a head|by chance|to come|rank|likeliest|bought")


@pytest.fixture(scope="module")
def tables():
    return {name: table.to_pandas() for name, table in simulate(customers=200, seed=7).tables.items()}


@pytest.fixture(scope="module", params=SIZES, ids="{} customers".format)
def chapters(request, tables, tmp_path_factory):
    """What each chapter showed of the first customers, the pictures still open, and what it saved."""
    folder = tmp_path_factory.mktemp("small")
    some = tables["customers"]["customer_id"].head(request.param)
    write_shop(kept_customers(tables, some), folder / "shop", as_of=AS_OF_UTC)
    shown, figures = {}, []
    show = importlib.import_module("helpers.report.show")
    patch = pytest.MonkeyPatch()

    def keep(picture):
        figures.append(picture)
        return picture

    patch.setattr(show, "_image", keep)
    patch.setattr(show, "_show_image", lambda image, **_: show.display(HTML(PICTURE)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in NOTEBOOKS:
            shown[name] = run_notebook(name, data=folder / "shop", out=folder / "out")
    patch.undo()
    saved = [one for path in sorted((folder / "out").glob("*.json")) for one in json.loads(path.read_text())]
    return shown, figures, saved


def test_no_sentence_counts_few_people(chapters):
    shown, figures, _ = chapters
    titles = [picture.figure.get_suptitle() for picture in figures]
    for words in (*(run.words for run in shown.values()), *titles, *(picture.alt for picture in figures)):
        found = SMALL.search(re.sub(r"<[^>]+>", " ", words))
        assert not found, f"…{words[max(0, found.start() - 80) : found.end() + 40]}…"


def test_no_page_and_no_finding_names_a_customer(chapters, tables):
    shown, figures, saved = chapters
    ids = set(tables["customers"]["customer_id"])
    told = [*(run.words for run in shown.values()), *(picture.alt for picture in figures), json.dumps(saved)]
    for words in told:
        assert not ids & set(re.findall(r"[\w-]+", words))


class _Cells(HTMLParser):
    """The rows of every table, as texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables:
            self.tables[-1][-1].append("")

    def handle_data(self, text):
        if self.tables and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += text


def test_no_table_counts_few_people(chapters):
    shown, _, _ = chapters
    for name, run in shown.items():
        if name.startswith("01"):
            continue  # the receipt counts rows
        for head, *rows in _Cells(run.words).tables:
            counts = [
                place for place, text in enumerate(head) if COUNTS.match(text) and not RATES.search(text)
            ]
            for row in rows:
                if {"quality control", "fast desk"} & set(row):
                    continue  # its units are categories and sellers
                for place in counts:
                    number = re.fullmatch(r"[\d,]+", row[place].strip())
                    few = number and 0 < int(row[place].replace(",", "")) < FEWEST_PEOPLE
                    assert not few, f"{name}: {dict(zip(head, row, strict=True))}"


def test_no_finding_tells_of_few_people(chapters):
    _, _, saved = chapters
    for one in saved:
        if one["status"] != "answered" or registry()[one["id"]].counts == "nobody":
            continue  # products, sellers, groups, or numbers themselves
        if one["id"].startswith(("data.", "A7.orders", "A7.ret", "A7.resp")):
            continue
        people = one["n"] if one["persons"] is None else one["persons"]
        assert people >= FEWEST_PEOPLE, one
        if one["id"] == "D4.popularity":
            continue  # the mean share of customers who have what is listed: no share of them has it
        if re.match(r"% of (new |active |lost )?(customers|buyers)\b", one["unit"]) and one["n"] == people:
            having = round(one["estimate"] * people / 100)
            assert people >= FEWEST_OF_A_SHARE, one
            assert not any(0 < side < FEWEST_PEOPLE for side in (having, people - having)), one


def test_no_mark_counts_few_people(chapters):
    """Bars that count customers, by their axis."""
    _, figures, _ = chapters
    for picture in figures:
        for panel in picture.figure.axes:
            if (panel.get_ylabel() or panel.get_xlabel()) != "customers":
                continue
            bars = [patch for one in panel.containers if isinstance(one, BarContainer) for patch in one]
            assert not [bar for bar in bars if 0 < abs(bar.get_height()) < FEWEST_PEOPLE], picture.alt


def test_a_section_that_withholds_a_number_shows_no_picture_of_it(chapters):
    """But for those that say they leave out the same; a sentence says so where the picture would stand."""
    shown, _, saved = chapters
    withheld = {one["id"] for one in saved if (one["reason"] or "").startswith("Not shown")}
    for run in shown.values():
        blocks = [str(data.get("text/html", "")) for data in run.shown]
        for html, following in zip(blocks, [*blocks[1:], ""], strict=True):
            told = set(re.findall(r'data-finding="([^"]+)"', html))
            if 'class="reading"' not in html or not withheld & told or told & LEAVE_OUT:
                continue
            assert reason_text("no picture") in html
            assert following != PICTURE
