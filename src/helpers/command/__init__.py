"""The command `workbench`: runs, judges and publishes the notebooks. Only this room knows papermill."""

from helpers.command.cli import main

__all__ = ["main"]
