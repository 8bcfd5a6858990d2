"""The reports folder: staging, publishing by one rename, `latest`, and clearing what a killed run left."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

from helpers.command.manifest import read_manifest
from helpers.command.outcome import Exit, Refusal

STAGING = ".staging-"
LATEST = "latest"
FAILED = "failed"
HISTORY = "history.html"


class Shelf:
    """The folder that holds published runs, `failed/` ones and the link `latest`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def clear_leftovers(self) -> None:
        """Remove what killed runs left; call it only with the lock held, so none of it is in use."""
        drafts = (f"{STAGING}*", f".{LATEST}-*", f".{HISTORY}*")
        for path in [path for draft in drafts for path in self.folder.glob(draft)]:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def stage(self) -> tuple[str, Path]:
        """Return a new run id (UTC, sorts by time) and its empty staging folder on the same file system."""
        moment = dt.datetime.now(dt.UTC)
        while True:
            run = f"{moment:%Y%m%d-%H%M%S}"
            taken = [self.folder / run, self.folder / FAILED / run]
            if not any(path.exists() for path in taken):
                break
            moment += dt.timedelta(seconds=1)
        staging = self.folder / f"{STAGING}{run}"
        staging.mkdir(parents=True)
        return run, staging

    def publish(self, staging: Path, run: str) -> None:
        """Give a complete run its name by one rename."""
        try:
            staging.rename(self.folder / run)
        except OSError as error:
            raise Refusal(Exit.NOT_PUBLISHED, f"the run could not be published: {error.strerror}") from error

    def set_aside(self, staging: Path, run: str) -> Path:
        """Keep a failed run for the analyst in failed/, away from what others read."""
        (self.folder / FAILED).mkdir(exist_ok=True)
        return staging.rename(self.folder / FAILED / run)

    def point_latest(self, run: str) -> None:
        """Move `latest` to a published run by one rename; a reader sees the old or the new, never neither."""
        draft = self.folder / f".{LATEST}-{run}"
        draft.symlink_to(run, target_is_directory=True)
        try:
            os.replace(draft, self.folder / LATEST)
        except OSError as error:
            draft.unlink()
            message = f"{LATEST} in {self.folder.name}/ is not a link, so it was left alone: {error.strerror}"
            raise Refusal(Exit.NOT_PUBLISHED, message) from error

    def write_history(self, page: str) -> None:
        """Put the page of past runs in the place of the one before by one rename."""
        draft = self.folder / f".{HISTORY}"
        draft.write_text(page, encoding="utf-8")
        draft.replace(self.folder / HISTORY)

    @property
    def latest(self) -> Path | None:
        """The folder that `latest` points to, or None."""
        link = self.folder / LATEST
        return link.resolve() if link.is_dir() else None

    def latest_chapters(self) -> set[str]:
        """Return the chapters of the latest report; empty when there is none, or it is damaged."""
        try:
            return set(read_manifest(self.latest)["chapters"]) if self.latest else set()
        except ValueError:
            return set()

    def runs(self) -> tuple[Path, ...]:
        """Return the folders of all finished runs, published and failed, oldest first."""
        places = [*self.folder.glob("[0-9]*-[0-9]*"), *(self.folder / FAILED).glob("[0-9]*-[0-9]*")]
        return tuple(sorted((path for path in places if path.is_dir()), key=lambda path: path.name))
