"""`make bench`: each stage in a process of its own, ours beside other libraries in their own environment.

A group is a module of this folder; its `STAGES` are functions (folder, customers), run in that order. What a
stage prints is shown below its row. `peers_<group>` holds the same work done by other libraries: its stages
run with the interpreter of the peers' environment (peers.txt) and read what ours left in the folder.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.growth import growth

HERE = Path(__file__).parent
GROUPS = tuple(
    sorted(
        path.stem
        for path in HERE.glob("*.py")
        if "STAGES =" in path.read_text() and not path.stem.startswith(("peers_", "_"))
    )
)


# A stage, what it stands beside in the same run, and how many times that it may cost.
CEILINGS = (
    ("panel", "scan", 6.0),
    ("panel", "duckdb_panel", 1.25),
    ("load", "duckdb_load", 8.0),
    ("cohorts", "duckdb_cohorts", 2.0),
    ("csv_load", "duckdb_csv", 10.0),
    ("parquet_load", "duckdb_parquet", 6.0),
)


@dataclass(frozen=True)
class Cost:
    """What one stage cost: CPU seconds of its work, of its whole process, and peak memory in MB."""

    work_seconds: float
    process_seconds: float
    peak_mb: float
    said: tuple[str, ...]


def measure(python: str, module: str, stage: str, folder: Path, customers: int) -> Cost:
    """Run one stage in a fresh process; raises RuntimeError with its last lines when it fails."""
    command = [python, "-m", "tests.bench.one", module, stage, str(folder), str(customers)]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        lines = output.read().splitlines()
    if process.returncode != 0:
        raise RuntimeError(f"stage {stage} failed:\n" + "\n".join(lines[-15:]))
    work = json.loads(lines[-1])["work_seconds"]
    return Cost(work, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, tuple(lines[:-1]))


def stages_of(group: str, peers: str | None) -> list[tuple[str, str, str]]:
    """Interpreter, module and name of each stage of a group, ours before those of other libraries."""
    modules = [(sys.executable, group)]
    if peers and (HERE / f"peers_{group}.py").exists():
        modules.append((peers, f"peers_{group}"))
    return [
        (python, module, stage.__name__)
        for python, module in modules
        for stage in importlib.import_module(f"tests.bench.{module}").STAGES
    ]


def main() -> None:
    """Print one line a stage, what it said below, and what it costs beside another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000, help="size of the market (default 200,000)")
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=int,
        help="instead of the stages, whole reports at these sizes: how each chapter grows",
    )
    parser.add_argument("--folder", type=Path, help="keep what is made here and use it again")
    parser.add_argument(
        "--groups", nargs="*", default=list(GROUPS), choices=GROUPS, help="all when not named"
    )
    parser.add_argument("--stages", nargs="*", help="only stages of these names")
    parser.add_argument("--peers", help="interpreter that has the libraries of peers.txt; without: ours only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if options.sizes:
            print(f"{os.cpu_count()} cores, {platform.processor() or platform.machine()}")
            table, over = growth(folder, sorted(options.sizes))
            print(table)
            if over:
                raise SystemExit("\n".join(over))
            return
        print(f"{options.customers:,} customers, {os.cpu_count()} cores")
        for group in options.groups:
            stages = stages_of(group, options.peers)
            chosen = [stage for stage in stages if not options.stages or stage[2] in options.stages]
            _run(group, chosen, folder, options.customers)


def _run(group: str, stages: list[tuple[str, str, str]], folder: Path, customers: int) -> None:
    print(f"\n{group:<36}{'work CPU s':>12}{'process CPU s':>15}{'peak MB':>10}")
    costs = {}
    for python, module, stage in stages:
        cost = costs[stage] = measure(python, module, stage, folder, customers)
        name = stage if module == group else f"{stage} (peer)"
        print(f"{name:<36}{cost.work_seconds:>12.2f}{cost.process_seconds:>15.2f}{cost.peak_mb:>10.0f}")
        print("".join(f"    {line}\n" for line in cost.said), end="", flush=True)
    over = [said for ceiling in CEILINGS if (said := _over(ceiling, costs))]
    if over:
        raise SystemExit("\n".join(over))


def _over(ceiling: tuple[str, str, float], costs: Mapping[str, Cost]) -> str:
    """Print what a stage costs beside another of the same run; return a sentence where it is too much."""
    stage, beside, most = ceiling
    if not {stage, beside} <= set(costs):
        return ""
    ratio = costs[stage].work_seconds / costs[beside].work_seconds
    print(f"{stage} costs {ratio:.1f} times {beside} (at most {most:g})")
    return f"{stage} costs {ratio:.1f} times {beside}, more than {most:g}" if ratio > most else ""


if __name__ == "__main__":
    main()
