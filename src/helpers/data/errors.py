"""What goes wrong with data, said so that the reader knows what to do next."""

from __future__ import annotations


class DataError(ValueError):
    """The data cannot be loaded as asked: the message names the place, the value and the way out."""
