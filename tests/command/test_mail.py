"""mail.html is written where there is something to tell, and only there; it can be sent as it is."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
from dataclasses import replace

import pytest
import yaml

from helpers.command.alerts import parse_alert, read_alerts
from helpers.command.cli import _parser
from helpers.command.mail import MOST_BYTES, news
from helpers.command.outcome import Refusal
from helpers.command.plan import make_plan
from helpers.paths import project_folder
from helpers.report.finding import Finding, skipped
from helpers.report.last_run import RunRecord
from helpers.report.page_reader import read_page

RATE = "B2.repurchase_rate_90d"


def rate(estimate, *, half_width=1.0):
    low, high = estimate - half_width, estimate + half_width
    about = {"requirement": "B2", "question": "?", "unit": "% of customers", "method": "counting", "n": 1000}
    return Finding(id=RATE, estimate=estimate, low=low, high=high, reading="Some return.", **about)


GONE = replace(skipped(requirement="B2", question="?", reason="Not shown: few."), id=RATE)


class TestAlert:
    @pytest.mark.parametrize(
        ("before", "now", "said"),
        [
            ([rate(30.0)], [rate(20.0)], r"is 20\.0 % \(19\.0 to 21\.0\); it was 30\.0 %\.$"),
            ([], [rate(20.0)], r"is 20\.0 % \(19\.0 to 21\.0\)\.$"),
            ([GONE], [rate(20.0)], r"is 20\.0 %"),
            ([rate(30.0)], [rate(24.5)], "the interval holds both sides"),
            ([rate(20.0)], [rate(20.0)], "^$"),
            ([rate(20.0)], [rate(30.0)], "^$"),
            ([rate(30.0)], [rate(30.0)], "^$"),
            ([rate(30.0)], [rate(25.0)], "^$"),
            ([rate(30.0)], [GONE], "cannot be judged. Not shown: few"),
            ([], [GONE], "cannot be judged"),
            ([GONE], [GONE], "^$"),
            ([], [], "has no such finding"),
            ([rate(30.0)], [], "^$"),
        ],
    )
    def test_is_told_when_the_figure_crosses_and_only_then(self, before, now, said):
        assert re.search(said, parse_alert(f"{RATE} < 25").told(now, before))

    def test_is_told_as_it_was_written(self):
        assert parse_alert("B4.aov > 1234567.5").text == "B4.aov > 1234567.5"

    def test_speaks_of_its_segment_alone(self):
        alert = parse_alert("C1.tier_share of lost > 30")
        share = replace(rate(40.0), id="C1.tier_share", requirement="C1", segment="lost")
        assert "share of a lifecycle tier, lost is 40" in alert.told([share], [])
        assert "no such finding" in alert.told([replace(share, segment="new")], [])

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("B2.repurchase_rate_90 < 25", "Did you mean 'B2.repurchase_rate_90d'"),
            ("B2.repurchase_rate_90d", "not of the form"),
            ("B2.repurchase_rate_90d < few", "not of the form"),
            ("B2.repurchase_rate_90d < nan", "not of the form"),
        ],
    )
    def test_what_cannot_be_watched_is_refused_before_anything_runs(self, toy, text, said):
        toy.notebook("02_first")
        with pytest.raises(Refusal, match=said):
            make_plan(toy.request(alerts=(text,)))

    def test_a_file_holds_one_a_line(self, tmp_path):
        (tmp_path / "alerts.txt").write_text(
            f"# ours\n\n{RATE} < 25  # agreed in May\nC1.tier_share of lost > 3\n"
        )
        assert read_alerts(tmp_path / "alerts.txt") == (f"{RATE} < 25", "C1.tier_share of lost > 3")


TOLD = f"""import json, pathlib
verdict = {{"mean": "supported", "median": "contradicted"}}[rule]
finding = {{"id": "{RATE}", "requirement": "B2", "question": "How many?", "estimate": float(window_days),
  "low": 1.0, "high": 400.0, "unit": "% of customers", "n": 1000, "method": "counting",
  "reading": "Some return.", "verdict": verdict}}
broke = {{"id": "B3", "requirement": "B3", "question": "How?", "status": "failed", "reason": "It broke."}}
pathlib.Path(out, "02_first.json").write_text(json.dumps([finding, *([broke] if seed == 13 else [])]))"""


class TestRun:
    def test_a_mail_is_there_where_there_is_news_and_not_where_there_is_none(self, toy):
        toy.notebook("02_first", TOLD, findings=False)
        alerts = (f"{RATE} < 50",)
        quiet = toy.made(alerts=alerts)
        again = toy.made(alerts=alerts)
        assert [made.mail for made in (quiet, again)] == ["", ""]
        assert not list(toy.out.glob("*/mail.html"))

        crossed = toy.made(alerts=alerts, texts=("window_days=40", "rule=median", "seed=13"))
        page = (toy.out / crossed.run / crossed.mail).read_text()
        read = read_page(page)
        assert read.title.startswith("1 failure, 1 alert, 1 verdict that flipped: demo market")
        assert "Section B3 failed" in page
        assert "is 40" in page
        assert "was “supported”, is “contradicted”" in page
        assert "parameter" in page
        assert all(f"<td>{value}</td>" in page for value in ("window_days", "40", "rule", "median", "13"))
        assert read.bytes <= MOST_BYTES
        assert not {tag for tag, _ in read.tags} & {"script", "link", "img", "a", "iframe"}

        still = toy.made(alerts=alerts, texts=("window_days=40", "rule=median"))
        assert still.mail == "", "what was told once is not told again"

    def test_a_chapter_that_failed_is_told(self, toy):
        toy.notebook("02_first", TOLD, findings=False)
        toy.notebook("03_second", "1 / 0", words="<b>words</b>")
        made = toy.made()
        page = (toy.out / made.run / made.mail).read_text()
        assert "Chapter 03_second could not be made" in page


SCHEDULE = project_folder() / "docs" / "schedule"
PLACES = {"/path/to/tables": "tables", "path/to/tables": "tables"}


def taken(line: str) -> None:
    """Parse a command line of the workbench as the command itself does."""
    words = [PLACES.get(word, word) for word in shlex.split(line)]
    _parser().parse_args(words[1 + next(i for i, word in enumerate(words) if word.endswith("workbench")) :])


class TestSchedule:
    def test_crontab(self):
        lines = (SCHEDULE / "crontab").read_text().splitlines()
        jobs = [line for line in lines if line[:1].isdigit()]
        assert len(jobs) == 2
        for job in jobs:
            *moment, command = job.split(maxsplit=5)
            assert all(re.fullmatch(r"\*|\d+", field) for field in moment)
            assert "%" not in command, "cron ends a command at a bare percent sign"
            taken(re.split(r">>|\|\|", command.partition("&& ")[2])[0])

    def test_systemd(self):
        units = {}
        for kind in ("service", "timer"):
            unit = configparser.ConfigParser(interpolation=None, strict=False)
            unit.optionxform = str
            unit.read(SCHEDULE / f"workbench.{kind}")
            units[kind] = unit
        taken(units["service"]["Service"]["ExecStart"])
        assert units["service"]["Service"]["Type"] == "oneshot"
        assert re.fullmatch(r"Mon \*-\*-\* \d\d:\d\d:\d\d", units["timer"]["Timer"]["OnCalendar"])
        assert units["timer"]["Install"]["WantedBy"] == "timers.target"

    def test_github_actions(self):
        flow = yaml.safe_load((SCHEDULE / "github-actions.yml").read_text())
        (moment,) = flow[True]["schedule"]  # YAML takes `on` for true
        assert len(moment["cron"].split()) == 5
        steps = flow["jobs"]["report"]["steps"]
        runs = [step["run"] for step in steps if "run" in step]
        make = shlex.split(next(line for line in runs if line.startswith("make report")))
        taken(f"workbench report --data tables {make[3].removeprefix('ARGS=')}")
        kept = next(step for step in steps if "upload-artifact" in step.get("uses", ""))["with"]["path"]
        assert "notebooks" not in kept
        assert "trail" not in kept

    @pytest.mark.parametrize(
        ("code", "mail", "sent"),
        [
            (0, "", None),
            (0, "mail.html", "<h1>News</h1>"),
            (6, "mail.html", "<h1>News</h1>"),
            (4, "", "refused\n"),
        ],
    )
    def test_send_mail_sends_where_there_is_something_to_say(self, tmp_path, code, mail, sent):
        (tmp_path / "mail.html").write_text("<h1>News</h1>")
        (tmp_path / "mail").write_text("#!/bin/sh\ncat > sent\n")
        (tmp_path / "mail").chmod(0o755)
        told = {"CODE": str(code), "RUN": "20250101-000000", "MESSAGE": "refused" * bool(code), "MAIL": mail}
        environment = {f"WORKBENCH_{name}": value for name, value in told.items()}
        subprocess.run(
            [SCHEDULE / "send_mail"],
            cwd=tmp_path,
            check=True,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", **environment},
        )
        found = (tmp_path / "sent").read_text() if (tmp_path / "sent").exists() else None
        assert found == sent

    @pytest.mark.parametrize(
        ("code", "mail", "added"),
        [
            (0, "", None),
            (0, "mail.html", "<h1>News</h1>"),
            (7, "mail.html", "<h1>News</h1>"),
            (4, "", "refused\n"),
        ],
    )
    def test_a_job_s_summary_holds_what_this_run_has_to_say(self, tmp_path, code, mail, added):
        (tmp_path / "mail.html").write_text("<h1>News</h1>")
        told = {"CODE": str(code), "MESSAGE": "refused" * bool(code), "MAIL": mail}
        environment = {f"WORKBENCH_{name}": value for name, value in told.items()}
        subprocess.run(
            [SCHEDULE / "add_to_summary"],
            cwd=tmp_path,
            check=True,
            env={"PATH": "/usr/bin:/bin", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), **environment},
        )
        found = (tmp_path / "summary").read_text() if (tmp_path / "summary").exists() else None
        assert found == added


def test_a_verdict_of_no_segment_is_told_without_one():
    """Beside one of a segment, which makes pandas' nothing of it."""
    run = RunRecord(run="1", data="shop", data_until="2025-01-01", inputs={}, commit="c", parameters={})
    plain, of_some = (
        replace(rate(30.0), verdict="supported"),
        replace(rate(30.0), segment="lost", verdict="supported"),
    )
    before = [replace(one, verdict="not settled") for one in (plain, of_some)]
    told = news(
        [plain, of_some],
        now=replace(run, run="2"),
        last=replace(run, findings=tuple(before)),
        alerts=(),
        failed_sections=(),
        lost={},
    )
    assert [one.partition(")")[0] for one in told.flips] == [
        f"{RATE} (buyers who buy again within 90 days",
        f"{RATE} (buyers who buy again within 90 days, lost",
    ]
