"""What every `Passes` must do; subclass `PassesContract` and give the fixture ``passes``.

``clock`` is the clock that it looks at.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.workspace_ports import Passes
from tests.storage.clocks import MovedClock


class PassesContract:
    """Subclass me as ``class TestMine(PassesContract)``."""

    @pytest.fixture
    def passes(self) -> Passes:
        raise NotImplementedError

    async def test_a_pass_is_good_once(self, passes: Passes) -> None:
        given, other = await passes.issue(600), await passes.issue(600)
        assert given != other
        assert await passes.redeem(given)
        assert not await passes.redeem(given)
        assert await passes.redeem(other)

    async def test_a_pass_is_good_for_a_while(self, passes: Passes, clock: MovedClock) -> None:
        given = await passes.issue(600)
        clock.ahead = timedelta(seconds=601)
        assert not await passes.redeem(given)

    async def test_nobody_guesses_one(self, passes: Passes) -> None:
        assert not await passes.redeem("")
        assert not await passes.redeem("guess")
