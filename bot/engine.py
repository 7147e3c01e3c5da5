"""Load, step, commit, act: the thin shell around the pure conversation.

Rules: a delivery is committed, with the new state and what is owed, in one transaction, before
the platform is told that we have it; only then are effects carried out. What was not carried out
is still owed after a crash. One turn at a time per person; one effect at a time per line, so that
speech stays in order. Trouble on the outside is tried again with growing pauses, up to a limit;
erasing has none. Every exception of an effect is caught here: a fault in one must not stop the
others, and its text may hold what people sent, so only its class is logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from msgspec.structs import replace

from bot.acts import Acts, ticket_of
from bot.conversation import Conversation
from bot.effects import CancelOrder, CheckPhoto, Effect, Erase, MakeHeadshots, PackData, Say
from bot.erasure import Erasure
from bot.errors import PersonUnreachable, PlatformUnavailable, ProviderUnavailable
from bot.events import Delivery, Event, MakingFailed, PersonLeft, PhotoRejected
from bot.model import Person, PhotoProblem
from bot.ports import Clock, Journal, Owed, PlatformHandler, Scheduler
from bot.states import Turn

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
TRIES: Mapping[type[Effect], int] = {Say: 12, CheckPhoto: 4, MakeHeadshots: 4, PackData: 4}
"""How often an effect is tried before it is given up; effects not listed are never given up."""
SWEEP_EVERY = timedelta(minutes=5)


class Engine:
    """Runs conversations."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        journal: Journal,
        scheduler: Scheduler,
        acts: Acts,
        erasure: Erasure,
        handlers: Mapping[str, PlatformHandler],
        clock: Clock,
    ) -> None:
        self._conversation = conversation
        self._journal = journal
        self._scheduler = scheduler
        self._acts = acts
        self._erasure = erasure
        self._handlers = handlers
        self._clock = clock
        self._turns: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()
        self._running: dict[str, tuple[Person, asyncio.Task[datetime | None]]] = {}
        self.listening = asyncio.Event()
        """Set once every handler was started: from then on people are heard."""

    async def run(self) -> None:
        """Listen on every platform and carry out what is owed, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            await self._sweep()
            tasks.create_task(self._scheduler.run(self._work))
            tasks.create_task(self._keep_sweeping())
            for handler in self._handlers.values():
                tasks.create_task(handler.run(self.receive))
            await asyncio.sleep(0)
            self.listening.set()

    async def receive(self, delivery: Delivery) -> None:
        """Take a delivery; when this returns it is durable and counts once."""
        async with self._turn_of(delivery.person):
            await self._step(delivery.person, delivery.id, delivery.event)

    # --- turns ------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turn_of(self, person: Person) -> AsyncIterator[None]:
        lock = self._turns.get(person)
        if lock is None:
            lock = self._turns[person] = asyncio.Lock()
        async with lock:
            yield

    async def _step(
        self, person: Person, delivery: str, event: Event, settles: Owed | None = None
    ) -> None:
        state = await self._journal.load(person)
        turn = self._conversation.step(state, event, self._clock.now())
        turn = await self._with_tickets(person, turn)
        owed = await self._journal.commit(person, delivery, turn, settles=settles)
        for one in owed or ():
            await self._scheduler.put(one.id, one.due, one.line)

    async def _with_tickets(self, person: Person, turn: Turn) -> Turn:
        """An erasure takes along the tickets of orders that the commit is about to drop."""
        if not (turn.effects and isinstance(turn.effects[0], Erase)):
            return turn
        tickets = [ticket_of(owed) for owed in await self._journal.owed(person)]
        known = tuple(ticket for ticket in tickets if ticket is not None)
        return replace(turn, effects=(replace(turn.effects[0], tickets=known),))

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY.total_seconds())
            await self._sweep()

    async def _sweep(self) -> None:
        """Schedule whatever is owed; harmless for what is scheduled already."""
        for owed in await self._journal.owed():
            await self._scheduler.put(owed.id, owed.due, owed.line)

    # --- effects ----------------------------------------------------------------------------

    async def _work(self, effect_id: str) -> datetime | None:
        """One attempt at an effect; when to try again, or None when it is over."""
        owed = await self._journal.take(effect_id)
        if owed is None:
            return None
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self._attempt(owed))
            self._running[effect_id] = (owed.person, task)
            task.add_done_callback(lambda _: self._running.pop(effect_id, None))
        # Whoever cancelled it has settled or erased the effect.
        return None if task.cancelled() else task.result()

    async def _attempt(self, owed: Owed) -> datetime | None:
        try:
            match owed.effect:
                case Erase() as effect:
                    await self._erase(owed, effect)
                case CancelOrder(order):
                    await self._cancel(owed, order)
                case _:
                    await self._finish(owed, await self._acts.carry_out(owed))
        except PersonUnreachable:
            await self.receive(Delivery(f"effect:{owed.id}", owed.person, PersonLeft()))
        except (PlatformUnavailable, ProviderUnavailable) as error:
            return await self._later(owed, error.retry_after, error)
        # The engine's edge, see the module's text.
        except Exception as error:  # noqa: BLE001
            return await self._later(owed, None, error)
        return None

    async def _finish(self, owed: Owed, event: Event | None) -> None:
        if event is None:
            await self._journal.settle(owed.id)
            return
        async with self._turn_of(owed.person):
            await self._step(owed.person, f"effect:{owed.id}", event, settles=owed)

    async def _later(
        self, owed: Owed, retry_after: float | None, error: Exception
    ) -> datetime | None:
        kind = type(owed.effect)
        log.warning("%s %s: attempt %d: %s", kind.__name__, owed.id, owed.attempt, _name(error))
        if isinstance(owed.effect, Erase):
            await self._erasure.say_slow(owed.person, owed.effect, owed.attempt)
        if owed.attempt >= TRIES.get(kind, owed.attempt + 1):
            await self._finish(owed, _given_up(owed.effect))
            return None
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(owed.attempt - 1, 16)))
        return self._clock.now() + max(pause, timedelta(seconds=retry_after or 0))

    # --- stopping ---------------------------------------------------------------------------

    async def _cancel(self, owed: Owed, order: str) -> None:
        """Stop one order, make its provider forget it, and only then count it as cancelled."""
        for other in await self._journal.owed(owed.person):
            effect = other.effect
            if not isinstance(effect, MakeHeadshots) or effect.order.id != order:
                continue
            await self._stop(owed.person, only=other.id)
            ticket = ticket_of(other)
            if ticket is not None:
                await self._acts.forget_order(ticket)
            await self._journal.settle(other.id)
            await self._acts.show_progress(owed.person, effect, "stopped")
        await self._journal.settle(owed.id)

    async def _erase(self, owed: Owed, effect: Erase) -> None:
        """Erase while nobody else has a turn and nothing of the person's is running."""
        async with self._turn_of(owed.person):
            await self._stop(owed.person)
            await self._erasure.erase(owed, effect)

    async def _stop(self, person: Person, only: str | None = None) -> None:
        """Cancel running effects and wait until they have really ended."""
        this = asyncio.current_task()
        ending = [
            task
            for effect_id, (whose, task) in self._running.items()
            if whose == person and task is not this and only in {None, effect_id}
        ]
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending)


def _given_up(effect: Effect) -> Event | None:
    """What the conversation is told about an effect that never succeeded."""
    match effect:
        case CheckPhoto(selfie):
            return PhotoRejected(selfie, PhotoProblem.CANNOT_CHECK)
        case MakeHeadshots(order):
            return MakingFailed(order.id)
        case _:
            return None


def _name(error: Exception) -> str:
    cause = error.__cause__
    return type(error).__name__ + (f" from {type(cause).__name__}" if cause else "")
