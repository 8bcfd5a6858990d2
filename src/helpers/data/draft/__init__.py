"""A first `source.toml` for files nobody has described: what can be seen is written, all else is asked."""

from __future__ import annotations

from helpers.data.draft.text import Draft
from helpers.data.draft.write import draft_source

__all__ = ["Draft", "draft_source"]
