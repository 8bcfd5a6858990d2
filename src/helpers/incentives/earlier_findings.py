"""Findings of earlier chapters on the same data: of this run, or alone of the newest report."""

from __future__ import annotations

import json
import os
from pathlib import Path

from helpers.data.shop import Shop
from helpers.paths import project_folder
from helpers.report import Finding, read_findings

CHAPTERS = ("03_share_uplift", "06_guardrails")


def earlier_findings(shop: Shop, out: str | os.PathLike = "") -> tuple[Finding, ...]:
    """Return what chapters 03 and 06 found on the data of this shop; nothing where they were not asked.

    out: the folder into which the chapters of a run write; empty where the notebook runs alone. Then the
    latest report is read, if its tables are those of this shop, byte for byte.
    """
    if out:
        paths = [Path(out) / f"{name}.json" for name in CHAPTERS]
        return tuple(one for path in paths if path.is_file() for one in read_findings(path))
    latest = project_folder() / "reports" / "latest"
    if not (latest / "findings.json").is_file() or _inputs(latest) != _tables(shop):
        return ()
    return read_findings(latest / "findings.json")


def _inputs(run: Path) -> dict[str, str]:
    entry = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    return {name: str(table["sha256"]) for name, table in entry["inputs"].items()}


def _tables(shop: Shop) -> dict[str, str]:
    return {name: table.sha256 for name, table in shop.receipt.tables.items()}
