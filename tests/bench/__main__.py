"""`make bench`: each stage in a process of its own, with the panel's cost as a ratio to a plain scan."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.stages import STAGES


@dataclass(frozen=True)
class Cost:
    """What one stage cost: CPU seconds of its work, of its whole process, and peak memory in MB."""

    stage: str
    work_seconds: float
    process_seconds: float
    peak_mb: float


def measure(stage: str, folder: Path, customers: int) -> Cost:
    """Run one stage in a fresh process; raises RuntimeError with its last lines when it fails."""
    command = [sys.executable, "-m", "tests.bench.stages", stage, str(folder), str(customers)]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        lines = output.read().splitlines()
    if process.returncode != 0:
        raise RuntimeError(f"stage {stage} failed:\n" + "\n".join(lines[-15:]))
    work = json.loads(lines[-1])["work_seconds"]
    return Cost(stage, work, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> None:
    """Print one line a stage and the panel's ratio to the scan floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000, help="size of the market (default 200,000)")
    parser.add_argument("--folder", type=Path, help="keep the market here and use it again")
    parser.add_argument("--stages", nargs="*", default=list(STAGES), choices=list(STAGES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        print(f"{options.customers:,} customers, {os.cpu_count()} cores")
        print(f"{'stage':<12}{'work CPU s':>12}{'process CPU s':>15}{'peak MB':>10}")
        costs = {}
        for stage in options.stages:
            cost = costs[stage] = measure(stage, folder, options.customers)
            print(f"{stage:<12}{cost.work_seconds:>12.2f}{cost.process_seconds:>15.2f}{cost.peak_mb:>10.0f}")
        if {"scan", "panel"} <= set(costs):
            ratio = costs["panel"].work_seconds / costs["scan"].work_seconds
            print(
                f"the panel costs {ratio:.1f} times a plain scan of the columns it reads (target: at most 6)"
            )


if __name__ == "__main__":
    main()
