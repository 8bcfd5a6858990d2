"""What is published names nobody: no id, no pseudonym and no key in any file, nothing hidden in pictures."""

from __future__ import annotations

import base64
import gc
import io
import json
import re

import pyarrow.parquet as pq
import pytest
from PIL import Image

from helpers.command.inputs import prepare
from helpers.data.pseudonyms import KEY_VARIABLE
from market import write_market

SECRET = "a secret of enough letters"
CELLS = """from helpers import stickiness
from helpers.data import open_shop
from helpers.report import Chapter, save_findings, show
chapter = Chapter(open_shop(data, as_of=as_of))
section = chapter.ask(stickiness.repurchase)
show(section)
save_findings("02_first", section, out=out)"""
WEEKS = ("2025-06-15", "2025-06-22")


@pytest.fixture
def published(toy, tmp_path, monkeypatch):
    """Two runs a week apart on a small market under a key; their folders, and everybody's names."""
    gc.collect()  # engines that tests before left open must not be inherited by what a run forks
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    write_market(tmp_path / "market", customers=300, seed=4)
    toy.notebook("02_first", CELLS, findings=False)
    asked = {"data": str(tmp_path / "market"), "cache": tmp_path / "cache"}
    folders = [toy.run(prepare=prepare, as_of=day, **asked) for day in WEEKS]
    (loaded,) = (tmp_path / "cache").glob("market-*")
    ids = [
        pq.read_table(place / "customers.parquet")["customer_id"].to_pylist()
        for place in (tmp_path / "market", loaded / "accepted")
    ]
    return folders, {name for names in ids for name in names}


def test_two_weekly_runs_name_nobody_and_refine_nothing(published):
    folders, names = published
    assert len(names) == 600
    images = 0
    for folder in folders:
        for path in (path for path in folder.rglob("*") if path.is_file()):
            text = path.read_text(encoding="utf-8")
            assert SECRET not in text, path.name
            images += look_into(text)
            words = re.sub(r"[A-Za-z0-9+/=]{200,}", " ", text)  # pictures are looked into above
            assert not names & set(re.findall(r"[\w-]+", words)), path.name
    assert images
    first, second = (told(folder) for folder in folders)
    for key in first.keys() & second.keys():
        (before, reading), (after, now) = first[key], second[key]
        came = abs(after - before)
        assert came == 0 or came >= 11, key
        assert "as the run" not in now or now.startswith(reading)
    assert folders[0].name in (folders[1] / "findings.json").read_text(encoding="utf-8")
    trail = (folders[0].parent / "trail.jsonl").read_text(encoding="utf-8")
    assert len(trail.splitlines()) == 2


def told(folder):
    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    answered = [one for one in findings if one["status"] == "answered"]
    return {(one["id"], one["segment"]): (one["n"], one["reading"]) for one in answered}


def look_into(page: str) -> int:
    """Decode every picture of a page: it carries pixels and nothing else; return how many there are."""
    found = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page)
    for text in found:
        image = Image.open(io.BytesIO(base64.b64decode(text)))
        assert set(image.info) <= {"dpi", "Software"}, image.info
        assert image.info.get("Software", "Matplotlib").startswith("Matplotlib")
    return len(found)
