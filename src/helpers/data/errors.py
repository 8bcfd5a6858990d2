"""What goes wrong with data, said so that the reader knows what to do next."""

from __future__ import annotations


class DataError(ValueError):
    """The data cannot be loaded as asked: the message names the place, the value and the way out."""


class EncodingUnknown(DataError):
    """A text is neither UTF-8 nor GB18030. likelier: the encodings that fit, the best first."""

    def __init__(self, message: str, *, likelier: list[str]) -> None:
        super().__init__(message)
        self.likelier = likelier
