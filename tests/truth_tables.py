"""Every sentence a question can say: rendered over verdicts, signs, doubts and small groups, and read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from helpers.report import Finding, formats
from helpers.report.finding_view import FindingView
from helpers.report.registry import FindingSpec
from helpers.report.unseen import unseen
from helpers.report.words import Words, stated

EFFECT_VERDICTS = ("supported", "contradicted", "not settled")
CLAIM_VERDICTS = ("fits", "contradicted", "not settled")
# An interval for each sign; a verdict is rendered only with intervals that can carry it.
INTERVALS = {
    "above": (3.1, 1.8, 4.4),
    "below": (-3.1, -4.4, -1.8),
    "around, up": (0.9, -1.2, 3.0),
    "around, down": (-0.9, -3.0, 1.2),
    "nil": (0.0, -1.0, 1.0),
}
_SETTLED_BY = {"supported": ("above",), "contradicted": ("below",), "not settled": tuple(INTERVALS)}
CAUSAL = re.compile(
    r"\b(because of|brings?|brought|causes?|caused|thanks to|raises?|raised|lowers?|lowered|makes?|"
    r"effects? of|keeps? \w+ away|leads? to|due to|drives?)\b",
    re.IGNORECASE,
)
DIRECTION = re.compile(
    r"\b(raises?|raised|lowers?|lowered|rose|rises?|fell|falls?|(?<!no )(?<!or )more|less|fewer|gains?|"
    r"loses?|adds?|takes? away|took away|better|worse|longer|shorter|brings?|ahead|behind)\b",
    re.IGNORECASE,
)
OPEN = re.compile(r"\b(not settled|whether|cannot|too few|rise or fall)\b", re.IGNORECASE)
FORBIDDEN = (
    (r"\bnan\b|\bNone\b|\bNaT\b|\binf\b", "a missing number"),
    (r"\(\s*\)|\[\s*\]|“\s*”", "empty brackets"),
    (r"\s[,.;:]|\.\.|,,", "loose punctuation"),
    (r"[\w)%”][.;:!?][A-Z“]|[\w)],[A-Za-z“]", "sentences that run together"),
    (r"\b(?:by|raised|lowered|fell|rose) [−-]\d", "a direction with a negative amount"),
    (r"(?<![\d.,])1 (?:customers|orders|posts|shares|days|weeks|months|groups|friends|members|products)\b",
     "a plural of one"),
    (r"\{\{|\}\}|\{%", "an unrendered template"),
    (r"(?<![\w.-])-\d", "a hyphen for a minus"),
)  # fmt: skip


def cases(
    words: Words,
    id: str,
    *,
    verdicts: Sequence[str] = EFFECT_VERDICTS,
    facts: Mapping[str, Sequence[object]] | None = None,
    n: Sequence[int] = (1, 12, 12_345),
    intervals: Mapping[str, tuple[float, float, float]] = INTERVALS,
    segments: Sequence[str | None] = (None,),
    unit: str = "",
) -> Iterator[Finding]:
    """Yield the finding of an id for every combination of verdict, interval, n, segment and facts.

    facts: each name the template uses beside `f`, with the values to try (a doubt and none, one and many, …).
    """
    spec = words.registry[id]
    names = list(facts or {})
    for verdict, (sign, numbers), many, segment in itertools.product(
        verdicts, intervals.items(), n, segments
    ):
        if intervals is INTERVALS and sign not in _SETTLED_BY.get(verdict, tuple(INTERVALS)):
            continue
        for values in itertools.product(*(facts or {}).values()):
            estimate, low, high = numbers
            yield stated(
                Finding(
                    id=id,
                    requirement=spec.requirement,
                    question=spec.question,
                    estimate=estimate,
                    low=low,
                    high=high,
                    unit=unit or spec.unit,
                    n=many,
                    segment=segment,
                    method="a method",
                    verdict=verdict,
                    facts=dict(zip(names, values, strict=True)),
                    readings=words.readings,
                )
            )


def assert_reads_well(finding: Finding, spec: FindingSpec) -> None:
    """Fail where a sentence holds what none may: FORBIDDEN, certainty beside doubt, cause without design."""
    text = finding.reading
    for pattern, what in FORBIDDEN:
        assert not re.search(pattern, text), f"{finding.id}: {what} in {text!r}"
    assert text[:1].isupper() or text[:1] in "“0123456789−", f"{finding.id} starts small: {text!r}"
    assert text.endswith((".", "!", "?", ")")), f"{finding.id} does not end: {text!r}"
    if finding.verdict == "not settled":
        open_words = ("not settled", "cannot", "too few", "unclear", "open", "not shown")
        assert any(word in text for word in open_words), f"{finding.id} hides that it is open: {text!r}"
    else:
        assert "not settled" not in text, f"{finding.id} is {finding.verdict} and says not settled: {text!r}"
    if unseen(finding):
        assert text.endswith(unseen(finding)), f"{finding.id} does not say what it could have found: {text!r}"
    assert "go unseen" not in text, f"{finding.id} says in words of its own what it could find: {text!r}"
    _assert_no_direction_from_chance(finding, spec)
    if not spec.causal:
        found = CAUSAL.search(text)
        assert not found, (
            f"{finding.id}: {found[0]!r} is a word of cause, and its design is not causal: {text!r}"
        )


def _assert_no_direction_from_chance(finding: Finding, spec: FindingSpec) -> None:
    """Nobody decides on what is only reported, so it may state no direction that chance could have given."""
    view = FindingView(finding)
    if finding.verdict != "reported" or view.directed or spec.lowest == 0:
        return
    told = formats.number(abs(view.estimate), view.decimals)
    for sentence in re.split(r"(?<=[.;!?]) ", finding.reading):
        found = DIRECTION.search(sentence) if told in sentence and not OPEN.search(sentence) else None
        assert not found, f"{finding.id}: {found[0]!r} may be chance, and is a direction: {sentence!r}"


def assert_truth_table(words: Words, id: str, **options) -> None:
    """Render and read every case of one finding."""
    spec = words.registry[id]
    seen = 0
    for finding in cases(words, id, **options):
        assert_reads_well(finding, spec)
        seen += 1
    assert seen


def assert_every_block_is_declared(words: Words) -> None:
    """Fail where registry and templates do not name the same findings."""
    said = {name for name in words.readings.blocks if "." in name and ":" not in name}
    assert said == set(words.registry), said ^ set(words.registry)
