"""How the cost of a report grows: each chapter at several sizes, one after the other, by its manifest."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FROM = 80_000
STEEPEST = 1.05


def report(folder: Path, customers: int) -> None:
    """Simulate a market, load it, and make its whole report anew, one chapter at a time."""
    market, reports = folder / f"market-{customers}", folder / f"reports-{customers}"
    settled = {**os.environ, "WORKBENCH_USER": "bench"}
    workbench = [sys.executable, "-c", "import sys; from helpers.command import main; sys.exit(main())"]
    if not (market / "truth.json").exists():
        asked = ["demo", "--out", str(market), "--customers", str(customers)]
        subprocess.run([*workbench, *asked], check=True, env=settled)
    asked = ["report", "--data", str(market), "--out", str(reports), "--cache", str(folder / "loads")]
    limits = ["--cell-timeout", "3600", "--run-timeout", "14400"]
    done = subprocess.run([*workbench, *asked, *limits, "--jobs", "1", "--force"], check=False, env=settled)
    if done.returncode not in (0, 6, 7):
        raise RuntimeError(f"the report at {customers:,} customers ended with {done.returncode}")


def costs(folder: Path, customers: int) -> dict[str, tuple[float, float, str]]:
    """Return CPU seconds, peak MB and what failed, by chapter and for loading, of the newest report."""
    runs = sorted((folder / f"reports-{customers}").glob("[0-9]*-[0-9]*"))
    entry = json.loads((runs[-1] / "manifest.json").read_text(encoding="utf-8"))
    found = {"load (wall)": (entry["load_seconds"], 0.0, "")}
    for one in entry["notebooks"]:
        failed = one["failure"] or ", ".join(one["failed_sections"])
        found[one["notebook"]] = (one["cpu_seconds"], one["peak_mb"], failed)
    return found


def growth(folder: Path, sizes: Sequence[int]) -> str:
    """Make the reports and return the table: CPU s and peak MB by chapter and size, and how both grow.

    The exponent is that of the last two sizes; 1 is growth in step with the customers.
    """
    for size in sizes:
        report(folder, size)
    found = {size: costs(folder, size) for size in sizes}
    names = list(found[sizes[-1]])
    found = {size: {**own, "all chapters": _all(own)} for size, own in found.items()}
    head = "".join(f"{size:>12,} CPU s{'MB':>7}" for size in sizes)
    lines = [f"{'growth by chapter':<24}{head}{'exponent':>10}"]
    for name in [*names, "all chapters"]:
        cells = "".join(
            f"{own[name][0]:>18.1f}{own[name][1]:>7.0f}" if name in own else f"{'–':>25}"
            for own in found.values()
        )
        lines.append(f"{name:<24}{cells}{_exponent(found, name, sizes)}")
    lines += [
        f"at {size:,} {name} failed: {own[name][2]}"
        for size, own in found.items()
        for name in own
        if own[name][2]
    ]
    if len(sizes) > 1 and sizes[-2] >= FROM:
        lines.append(f"from {FROM:,} customers on all chapters together may grow with {STEEPEST} at most")
    return "\n".join(lines)


def _all(own: dict[str, tuple[float, float, str]]) -> tuple[float, float, str]:
    chapters = [cost for name, cost in own.items() if name != "load (wall)"]
    return sum(cost[0] for cost in chapters), max(cost[1] for cost in chapters), ""


def _exponent(found: dict, name: str, sizes: Sequence[int]) -> str:
    if len(sizes) < 2 or not all(name in found[size] and found[size][name][0] for size in sizes[-2:]):
        return ""
    low, high = (found[size][name][0] for size in sizes[-2:])
    return f"{math.log(high / low) / math.log(sizes[-1] / sizes[-2]):>10.2f}"
