"""The product's own files as the architecture tests read them: text, syntax tree, imports.

Nothing is imported or run. A `Source` can as well be made from a string, so that each rule is shown
a small bad example and proves that it can say no.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("bot", "handlers", "providers", "storage")
HOUSE = (*PRODUCT, "tests", "bench")
# Where git cannot say what belongs to the project: everything but what is made or kept on the spot.
LOCAL = {".git", ".venv", "data", "models", "build", "dist", "__pycache__", ".env", ".hypothesis"}


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: str
    """Relative to the top, with forward slashes."""
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def module(self) -> str:
        """Dotted name; a package is named without its ``__init__``."""
        parts = PurePosixPath(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def imports(self) -> set[str]:
        """Everything imported, wherever it stands, as ``module`` or ``module.name``."""
        return set(_imported(self.tree))

    def imports_at_start(self) -> set[str]:
        """What is imported when the module is: not for type checkers, not inside functions."""
        return set(_imported(_AtStart().visit(ast.parse(self.text))))


class _AtStart(ast.NodeTransformer):
    """Takes out what does not run when a module is imported."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test).endswith("TYPE_CHECKING") else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        return None

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        return None


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def is_in(name: str, package: str) -> bool:
    """Whether a dotted name is a package or lies in it."""
    return name == package or name.startswith(package + ".")


def sources(*folders: str) -> list[Source]:
    """Every Python file below these top-level folders."""
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return [Source(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files]


def graph(every: list[Source]) -> dict[str, set[str]]:
    """Which of these modules imports which, when they are imported."""
    known = {source.module for source in every}

    def module_of(name: str) -> str | None:
        return name if name in known else module_of(name.rpartition(".")[0]) if name else None

    return {
        source.module: {found for name in source.imports_at_start() if (found := module_of(name))}
        - {source.module}
        for source in every
    }


def reachable(edges: dict[str, set[str]], start: str) -> set[str]:
    """All that a module imports, and what that imports, and so on; without itself."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        new = edges.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found - {start}


def tracked() -> list[str]:
    """Paths of the files that belong to the project: what git knows, else what lies here."""
    git = shutil.which("git")
    if git:
        # Arguments are fixed; the program is the one git found on the path.
        listed = subprocess.run(  # noqa: S603
            [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if names := [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]:
            return names
    return sorted(_walk())


def _walk() -> Iterator[str]:
    for folder, below, files in os.walk(ROOT):
        below[:] = [
            name for name in below if name not in LOCAL and not name.endswith(("_cache", "-info"))
        ]
        for name in set(files) - LOCAL:
            yield (Path(folder) / name).relative_to(ROOT).as_posix()
