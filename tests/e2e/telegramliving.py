"""The whole bot in a process of its own in front of a fake Bot API, and a person with a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.e2e.living import Process, process
from tests.fakes.telegram_chats import Posted
from tests.fakes.telegram_phone import Phone, eventually
from tests.fakes.telegram_server import TOKEN, FakeTelegram
from tests.handlers.telegramworld import SECRET, free_port

RECEIPT = "erasure-receipt.json"
PATIENCE = 60.0
"""Seconds for the slowest step: a start of the bot, or an order."""


class TelegramVisitor:
    """`tests.e2e.transcript.Visitor` in a private chat."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone

    async def write(self, text: str) -> None:
        await self.phone.write(text)

    async def tap(self, label: str) -> None:
        await self.phone.tap(label)

    async def send_photo(self, photo: bytes) -> None:
        await self.phone.send_photo(photo)

    async def sees(self, words: str) -> None:
        await eventually(lambda: self._with(words), lambda: f"{words!r}: {self.phone.texts}", 60)

    async def files(self, words: str) -> Sequence[bytes]:
        """The picture of the message itself, or else the documents that follow it."""

        def found() -> list[bytes] | None:
            message = self._with(words)
            if message is None:
                return None
            return [message.content] if message.content else self._following(message)

        return await eventually(found, lambda: f"no files with {words!r}", PATIENCE)

    async def receipt(self) -> bytes:
        return await eventually(self._receipt, lambda: f"no receipt: {self.phone.texts}", PATIENCE)

    def _with(self, words: str) -> Posted | None:
        found = [one for one in self.phone.talk.ours if words in one.text]
        return found[-1] if found else None

    def _following(self, message: Posted) -> list[bytes] | None:
        after = [one for one in self.phone.talk.ours if one.id > message.id]
        documents = [one.content for one in after if one.kind == "document"]
        return documents if len(documents) == 4 else None

    def _receipt(self) -> bytes | None:
        named = [one for one in self.phone.talk.ours if one.name == RECEIPT]
        return named[-1].content if named else None


class House:
    """A bot that can be stopped and started again on the same data, in polling or webhook mode."""

    def __init__(
        self, folder: Path, models: Path, telegram: FakeTelegram, *, webhook: bool
    ) -> None:
        self.data, self.log = folder / "data", folder / "log.txt"
        self._models = models
        self._environment = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_BASE_URL": telegram.base,
        }
        if webhook:
            port = free_port()
            self._environment |= {
                "PORT": str(port),
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "TELEGRAM_WEBHOOK_SECRET": SECRET,
            }
        self._stack = AsyncExitStack()
        self.bot: Process | None = None

    async def start(self) -> Process:
        begun = process(self.data, self._models, self.log, self._environment)
        self.bot = await self._stack.enter_async_context(begun)
        return self.bot

    async def kill(self) -> None:
        """As a power cut does, and start again."""
        assert self.bot
        await self.bot.kill()
        await self.start()

    async def restart(self) -> None:
        """As an operator does."""
        assert self.bot
        assert await self.bot.stop() == 0
        await self.start()

    async def close(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def telegram_house(
    folder: Path, models: Path, *, webhook: bool
) -> AsyncIterator[tuple[House, FakeTelegram]]:
    """A running bot and its Telegram."""
    telegram = FakeTelegram()
    async with telegram.running():
        house = House(folder, models, telegram, webhook=webhook)
        try:
            await house.start()
            yield house, telegram
        finally:
            await house.close()
