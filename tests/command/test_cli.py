"""The command line: every verb explains itself, and its exit code says what happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.command import inputs, main
from helpers.command.lock import only_run
from helpers.command.outcome import MEANINGS, Exit, Refusal
from helpers.command.plan import Request, make_plan
from helpers.command.run import Made
from helpers.data.plausibility import Doubt
from helpers.data.receipt import FileReceipt, Receipt
from helpers.paths import project_folder

VERBS = ("report", "check", "init", "demo", "list", "history", "prune", "fresh")


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_names_the_exit_codes(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*filter(None, [verb]), "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(meaning in said for meaning in MEANINGS.values())


@pytest.mark.parametrize(
    "arguments",
    [[], ["publish"], ["report", "--jobs", "0"], ["report", "--jobs", "x"], ["check"], ["fresh"]],
)
def test_wrong_usage_ends_with_2(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == Exit.BAD_USAGE


@pytest.mark.parametrize("arguments", [["report", "--data", ""], ["check", "--data", " "]])
def test_empty_data_are_not_taken_for_the_demo_market(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == Exit.BAD_USAGE
    assert "it is empty; name the folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "--data", "nowhere"], "no such folder"),
        (["report", "--source", "nowhere.toml"], "no such file"),
        (["report", "--as-of", "31.3.2025"], "not a day"),
        (["report", "--only", "07"], "'07', which is no notebook"),
        (["report", "--claims", "mine.toml"], "no notebook of this run judges claims"),
        (["report", "-p", "window_dais=7"], "did you mean 'window_days'"),
        (["report", "--data", "postgres://me:pw@host/shop"], "carries a password"),
        (["check", "--data", "nowhere"], "no such folder"),
        (["init", "--data", "nowhere"], "no such folder"),
        (["demo", "--out", "notebooks"], "not empty"),
        (["demo", "--out", "new", "--world", "utopia"], "mild, null, smooth, rings"),
        (["demo", "--out", "new", "--world", "mild", "--null"], "--world null"),
        (["demo", "--out", "new", "--change", "weather"], "none of orders, shares, prices"),
        (["demo", "--out", "new", "--change", "orders", "--null"], "leave --world and --null out"),
        (["demo", "--out", "new", "--customers", "60"], "give 200 or more"),
    ],
)
def test_bad_request_starts_nothing(toy, capsys, arguments, said):
    toy.notebook("02_first")
    assert main(arguments) == Exit.BAD_USAGE
    assert said in capsys.readouterr().err
    assert not toy.out.exists()


def test_dry_run_shows_the_plan_and_runs_nothing(toy, capsys):
    toy.notebook("02_first")
    assert main(["report", "--dry-run", "-p", "window_days=7"]) == Exit.DONE
    assert capsys.readouterr().out == "02_first window_days=7\n"
    assert not toy.out.exists()


def test_list_explains_every_parameter(toy, capsys):
    toy.notebook("02_first")
    assert main(["list"]) == Exit.DONE
    said = capsys.readouterr().out
    assert "02_first: 02 · A toy" in said
    assert "days after the order (1 to 365)" in said
    assert "int = 60" in said


def test_demo_writes_a_market_without_effects_or_a_strange_world(tmp_path, capsys):
    market, world = tmp_path / "market", tmp_path / "world"
    assert main(["demo", "--out", str(market), "--customers", "400", "--null"]) == Exit.DONE
    truth = json.loads((market / "truth.json").read_text())
    assert truth["A8.community_purchases"] == truth["A1.adjusted_uplift"] == 0
    assert main(["demo", "--out", str(world), "--world", "rings", "--customers", "300"]) == Exit.DONE
    assert sorted(path.name for path in world.iterdir()) == ["frame.parquet", "roles.json", "truth.json"]
    shop = tmp_path / "shop"
    assert main(["demo", "--out", str(shop), "--world", "fair_coin", "--customers", "60"]) == Exit.DONE
    assert {"holdouts.parquet", "source.toml", "truth.json"} < {path.name for path in shop.iterdir()}
    assert main(["check", "--data", str(shop)]) == Exit.DONE


def test_fresh_and_history_and_prune(toy, capsys):
    assert main(["fresh", "--hours", "1"]) == 1
    toy.published("20250101-000000")
    toy.published("20250102-000000")
    assert main(["fresh", "--hours", "1"]) == Exit.DONE
    assert main(["fresh", "--hours", "0"]) == 1
    assert main(["prune", "--keep", "0", "--dry-run"]) == Exit.DONE
    assert (toy.out / "20250101-000000").is_dir()
    assert main(["prune", "--keep", "0"]) == Exit.DONE
    assert not (toy.out / "20250101-000000").exists()
    capsys.readouterr()
    assert main(["history"]) == Exit.DONE
    line, trail = capsys.readouterr().out.splitlines()
    assert line.startswith("20250102-000000")
    assert trail.startswith("the trail is whole")
    assert line.endswith("latest")


def test_prune_waits_for_no_run(toy, capsys):
    toy.published("20250101-000000")
    with only_run(toy.out):
        assert main(["prune"]) == Exit.LOCKED
    assert "another run is under way" in capsys.readouterr().err


def test_check_names_the_columns_that_are_not_used(tmp_path, monkeypatch, capsys):
    file = FileReceipt(
        file="order_lines.csv",
        format="csv",
        encoding="utf-8",
        sha256="",
        lines=2,
        rows=1,
        malformed=0,
        unused_rows=0,
        tables=("order_lines",),
        unused_columns=("colour", "unit_price_cent"),
    )
    receipt = Receipt(
        tables={},
        files={"order_lines": file},
        doubts=(Doubt(found="One customer, …, holds 50.0 % of all orders.", advice="Check.", named="c7"),),
        currency="CNY",
        timezone="Asia/Shanghai",
        source="x",
    )
    asked = {}
    monkeypatch.setattr(
        inputs, "load_apart", lambda *args, **options: asked.update(options) or (tmp_path, receipt)
    )
    declared = ["--currency", "EUR", "--timezone", "Europe/Paris"]
    assert main(["check", "--data", str(tmp_path), *declared]) == Exit.DONE
    assert (asked["currency"], asked["timezone"]) == ("EUR", "Europe/Paris")
    said = capsys.readouterr().out
    assert "order_lines.csv: columns not used: colour, unit_price_cent. " in said
    assert "unit_price_cent: Did you mean 'unit_price_cents'?" in said
    assert "doubt: One customer, …, holds 50.0 % of all orders. (c7) Check." in said
    assert "Files: 1 with 1 row." in said


class TestClaims:
    """Claims of one's own are checked before anything starts and reach the notebook that judges."""

    OWN = '[[claim]]\nname = "mine"\nwords = "Ours."\nlabel = "ours"\nfinding = "B4.aov"\n'

    def plan(self, file):
        request = Request(project=project_folder(), out=file.parent, only="08", claims=str(file))
        return make_plan(request)

    def test_reach_the_summary(self, tmp_path):
        file = tmp_path / "mine.toml"
        file.write_text(f'{self.OWN}rule = "more"\nsmallest = 5\n', encoding="utf-8")
        assert self.plan(file).values["08_summary"]["claims"] == str(file)

    @pytest.mark.parametrize(("content", "said"), [(OWN, "rule is missing"), (None, "No such file")])
    def test_are_refused_in_one_sentence(self, tmp_path, content, said):
        file = tmp_path / "mine.toml"
        if content:
            file.write_text(content, encoding="utf-8")
        with pytest.raises(Refusal, match=said):
            self.plan(file)


class TestEnd:
    """A scheduler learns how a run ended from one line and from the command it asked to be run."""

    SAY = 'printf \'%s|%s|%s\' "$WORKBENCH_CODE" "$WORKBENCH_RUN" "$WORKBENCH_MESSAGE" > told.txt'

    def test_a_refused_run_says_so_and_runs_the_command_of_failure(self, toy, capsys):
        toy.notebook("02_first")
        asked = ["report", "--json", "--data", "nowhere", "--on-failure", self.SAY, "--on-success", "false"]
        assert main(asked) == Exit.BAD_USAGE
        (line,) = capsys.readouterr().out.splitlines()
        ended = json.loads(line)
        assert (ended["code"], ended["run"]) == (2, "")
        assert "no such folder" in ended["message"]
        assert Path("told.txt").read_text().startswith("2||")

    def test_a_good_run_names_its_page(self, monkeypatch, toy, capsys):
        toy.notebook("02_first")
        made = Made(run="20260101-000000", code=Exit.DONE)
        monkeypatch.setattr("helpers.command.run.report", lambda plan: made)
        assert main(["report", "--json", "--on-success", self.SAY, "--on-failure", "false"]) == Exit.DONE
        (line,) = capsys.readouterr().out.splitlines()
        assert json.loads(line)["index"] == "reports/20260101-000000/index.html"
        assert Path("told.txt").read_text() == "0|20260101-000000|"

    def test_what_is_not_whole_counts_as_failure_and_a_failing_command_changes_nothing(
        self, monkeypatch, toy, capsys
    ):
        toy.notebook("02_first")
        made = Made(run="20260101-000000", code=Exit.SECTIONS_FAILED, sentence="A1 failed.")
        monkeypatch.setattr("helpers.command.run.report", lambda plan: made)
        assert main(["report", "--on-success", self.SAY, "--on-failure", "exit 3"]) == Exit.SECTIONS_FAILED
        assert "the command of --on-failure ended with 3" in capsys.readouterr().err
        assert not Path("told.txt").exists()

    def test_history_is_told_to_programs(self, toy, capsys):
        toy.published("20250101-000000")
        assert main(["history", "--json"]) == Exit.DONE
        (run,) = json.loads(capsys.readouterr().out)
        assert (run["run"], run["status"]) == ("20250101-000000", "published")
