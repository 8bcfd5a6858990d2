"""A run publishes what can be stood by, and says how it ended."""

from __future__ import annotations

import re

import pytest

from helpers.command.history import age_hours, past_runs, to_delete
from helpers.command.lock import only_run
from helpers.command.manifest import read_manifest
from helpers.command.outcome import Exit, Refusal
from helpers.data import DataError
from helpers.report import read_findings
from tests.command.conftest import write_receipt

SEES_ONE = "import pathlib; assert len(list(pathlib.Path(out).glob('*.json'))) == 1"
FAILED_SECTION = """import json, pathlib
entry = {"id": "T02", "requirement": "T02", "question": "How?", "status": "failed", "reason": "It broke."}
pathlib.Path(out, "02_part.json").write_text(json.dumps([entry]))"""
SEES_BOTH = "import pathlib; assert len(list(pathlib.Path(out).glob('*.json'))) == 2"


def test_good_run_is_published(toy):
    toy.notebook("02_first", "import sys; print('o' + 'dd', file=sys.stderr); print('hello')")
    toy.notebook("03_second", "import pathlib; assert window_days == 30 and pathlib.Path(data).is_dir()")
    toy.notebook("08_last", SEES_BOTH, reads="findings")
    folder = toy.run(texts=("window_days=30", "03.rule=median"))
    assert toy.shelf.latest == folder.resolve()
    names = {path.name for path in folder.iterdir()}
    pages = {"index.html", "findings.html", "02_first.html", "03_second.html", "08_last.html"}
    assert names == pages | {"findings.json", "manifest.json", "log.txt", "notebooks"}
    assert [finding.estimate for finding in read_findings(folder / "findings.json")] == [30.0] * 3
    index = (folder / "index.html").read_text()
    assert 'href="03_second.html"' in index
    assert "Files: 1 with 3 rows." in index
    assert "2 rows accepted and 1 put aside" in index
    page = (folder / "02_first.html").read_text()
    assert "hello" in page
    assert ">30</td>" in page, "the parameters of the run are shown"
    assert "odd" not in page
    assert "odd" in (folder / "log.txt").read_text()
    assert "up to 2025-03-31" in page, "the last moment is said on the shop's clock"
    assert not [path for path in toy.out.iterdir() if path.name.startswith(".staging")]


def test_manifest_says_what_was_run(toy):
    toy.notebook(
        "02_first", "import time; end = time.process_time() + 1\nwhile time.process_time() < end: pass"
    )
    entry = read_manifest(toy.run(texts=("seed=7",)))
    assert entry["status"] == "published"
    assert entry["seeds"] == [7]
    assert entry["parameters"]["02_first"] == {"seed": 7, "window_days": 60, "rule": "mean"}
    assert entry["inputs"]["orders"]["read"] == 3
    assert entry["inputs"]["orders"]["sha256"] == "0" * 64
    assert set(entry["outputs"]) >= {"index.html", "02_first.html", "findings.json"}
    assert entry["versions"]["python"].startswith("3.11")
    assert entry["data_until"] == "2025-03-31"
    assert entry["started"] <= entry["ended"]
    (outcome,) = entry["notebooks"]
    assert outcome["status"] == "good"
    assert outcome["cpu_seconds"] > 1, "the kernel's own time counts"
    assert outcome["peak_mb"] > 20


def test_nothing_published_names_a_folder_of_this_machine(toy):
    toy.notebook("02_first", "1 + 1")
    folder = toy.run()
    for path in folder.rglob("*.*"):
        assert str(toy.folder) not in path.read_text(), path.name


def test_same_run_twice_gives_the_same_pages(toy):
    drawing = (
        "from helpers.report import Picture, canvas, show_picture\n"
        "figure, axes = canvas('It rises'); axes.plot([1, 2], [1, 2])\n"
        "show_picture(Picture(figure, 'A line that rises from one to two.'))"
    )
    toy.notebook("02_first", drawing, "print(sorted({'b', 'a'}), hash('a'))")
    pages = []
    for folder in (toy.run(), toy.run(force=True)):
        text = (folder / "02_first.html").read_text()
        pages.append(text.replace(folder.name, "RUN"))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        ("raise ValueError('no such tie')", Exit.NOTEBOOK_FAILED, "cell 2: ValueError: no such tie"),
        ("import sys; sys.exit(0)", Exit.NOTEBOOK_FAILED, "02_bad"),
        ("import os; os._exit(0)", Exit.NOTEBOOK_FAILED, "02_bad"),
        ("import time; time.sleep(60)", Exit.NOTEBOOK_FAILED, "longer than 2 seconds"),
        ("import os; out += '/x'; os.mkdir(out)", Exit.NOTEBOOK_FAILED, "without writing its findings"),
        ("from IPython.display import HTML; HTML('<script>1</script>')", Exit.NOT_PUBLISHED, "<script>"),
        ("from IPython.display import HTML; HTML('<a href=//a.bc>x</a>')", Exit.NOT_PUBLISHED, "outside"),
        ("from IPython.display import HTML; HTML('<p onclick=x()>x</p>')", Exit.NOT_PUBLISHED, "onclick"),
    ],
)  # fmt: skip
def test_bad_notebook_is_never_published(toy, cell, code, said):
    toy.notebook("02_bad", cell)
    before = toy.published("20250101-000000")
    with pytest.raises(Refusal, match=re.escape(said)) as refusal:
        toy.run(cell_timeout_seconds=2)
    assert refusal.value.code == code
    assert toy.shelf.latest == before.resolve()
    (failed,) = (toy.out / "failed").iterdir()
    assert read_manifest(failed)["status"] == ("failed" if code == Exit.NOTEBOOK_FAILED else "unpublishable")
    assert (failed / "notebooks" / "02_bad.ipynb").exists()


def test_findings_are_demanded(toy):
    toy.notebook("02_bad", "1 + 1", findings=False)
    with pytest.raises(Refusal, match="without writing its findings"):
        toy.run()


def test_a_lost_chapter_costs_only_itself(toy):
    toy.notebook("02_bad", "secret_sauce = 1 / 0")
    toy.notebook("03_good", "1 + 1")
    toy.notebook("08_last", SEES_ONE, reads="findings")
    made = toy.made(jobs=1)
    assert made.code == Exit.CHAPTERS_LOST
    assert "02_bad" in made.sentence
    folder = toy.out / made.run
    entry = read_manifest(folder)
    outcomes = {each["notebook"]: each for each in entry["notebooks"]}
    assert [outcomes[name]["status"] for name in ("02_bad", "03_good", "08_last")] == [
        "failed",
        "good",
        "good",
    ]
    assert outcomes["02_bad"]["failing_cell"] == 2
    assert (entry["status"], entry["lost_chapters"]) == ("partial", ["02_bad"])
    assert not (folder / "02_bad.html").exists()
    assert "secret_sauce" in (folder / "notebooks" / "02_bad.html").read_text(), "kept for the analyst"
    index = (folder / "index.html").read_text()
    assert "could not be made in this run" in index
    assert 'href="02_bad.html"' not in index
    assert 'href="03_good.html"' in index
    assert toy.shelf.latest is None, "latest never moves to a run that lost a chapter"


def test_a_failed_section_is_published_and_says_so(toy):
    toy.notebook("02_part", FAILED_SECTION, findings=False)
    toy.notebook("03_good", "1 + 1")
    made = toy.made()
    assert (made.code, toy.shelf.latest) == (Exit.SECTIONS_FAILED, (toy.out / made.run).resolve())
    assert "T02" in made.sentence
    assert read_manifest(toy.out / made.run)["failed_sections"] == ["T02"]
    assert "It broke." in (toy.out / made.run / "index.html").read_text()


@pytest.mark.parametrize("cell", ["1 / 0", ""])
def test_strict_publishes_only_whole_runs(toy, cell):
    toy.notebook("02_part", cell or FAILED_SECTION, findings=bool(cell))
    toy.notebook("03_good", "1 + 1")
    with pytest.raises(Refusal, match=r"02_part|T02") as refusal:
        toy.run(strict=True)
    assert refusal.value.code == Exit.NOTEBOOK_FAILED
    assert toy.shelf.latest is None
    assert not [path for path in toy.out.iterdir() if path.name[0].isdigit()]


@pytest.mark.parametrize("damage", ["missing", "cut", "foreign", "empty folder"])
def test_a_damaged_earlier_run_stops_nothing(toy, damage):
    toy.notebook("02_first", "1 + 1")
    earlier = toy.published("20250101-000000", chapters=["02_first"])
    manifest = earlier / "manifest.json"
    if damage == "missing":
        manifest.unlink()
    elif damage == "empty folder":
        (toy.out / "20250102-000000").mkdir()
    else:
        manifest.write_text({"cut": manifest.read_text()[:40], "foreign": '[{"a": 1}]'}[damage])
    made = toy.made()
    assert made.code == Exit.DONE
    assert toy.shelf.latest == (toy.out / made.run).resolve()
    runs = past_runs(toy.shelf)
    assert [run.status for run in runs if run.run == made.run] == ["published"]
    assert "damaged" in {run.status for run in runs}
    assert all(run.line for run in runs)
    assert age_hours(runs) < 1
    assert to_delete(runs, keep=1, keep_failed=0)


def test_same_finding_in_two_chapters_is_refused(toy):
    toy.notebook("02_first", "1 + 1")
    toy.notebook("03_second", "1 + 1")
    text = (toy.folder / "notebooks" / "03_second.ipynb").read_text().replace("T03.toy", "T02.toy")
    (toy.folder / "notebooks" / "03_second.ipynb").write_text(text)
    with pytest.raises(Refusal, match=r"repeated: T02\.toy") as refusal:
        toy.run()
    assert refusal.value.code == Exit.NOT_PUBLISHED


def test_fewer_chapters_do_not_become_latest(toy):
    toy.notebook("02_first", "1 + 1")
    full = toy.published("20250101-000000", chapters=["02_first", "03_second"])
    part = toy.run(only="02")
    assert part.is_dir()
    assert toy.shelf.latest == full.resolve()


@pytest.mark.parametrize("failure", [DataError, RuntimeError])
def test_refused_data_publish_nothing(toy, failure):
    def fail(*_, **__):
        raise failure("orders.csv: 40 % of rows")

    toy.notebook("02_first", "1 + 1")
    with pytest.raises(Refusal, match="40 % of rows") as refusal:
        toy.run(prepare=fail)
    assert refusal.value.code == Exit.DATA_REFUSED
    (failed,) = (toy.out / "failed").iterdir()
    assert read_manifest(failed)["status"] == "refused"
    assert ("Traceback" in (failed / "log.txt").read_text()) == (failure is RuntimeError)


def test_second_run_is_refused_by_name(toy):
    toy.notebook("02_first", "1 + 1")
    with only_run(toy.out), pytest.raises(Refusal, match=r"process \d+, started 20") as refusal:
        toy.run()
    assert refusal.value.code == Exit.LOCKED


def test_run_takes_no_longer_than_allowed(toy):
    toy.notebook("02_first", "import time; time.sleep(60)")
    with pytest.raises(Refusal, match="whole run took longer"):
        toy.run(run_timeout_seconds=2)


def test_hostile_product_name_is_text(toy):
    toy.notebook(
        "02_first",
        "import pandas as pd\nfrom helpers.report import show_table\n"
        "odd = pd.DataFrame({'<img src=x onerror=alert(1)>': ['<img src=x onerror=alert(1)>']})\n"
        "odd.attrs['people'] = None\n"
        "show_table(odd, caption='<img src=x onerror=alert(1)>')",
        "print('<img src=x onerror=alert(1)>')",
        "'<img src=x onerror=alert(1)>'",
        "from IPython.display import Markdown; Markdown('<img src=x onerror=alert(1)>')",
    )
    page = (toy.run() / "02_first.html").read_text()
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 6


def test_folders_of_the_machine_stay_out_of_pages(toy):
    toy.notebook("02_first", "import os; print(os.getcwd())")
    with pytest.raises(Refusal, match="private"):
        toy.run()


def test_a_report_of_a_part_says_so_on_each_page_and_leaves_latest_to_the_whole(toy):
    toy.notebook("02_first")
    whole = toy.run()

    def prepare(data, *, source, as_of, out, where):
        (toy.folder / "asked.txt").write_text(where)
        return write_receipt(data, source=source, as_of=as_of, out=out)

    part = toy.run(prepare=prepare, where='category = "<b>口红</b>"')
    assert (toy.folder / "asked.txt").read_text() == 'category = "<b>口红</b>"'
    assert toy.shelf.latest == whole.resolve()
    for page in part.glob("*.html"):
        text = page.read_text()
        assert "only category = “&lt;b&gt;口红&lt;/b&gt;”" in text, page.name
        assert "<b>口红" not in text
    assert read_manifest(part)["data"] == "demo market, category = “<b>口红</b>”"
    assert not any("only category" in page.read_text() for page in whole.glob("*.html"))


def test_a_part_of_another_form_is_refused_before_anything_starts(toy):
    toy.notebook("02_first")
    with pytest.raises(Refusal, match="--where 'city = 1' is not of the form"):
        toy.made(where="city = 1")
