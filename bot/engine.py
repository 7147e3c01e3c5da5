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
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias
from weakref import WeakValueDictionary

from msgspec.structs import replace

from bot.acts import Acts
from bot.conversation import Conversation
from bot.effects import (
    AddBadge,
    CancelCheck,
    CancelOrder,
    CheckPhoto,
    ConfirmRemoval,
    Effect,
    Erase,
    LookCloser,
    MakeHeadshots,
    PackData,
    Say,
)
from bot.erasure import Erasure
from bot.errors import (
    PersonUnreachable,
    PlatformRefused,
    PlatformUnavailable,
    ProviderUnavailable,
)
from bot.events import (
    BadgeAdded,
    Delivery,
    Event,
    LookedCloser,
    MakingFailed,
    PersonLeft,
    PhotoRejected,
)
from bot.model import Person, PhotoProblem
from bot.orders import noted_on
from bot.ports import Clock, Journal, Owed, PlatformHandler, Scheduler
from bot.removal import Removal
from bot.states import Turn

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
TRIES: Mapping[type[Effect], int] = {
    **dict.fromkeys((CheckPhoto, MakeHeadshots, PackData, AddBadge), 4),
    Say: 12,
    LookCloser: 2,
}
"""How often an effect is tried before it is given up; effects not listed are never given up.
Nor is a message with files to keep: it goes when their time is up."""
SWEEP_EVERY = timedelta(minutes=5)

ConversationWith: TypeAlias = Callable[[Person], Awaitable[Conversation]]
"""The conversation under the terms that hold for a person now."""


class PersonTurn(asyncio.Lock):
    """Held by whoever acts for one person; forgotten when nobody holds or awaits it."""

    erasures = 0
    """How often the person was erased while somebody waited."""


class Engine:
    """Runs conversations."""

    def __init__(
        self,
        *,
        conversation_with: ConversationWith,
        journal: Journal,
        scheduler: Scheduler,
        acts: Acts,
        erasure: Erasure,
        removal: Removal,
        handlers: Mapping[str, PlatformHandler],
        clock: Clock,
    ) -> None:
        self._conversation_with = conversation_with
        self._journal = journal
        self._scheduler = scheduler
        self._acts = acts
        self._erasure = erasure
        self._removal = removal
        self._handlers = handlers
        self._clock = clock
        self._turns: WeakValueDictionary[Person, PersonTurn] = WeakValueDictionary()
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
        """Take a delivery; when this returns it is durable and counts once.

        What was on its way while its person was being erased is dropped with everything else.
        """
        turn = self._turn_of(delivery.person)
        erasures = turn.erasures
        async with turn:
            if turn.erasures == erasures:
                await self._step(delivery.person, delivery.id, delivery.event)

    # --- turns ------------------------------------------------------------------------------

    def _turn_of(self, person: Person) -> PersonTurn:
        turn = self._turns.get(person)
        if turn is None:
            turn = self._turns[person] = PersonTurn()
        return turn

    async def _step(
        self, person: Person, delivery: str, event: Event, settles: Owed | None = None
    ) -> None:
        state = await self._journal.load(person)
        conversation = await self._conversation_with(person)
        turn = conversation.step(state, event, self._clock.now())
        turn = await self._with_tickets(person, turn)
        owed = await self._journal.commit(person, delivery, turn, settles=settles)
        for one in owed or ():
            await self._scheduler.put(one.id, one.due, one.line)

    async def _with_tickets(self, person: Person, turn: Turn) -> Turn:
        """An erasure takes along the tickets of orders, which the commit is about to drop."""
        if not (turn.effects and isinstance(turn.effects[0], Erase)):
            return turn
        known = await self._acts.orders.tickets(person)
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
                case CancelOrder() | CancelCheck():
                    await self._cancel(owed)
                case ConfirmRemoval() as effect:
                    return await self._removal.look(owed, effect)
                case _:
                    await self._finish(owed, await self._acts.carry_out(owed))
        except PersonUnreachable:
            await self.receive(Delivery(f"effect:{owed.id}", owed.person, PersonLeft()))
        except (PlatformUnavailable, ProviderUnavailable) as error:
            return await self._later(owed, error.retry_after, error)
        except PlatformRefused as error:
            log.warning("%s %s: %s", type(owed.effect).__name__, owed.id, _name(error))
            return await self._give_up(owed)
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
        if not _keeps_trying(owed.effect) and owed.attempt >= TRIES[kind]:
            return await self._give_up(owed)
        return self._pause(owed, retry_after)

    async def _give_up(self, owed: Owed) -> datetime | None:
        try:
            await self._acts.let_go(owed)
        except ProviderUnavailable as error:
            return self._pause(owed, error.retry_after)
        await self._finish(owed, _given_up(owed.effect))
        return None

    def _pause(self, owed: Owed, retry_after: float | None) -> datetime:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(owed.attempt - 1, 16)))
        return self._clock.now() + max(pause, timedelta(seconds=retry_after or 0))

    # --- stopping ---------------------------------------------------------------------------

    async def _cancel(self, owed: Owed) -> None:
        """Stop a check or an order, and only then count it as cancelled.

        The ticket of a stopped order is written down here before the order is settled: should its
        provider be away, this is what is tried again, and not the order.
        """
        for other in await self._journal.owed(owed.person):
            if not _cancels(owed.effect, other.effect):
                continue
            await self._stop(owed.person, only=other.id)
            stopped = await self._acts.orders.as_noted(other)
            if stopped.note:
                owed = replace(owed, note=stopped.note)
                await self._journal.annotate(owed.id, owed.note)
            await self._acts.drop_strays(owed.person, other.id, other.effect)
            await self._journal.settle(other.id)
            if isinstance(other.effect, MakeHeadshots):
                await self._acts.orders.show_progress(owed.person, other.effect, "stopped")
        if isinstance(owed.effect, CancelOrder):
            noted = noted_on(owed)
            ticket = noted.ticket if noted else None
            await self._acts.orders.close(owed.person, owed.effect.order, ticket)
        await self._journal.settle(owed.id)

    async def _erase(self, owed: Owed, effect: Erase) -> None:
        """Erase while nobody else has a turn and nothing of the person's is running."""
        turn = self._turn_of(owed.person)
        async with turn:
            await self._stop(owed.person)
            following = await self._erasure.erase(owed, effect)
            turn.erasures += 1
        if following is not None:
            await self._scheduler.put(following.id, following.due, following.line)

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


def _keeps_trying(effect: Effect) -> bool:
    """Whether an effect is never given up, however long the other side is away."""
    if isinstance(effect, Say):
        return any(attachment.keep for attachment in effect.message.attachments)
    return type(effect) not in TRIES


def _cancels(effect: Effect, other: Effect) -> bool:
    """Whether one effect is there to stop the other."""
    match effect, other:
        case CancelOrder(order), MakeHeadshots(wanted):
            return wanted.id == order
        case CancelCheck(selfie), CheckPhoto(wanted_selfie):
            return wanted_selfie == selfie
        case _:
            return False


def _given_up(effect: Effect) -> Event | None:
    """What the conversation is told about an effect that never succeeded."""
    match effect:
        case CheckPhoto(selfie):
            return PhotoRejected(selfie, PhotoProblem.CANNOT_CHECK)
        case LookCloser(crop):
            return LookedCloser(crop)  # it would only have been advice
        case MakeHeadshots(order):
            return MakingFailed(order.id)
        case AddBadge(order):
            return BadgeAdded(order, ())
        case _:
            return None


def _name(error: Exception) -> str:
    cause = error.__cause__
    return type(error).__name__ + (f" from {type(cause).__name__}" if cause else "")
