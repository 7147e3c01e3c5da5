"""How each effect is carried out, once. Retries, order and erasure are the engine's business.

Every act is safe to repeat: messages carry a key, blobs have deterministic names, a provider's
ticket is written down before anyone waits for it. An act returns the event that came of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.effects import (
    CancelOrder,
    CheckPhoto,
    Effect,
    ForgetPhotos,
    MakeHeadshots,
    PackData,
    Remind,
    Say,
)
from bot.errors import (
    OrderLost,
    PhotoGone,
    PlatformError,
    ProviderRefused,
    SelfieGone,
)
from bot.events import (
    DataPacked,
    Event,
    HeadshotsMade,
    MakingFailed,
    PhotoChecked,
    PhotoRejected,
    SelfieLost,
    TimeIsUp,
)
from bot.export import archive
from bot.model import Erased, Headshot, Made, Message, Person, PhotoId, Ticket
from bot.ports import (
    Erasable,
    HeadshotProvider,
    Inspector,
    Journal,
    Ledger,
    Owed,
    PhotoVault,
    PlatformHandler,
)
from bot.prompts import Prompts
from bot.receipt import Signer

log = logging.getLogger(__name__)


class Acts:
    """Carries effects out through the ports."""

    def __init__(
        self,
        *,
        prompts: Prompts,
        handlers: Mapping[str, PlatformHandler],
        providers: Mapping[str, HeadshotProvider],
        inspector: Inspector,
        vault: PhotoVault,
        journal: Journal,
        ledger: Ledger,
        signer: Signer,
        holders: Sequence[Erasable],
    ) -> None:
        self._prompts = prompts
        self._handlers = handlers
        self._providers = providers
        self._inspector = inspector
        self._vault = vault
        self._journal = journal
        self._ledger = ledger
        self._signer = signer
        self._holders = holders

    async def carry_out(self, owed: Owed) -> Event | None:
        """Do it. Raises `PlatformError` or `ProviderError`; other outcomes are events."""
        person = owed.person
        match owed.effect:
            case Say(message):
                await self._say(person, owed.id, message)
                return None
            case CheckPhoto() as effect:
                return await self._check(person, owed.id, effect)
            case MakeHeadshots() as effect:
                return await self._make(owed, effect)
            case ForgetPhotos(photos):
                for photo in photos:
                    await self._vault.drop(photo)
                return None
            case PackData() as effect:
                return await self._pack(person, owed.id, effect)
            case Remind(timer, about, _):
                return TimeIsUp(timer, about)
            case _:
                return None  # orders are cancelled and people erased by the engine itself

    async def _say(self, person: Person, key: str, message: Message) -> None:
        pictures, attachments = [], []
        for attachment in message.attachments:
            try:
                pictures.append(await self._vault.get(attachment.photo))
            except PhotoGone:
                continue  # erased meanwhile: say the rest
            attachments.append(attachment)
        message = replace(message, attachments=tuple(attachments))
        await self._handlers[person.platform].send(person, key, message, pictures)

    async def _check(self, person: Person, key: str, effect: CheckPhoto) -> Event:
        try:
            photo = await self._handlers[person.platform].fetch_selfie(person, effect.selfie)
            crop = await self._crop(photo)
        except SelfieGone:
            await self.drop_strays(person, key, effect)
            return SelfieLost(effect.selfie)
        except ProviderRefused as refused:
            await self.drop_strays(person, key, effect)
            return PhotoRejected(effect.selfie, refused.problem)
        # The crop is all that is ever written down; the photo itself ends here, in memory.
        kept = await self._vault.put(person, f"crop-{key}", crop)
        return PhotoChecked(effect.selfie, kept, hashlib.sha256(crop).hexdigest())

    async def _crop(self, photo: bytes) -> bytes:
        """What would be used of a photo. Raises `ProviderRefused`."""
        findings = await self._inspector.inspect(photo)
        if findings.problem is not None:
            raise ProviderRefused(findings.problem)
        return await self._inspector.minimise(photo, findings)

    # --- orders -----------------------------------------------------------------------------

    async def _make(self, owed: Owed, effect: MakeHeadshots) -> Event:
        order, provider = effect.order, self._providers[effect.provider]
        await self.show_progress(owed.person, effect, "queued")

        async def progress(stage: str) -> None:
            await self.show_progress(owed.person, effect, stage)

        try:
            ticket = ticket_of(owed) or await self._start(owed, effect)
            try:
                made = await provider.wait(ticket, progress)
            except OrderLost:  # nothing was paid; the provider was restarted
                ticket = await self._start(owed, effect)
                made = await provider.wait(ticket, progress)
        except ProviderRefused as refused:
            await self.let_go(owed)
            return MakingFailed(order.id, refused.problem)
        except PhotoGone:
            return MakingFailed(order.id)
        headshots = await self._keep(owed.person, order.id, made)
        await provider.forget(ticket)
        return HeadshotsMade(order.id, headshots)

    async def _start(self, owed: Owed, effect: MakeHeadshots) -> Ticket:
        """Start an order and write its ticket down; a ticket that comes too late is forgotten."""
        provider = self._providers[effect.provider]
        photo = await self._vault.get(effect.crop)
        ticket = await provider.start(effect.order, photo)
        if not await self._journal.annotate(owed.id, msgspec.json.encode(ticket).decode()):
            await provider.forget(ticket)
            raise PhotoGone("no longer owed")
        return ticket

    async def _keep(self, person: Person, order: str, made: Sequence[Made]) -> tuple[Headshot, ...]:
        kept = []
        for number, one in enumerate(made):
            photo = await self._vault.put(person, f"headshot-{order}-{number}", one.photo)
            kept.append(Headshot(photo, one.format, one.look))
        return tuple(kept)

    async def show_progress(self, person: Person, effect: MakeHeadshots, stage: str) -> None:
        """Tell how far an order is; may be lost, so it never fails."""
        message = self._prompts.progress_of(effect, stage)
        try:
            await self._handlers[person.platform].send(person, effect.slot, message, ())
        except PlatformError as error:
            log.info("progress dropped: %s", type(error).__name__)

    async def let_go(self, owed: Owed) -> None:
        """Leave nothing behind of an effect that came to nothing: no order, no blob.

        Raises `ProviderUnavailable`.
        """
        ticket = ticket_of(await self.as_noted(owed))
        if ticket is not None:
            await self.forget_order(ticket)
        await self.drop_strays(owed.person, owed.id, owed.effect)

    async def as_noted(self, owed: Owed) -> Owed:
        """The effect with what was written down since this attempt began."""
        now = await self._journal.owed(owed.person)
        return next((one for one in now if one.id == owed.id), owed)

    async def drop_strays(self, person: Person, key: str, effect: Effect) -> None:
        """Drop what an earlier attempt may have put into the vault before it was cut off."""
        names: list[str] = []
        match effect:
            case CheckPhoto():
                names = [f"crop-{key}"]
            case MakeHeadshots(order):
                names = [f"headshot-{order.id}-{number}" for number in range(order.variants)]
            case PackData():
                names = [f"archive-{key}"]
            case _:
                pass
        for name in names:
            await self._vault.drop(self._vault.name(person, name))

    async def forget_order(self, ticket: Ticket) -> Erased:
        """Make a provider forget an order. Raises `ProviderUnavailable`."""
        provider = self._providers.get(ticket.provider)
        return Erased() if provider is None else await provider.forget(ticket)

    # --- a copy of the data -------------------------------------------------------------------

    async def _pack(self, person: Person, key: str, effect: PackData) -> Event:
        crop = await self._get(effect.crop) if effect.crop else None
        shots = []
        for number, shot in enumerate(effect.headshots, start=1):
            photo = await self._get(shot.photo)
            if photo is not None:
                shots.append((f"headshot-{shot.format}-{shot.look}-{number}.jpg", photo))
        consent = self._signer.sign(msgspec.json.decode(effect.consent))
        holds = [holder.holds for holder in self._holders]
        said = b"\n".join((await self._ledger.entries(person)).values())
        packed = await asyncio.to_thread(archive, consent, crop, shots, said, holds)
        kept = await self._vault.put(person, f"archive-{key}", packed)
        return DataPacked(kept, effect.crop if crop is not None else None)

    async def _get(self, photo: PhotoId) -> bytes | None:
        try:
            return await self._vault.get(photo)
        except PhotoGone:
            return None


def ticket_of(owed: Owed) -> Ticket | None:
    """The ticket that an earlier attempt wrote down."""
    if not owed.note or not isinstance(owed.effect, MakeHeadshots | CancelOrder):
        return None
    return msgspec.json.decode(owed.note, type=Ticket)
