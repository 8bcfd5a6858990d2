"""Kernels forked from this process with all its modules, which a fresh interpreter would import anew."""

from __future__ import annotations

import asyncio
import gc
import importlib
import multiprocessing
import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from ipykernel.kernelapp import IPKernelApp
from jupyter_client import AsyncKernelManager
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from threadpoolctl import threadpool_limits
from traitlets import default

import helpers
from helpers.command.processes import die_with_parent
from helpers.command.settled import ONE_THREAD

_CONTEXT = multiprocessing.get_context("fork")
_LAUNCHER = "ipykernel_launcher"
_INLINE = "module://matplotlib_inline.backend_inline"


def import_rooms() -> tuple[str, ...]:
    """Import every room that notebooks may ask for, once for all kernels; return why any cannot be.

    Such a room fails its own chapter, which says so.
    """
    problems = []
    for room in pkgutil.iter_modules(helpers.__path__, prefix="helpers."):
        try:
            importlib.import_module(room.name)
        except Exception as error:
            problems.append(f"{room.name} cannot be imported: {type(error).__name__}: {error}")
    return tuple(problems)


class PrivateKernel(AsyncKernelManager):
    """A kernel spoken to over sockets in a private folder: no open port that others could connect to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.provisioner = _Forking(kernel_spec=self.kernel_spec, parent=self)

    @default("transport")
    def _private_transport(self) -> str:
        return "ipc"

    @default("ip")
    def _socket_path(self) -> str:
        return str(Path(os.environ["IPYTHONDIR"]) / "kernel")


class _Forking(LocalProvisioner):
    """Forks a kernel of Python, and starts one of another language as its specification says."""

    process: Any = None

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        if _LAUNCHER not in cmd:
            return await super().launch_kernel(cmd, **options)
        self.cwd = str(options.get("cwd") or Path.cwd())
        arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
        self.process = _Forked(arguments, environment=options.get("env") or {}, folder=self.cwd)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class _Forked:
    """A forked kernel with the methods of `subprocess.Popen` that jupyter_client asks for.

    arguments: those of ipykernel. folder: where it works.
    """

    stdin = stdout = stderr = None

    def __init__(self, arguments: Sequence[str], *, environment: Mapping[str, str], folder: str) -> None:
        self._process = _CONTEXT.Process(target=_be_kernel, args=(arguments, environment, folder))
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Wait for its end, so that its use of the machine is counted; return its exit code."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.pid is not None and self._process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _be_kernel(arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
    os.setsid()
    threading.Thread(target=die_with_parent, daemon=True).start()
    os.environ.update({**environment, **ONE_THREAD})
    threadpool_limits(1)  # of the libraries that this process had loaded before
    gc.freeze()  # what is shared with the others is not to be walked, and so copied, by each
    os.chdir(folder)
    # As in a fresh interpreter: a loop of its own, and pictures that show below their cell.
    asyncio.set_event_loop(asyncio.new_event_loop())
    matplotlib.rcParams["backend"] = _INLINE
    if "matplotlib.pyplot" in sys.modules:
        pyplot = sys.modules["matplotlib.pyplot"]
        pyplot.close("all")  # figures that this process left open would show below the first cell
        # Whoever drew in this process settled on another: it is looked up anew when the kernel draws.
        pyplot.__dict__["_backend_mod"] = None
    IPKernelApp.clear_instance()
    IPKernelApp.launch_instance(argv=list(arguments))
