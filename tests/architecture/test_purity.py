"""The conversation is a pure function: no clock, no random, no waiting, no input or output.

Held to it is every module of `bot` that `bot.conversation` or `bot.consent` imports, directly or
not, so a new part of the conversation cannot forget the rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import Source, graph, is_in, reachable, sources

PURE = ("bot.conversation", "bot.consent", "bot.model", "bot.wording", "bot.errors")
ALLOWED = (
    "__future__",
    "bot",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "msgspec",
    "re",
    "typing",
    "unicodedata",
)
# The sentences are read from the package once, at the start; the same for ever after.
ALSO_ALLOWED = {"bot.wording": ("importlib.resources", "fluent")}
IMPURE_CALLS = {
    *("now", "utcnow", "today", "fromtimestamp"),
    *("open", "print", "input", "exec", "eval", "__import__"),
}


def pure_part(every: list[Source]) -> list[Source]:
    edges = graph(every)
    names = {found for start in PURE for found in reachable(edges, start)} | set(PURE)
    return [source for source in every if source.module in names]


def impurities(source: Source) -> list[str]:
    allowed = (*ALLOWED, *ALSO_ALLOWED.get(source.module, ()))
    imported = [
        f"{source.path} imports {name}"
        for name in sorted(source.imports())
        if not any(is_in(name, package) for package in allowed)
    ]
    return imported + [f"{source.path}:{found}" for found in _doings(source.tree)]


def _doings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield f"{node.lineno} waits"
            case ast.Global() | ast.Nonlocal():
                yield f"{node.lineno} keeps state outside"
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                if name in IMPURE_CALLS:
                    yield f"{node.lineno} calls {name}"
            case _:
                pass


@pytest.mark.parametrize("source", pure_part(sources("bot")), ids=lambda source: source.path)
def test_the_conversation_decides_and_does_nothing(source: Source) -> None:
    assert impurities(source) == []


def test_whatever_the_conversation_imports_must_be_pure() -> None:
    every = [
        Source("bot/conversation.py", "from bot.course import Course"),
        Source("bot/course.py", "import random"),
        Source("bot/engine.py", "import asyncio"),
    ]

    assert [source.module for source in pure_part(every)] == ["bot.conversation", "bot.course"]


@pytest.mark.parametrize(
    "text",
    [
        "import random",
        "from time import monotonic",
        "import asyncio",
        "from pathlib import Path",
        "import importlib.resources",
        "from datetime import datetime\nnow = datetime.now()",
        "async def step() -> None: ...",
        "def f():\n    global seen",
        "text = open('file').read()",
    ],
)
def test_an_impurity_is_noticed(text: str) -> None:
    assert impurities(Source("bot/conversation.py", text))


def test_the_wording_may_read_its_own_sentences() -> None:
    assert impurities(Source("bot/wording.py", "from importlib.resources import files")) == []
