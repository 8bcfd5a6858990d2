"""What documents promise: their examples run, their commands are taken, their links lead somewhere."""

from __future__ import annotations

import doctest
import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.command import main
from helpers.data.source_file import read_source
from helpers.paths import project_folder
from helpers.report import read_findings

ROOT = project_folder()
DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {
        ".venv",
        ".venv-peers",
        ".venv-mutants",
        ".venv-spark",
        "mutants",
        "build",
        "reports",
        "node_modules",
    }
    & set(path.relative_to(ROOT).parts)
)
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text, kind):
    """The examples of one kind, such as sh or toml."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text):
    lines = [line for block in blocks(text, "(?:sh|cron)") for line in block.splitlines()]
    return [line.partition("#")[0].strip() for line in lines if line.strip()]


COMMANDS = commands(README)
ALL_COMMANDS = sorted({command for path in DOCUMENTS for command in commands(path.read_text("utf-8"))})
MAPPINGS = [(path, block) for path in DOCUMENTS for block in blocks(path.read_text(encoding="utf-8"), "toml")]

FIRST_MINUTES = [
    line.partition("#")[0].strip()
    for line in README.partition("## Your own tables in ten minutes")[2].split("```")[1].splitlines()[1:]
]


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_examples_run(path):
    failed, _ = doctest.testfile(str(path), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert not failed


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)\)", text):
        assert "://" in target or (path.parent / target).exists(), target


@pytest.mark.parametrize(
    "place", range(len(MAPPINGS)), ids=lambda place: f"{MAPPINGS[place][0].name}-{place}"
)
def test_examples_of_mappings_are_read(place, tmp_path):
    """Each `source.toml` shown is taken as it stands; a part of one stands beside what it does not show."""
    text = MAPPINGS[place][1]
    shown = tomllib.loads(text)
    head = "" if "currency" in shown else 'currency = "CNY"\ntimezone = "UTC"\n'
    tables = shown.get("tables", {})
    beside = [f'[tables.{name}]\nfile = "lines"' for name, table in tables.items() if "file" not in table]
    files = {table.get("file", "lines") for table in tables.values()} - set(shown.get("files", {}))
    beside += [f'[files.{name}]\npath = "lines.csv"' for name in sorted(files)]
    (tmp_path / "source.toml").write_text("\n".join([head + text, *beside]), encoding="utf-8")
    assert set(read_source(tmp_path / "source.toml").tables) == set(tables)


@pytest.mark.parametrize("command", [line for line in ALL_COMMANDS if re.search(r"\bmake \w", line)])
def test_make_targets_exist(command):
    target = re.search(r"\bmake ([\w-]+)", command)[1]
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def own_tables(tmp_path_factory):
    """A small shop in files, as somebody would bring it."""
    folder = tmp_path_factory.mktemp("own") / "tables"
    assert main(["demo", "--out", str(folder), "--customers", "200"]) == 0
    return folder


@pytest.mark.parametrize(
    "command",
    [line for line in COMMANDS if Path(line.split()[0]).name == "workbench" and line not in FIRST_MINUTES],
)
def test_workbench_commands_are_taken(command, own_tables, tmp_path, monkeypatch, capsys):
    """Each is run as it stands, on a small shop; a report only as far as everything is checked."""
    words = [str(own_tables) if word == "path/to/folder" else word for word in shlex.split(command)[1:]]
    if words[0] == "report":
        words += ["--dry-run", "--out", str(tmp_path / "reports")]
    if words[0] == "own":  # writes notebooks, which are not to stand in this project
        shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        monkeypatch.chdir(tmp_path)
    if words[0] == "init":
        words += ["--force", "--currency", "CNY", "--timezone", "Asia/Shanghai"]
    assert main(words) == 0, capsys.readouterr().err


def write_plain_orders(folder, *, customers=200):
    """One file of orders as a shop exports it: a row a product of an order, names and days of its own."""
    rng = np.random.default_rng(1)
    rows = []
    for customer in range(customers):
        day = pd.Timestamp("2024-01-05 10:00") + pd.Timedelta(days=float(rng.uniform(0, 300)))
        for _ in range(1 + rng.poisson(1.5)):
            order = f"SO-{len(rows):05d}"
            rows += [
                (
                    order,
                    f"C{customer:04d}",
                    f"{day:%Y-%m-%d %H:%M:%S}",
                    f"P{item:03d}",
                    1 + item % 3,
                    9.5 + item,
                )
                for item in rng.integers(1, 40, rng.integers(1, 3))
            ]
            day += pd.Timedelta(days=float(rng.exponential(40)))
    names = ["Order ID", "Customer ID", "Order Date", "Product ID", "Quantity", "Unit Price"]
    folder.mkdir()
    pd.DataFrame(rows, columns=names).to_csv(folder / "orders.csv", index=False)
    return len(rows), len({row[0] for row in rows})


def test_the_first_minutes_lead_from_a_plain_file_of_orders_to_a_report(tmp_path, capsys):
    """The three commands of the README's first screen, one after the other, on nothing but one CSV."""
    lines, orders = write_plain_orders(tmp_path / "tables")
    init, check, report = (
        [str(tmp_path / "tables") if word == "path/to/folder" else word for word in shlex.split(line)[1:]]
        for line in FIRST_MINUTES
    )
    assert [command[0] for command in (init, check, report)] == ["init", "check", "report"]

    assert main(init) == 0
    assert "nothing is left to declare" in capsys.readouterr().out
    assert main(check) == 0
    said = capsys.readouterr().out
    assert f"Files: 1 with {lines:,} rows." in said
    assert re.search(rf"\border_lines +{lines} +{lines} +0\b", said)
    assert re.search(rf"\borders +{orders} +{orders} +0\b", said)

    places = ["--out", str(tmp_path / "reports"), "--cache", str(tmp_path / "loads")]
    assert main([*report, *places, "--json"]) == 0
    ended = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert ended["message"] == ""
    folder = tmp_path / "reports" / ended["run"]
    found = read_findings(folder / "findings.json")
    answered = {one.requirement for one in found if one.status == "answered"}
    assert {"B1", "B2", "B4", "C1"} <= answered
    skipped = [one for one in found if one.status == "skipped" and one.missing]
    assert {"A1", "A3", "D5"} <= {one.requirement for one in skipped}
    assert all(name in one.reason for one in skipped for name in one.missing), "what would open it is named"
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert "What could not be answered" in index
    assert not re.search(r"NDCG|Holm|AIPW|hazard|\bp =", index.partition("What could not be answered")[0])
    assert re.search(r"Bringing <code>[\w.]+</code> would open \d+ question", index)
