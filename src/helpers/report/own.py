"""Questions of one's own: a notebook beside the others, its registry and words in files of its name."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.paths import project_folder
from helpers.report.finding import Finding
from helpers.report.registry import registry
from helpers.report.style import Picture
from helpers.report.words import Words


@dataclass(frozen=True, kw_only=True)
class OwnAnswer:
    """What a notebook of one's own found: findings, a picture and a table, shown by the rules of all others.

    frame: says in its `attrs` which column counts people, as every table does.
    """

    findings: tuple[Finding, ...]
    picture: Picture
    frame: pd.DataFrame

    def draw(self) -> Picture:
        """Return the picture."""
        return self.picture

    def table(self) -> pd.DataFrame:
        """Return the table."""
        return self.frame


def own_words(name: str) -> Words:
    """Return the words of a notebook of one's own: `NAME.toml` and `NAME.en.txt` in notebooks/.

    Raises FileNotFoundError where one is missing, and ValueError where a finding of the registry is not known
    to this session, as after a change of the file or a finding of the same id elsewhere.
    """
    words = Words(project_folder() / "notebooks" / name)
    for ending in (".toml", ".en.txt"):
        path = words.stem.with_name(f"{name}{ending}")
        if not path.is_file():
            raise FileNotFoundError(f"notebooks/{path.name} is missing: it says what the findings mean")
    for id, spec in words.registry.items():
        if registry().get(id) != spec:
            raise ValueError(
                f"{name}.toml: {id!r} is declared elsewhere, or was changed since this session began; "
                "give it an id of its own, and start the kernel anew"
            )
    return words
