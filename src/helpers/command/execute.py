"""Execute one notebook with papermill in a process of its own, and say what became of it."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

from helpers.command.kernel import PrivateKernel
from helpers.command.notebooks import Notebook
from helpers.command.outcome import Outcome
from helpers.command.parameters import Value
from helpers.command.progress import Log
from helpers.report.budget import CELL_VARIABLE, SECTION_VARIABLE
from helpers.report.finding import read_findings
from helpers.report.formats import count
from helpers.report.judge import code_cells, is_injected, notebook_fault


@dataclass(frozen=True, kw_only=True)
class Job:
    """One notebook to execute: with which values, where it writes, and how long it may take."""

    notebook: Notebook
    values: Mapping[str, Value]
    folder: Path
    findings: Path
    working_folder: Path
    cell_timeout_seconds: int
    section_timeout_seconds: int
    log: Log = field(repr=False)

    @property
    def executed(self) -> Path:
        """The executed notebook, an analyst's record."""
        return self.folder / "notebooks" / f"{self.notebook.name}.ipynb"


def execute(job: Job) -> Outcome:
    """Execute the notebook and judge it by its own outputs; never by papermill's word alone.

    papermill reports success when a cell calls sys.exit(0), and writes nothing on a dead kernel, so the
    executed notebook is saved once at the end, whatever happened, and then judged cell by cell.
    """
    started = time.monotonic()
    problem = _run(job)
    fault = notebook_fault(job.executed, findings=job.findings)
    failure = problem or (fault.sentence if fault else None)
    return Outcome(
        notebook=job.notebook.name,
        status="failed" if failure else "good",
        failure=failure,
        failing_cell=fault.cell if fault else None,
        failed_sections=() if failure else _failed_sections(job.findings),
        wall_seconds=time.monotonic() - started,
        **used(),
    )


def _failed_sections(findings: Path) -> tuple[str, ...]:
    return tuple(finding.requirement for finding in read_findings(findings) if finding.status == "failed")


def _run(job: Job) -> str | None:
    """Run papermill; return a sentence when it could not finish for a reason that no cell shows."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as private:
        _set_environment(Path(private), job)
        try:
            papermill.execute_notebook(
                job.notebook.path,
                job.executed,
                parameters=dict(job.values),
                engine_name="workbench",
                request_save_on_cell_execute=True,
                autosave_cell_every=0,
                execution_timeout=job.cell_timeout_seconds,
                kernel_manager_class=PrivateKernel,
                # A kernel that is told to end complains of the interrupt; that is no news to anyone.
                extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
                progress_bar=False,
                cwd=job.working_folder,
                name=job.notebook.name,
                say=job.log,
            )
        except papermill.PapermillExecutionError:
            return None
        except CellTimeoutError:
            return f"a cell took longer than {count(job.cell_timeout_seconds, 'second')}"
        except (DeadKernelError, RuntimeError) as error:
            return f"the kernel died or could not be reached: {str(error).splitlines()[0]}"
    return None


def _set_environment(private: Path, job: Job) -> None:
    """Give the kernel folders of its own, since kernels that start side by side race, and say its time."""
    os.environ.update(
        IPYTHONDIR=str(private),
        JUPYTER_RUNTIME_DIR=str(private),
        SOURCE_DATE_EPOCH="0",
        **{
            SECTION_VARIABLE: str(job.section_timeout_seconds),
            CELL_VARIABLE: str(job.cell_timeout_seconds),
        },
    )


def used() -> dict[str, Any]:
    """Return the CPU seconds of this process and its kernel, and the most memory that the kernel took."""
    children, own = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
    to_mb = 1 << 20 if sys.platform == "darwin" else 1 << 10
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in (children, own))
    return {"cpu_seconds": seconds, "peak_mb": children.ru_maxrss / to_mb}


class _Progress(NotebookExecutionManager):
    """Says which cell runs, and saves once at the end: saving at each cell costs quadratic time."""

    def __init__(self, nb, *, name: str, say: Log, **options) -> None:
        super().__init__(nb, **options)
        self.name, self.say = name, say
        self.position = 0
        self.total = sum(not is_injected(cell) for cell in code_cells(nb.cells))

    def cell_start(self, cell, cell_index=None, **options) -> None:
        super().cell_start(cell, cell_index, **options)
        if cell.cell_type == "code" and not is_injected(cell):
            self.position += 1
            self.say(f"{self.name} … running cell {self.position} of {self.total}")

    def notebook_start(self, **options) -> None:
        """Replace the folders of this machine, which papermill notes, by file names."""
        names = {"input_path": f"{self.name}.ipynb", "output_path": f"{self.name}.ipynb"}
        self.nb.metadata.papermill.update(names)
        super().notebook_start(**options)

    def save(self, **options) -> None:
        if self.end_time is not None:
            super().save(**options)


class _Engine(NBClientEngine):
    """papermill's own engine with our progress and saving."""

    @classmethod
    def execute_notebook(cls, nb, kernel_name, output_path=None, *, name, say, **options):
        for ignored in ("progress_bar", "log_output", "autosave_cell_every"):
            options.pop(ignored, None)
        manager = _Progress(
            nb, name=name, say=say, output_path=output_path, progress_bar=False, autosave_cell_every=0
        )
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, **options)
        finally:
            manager.notebook_complete()
        return manager.nb


papermill_engines.register("workbench", _Engine)
