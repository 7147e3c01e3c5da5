"""Rules that each file keeps by itself; what ruff and mypy already say is not repeated here."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TypeAlias

import pytest

from tests.architecture.source import HOUSE, PRODUCT, Source, sources

Rule: TypeAlias = Callable[[Source], list[str]]

LONGEST = 350
EMPTY_NAMES = {"utils", "util", "common", "base", "helpers", "helper", "types", "misc"}
READS_ENVIRONMENT = ("bot/settings.py",)
PRINTS = ("bot/__main__.py",)
CATCHES_EVERYTHING = (
    # The edge of the server: aiohttp would log the error's text and the address of whoever asked.
    "handlers/server.py",
    "bot/engine",
    # A courtesy that fails is left out, whatever the fault: nobody else must notice.
    "handlers/slack/courtesies.py",
    # One update that cannot be taken must not stop the others: it is told by class, tried again.
    "handlers/telegram/polling.py",
    # One check of many: the others must still be made, and what failed is named.
    "providers/inspection/survey.py",
    # The top of another process: whatever happens there must become an answer.
    "providers/workers/__main__.py",
    # The queue outlives whatever its work raises: what failed stays owed and is tried again.
    "storage/scheduler.py",
)
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv"}
BROAD = {"Exception", "BaseException"}
IGNORE = re.compile(r"#\s*(noqa|type:\s*ignore|mypy:|ruff:)")
# Spelled so that this line does not break its own rule.
LEFT_OPEN = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X])\b")


def too_long(source: Source) -> list[str]:
    length = len(source.lines)
    return [f"{source.path} has {length} lines"] if length > LONGEST else []


def without_docstring(source: Source) -> list[str]:
    return [] if ast.get_docstring(source.tree) else [f"{source.path} does not say what it is"]


def says_nothing(source: Source) -> list[str]:
    parts = PurePosixPath(source.path).with_suffix("").parts
    return [f"{source.path} is named {part}" for part in parts if part in EMPTY_NAMES]


def left_open(source: Source) -> list[str]:
    return [
        f"{source.path}:{number} is left open"
        for number, line in enumerate(source.lines, 1)
        if LEFT_OPEN.search(line)
    ]


def ignores_without_reason(source: Source) -> list[str]:
    """Lines in a row that are ignored for the same reason need it once, above the first."""
    found, above = [], ""
    for number, line in enumerate(source.lines, 1):
        explained = above.lstrip().startswith("#") or IGNORE.search(above)
        if IGNORE.search(line) and not explained:
            found.append(f"{source.path}:{number} needs a reason on the line above")
        above = line if line.strip() else above
    return found


def reads_environment(source: Source) -> list[str]:
    if source.path in READS_ENVIRONMENT:
        return []
    used = {
        node.attr: node.lineno for node in ast.walk(source.tree) if isinstance(node, ast.Attribute)
    }
    imported = {name.rpartition(".")[2]: 1 for name in source.imports() if name.startswith("os.")}
    return [
        f"{source.path}:{line} reads the environment"
        for name, line in (used | imported).items()
        if name in ENVIRONMENT
    ]


def prints(source: Source) -> list[str]:
    if source.path in PRINTS:
        return []
    return [
        f"{source.path}:{node.lineno} prints"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]


def catches_everything(source: Source) -> list[str]:
    if source.path.startswith(CATCHES_EVERYTHING):
        return []
    return [f"{source.path}:{line} catches everything" for line in _broad(source.tree)]


def _broad(tree: ast.Module) -> Iterator[int]:
    """Lines of handlers that swallow anything; cleaning up and raising again is not swallowing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            raises_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if not raises_again and (node.type is None or _names(node.type) & BROAD):
                yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            yield from (node.lineno for argument in node.args if _names(argument) & BROAD)


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


EVERYWHERE: list[Rule] = [
    too_long,
    without_docstring,
    says_nothing,
    left_open,
    ignores_without_reason,
]
IN_THE_PRODUCT: list[Rule] = [reads_environment, prints, catches_everything]


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_the_whole_tree_keeps(rule: Rule) -> None:
    complaints = [complaint for source in sources(*HOUSE) for complaint in rule(source)]

    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("rule", IN_THE_PRODUCT, ids=lambda rule: rule.__name__)
def test_the_product_keeps(rule: Rule) -> None:
    complaints = [complaint for source in sources(*PRODUCT) for complaint in rule(source)]

    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (too_long, "bot/a.py", "x = 1\n" * (LONGEST + 1)),
        (without_docstring, "bot/a.py", "x = 1"),
        (says_nothing, "bot/utils.py", ""),
        (says_nothing, "tests/helpers/web.py", ""),
        (left_open, "bot/a.py", "# TO" + "DO: later"),
        (ignores_without_reason, "bot/a.py", "x = 1\ny = f()  # no" + "qa: S101"),
        (ignores_without_reason, "bot/a.py", "y = f()  # type: " + "ignore[misc]"),
        (reads_environment, "bot/app/running.py", "import os\nx = os.environ['PORT']"),
        (reads_environment, "bot/app/running.py", "from os import getenv\nx = getenv('PORT')"),
        (prints, "bot/engine.py", "def f():\n    print('here')"),
        (catches_everything, "bot/app/running.py", "try:\n    f()\nexcept Exception:\n    pass"),
        (
            catches_everything,
            "bot/app/running.py",
            "try:\n    f()\nexcept (OSError, Exception):\n    g()",
        ),
        (catches_everything, "bot/app/running.py", "try:\n    f()\nexcept:\n    pass"),
        (catches_everything, "bot/app/running.py", "with contextlib.suppress(Exception):\n    f()"),
    ],
)
def test_a_broken_rule_is_noticed(rule: Rule, path: str, text: str) -> None:
    assert rule(Source(path, text))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (too_long, "bot/a.py", "x = 1\n" * LONGEST),
        (ignores_without_reason, "bot/a.py", "# The library says so.\ny = f()  # no" + "qa: S101"),
        (reads_environment, "bot/settings.py", "import os\nx = os.environ['PORT']"),
        (reads_environment, "bot/app/running.py", "import os\nx = os.cpu_count()"),
        (prints, "bot/__main__.py", "print('receipt is valid')"),
        (catches_everything, "bot/engine.py", "try:\n    f()\nexcept Exception:\n    pass"),
        (
            catches_everything,
            "bot/a.py",
            "try:\n    f()\nexcept BaseException:\n    g()\n    raise",
        ),
    ],
)
def test_what_is_allowed_passes(rule: Rule, path: str, text: str) -> None:
    assert rule(Source(path, text)) == []
