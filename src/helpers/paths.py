"""Where things lie: the project's folder, found from wherever a notebook or command was started."""

from __future__ import annotations

from pathlib import Path


def project_folder() -> Path:
    """Return the folder that holds notebooks/, data/ and reports/.

    The nearest folder at or above the working directory that has notebooks/ and pyproject.toml; else the
    one this package was installed from in editable mode. Raises FileNotFoundError where there is neither.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise FileNotFoundError("run this inside a clone of the workbench: no folder with notebooks/ was found")
