"""Kernels share what this process has imported, and are otherwise as a fresh interpreter's."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import matplotlib.pyplot as plt
import pytest

import helpers
from helpers.command.kernel import import_rooms
from helpers.command.outcome import Refusal

SETTLED = """from helpers.command.settled import start_settled
start_settled()
import os
print(hash("a"), os.environ["OMP_NUM_THREADS"])"""


@pytest.fixture
def printed(toy):
    """Run cells in one notebook; return the outputs of each."""

    def run(*code):
        toy.notebook("02_first", *code)
        executed = toy.run() / "notebooks" / "02_first.ipynb"
        cells = json.loads(executed.read_text())["cells"]
        return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"][2:-1]

    return run


def _said(outputs):
    return "".join(outputs[0]["text"])


def test_rooms_are_there_before_the_notebook_asks(printed):
    (output,) = printed("import sys; print('helpers.uplift' in sys.modules, __name__)")
    assert _said(output) == "True __main__\n"


def test_each_kernel_is_a_process_of_its_own(printed):
    (output,) = printed("import os; print(os.getpid(), os.getpgid(0))")
    kernel, group = map(int, _said(output).split())
    assert kernel == group, "a signal to the kernel reaches no other process"
    assert os.getpid() != kernel


def test_a_figure_shows_below_its_cell_without_being_asked(printed):
    with pytest.raises(Refusal, match="a picture has no alt text"):
        printed("import matplotlib.pyplot as plt; line = plt.plot([1, 2])")


def test_a_figure_that_the_run_left_open_shows_in_no_chapter(printed):
    figure = plt.figure()
    try:
        (output,) = printed("import matplotlib.pyplot as plt; print(plt.get_fignums())")
    finally:
        plt.close(figure)
    assert _said(output) == "[]\n"


def test_fits_use_one_thread(printed):
    (output,) = printed(
        "from threadpoolctl import threadpool_info\n"
        "print({pool['num_threads'] for pool in threadpool_info()})"
    )
    assert _said(output) == "{1}\n"


def test_command_starts_with_one_order_of_sets_and_one_thread():
    asked = {**os.environ, "PYTHONHASHSEED": "random", "OMP_NUM_THREADS": "2"}
    runs = [
        subprocess.run([sys.executable, "-c", SETTLED], env=asked, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.split()[1] == "1"


def test_a_room_that_cannot_be_imported_is_told_and_stops_no_other(tmp_path, monkeypatch):
    (tmp_path / "broken_room.py").write_text("import no_such_library\n")
    monkeypatch.setattr(helpers, "__path__", [str(tmp_path), *helpers.__path__])
    (problem,) = import_rooms()
    assert "helpers.broken_room cannot be imported: ModuleNotFoundError" in problem
