"""The top of the tree is fixed, and nothing in it tells on which machine it was written."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import ROOT, tracked

TOP = {
    *("bot", "handlers", "providers", "storage", "tests", "bench", "docs"),
    *("pyproject.toml", "requirements.lock", "requirements-dev.lock", "Makefile"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", ".env.example"),
    *("Dockerfile", "compose.yaml", ".dockerignore", "manifest.json"),
    *(".ci", ".gitignore", ".gitattributes"),
}
# With brackets, so that the patterns do not find themselves.
TELLTALES = re.compile(
    r"/w[o]rk/|/r[o]ot/|/h[o]me/\w|/U[s]ers/\w"
    r"|//p[y]pi\.|p[y]thonhosted\.|//reg[i]stry\.|//d[e]b\."
    r"|^\s*(-i|--index-url|--extra-index-url|--find-links|--trusted-host)\b"
)


def out_of_place(names: list[str]) -> list[str]:
    return sorted({name.split("/")[0] for name in names} - TOP)


def telltales(name: str, text: str) -> list[str]:
    return [
        f"{name}:{number} names a machine or a package host"
        for number, line in enumerate(text.splitlines(), 1)
        if TELLTALES.search(line)
    ]


def test_the_top_level_is_what_the_design_says() -> None:
    assert out_of_place(tracked()) == []


def test_no_file_names_a_machine_or_a_package_host() -> None:
    texts = {name: (ROOT / name).read_bytes() for name in tracked()}
    found = [
        complaint
        for name, content in texts.items()
        if b"\0" not in content
        for complaint in telltales(name, content.decode())
    ]

    assert not found, "\n".join(found)


def test_a_new_folder_is_noticed() -> None:
    assert out_of_place(["bot/model.py", "scripts/deploy.sh"]) == ["scripts"]


@pytest.mark.parametrize(
    "line",
    [
        "/ro" + "ot/.venv/bin/python",
        "/ho" + "me/somebody/bot",
        "https://py" + "pi.org/simple",
        "--index-url https://example.org/simple",
    ],
)
def test_a_telltale_is_noticed(line: str) -> None:
    assert telltales("requirements.lock", line)
