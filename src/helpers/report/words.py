"""The words of a question: its registry and its readings, and the one way to make a finding of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from helpers.report.estimate import Estimate
from helpers.report.finding import Finding, Verdict, skipped
from helpers.report.phrases import said
from helpers.report.readings import Readings, readings_at
from helpers.report.reasons import not_answered
from helpers.report.registry import FindingSpec, read_registry, read_toml
from helpers.report.release import Entry
from helpers.report.unseen import unseen


class Words:
    """The registry and readings beside one module; see `words_beside`."""

    def __init__(self, stem: Path) -> None:
        self.stem = stem

    @cached_property
    def registry(self) -> dict[str, FindingSpec]:
        """The findings that this question declares."""
        return read_registry(self.stem.with_suffix(".toml"))

    @cached_property
    def _head(self) -> Mapping[str, str]:
        entry = read_toml(self.stem.with_suffix(".toml"))
        return {name: str(entry.get(name, "")) for name in ("requirement", "question")}

    @property
    def requirement(self) -> str:
        """The requirement that the question answers, such as A1."""
        return self._head["requirement"]

    @property
    def question(self) -> str:
        """The question in words."""
        return self._head["question"]

    @property
    def readings(self) -> Readings:
        """The templates, in the language of the run."""
        return readings_at(self.stem)

    def finding(
        self,
        id: str,
        value: Estimate,
        *,
        method: str,
        scale: float = 1.0,
        n: int | None = None,
        unit: str = "",
        verdict: Verdict = "reported",
        assumptions: Sequence[str] = (),
        segment: str | None = None,
        p_value: float | None = None,
        persons: int | None = None,
        untreated: float | None = None,
        tells: Sequence[Entry] = (),
        amounts: tuple[float, float, float] | None = None,
        **facts: object,
    ) -> Finding:
        """Return the finding of an estimate, with the sentence that its template makes of it.

        id: as the registry declares it. scale: turns the estimate into the finding's unit (100 for a share).
        n: the units it rests on, where not the estimate's own. unit: instead of the registry's, where the
        shop decides it (a currency). segment: of which arm, stage or group it speaks. persons: the distinct
        people it rests on, where the registry says that n counts events. untreated: of an effect in points,
        the share (%) of the same people without it. tells: the people behind the other numbers of its
        sentence, such as the shares of both arms. amounts: of money, whose it is (`release.amounts_of`).
        facts: whatever else the template names. Raises KeyError on an id that this registry lacks,
        ValueError without `persons` where n counts no people.
        """
        if id not in self.registry:
            raise KeyError(
                f"{self.stem.name}.toml declares no finding {id!r}; it has {', '.join(self.registry)}"
            )
        spec = self.registry[id]
        if spec.counts == "events" and persons is None:
            raise ValueError(f"finding {id!r} counts {spec.of}; say on how many distinct people it rests")
        low, high = sorted((scale * value.low, scale * value.high))
        made = Finding(
            id=id,
            requirement=spec.requirement,
            question=spec.question,
            estimate=scale * value.estimate,
            low=low,
            high=high,
            level=value.level,
            unit=unit or spec.unit,
            n=value.n if n is None else n,
            segment=segment,
            method=method,
            assumptions=tuple(assumptions),
            verdict=verdict,
            p_value=p_value,
            persons=persons,
            untreated=untreated,
            tells=tuple(tells),
            amounts=amounts,
            facts=facts,
            readings=self.readings,
        )
        return stated(made)

    def skip(self, id: str, reason: str, *, segment: str | None = None) -> Finding:
        """Return one number of a question as not answered, with the reason as a sentence."""
        spec = self.registry[id]
        return replace(
            skipped(requirement=spec.requirement, question=spec.question, reason=not_answered(reason)),
            id=id,
            segment=segment,
        )

    def picture(self, name: str, findings: Iterable[Finding], /, **facts: object) -> tuple[str, str]:
        """Return title and alt text of a picture from the blocks `title: NAME` and `alt: NAME`."""
        return self.readings.picture(name, findings, **facts)

    def text(self, name: str, /, **facts: object) -> str:
        """Return the text of the block `text: NAME`."""
        return self.readings.render(f"text: {name}", **facts)

    def label(self, name: str, /, **facts: object) -> str:
        """Return the block `label: NAME`: words of a table or picture; ` \\n ` in it breaks the line.

        facts: what the template names; a phrase among them is said in the language of the run.
        """
        told = {key: said(fact) if isinstance(fact, str) else fact for key, fact in facts.items()}
        return self.readings.render(f"label: {name}", **told).replace(" \\n ", "\n")


def words_beside(file: str, name: str = "") -> Words:
    """Return the words beside a module: `share_gap.toml` and `share_gap.en.txt` for `share_gap.py`.

    file: the module's `__file__`. name: whose words, where the module only helps a question of that name.
    """
    own = Path(file).with_suffix("")
    return Words(own.with_name(name) if name else own)


def stated(finding: Finding) -> Finding:
    """Return the finding with its sentence rendered anew, as after a change of its verdict.

    An open test says what it could have found (see `unseen`).
    """
    if finding.readings is None:
        return finding
    return replace(finding, reading=f"{finding.readings.sentence(finding)} {unseen(finding)}".rstrip())
