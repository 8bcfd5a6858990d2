"""Text that was encoded as UTF-8 twice: two or three odd characters stand in the place of each."""

from __future__ import annotations

import re

_WINDOWS = {bytes([code]).decode("cp1252", "ignore"): code for code in range(0x80, 0xA0)}
_BYTES = {ord(char): code for char, code in _WINDOWS.items() if char}
_LATER = "\u0080-\u00bf" + "".join(char for char in _WINDOWS if char)
RUN = re.compile(f"[\u00c2-\u00f4][{_LATER}]")
# What is really written: Latin, Greek to Thai, signs, East Asian scripts, emoji. NESTLÉ® is no ɮ.
_COMMON = re.compile(
    "[\u0000-\u007f\u00a0-\u017f\u0370-\u06ff\u0e00-\u0e7f\u2010-\u2044\u20ac\u2100-\u214f"
    "\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\ufe0f\uff00-\uffef\U0001f300-\U0001faff]+"
)


def meant(text: str) -> str:
    """Return what a text was before it was encoded once more; empty where it was not.

    >>> meant("c1,å\\x8f£çº¢"), meant("café, NESTLÉ®")
    ('c1,口红', '')
    """
    if not RUN.search(text):
        return ""
    try:
        found = text.translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return ""
    return found if _COMMON.fullmatch(found) else ""
