"""Puts the house together, runs it, and takes it apart in the opposite order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.absent import Connected
from bot.acts import Acts
from bot.app import platforms, providers
from bot.app.foundation import (
    SystemClock,
    check_models,
    labeller_of,
    storage_config,
    terms_of,
)
from bot.app.platforms import Parts, Platform
from bot.conversation import Conversation
from bot.engine import Engine
from bot.erasure import Erasure
from bot.errors import ErasureIncomplete, SettingsError
from bot.finishing import Finishing
from bot.orders import Orders
from bot.ports import Clock, Erasable, Health, PlatformHandler
from bot.receipt import Signer
from bot.removal import Removal
from bot.settings import Settings
from bot.tally import Tally
from bot.terms import HOUR
from bot.wording import load
from bot.workspaces import Workspaces
from handlers.metrics import add_metrics
from handlers.server import build_app, serving
from providers.badges import OnDevicePainter
from providers.judge import OnDeviceJudge
from providers.local.provider import LocalRenderer
from providers.workers.pool import WorkerPool
from storage.house import Storage, open_storage

log = logging.getLogger(__name__)

MB = 2**20
ORPHAN_SWEEP_SECONDS = 24 * HOUR
SWEEP_AGAIN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is running."""

    url: str
    platforms: tuple[str, ...]
    """Names of the chats that are connected."""
    engine: Engine
    storage: Storage
    pool: WorkerPool
    holders: Sequence[Erasable]
    signer: Signer


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Bot]:
    """A bot that runs for as long as the block lasts. Raises `SettingsError`."""
    clock = clock or SystemClock()
    check_models(settings.models_dir)
    config, signer = storage_config(settings)
    terms = terms_of(settings)
    wording = load()
    conversation = Conversation(wording, terms)
    labeller, _ = labeller_of(settings)
    tally = Tally()
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(open_storage(config, clock))
        pool = WorkerPool(
            settings.workers,
            settings.models_dir,
            memory_limit_bytes=settings.worker_memory_mb * MB,
        )
        await stack.enter_async_context(pool)
        renderer, inspector = LocalRenderer(pool), providers.inspector_of(settings, pool)
        swatches = await renderer.swatches()
        makers = await stack.enter_async_context(
            providers.opened(settings, pool, inspector, renderer, clock)
        )
        workspaces = Workspaces(storage.register, storage.audit, wording, terms)
        parts = Parts(
            settings,
            terms,
            conversation.prompts,
            storage,
            clock,
            swatches,
            workspaces,
            wording,
        )
        connected = platforms.connect(parts)
        handlers = Connected({one.name: one.handler for one in connected})
        holders = holders_of(storage, handlers)
        finishing = Finishing(
            judge=OnDeviceJudge(pool),
            labeller=labeller,
            painter=OnDevicePainter(pool),
            vault=storage.vault,
            tally=tally,
        )
        orders = Orders(
            prompts=conversation.prompts,
            handlers=handlers,
            providers=makers,
            local=terms.local_provider,
            finishing=finishing,
            vault=storage.vault,
            journal=storage.journal,
            purse=storage.purse,
        )
        acts = Acts(
            handlers=handlers,
            orders=orders,
            inspector=inspector,
            finishing=finishing,
            vault=storage.vault,
            ledger=storage.ledger,
            signer=signer,
            holders=holders,
        )
        erasure = Erasure(
            orders=orders,
            prompts=conversation.prompts,
            holders=holders,
            handlers=handlers,
            journal=storage.journal,
            audit=storage.audit,
            signer=signer,
            clock=clock,
        )
        removal = Removal(
            orders=orders,
            prompts=conversation.prompts,
            handlers=handlers,
            journal=storage.journal,
            clock=clock,
        )
        engine = Engine(
            conversation_with=workspaces.conversation_with,
            journal=storage.journal,
            scheduler=storage.scheduler,
            acts=acts,
            erasure=erasure,
            removal=removal,
            handlers=handlers,
            clock=clock,
        )
        app = _http(parts, connected, engine)
        add_metrics(app, tally.exposition)
        url = await _serve(stack, settings, app, engine, storage)
        yield Bot(url, tuple(handlers), engine, storage, pool, holders, signer)


def holders_of(storage: Storage, handlers: Mapping[str, PlatformHandler]) -> tuple[Erasable, ...]:
    """Whoever holds personal data, in the order of erasing.

    The chats first: from then on they hear nothing more of the person. Then the key, which makes
    the rest unreadable, then the rest.
    """
    return (*handlers.values(), *storage.holders)


def _http(parts: Parts, connected: Sequence[Platform], engine: Engine) -> web.Application:
    """The one HTTP server, with the addresses of whatever is connected."""

    async def ready() -> bool:
        return engine.listening.is_set()

    def health() -> dict[str, Health]:
        return {one.name: one.handler.health for one in connected}

    app = build_app(ready, health)
    platforms.add_common_pages(app, parts)
    for one in connected:
        if one.add_routes is not None:
            one.add_routes(app)
    return app


async def _serve(
    stack: AsyncExitStack,
    settings: Settings,
    app: web.Application,
    engine: Engine,
    storage: Storage,
) -> str:
    """Start the engine, then the server; what was entered last stops first."""
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
