"""How a run ended, for the scheduler that started it: one line of JSON, and a command to call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass

from helpers.command.outcome import Exit


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The end of a run.

    code: the exit code. run, index: id and opening page of what was published, empty where nothing was.
    message: what is not as it should be, in one sentence; empty where all is well.
    mail: the page to be sent, empty where nothing is to be told.
    """

    code: int
    run: str = ""
    index: str = ""
    message: str = ""
    mail: str = ""

    @property
    def line(self) -> str:
        """The end as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def call(self, *, on_success: str, on_failure: str) -> None:
        """Run one's own command by the shell, with the end in its environment as WORKBENCH_CODE and so on.

        on_success is for code 0 alone. The command's output is shown; where it fails that is said, and the
        end of the run stays what it was.
        """
        command = on_success if self.code == Exit.DONE else on_failure
        if not command:
            return
        told = {f"WORKBENCH_{name.upper()}": str(value) for name, value in asdict(self).items()}
        done = subprocess.run(command, shell=True, env={**os.environ, **told}, check=False)
        if done.returncode:
            which = "--on-success" if self.code == Exit.DONE else "--on-failure"
            print(f"workbench: the command of {which} ended with {done.returncode}", file=sys.stderr)
