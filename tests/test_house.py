"""The rules of the house, kept by a test: notebooks, sizes, words, and who may import whom."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from helpers.paths import project_folder
from helpers.report.phrases import FILE as PHRASES
from helpers.report.phrases import listed_phrases
from helpers.report.registry import TEMPLATE

ROOT = project_folder()
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOURCE = ROOT / "src"
# Families whose tests still stand with the chapter they came from.
TESTED_IN_CHAPTERS = {"targeting"}
MODULES = sorted(SOURCE.rglob("*.py"))
# What a finding tells in words, by the names of arguments and variables; and where no page is made.
SPOKEN = {"reason", "why", "method", "assumptions"}
NO_PAGE = {"command", "draft", "candidates.py"}
# Of the data room, what pages show: its labels and the headers of its tables. The rest speaks of files.
PAGES_OF_DATA = {
    "driver_study.py", "drawn_sizes.py", "holdouts.py", "levels.py", "measures.py", "newcomers.py",
    "past_outcomes.py", "profile.py", "receipt.py", "shop_moments.py",
}  # fmt: skip
# What writes to whoever runs the workbench, or holds rules on sentences, fonts and patterns.
FOR_WHO_RUNS = {
    "agreement.py", "counted_words.py", "finding.py", "judge.py", "length.py", "saving.py", "style.py",
}  # fmt: skip
# Keywords whose values are codes, and functions that take patterns, queries or a release's populations.
CODES = {"segment", "population", "period", "loc", "textcoords", "fmt"}
NO_SPEECH = {
    "compile",
    "sub",
    "search",
    "split",
    "query",
    "eval",
    "share_of",
    "share_of_events",
    "once",
    "_claim",
    "_values",
}
NOT_SAID = ("# no page says this", "# a segment: a key of findings")
NO_WORDS = {"share of ", "%B %Y", "{:.0f} %", "E2.orders: ask_6"}
BARE_PARAMETER = re.compile(r"^\w+: (str|int|float|bool) = \S.*  # \S.{5,}$")

COUNTED = re.compile(
    r" (?:[a-z]+ )?(?:people|customers|buyers|members|friends|seeds|units|groups|circles|ties|shares|posts"
    r"|likes|orders|purchases|products|items|coupons|lists|scores|rows|lines|files|cells|sheets|values|gaps"
    r"|cases|fits|copies|draws|days|weeks|months|periods|windows|tests|findings|questions|sections"
    r"|intervals)\b"
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[Path]:
    """Every file in version control (or, outside of it, every source file)."""
    done = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True)
    if done.returncode != 0:
        return [*MODULES, *NOTEBOOKS]
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def cells_of(path: Path) -> tuple[list[dict], list[dict]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    return cells, [cell for cell in cells if cell["cell_type"] == "code"]


def code_lines(source: str) -> list[str]:
    return [line for line in source.splitlines() if line.strip()]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_is_committed_clean(self, path):
        content = json.loads(path.read_text(encoding="utf-8"))
        cells, code = cells_of(path)
        assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
        assert content["metadata"]["kernelspec"]["name"] == "python3"
        assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
        assert len({cell["id"] for cell in cells}) == len(cells)

    def test_opens_with_its_question_and_one_parameters_cell(self, path):
        cells, code = cells_of(path)
        name = "Own question" if path.stem == TEMPLATE else path.stem[:2]
        assert cells[0]["source"].startswith(f"# {name} · ")
        tagged = [cell for cell in code if "parameters" in cell["metadata"].get("tags", ())]
        assert tagged == [code[0]]
        for line in code_lines(code[0]["source"]):
            assert BARE_PARAMETER.match(line), f"not `name: type = value  # meaning`: {line}"

    def test_tells_more_than_it_computes(self, path):
        cells, code = cells_of(path)
        lengths = [len(code_lines(cell["source"])) for cell in code]
        # One or two short cells a question, beside parameters, opening, trust and the end.
        questions = {name for cell in cells for name in re.findall(r"^## ([A-Z]\d+) ", cell["source"], re.M)}
        assert max(lengths) <= 12
        assert sum(lengths) <= 80
        assert len(code) <= max(15, 2 * len(questions) + 5)
        assert len(cells) - len(code) >= len(code)

    def test_only_calls_helpers(self, path):
        source = "\n".join(cell["source"] for cell in cells_of(path)[1])
        tree = ast.parse(source)
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not [node for node in ast.walk(tree) if isinstance(node, kinds)]
        for banned in ("rcParams", "filterwarnings", "%", "!pip", "HTML(", "Markdown("):
            assert banned not in re.sub(r"#.*", "", source), banned

    def test_ends_by_saving_its_findings(self, path):
        last = cells_of(path)[1][-1]["source"]
        assert re.search(rf'save_findings\(\s*"{path.stem}"', last)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
class TestModule:
    def test_says_what_it_is_for(self, path):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), "the module"
        silent = [node.name for node in public_definitions(tree) if not ast.get_docstring(node)]
        assert not silent

    def test_shows_nothing_unescaped(self, path):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("style", "to_html"), f"line {node.lineno}: use html_table"
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                assert called not in ("summary", "summary2"), f"line {node.lineno}: use html_table"
                loose = [word for word in node.keywords if word.arg == "escape" and is_false(word.value)]
                assert not loose, f"line {node.lineno}: escaping is not an option"
                if called in ("HTML", "Markdown"):
                    assert path.name == "show.py", f"line {node.lineno}: use show_table"

    def test_counts_things_by_the_one_helper(self, path):
        # `{number} customers` says "1 customers" one day; `count(number, "customer")` cannot.
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for value, words in pairwise(getattr(node, "values", ())):
                if isinstance(value, ast.FormattedValue) and isinstance(words, ast.Constant):
                    thing = COUNTED.match(str(words.value))
                    said = f"line {node.lineno}: use count({ast.unparse(value.value)}, ...)"
                    assert not thing or is_settled(value), said

    def test_tells_what_reaches_a_page_by_templates(self, path):
        # Reasons are templates beside the question, so that a second language is only files; what a method
        # raises for whoever calls it stays in its code, and a page tells it within such a template.
        parts = path.relative_to(SOURCE).parts
        if parts[0] != "helpers" or set(parts) & NO_PAGE:
            return
        tree = ast.parse(path.read_text(encoding="utf-8"))
        loose = [node.lineno for node in ast.walk(tree) if spoken(node)]
        assert not loose, f"lines {loose}: move the sentence into the question's NAME.en.txt (WORDS.text)"

    def test_takes_short_fixed_words_from_the_list_of_phrases(self, path):
        # Headers, axes, legends, captions: what stands in code is the name of a phrase or of a block.
        if not makes_pages(path):
            return
        known = {*listed_phrases(), *blocks(), *NO_WORDS}
        loose = [(line, words) for line, words in fixed_words(path) if words not in known]
        assert not loose, f"{loose}: list them in report/phrases.en.txt, or make blocks of them"

    def test_puts_no_words_around_a_value(self, path):
        # "likes of {name}" is a block of NAME.en.txt (WORDS.label): other languages order words otherwise.
        if not makes_pages(path):
            return
        source = path.read_text(encoding="utf-8")
        tree, lines = ast.parse(source), source.splitlines()
        kept = ids_of_code(tree)
        loose = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr) and id(node) not in kept and puts_words_around(node)
        ]
        loose = [line for line in loose if not lines[line - 1].endswith(NOT_SAID)]
        assert not loose, f"lines {loose}: make a block `label: …` of them (WORDS.label)"


def makes_pages(path: Path) -> bool:
    parts = path.relative_to(SOURCE).parts
    if parts[:2] == ("helpers", "data"):
        return path.name in PAGES_OF_DATA
    return parts[0] == "helpers" and not set(parts) & {*NO_PAGE, *FOR_WHO_RUNS}


@cache
def blocks() -> frozenset[str]:
    """The names of all blocks of all templates, with and without their kind."""
    files = [path for path in SOURCE.rglob("*.en.txt") if path != PHRASES]
    named = [name for path in files for name in re.findall(r"^## +(.+?)\s*$", path.read_text("utf-8"), re.M)]
    return frozenset([*named, *(name.partition(": ")[2] for name in named)])


def fixed_words(path: Path) -> list[tuple[int, str]]:
    """Line and text of what a module says in two words or more: neither a document, an error, nor code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept = ids_of_code(tree)
    kept |= {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    }
    found = [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in kept
    ]
    no_words = re.compile(r"[<\\|]|\bdoi ")  # markup, patterns and sources
    return [(line, text) for line, text in found if " " in text.strip() and not no_words.search(text)]


def ids_of_code(tree: ast.Module) -> set[int]:
    """The nodes whose texts no page says: documents, errors, codes, patterns, names of blocks."""
    wholes = [whole for node in ast.walk(tree) for whole in parts_of_code(node)]
    return {id(part) for whole in wholes for part in ast.walk(whole)}


def parts_of_code(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Raise | ast.arg) or (isinstance(node, ast.keyword) and node.arg in CODES):
        return [node]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return [node]
    if not isinstance(node, ast.Call):
        return []
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called in NO_SPEECH or called.endswith("Error"):
        return [node]
    return node.args[:1] if called in ("text", "label") else []


def puts_words_around(node: ast.JoinedStr) -> bool:
    values = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    constant = all(isinstance(value, ast.Name) and value.id.isupper() for value in values)
    said = "\0".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return (
        not constant
        and "<" not in said
        and '="' not in said
        and bool(re.search(r"\s[A-Za-z]{2,}|[A-Za-z]{2,}\s", said))
    )


def spoken(node: ast.AST) -> bool:
    """Whether a reason, method or assumption is written out in code instead of in a template."""
    said: list[ast.expr] = []
    if isinstance(node, ast.Assign) and {getattr(target, "id", "") for target in node.targets} & SPOKEN:
        said = [node.value]
    if isinstance(node, ast.Dict):
        said = [value for key, value in zip(node.keys, node.values, strict=True) if is_spoken(key)]
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        said = [word.value for word in node.keywords if word.arg in SPOKEN]
        said += node.args if called in ("CannotAnswer", "skip", "_skip") else []
    return any(is_sentence(part) for one in said for part in written(one))


def is_spoken(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value in SPOKEN


def written(node: ast.expr) -> list[str]:
    """The texts in an expression that are no names of blocks and no parts of other calls."""
    if isinstance(node, ast.Call):
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    return [text for child in ast.iter_child_nodes(node) for text in written(child)]


def is_sentence(text: str) -> bool:
    return " " in text and len(re.findall(r"[A-Za-z]{2,}", text)) >= 3


def is_settled(value: ast.FormattedValue) -> bool:
    """Whether a value in a text is no count that could be one: a constant, decimals, or already counted."""
    form = ast.unparse(value.format_spec) if value.format_spec else ""
    said = ast.unparse(value.value)
    written = said.startswith(("count(", "percent(")) or any(mark in form for mark in "%gef")
    return written or said.split(".")[-1].isupper()


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def public_definitions(tree: ast.Module):
    """Public functions and classes of a module, and public methods of public classes."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in tree.body:
        if not isinstance(node, kinds) or node.name.startswith("_"):
            continue
        yield node
        is_protocol = any(getattr(base, "id", "") == "Protocol" for base in getattr(node, "bases", ()))
        if isinstance(node, ast.ClassDef) and not is_protocol:
            yield from (
                part for part in node.body if isinstance(part, kinds) and not part.name.startswith("_")
            )


def test_tests_mirror_the_package():
    for package, tests in (("helpers", ROOT / "tests"), ("methods", ROOT / "tests" / "methods")):
        rooms = {path.name for path in (SOURCE / package).iterdir() if (path / "__init__.py").exists()}
        tested = {path.parent.relative_to(tests).parts[0] for path in tests.rglob("*/test_*.py")}
        assert rooms - TESTED_IN_CHAPTERS <= tested


def test_no_file_names_a_machine_or_an_index():
    # Put together here, so that this file does not hold what it forbids.
    hosts = "|".join(
        [r"pypi\." + "org", "python" + "hosted", r"registry\." + "npmjs", "index" + r"[-_]url\s*="]
    )
    folders = r"(?<![\w.])/(?:" + "home|Users|root|work" + r")/\w"
    forbidden = re.compile(f"{hosts}|{folders}")
    for path in tracked():
        if path.suffix in (".png", ".parquet"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            assert not forbidden.search(line), f"{name_of(path)}:{number}: {line.strip()[:80]}"


def test_no_data_and_no_report_is_tracked():
    names = [name_of(path) for path in tracked()]
    loose = [name for name in names if name.startswith(("data/", "reports/"))]
    allowed = ("data/README.md", "data/claims.toml", "data/sources/", "reports/README.md")
    assert [name for name in loose if not name.startswith(allowed)] == []
    assert not [name for name in names if "__pycache__" in name or "utils.py" in name]
