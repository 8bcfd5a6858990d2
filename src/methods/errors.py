"""The one exception by which a method says that the data cannot carry an answer."""

from __future__ import annotations


class CannotAnswer(Exception):
    """The data are there but cannot carry an answer; the message says why in one plain sentence."""
