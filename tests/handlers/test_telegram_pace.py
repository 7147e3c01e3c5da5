"""How fast the bot talks, and what goes first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from handlers.telegram.limiter import ChatLimiter, Dropped, Priority
from handlers.telegram.transport import Flooded


class Line:
    """What went out, and when."""

    def __init__(self, limiter: ChatLimiter) -> None:
        self._limiter = limiter
        self._began = asyncio.get_running_loop().time()
        self.sent: list[tuple[int, float]] = []
        self.flood: float | None = None

    async def send(
        self, chat: int, priority: Priority = Priority.NEEDED, endpoint: str = "sendMessage"
    ) -> None:
        async def call(*_: Any, **__: Any) -> bool:
            if self.flood is not None:
                seconds, self.flood = self.flood, None
                raise Flooded(seconds)
            self.sent.append((chat, asyncio.get_running_loop().time() - self._began))
            return True

        data = {"chat_id": chat, "media": [1] * 10}
        await self._limiter.process_request(call, (), {}, endpoint, data, priority)


async def test_a_burst_goes_at_once_and_then_the_pace_is_kept() -> None:
    line = Line(ChatLimiter(per_chat=10, chat_burst=3, overall=1000, overall_burst=1000))
    await asyncio.gather(*(line.send(1) for _ in range(6)))

    times = [at for _, at in line.sent]
    assert times[2] < 0.09
    assert times == sorted(times)
    assert times[5] >= 0.28


async def test_one_chat_that_talks_much_slows_nobody_else_down() -> None:
    line = Line(ChatLimiter(per_chat=5, chat_burst=1, overall=1000, overall_burst=1000))
    await asyncio.gather(*(line.send(1) for _ in range(3)), line.send(2))

    assert dict(reversed(line.sent))[2] < 0.1


async def test_all_chats_together_keep_a_pace() -> None:
    line = Line(ChatLimiter(per_chat=1000, overall=20, overall_burst=2))
    await asyncio.gather(*(line.send(chat) for chat in range(6)))

    assert line.sent[-1][1] >= 0.18


async def test_a_silence_that_was_asked_for_is_kept_for_that_chat_only() -> None:
    line = Line(ChatLimiter())
    line.flood = 0.3
    with pytest.raises(Flooded):
        await line.send(1)
    with pytest.raises(Flooded) as again:
        await line.send(1)
    await line.send(2)
    await asyncio.sleep(0.3)
    await line.send(1)

    assert 0 < again.value.seconds <= 0.3
    assert [chat for chat, _ in line.sent] == [2, 1]


async def test_what_can_be_dropped_never_waits_and_leaves_room_for_the_rest() -> None:
    line = Line(ChatLimiter(per_chat=100, chat_burst=1, overall=10, overall_burst=4))
    await line.send(1)
    with pytest.raises(Dropped):
        await line.send(1, Priority.DROPPABLE)
    await line.send(2, Priority.DROPPABLE)
    await line.send(3)
    with pytest.raises(Dropped):
        await line.send(4, Priority.DROPPABLE)
    await line.send(5)

    assert [chat for chat, _ in line.sent] == [1, 2, 3, 5]
    assert line.sent[-1][1] < 0.1


async def test_a_long_wait_is_not_slept_through() -> None:
    line = Line(ChatLimiter(per_chat=0.01, chat_burst=1))
    await line.send(1)
    with pytest.raises(Flooded) as raised:
        await line.send(1)

    assert raised.value.seconds == pytest.approx(100, abs=1)


async def test_an_album_costs_what_its_pictures_cost_and_always_fits() -> None:
    line = Line(ChatLimiter(per_chat=50, chat_burst=2))
    await line.send(1, endpoint="sendMediaGroup")
    await line.send(1)

    assert line.sent[1][1] >= 0.01


async def test_chats_at_rest_are_forgotten() -> None:
    limiter = ChatLimiter(per_chat=1000)
    line = Line(limiter)
    await line.send(1)

    assert limiter.forget(1)
    assert not limiter.forget(1)
