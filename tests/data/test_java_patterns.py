"""Patterns of RE2 in Java's words. What they find is compared on Spark itself, in tests/data/spark."""

from __future__ import annotations

import pytest

from helpers.data.java_patterns import java_pattern, java_replacement


@pytest.mark.parametrize(
    ("pattern", "java"),
    [
        (r"^\d+$", r"^\d+\z"),
        (r"\$$", r"\$\z"),
        (r"(?m)^a$", r"(?m)^a$"),
        (r"[$]", r"[$]"),
        (r"a\s+[\s,]", r"a[\t\n\f\r ]+[\t\n\f\r ,]"),
        (r"[[:alpha:]&&x]", r"[\p{Alpha}\&\&x]"),
        (r"[a[b]", r"[a\[b]"),
        (r"[]x]", r"[\]x]"),
        (r"[^]x]", r"[^\]x]"),
        (r"\p{Han}\pL", r"\p{IsHan}\pL"),
        (r"(?i)^x", r"(?iu)^x"),
        (r"(?P<day>\d)", r"(?<day>\d)"),
        (r"\Qa$[\E$", r"\Qa$[\E\z"),
    ],
)
def test_patterns_say_the_same_to_java(pattern, java):
    assert java_pattern(pattern) == f"(?d){java}"


@pytest.mark.parametrize(
    ("replacement", "java"),
    [(r"\1\2", "$1$2"), ("$1", r"\$1"), (r"\\", r"\\"), (r"\0 $", r"$0 \$"), ("", "")],
)
def test_replacements_say_the_same_to_java(replacement, java):
    assert java_replacement(replacement) == java
