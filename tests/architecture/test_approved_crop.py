"""No code path makes an approved crop of its own: one module makes them, one asks for them."""

from __future__ import annotations

import ast

from tests.architecture.source import PRODUCT, Source, sources

MAKES = "bot.consent"
ASKS = ("bot.acts", "bot.orders")


def called(source: Source, name: str) -> list[str]:
    """Calls of something by that name, however it was imported."""
    return [
        f"{source.path}:{node.lineno}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name
    ]


def test_only_the_consent_makes_an_approved_crop() -> None:
    for source in sources(*PRODUCT):
        if source.module != MAKES:
            assert called(source, "ApprovedCrop") == []
            assert "_CONSENT" not in source.text


def test_only_who_carries_out_effects_asks_for_one() -> None:
    asking = [source.module for source in sources(*PRODUCT) if called(source, "approve")]

    assert asking == list(ASKS)


def test_a_breach_is_noticed() -> None:
    other = Source(
        "providers/other.py", "import bot.consent\nx = bot.consent.ApprovedCrop(b'', '')"
    )

    assert called(other, "ApprovedCrop") == ["providers/other.py:2"]
