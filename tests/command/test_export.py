"""Exports hold what pages tell and, for analysts alone, whom the findings count; never inside reports."""

from __future__ import annotations

import json
import re
import shutil

import pandas as pd
import pytest
from openpyxl import load_workbook

from helpers.command import main
from helpers.command.ask_again import draw_again
from helpers.command.export import Export, export
from helpers.command.manifest import read_manifest
from helpers.command.outcome import Exit, Refusal
from helpers.command.trail import FILE, Trail
from helpers.report.finding import read_findings
from tests.command.conftest import Toy
from tests.conftest import draw_tables, write_shop

ASKED = """from helpers import segments as who
from helpers.data import open_shop
from helpers.report import Chapter, save_findings, show
chapter = Chapter(open_shop(data, as_of=as_of))
stages = chapter.ask(who.lifecycle)
chapter.judge();"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with a published run of a shop of 600 customers, whose chapter 04 tells their stages."""
    folder = tmp_path_factory.mktemp("made") / "project"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("")
    toy = Toy(folder)
    loads = folder / "data" / "loaded"

    def prepare(data, *, source, as_of, out):
        write_shop(draw_tables(seed=5, customers=600), loads / "shop-1")
        return loads / "shop-1"

    toy.notebook("04_who", ASKED, "show(stages)", "save_findings('04_who', stages, out=out)", findings=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        toy.run(prepare=prepare, data=str(folder))
    return folder


@pytest.fixture
def run(made, toy):
    """That run, in a project of this test's own."""
    shutil.copytree(made, toy.folder, symlinks=True, dirs_exist_ok=True)
    return toy.shelf.latest


def asked(toy, **options):
    given = {"run": "latest", "to": toy.folder / "handed", "loaded": toy.folder / "data" / "loaded"}
    return Export(shelf=toy.shelf, **{**given, **options})


def everything_in(folder) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_what_is_handed_over_is_what_the_run_tells_and_whom_it_counts(toy, run, capsys):
    before = everything_in(run)
    done = export(asked(toy, people=True, vector=True))
    to = toy.folder / "handed"

    # Whom the findings count, by the shop's own ids.
    listed = pd.read_csv(to / "people" / "stages.csv", encoding="utf-8-sig")
    assert set(listed["customer_id"]) == set(draw_tables(seed=5, customers=600)["customers"]["customer_id"])
    shares = 100 * listed["group"].value_counts(normalize=True)
    told = {one.segment: one for one in read_findings(run / "findings.json") if one.id == "C1.tier_share"}
    assert told
    for stage, finding in told.items():
        if finding.status == "answered":
            assert finding.estimate == pytest.approx(shares.get(stage, 0.0), abs=0.06)
    assert done.lists == {"stages": 600}
    sheet = load_workbook(to / "people" / "stages.xlsx")["stages"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == listed["customer_id"].tolist()
    assert (to / "people").stat().st_mode & 0o077 == 0, "for nobody but the analyst"

    # What the pages tell: the same rows, hidden where they hide.
    (table,) = (to / "04_who").glob("01_*.csv")
    counts = pd.read_csv(table, encoding="utf-8-sig").set_index("tier")["customers"]
    assert {tier: count for tier, count in counts.items() if count} == listed[
        "group"
    ].value_counts().to_dict()
    assert load_workbook(to / "04_who" / "04_who.xlsx").sheetnames[0] == "contents"
    (picture,) = (to / "04_who").glob("*.png")
    assert picture.with_suffix(".svg").read_text().startswith("<?xml")
    assert "script" not in picture.with_suffix(".svg").read_text()

    # None of it in what is published, and the trail says so.
    assert everything_in(run) == before
    ids = re.compile(rb"\bc\d{5}\b")
    assert not ids.search(everything_in(toy.out))
    assert ids.search(everything_in(to))
    entry = json.loads((toy.out / FILE).read_text().splitlines()[-1])
    assert (entry["what"], entry["run"], entry["lists"]) == ("export", run.name, {"stages": 600})
    assert Trail(toy.out).faults() == []


def test_a_picture_shown_after_the_judging_is_drawn_again_too(tmp_path, capsys):
    shown = "show_picture(Picture(canvas(out)[0], 'A picture of what came late'))"
    cells = ["out = 'of the run'", f"from helpers.report import Picture, canvas, show_picture\n{shown}"]
    notebook = tmp_path / "09_late.ipynb"
    notebook.write_text(json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}))
    (drawn,) = draw_again(notebook, data=tmp_path, findings=tmp_path).values()
    assert drawn.figure.get_suptitle() == str(tmp_path), (
        "of what is asked now, with the run's other parameters"
    )
    assert drawn.svg().startswith(b"<?xml")
    assert capsys.readouterr().out == ""


def test_without_being_asked_no_list_leaves(toy, run):
    shutil.rmtree(toy.folder / "data")
    done = export(asked(toy))
    assert (done.lists, done.pictures, done.tables) == ({}, 1, 1)
    assert not (toy.folder / "handed" / "people").exists()
    assert len(pd.read_csv(toy.folder / "handed" / "findings.csv")) == len(
        read_findings(run / "findings.json")
    )
    with pytest.raises(Refusal, match="its questions cannot be asked again"):
        export(asked(toy, to=toy.folder / "other", people=True))
    assert not list(toy.folder.glob("*.part"))
    assert not list(toy.folder.glob(".*.part"))


def test_a_list_that_differs_from_what_the_run_told_stays(toy, run):
    path = run / "findings.json"
    findings = json.loads(path.read_text())
    for finding in findings:
        if finding["id"] == "C1.tier_share" and finding["status"] == "answered":
            finding["estimate"] = finding["low"]
    path.write_text(json.dumps(findings))
    done = export(asked(toy, people=True))
    assert done.lists == {}
    assert "C1.tier_share is not what the run told" in done.left_out[0]
    assert not (toy.folder / "handed" / "people").exists()


@pytest.fixture
def plain(toy):
    """A published run that nobody executed."""
    folder = toy.published("20250101-000000", chapters=("02_first",))
    (folder / "notebooks").mkdir()
    cells = {"cells": [], "metadata": {}}
    (folder / "notebooks" / "02_first.ipynb").write_text(json.dumps(cells))
    (folder / "findings.json").write_text("[]")
    return folder


@pytest.mark.parametrize("place", ["reports/x", "reports", "reports/latest/x", "x/../reports/x", "link/x"])
def test_inside_the_reports_nothing_is_exported(toy, plain, place, capsys):
    (toy.folder / "link").symlink_to(toy.out, target_is_directory=True)
    (toy.folder / "x").mkdir()
    before = everything_in(toy.out)
    assert main(["export", "--to", place, "--out", "reports"]) == Exit.BAD_USAGE
    assert "passed on" in capsys.readouterr().err
    assert everything_in(toy.out) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["20200101-000000", "--to", "new"], "no published run"),
        (["../latest", "--to", "new"], "no published run"),
        (["--to", "full"], "is there already"),
        (["--to", "new", "--only", "09"], "no chapter of run"),
        (["--to", "new", "--only", "02,09"], "no chapter of run"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_sentence(toy, plain, words, said, capsys):
    (toy.folder / "full").mkdir()
    (toy.folder / "full" / "mine.txt").write_text("mine")
    assert main(["export", *words, "--out", "reports"]) == Exit.BAD_USAGE
    assert said in capsys.readouterr().err
    assert not (toy.folder / "new").exists()
    assert read_manifest(plain)["status"] == "published"
