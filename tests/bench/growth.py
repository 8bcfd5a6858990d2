"""How the cost of a report grows: each chapter at several sizes, one after the other, by its manifest."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FROM, STEEPEST = 80_000, 1.05
MOST_MB = 8_192
LONGEST_CELL = 300
AT_MOST_CPU = {20_000: 200, 1_000_000: 40 * 60}
WHOLE = "whole report"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of a chapter or a whole report: CPU seconds, peak MB, wall seconds of the longest cell, what failed."""

    cpu_seconds: float
    peak_mb: float
    longest_cell: float
    failed: str = ""


def report(folder: Path, customers: int) -> float:
    """Simulate a market, load it, and make its whole report anew, one chapter at a time; return CPU seconds.

    Loading counts too, simulating does not.
    """
    market, reports = folder / f"market-{customers}", folder / f"reports-{customers}"
    settled = {**os.environ, "WORKBENCH_USER": "bench"}
    workbench = [sys.executable, "-c", "import sys; from helpers.command import main; sys.exit(main())"]
    if not (market / "truth.json").exists():
        asked = ["demo", "--out", str(market), "--customers", str(customers)]
        subprocess.run([*workbench, *asked], check=True, env=settled)
    asked = ["report", "--data", str(market), "--out", str(reports), "--cache", str(folder / "loads")]
    limits = ["--cell-timeout", "3600", "--run-timeout", "14400"]
    before = os.times()
    done = subprocess.run([*workbench, *asked, *limits, "--jobs", "1", "--force"], check=False, env=settled)
    after = os.times()
    if done.returncode not in (0, 6, 7):
        raise RuntimeError(f"the report at {customers:,} customers ended with {done.returncode}")
    return after.children_user + after.children_system - before.children_user - before.children_system


def costs(folder: Path, customers: int, *, whole_seconds: float) -> dict[str, Cost]:
    """Return what each chapter of the newest report cost, and the whole of it with loading."""
    run = sorted((folder / f"reports-{customers}").glob("[0-9]*-[0-9]*"))[-1]
    entry = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    found = {
        one["notebook"]: Cost(
            cpu_seconds=one["cpu_seconds"],
            peak_mb=one["peak_mb"],
            longest_cell=_longest_cell(run / "notebooks" / f"{one['notebook']}.ipynb"),
            failed=one["failure"] or ", ".join(one["failed_sections"]),
        )
        for one in entry["notebooks"]
    }
    most = {name: max(getattr(one, name) for one in found.values()) for name in ("peak_mb", "longest_cell")}
    return {**found, WHOLE: Cost(cpu_seconds=whole_seconds, **most)}


def growth(folder: Path, sizes: Sequence[int]) -> tuple[str, list[str]]:
    """Make the reports; return the table of costs by chapter and size, and what is over its ceiling.

    The exponent is that of the last two sizes; 1 is growth in step with the customers.
    """
    found = {size: costs(folder, size, whole_seconds=report(folder, size)) for size in sizes}
    return table(found), over(found)


def table(found: Mapping[int, Mapping[str, Cost]]) -> str:
    """Return the table of costs by chapter and size, smallest size first."""
    sizes = list(found)
    head = "".join(f"{size:>12,} CPU s{'MB':>7}{'cell s':>8}" for size in sizes)
    lines = [f"{'growth by chapter':<24}{head}{'exponent':>10}"]
    for name in found[sizes[-1]]:
        cells = "".join(_cells(found[size].get(name)) for size in sizes)
        steep = exponent(found, name)
        lines.append(f"{name:<24}{cells}" + ("" if steep is None else f"{steep:>10.2f}"))
    return "\n".join(lines)


def over(found: Mapping[int, Mapping[str, Cost]]) -> list[str]:
    """Return one sentence for each ceiling that a report broke, and each part of it that failed."""
    said = []
    for size, own in found.items():
        at, whole = f"at {size:,} customers", own[WHOLE]
        said += [f"{at} {name} failed: {cost.failed}" for name, cost in own.items() if cost.failed]
        if whole.cpu_seconds > AT_MOST_CPU.get(size, math.inf):
            said.append(f"{at} the report took {whole.cpu_seconds:.0f} CPU s, over {AT_MOST_CPU[size]}")
        if whole.peak_mb > MOST_MB:
            said.append(f"{at} a chapter took {whole.peak_mb:,.0f} MB, over {MOST_MB:,}")
        if whole.longest_cell > LONGEST_CELL:
            said.append(f"{at} a cell took {whole.longest_cell:.0f} s, over {LONGEST_CELL}")
    sizes, steep = list(found), exponent(found, WHOLE)
    if steep is not None and sizes[-2] >= FROM and steep > STEEPEST:
        said.append(f"from {sizes[-2]:,} customers on the report grows with {steep:.2f}, over {STEEPEST}")
    return said


def exponent(found: Mapping[int, Mapping[str, Cost]], name: str) -> float | None:
    """Return the power of the customers with which a cost grows over the last two sizes."""
    sizes = list(found)[-2:]
    if len(sizes) < 2 or not all(name in found[size] and found[size][name].cpu_seconds for size in sizes):
        return None
    low, high = (found[size][name].cpu_seconds for size in sizes)
    return math.log(high / low) / math.log(sizes[1] / sizes[0])


def _cells(cost: Cost | None) -> str:
    if cost is None:
        return f"{'–':>33}"
    return f"{cost.cpu_seconds:>18.1f}{cost.peak_mb:>7.0f}{cost.longest_cell:>8.1f}"


def _longest_cell(notebook: Path) -> float:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return max((cell["metadata"].get("papermill", {}).get("duration") or 0.0 for cell in cells), default=0.0)
