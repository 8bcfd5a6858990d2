"""Patterns as DuckDB reads them (RE2), written so that Java's regular expressions find the same.

The two differ in silence: Java ends `$` before a last line break, lets `.` stop at five line breaks of which
RE2 knows one, counts the vertical tab as a blank, folds capitals of ASCII only, and reads `[` and `&&` inside
a class. Both syntaxes: github.com/google/re2/wiki/Syntax and java.util.regex.Pattern.
"""

from __future__ import annotations

import re

_BLANK = r"\t\n\f\r "
_AT_WORD = r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))"
_OUTSIDE = {
    r"\s": f"[{_BLANK}]",
    r"\S": f"[^{_BLANK}]",
    r"\b": _AT_WORD,
    r"\B": f"(?!{_AT_WORD})",
    "(?P<": "(?<",
}
_INSIDE = {r"\s": _BLANK, r"\S": f"[^{_BLANK}]", "[": r"\[", "&": r"\&"}
_TOKENS = re.compile(
    r"\\Q.*?(?:\\E|$)|\\p\{\^?\w+\}|\\.|\(\?P<|\(\?[imsU-]+[:)]|\[:\^?\w+:\]|\[\^?\]?|\]|\$|.", re.DOTALL
)
_REFERENCE = re.compile(r"\\([0-9\\])|\$")


def java_pattern(pattern: str) -> str:
    r"""Return a pattern of RE2 for Java.

    >>> java_pattern(r"^[\d\s]+$")
    '(?d)^[\\d\\t\\n\\f\\r ]+\\z'
    """
    made, inside = ["(?d)"], False
    several_lines = re.search(r"\(\?[isU]*m", pattern) is not None
    for token in _TOKENS.findall(pattern):
        if inside:
            made.append(_named_class(token) or _INSIDE.get(token[0] if token == "[^" else token, token))
            made.append("^" if token == "[^" else "")
            inside = token != "]"
        elif token[0] == "[" and token[:2] != "[:":
            made.append(token.replace("]", r"\]"))
            inside = True
        elif token == "$":
            made.append("$" if several_lines else r"\z")
        else:
            made.append(_named_class(token) or _flags(token) or _OUTSIDE.get(token, token))
    return "".join(made)


def java_replacement(replacement: str) -> str:
    r"""Return what replaces a match: RE2 names groups `\1`, Java `$1`.

    >>> java_replacement(r"\2-\1 $")
    '$2-$1 \\$'
    """
    return _REFERENCE.sub(_reference, replacement)


def _reference(found: re.Match[str]) -> str:
    group = found[1]
    return r"\$" if group is None else r"\\" if group == "\\" else f"${group}"


def _named_class(token: str) -> str:
    """Return a class that both know by name: of ASCII characters `[:alpha:]`, or of a script `\\p{Han}`."""
    if found := re.fullmatch(r"\[:(\^?)(\w+):\]", token):
        name = {"xdigit": "XDigit", "word": "w"}.get(found[2], found[2].capitalize())
        if name == "w":
            return r"\W" if found[1] else r"\w"
        return f"\\{'P' if found[1] else 'p'}{{{name}}}"
    if found := re.fullmatch(r"\\p\{(\^?)(\w{3,})\}", token):
        return f"\\{'P' if found[1] else 'p'}{{Is{found[2]}}}"
    return ""


def _flags(token: str) -> str:
    """Let capitals be folded beyond ASCII, as RE2 does."""
    if not re.fullmatch(r"\(\?[imsU-]+[:)]", token):
        return ""
    return token.replace("i", "iu", 1)
