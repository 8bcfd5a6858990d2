"""Symbolic links: what they lead to is read only where it lies in the data's own folder."""

from __future__ import annotations

from pathlib import Path

from helpers.data.errors import DataError


def stays_inside(path: Path, folder: Path) -> bool:
    """Say whether a path, with all links followed, lies in a folder."""
    return path.resolve().is_relative_to(folder.resolve())


def refuse_outside(path: Path, folder: Path) -> None:
    """Refuse a file that is a link out of the folder; the message names no place outside of it."""
    if not stays_inside(path, folder):
        raise DataError(f"{path.name} is a link that leads out of {folder.name}; put the file itself there")
