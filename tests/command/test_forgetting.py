"""One customer is taken out of what the workbench keeps, and loads that no run needs go."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from helpers.command import main
from helpers.command.forgetting import find_customer, unused_loads
from helpers.command.trail import Trail
from helpers.data.pseudonyms import KEY_VARIABLE, Key

SECRET = "a secret of enough letters"


def loaded(folder, *, ids, name="shop-1"):
    accepted = folder / name / "accepted"
    accepted.mkdir(parents=True)
    pd.DataFrame({"customer_id": ids}).to_parquet(accepted / "customers.parquet")
    orders = {"order_id": ["o1", "o2"], "customer_id": [ids[0], ids[0]], "quantity": [1, 2]}
    pd.DataFrame(orders).to_parquet(accepted / "orders.parquet")
    return folder / name


def test_a_customer_is_found_by_id_and_by_pseudonym(tmp_path, toy):
    key = Key(SECRET.encode())
    plain = loaded(tmp_path / "loaded", ids=["ann", "bob"])
    veiled = loaded(tmp_path / "loaded", ids=[key.pseudonym("ann", domain="customers"), "x"], name="shop-2")
    traces = find_customer("ann", loaded=tmp_path / "loaded", shelf=toy.shelf, key=key)
    assert traces.rows == {plain: {"customers": 1, "orders": 2}, veiled: {"customers": 1, "orders": 2}}
    assert find_customer("cy", loaded=tmp_path / "loaded", shelf=toy.shelf, key=None).is_empty


def test_forget_deletes_loads_tells_what_is_left_and_notes_it_without_the_name(
    tmp_path, toy, capsys, monkeypatch
):
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    place = loaded(tmp_path / "loaded", ids=["ann", "bob"])
    other = loaded(tmp_path / "loaded", ids=["cy", "bob"], name="shop-2")
    run = toy.published("20250101-000000")
    (run / "notebooks").mkdir()
    (run / "notebooks" / "04_toy.ipynb").write_text(json.dumps({"cells": ["ann"]}))
    asked = ["forget", "--customer", "ann", "--out", str(toy.out), "--cache", str(tmp_path / "loaded")]
    assert main([*asked, "--dry-run"]) == 0
    assert place.is_dir()
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert (place.exists(), other.exists()) == (False, True)
    assert "deleted loaded tables shop-1: customers 1, orders 2" in said
    assert "04_toy.ipynb" in said
    assert "Delete the customer's rows from the source" in said
    noted = (toy.out / "trail.jsonl").read_text()
    assert json.loads(noted)["what"] == "erasure"
    assert "ann" not in noted.replace("channel", "")
    assert Trail(toy.out).faults() == []


@pytest.mark.parametrize("dry", [True, False])
def test_prune_deletes_loads_that_no_run_left_was_made_of(tmp_path, toy, capsys, dry):
    old, new = toy.published("20250101-000000"), toy.published("20250102-000000")
    used = loaded(tmp_path / "loaded", ids=["ann", "bob"], name="shop-new")
    gone = loaded(tmp_path / "loaded", ids=["ann", "bob"], name="shop-old")
    for run, load in ((old, gone), (new, used)):
        entry = json.loads((run / "manifest.json").read_text())
        (run / "manifest.json").write_text(json.dumps({**entry, "loaded": load.name}))
    assert unused_loads(tmp_path / "loaded", [new]) == (gone,)
    asked = ["prune", "--keep", "1", "--out", str(toy.out), "--cache", str(tmp_path / "loaded")]
    assert main([*asked, *(["--dry-run"] if dry else [])]) == 0
    assert (old.exists(), gone.exists()) == (dry, dry)
    assert new.exists()
    assert used.exists()
    assert "loaded tables shop-old" in capsys.readouterr().out
