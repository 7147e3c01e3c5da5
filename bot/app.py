"""The composition root: settings in, a running bot out. The only module that imports adapters."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.acts import Acts
from bot.conversation import Conversation
from bot.engine import Engine
from bot.erasure import Erasure
from bot.errors import ErasureIncomplete, SettingsError
from bot.ports import Clock, Erasable
from bot.receipt import Signer
from bot.settings import Settings, master_key
from bot.terms import HOUR, Terms
from bot.wording import DEFAULT, load
from handlers.server import build_app, serving
from handlers.web import WebChat, add_routes
from providers.inspector import OnDeviceInspector
from providers.local import models
from providers.local.backdrops import LOOKS
from providers.local.provider import LocalRenderer
from providers.workers.pool import WorkerPool
from storage.house import Storage, StorageConfig, open_storage

log = logging.getLogger(__name__)

MB = 2**20
SLOTS = 256
"""Effects under way at a time. Most of them wait for somebody; the worker pool limits the rest."""
ORPHAN_SWEEP_SECONDS = 24 * HOUR
SWEEP_AGAIN_SECONDS = 300


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is running."""

    url: str
    engine: Engine
    storage: Storage
    pool: WorkerPool
    holders: Sequence[Erasable]
    signer: Signer


def terms_of(settings: Settings) -> Terms:
    """What this installation offers and promises."""
    return Terms(
        controller=settings.controller_name,
        contact=settings.privacy_email,
        host=settings.host_name,
        looks=LOOKS,
        photo_seconds=settings.photo_minutes * 60,
        headshot_seconds=settings.headshot_hours * HOUR,
        conversation_seconds=settings.conversation_hours * HOUR,
    )


def storage_config(settings: Settings) -> tuple[StorageConfig, Signer]:
    """Where things are kept, and who signs. Raises `SettingsError`."""
    key, made = master_key(settings)
    if made:
        log.warning(
            "made a master key in %s: keep a copy elsewhere, and out of backups of the data",
            settings.data_dir / "keys",
        )
    # The person keys lie in a folder of their own, so that a backup can leave them out.
    keys = (settings.data_dir / "keys" / "keys.db").absolute()
    config = StorageConfig(
        data_dir=settings.data_dir,
        master_key=key,
        keys_database_url=f"sqlite+aiosqlite:///{keys}",
        slots=SLOTS,
    )
    return config, Signer(key)


@asynccontextmanager
async def storage_of(settings: Settings) -> AsyncIterator[tuple[Storage, Signer]]:
    """What is kept, without a bot around it. Raises `SettingsError` while a bot is running."""
    config, signer = storage_config(settings)
    async with open_storage(config, SystemClock()) as storage:
        yield storage, signer


def check_models(folder: Path) -> None:
    """Raises `SettingsError` with the command that mends it when a vision model is missing."""
    wrong = models.verify(folder)
    if wrong:
        raise SettingsError(
            f"MODELS_DIR: {', '.join(wrong)} missing or damaged in {folder}; run: workshot setup"
        )


def holders_of(storage: Storage, chat: WebChat) -> tuple[Erasable, ...]:
    """Whoever holds personal data, in the order of erasing.

    The chat first: from then on it hears nothing more of the person. Then the key, which makes
    the rest unreadable, then the rest.
    """
    return (chat, *storage.holders)


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Bot]:
    """A bot that runs for as long as the block lasts. Raises `SettingsError`."""
    clock = clock or SystemClock()
    check_models(settings.models_dir)
    config, signer = storage_config(settings)
    wording, terms = load(), terms_of(settings)
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(open_storage(config, clock))
        pool = WorkerPool(
            settings.workers,
            settings.models_dir,
            memory_limit_bytes=settings.worker_memory_mb * MB,
        )
        await stack.enter_async_context(pool)
        conversation = Conversation(wording, terms)
        renderer = LocalRenderer(pool)
        chat = WebChat(
            storage.ledger,
            storage.vault,
            await renderer.swatches(),
            clock,
            welcome=conversation.prompts.welcome(DEFAULT),
            privacy_text=conversation.prompts.privacy_text,
            public_url=settings.public_url or None,
            local=terms.hosted is None,
        )
        holders = holders_of(storage, chat)
        handlers = {"web": chat}
        acts = Acts(
            prompts=conversation.prompts,
            handlers=handlers,
            providers={renderer.name: renderer},
            inspector=OnDeviceInspector(pool),
            vault=storage.vault,
            journal=storage.journal,
            ledger=storage.ledger,
            signer=signer,
            holders=holders,
        )
        erasure = Erasure(
            acts=acts,
            prompts=conversation.prompts,
            holders=holders,
            handlers=handlers,
            journal=storage.journal,
            audit=storage.audit,
            signer=signer,
            clock=clock,
        )
        engine = Engine(
            conversation=conversation,
            journal=storage.journal,
            scheduler=storage.scheduler,
            acts=acts,
            erasure=erasure,
            handlers=handlers,
            clock=clock,
        )
        url = await _serve(stack, settings, chat, engine, storage)
        yield Bot(url, engine, storage, pool, holders, signer)


async def _serve(
    stack: AsyncExitStack, settings: Settings, chat: WebChat, engine: Engine, storage: Storage
) -> str:
    """Start the engine, then the server; what was entered last stops first."""

    async def ready() -> bool:
        return chat.listening

    app = build_app(ready)
    add_routes(app, chat)
    tasks = await stack.enter_async_context(_background())
    tasks.create_task(engine.run())
    tasks.create_task(_sweep_orphans(storage))
    try:
        port = await stack.enter_async_context(serving(app, settings.host, settings.port))
    except OSError as error:
        raise SettingsError(
            f"PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            "set another PORT, or stop what uses it"
        ) from error
    await engine.listening.wait()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url or f"http://{host}:{port}"


@asynccontextmanager
async def _background() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that run until the block ends."""

    class Done(Exception):
        """Ends the group."""

    async def end() -> None:
        raise Done

    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
            tasks.create_task(end())
    except* Done:
        pass


async def _sweep_orphans(storage: Storage) -> None:
    """Once a day, remove what no record points to and what nobody can read any more."""
    while True:
        try:
            found = await storage.orphans.sweep()
        except ErasureIncomplete:
            log.warning("the sweep is not finished: something else reads the database")
            await asyncio.sleep(SWEEP_AGAIN_SECONDS)
            continue
        if found:
            log.warning("orphans removed: %s", found)
        await asyncio.sleep(ORPHAN_SWEEP_SECONDS)
