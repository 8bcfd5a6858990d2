"""Lines to records: how many fields a row has, how quotes join lines, and which lines make no row."""

from __future__ import annotations

import re

from helpers.data.decode import Line
from helpers.data.lines import Lines
from helpers.data.second_header import SecondHeader
from helpers.data.source import FileSpec
from methods.counts import count

MAX_CHARACTERS = 250_000
MAX_OPEN_LINES = 200
REST_SEPARATOR = "\x1f"


class Splitter:
    """The rules of one file: how many fields a row has, and how quotes join lines."""

    def __init__(self, spec: FileSpec, names: tuple[str, ...]) -> None:
        self.fields = len(names) - bool(spec.rest)
        self.second = SecondHeader(names, spec.delimiter)
        self.ends_empty = spec.empty_last_column
        self.rest = bool(spec.rest)
        self.whitespace = spec.format == "whitespace"
        self.delimiter = spec.delimiter
        self.quoted = not self.whitespace and not self.rest
        self.written_delimiter = spec.delimiter if self.quoted else "\t"
        mark = re.escape(spec.delimiter)
        quoted, plain = r'"(?:[^"]++|"")*+"', rf'[^"{mark}]*+'
        self._quoted_field = re.compile(quoted)
        self._field = re.compile(rf"{quoted}|{plain}")
        self._guarded = re.compile(rf'="[^"]*+"(?={mark}|$)')
        self._complete = re.compile(rf"(?:{quoted}|{plain})(?:{mark}(?:{quoted}|{plain}))*+")
        self._open = re.compile(rf'(?:(?:{quoted}|{plain}){mark})*+"(?:[^"]++|"")*+')

    def plain_rows(self, lines: Lines) -> list[str] | None:
        """Take a whole block where each line is clearly one row; None where the lines need a closer look."""
        if not self.quoted or self.fields == 1 or (block := lines.plain_block()) is None:
            return None
        mark, wanted = self.delimiter, self.fields - 1
        rows = [
            f"{n}{mark}{text}"
            for n, text in enumerate(block.texts, block.first)
            if text.count(mark) == wanted and (not self.ends_empty or text.endswith(mark))
        ]
        even = len(rows) == len(block.texts) and max(map(len, rows)) <= MAX_CHARACTERS
        if even and self.second.none_in(block.texts):
            return rows
        lines.put_back(block)
        return None

    def record(self, lines: Lines) -> tuple[int, str, str, int] | None:
        """Take the next record: line number, text, what is wrong, newlines inside; None at the end."""
        line = lines.next()
        if line is None:
            return None
        if not self.quoted:
            return self._listed(line)
        number, text, problem, newlines = self._delimited(line, lines)
        return number, text, problem or ("" if newlines else self.second.problem(number, text)), newlines

    def _delimited(self, line: Line, lines: Lines) -> tuple[int, str, str, int]:
        """Take a record of delimited fields that begins with this line."""
        problem = line.problem or self._refused(line.text)
        if problem:
            return line.number, line.text, problem, 0
        if '"' not in line.text:
            return line.number, line.text, self._miscounted(line.text.count(self.delimiter) + 1, line.text), 0
        return self._quoted(line, lines)

    def _quoted(self, line: Line, lines: Lines) -> tuple[int, str, str, int]:
        """Join lines until the record is complete; where it never is, only its first line is refused."""
        taken = [line]
        while True:
            text = self._shielded("\n".join(one.text for one in taken))
            if len(text) > MAX_CHARACTERS:
                problem = "a quote is never closed"
                break
            if self._complete.fullmatch(text):
                problem = self._miscounted(self._quoted_field.sub("", text).count(self.delimiter) + 1, text)
                break
            if not self._open.fullmatch(text):
                problem = "a quote stands inside a field" if len(taken) == 1 else "a quote is never closed"
                break
            more = self._until_quote(lines, room=MAX_OPEN_LINES - len(taken))
            taken += more
            if not more or '"' not in more[-1].text or more[-1].problem:
                problem = "a quote is never closed"
                break
        if not problem:
            return line.number, text, "", len(taken) - 1
        lines.put_back_lines(taken[1:])
        return line.number, line.text, problem, 0

    def _shielded(self, text: str) -> str:
        """Put quotes around `="123"`, by which exports keep a spreadsheet from rounding ids."""
        if '="' not in text:
            return text
        made, start = "", 0
        while True:
            guarded = self._guarded.match(text, start)
            found = guarded or self._field.match(text, start)
            if found is None:
                raise ValueError(f"no field starts at character {start} of {text!r}")
            field = found[0]
            end = start + len(field)
            made += '"' + field.replace('"', '""') + '"' if guarded else field
            if end == len(text) or text[end] != self.delimiter:
                return made + text[end:]
            made, start = made + self.delimiter, end + 1

    def _until_quote(self, lines: Lines, *, room: int) -> list[Line]:
        """Take the next lines up to one that holds a quote; a line that cannot be read ends the record."""
        taken: list[Line] = []
        while len(taken) < room:
            line = lines.next()
            if line is None:
                break
            taken.append(line)
            if '"' in line.text or line.problem or self._refused(line.text, blank=False):
                break
        return taken

    def _refused(self, text: str, *, blank: bool = True) -> str:
        if blank and not text.strip(" "):
            return "blank line"
        if len(text) > MAX_CHARACTERS:
            return f"longer than {MAX_CHARACTERS:,} characters"
        if "\0" in text or "\x1a" in text:
            return "holds a NUL or end-of-file character"
        return "holds a stray carriage return" if "\r" in text else ""

    def _miscounted(self, found: int, text: str) -> str:
        if self.ends_empty and found == self.fields - 1:
            return "does not end with a delimiter, as is declared"
        if found != self.fields:
            return f"{count(found, 'field')} where {self.fields} are expected"
        if self.ends_empty and text.rpartition(self.delimiter)[2].strip() not in ("", '""'):
            return "the last column is declared empty and is not"
        return ""

    def _listed(self, line: Line) -> tuple[int, str, str, int]:
        """Split a line without quoting rules; fields beyond the named ones join into the rest."""
        problem = line.problem or self._refused(line.text)
        if not problem and not self.whitespace and "\t" in line.text and self.delimiter != "\t":
            problem = "holds a tab inside a field"
        values = line.text.split() if self.whitespace else line.text.split(self.delimiter)
        if not problem and self.rest and len(values) >= self.fields:
            values = [*values[: self.fields], REST_SEPARATOR.join(values[self.fields :])]
        elif not problem:
            problem = self._miscounted(len(values), line.text)
        return line.number, line.text if problem else "\t".join(values), problem, 0
