"""Runs one test of a contract against something that breaks it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import pytest

from bot.errors import PhotoGone

CAUGHT = (AssertionError, TimeoutError, PhotoGone, KeyError, ExceptionGroup)
"""How a broken promise shows: an assertion, waiting in vain, or a photo that should be there."""


def promises(contract: type[object]) -> set[str]:
    """Names of the contract's tests."""
    return {name for name in vars(contract) if name.startswith("test_")}


async def catches(contract: object, name: str, known: Mapping[str, object]) -> bool:
    """Whether that test fails, given the fixtures in `known`; parametrised ones get each value."""
    test = getattr(contract, name)
    wanted = set(inspect.signature(test).parameters)
    cases: list[dict[str, object]] = [{}]
    for mark in getattr(test, "pytestmark", []):
        assert isinstance(mark, pytest.Mark)
        argument, values = mark.args
        cases = [{argument: value} for value in values]
    for case in cases:
        given = {**known, **case}
        try:
            await test(**{argument: given[argument] for argument in wanted})
        except CAUGHT:
            return True
    return False
