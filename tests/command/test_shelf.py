"""The reports folder: one rename publishes, one rename moves `latest`."""

from __future__ import annotations

import pytest

from helpers.command.outcome import Exit, Refusal


def test_run_ids_never_repeat(toy):
    names = set()
    for _ in range(3):
        run, staging = toy.shelf.stage()
        toy.shelf.publish(staging, run)
        names.add(run)
    assert len(names) == 3


def test_latest_is_a_relative_link(toy):
    toy.published("20250101-000000")
    moved = toy.out.rename(toy.out.with_name("moved"))
    assert (moved / "latest" / "index.html").exists()


def test_latest_that_is_a_folder_is_left_alone(toy):
    (toy.out / "latest" / "mine").mkdir(parents=True)
    with pytest.raises(Refusal, match="not a link") as refusal:
        toy.shelf.point_latest("20250101-000000")
    assert refusal.value.code == Exit.NOT_PUBLISHED
    assert (toy.out / "latest" / "mine").is_dir()
    assert not list(toy.out.glob(".latest*"))


def test_failed_runs_lie_apart(toy):
    run, staging = toy.shelf.stage()
    place = toy.shelf.set_aside(staging, run)
    assert place == toy.out / "failed" / run
    assert toy.shelf.runs() == (place,)
    assert toy.shelf.latest is None
