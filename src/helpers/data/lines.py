"""The lines of a text file on their way to records: single or a plain block at a time, up to the footer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from helpers.data.decode import Block, Line
from helpers.data.source_keys import matches


class Lines:
    """The lines of a file, one at a time or, where the next ones are plain, a block at a time."""

    def __init__(self, blocks: Iterator[Block], footer: tuple[str, ...] = ()) -> None:
        self._blocks = self._looked_through(blocks, footer) if footer else blocks
        self._ahead: deque[Line] = deque()
        self._has_footer, self._footers = bool(footer), set[int]()
        self.footer_lines = 0

    def _looked_through(self, blocks: Iterator[Block], footer: tuple[str, ...]) -> Iterator[Block]:
        """Note which lines look like the footer; a block that holds one is taken line by line."""
        for block in blocks:
            found = {block.first + n for n, there in enumerate(matches(block.texts, footer)) if there}
            self._footers |= found
            yield block._replace(plain=block.plain and not found)

    def at_footer(self) -> bool:
        """Say whether the next line is one of the footer."""
        if not self._has_footer:
            return False
        if not self._ahead and (block := next(self._blocks, None)) is not None:
            self.put_back(block)
        return bool(self._ahead) and self._ahead[0].number in self._footers

    def take_footer(self) -> list[tuple[int, str, str]]:
        """Take all lines that are left; return those that belong to no footer, as lines that make no row."""
        wrong: list[tuple[int, str, str]] = []
        first = self._ahead[0].number
        while (line := self.next()) is not None:
            if line.number in self._footers or not line.text.strip():
                self.footer_lines += 1
            else:
                wrong.append((line.number, line.text, f"stands behind the footer in line {first}"))
        return wrong

    def next(self) -> Line | None:
        """Take the next line; None at the end of the file."""
        if not self._ahead:
            block = next(self._blocks, None)
            if block is None:
                return None
            self.put_back(block)
        return self._ahead.popleft()

    def plain_block(self) -> Block | None:
        """Take the next block if it is plain and no single line waits before it."""
        if self._ahead or (block := next(self._blocks, None)) is None:
            return None
        if block.plain:
            return block
        self.put_back(block)
        return None

    def put_back(self, block: Block) -> None:
        """Offer a block's lines one at a time."""
        for number, text in enumerate(block.texts):
            self._ahead.append(Line(block.first + number, text, block.problems.get(number, "")))

    def put_back_lines(self, lines: Sequence[Line]) -> None:
        """Offer these lines again before all others."""
        self._ahead.extendleft(reversed(lines))
