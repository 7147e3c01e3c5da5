"""How each effect is carried out, once. Retries, order and erasure are the engine's business.

Every act is safe to repeat: messages carry a key, blobs have deterministic names, and an order's
ticket is written down before anybody begins it (`bot.orders`). An act returns the event that came
of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot import policy
from bot.consent import approve
from bot.effects import (
    AddBadge,
    CheckPhoto,
    CountAgain,
    Effect,
    ForgetPhotos,
    LookCloser,
    MakeHeadshots,
    PackData,
    Remind,
    Say,
)
from bot.errors import NotApproved, PhotoGone, ProviderRefused, SelfieGone
from bot.events import (
    DataPacked,
    Event,
    LookedCloser,
    MakingFailed,
    PhotoChecked,
    PhotoRejected,
    SelfieLost,
    TimeIsUp,
)
from bot.export import archive
from bot.finishing import Finishing
from bot.inspecting import Inspector
from bot.model import Message, Person, PhotoId
from bot.orders import Orders
from bot.policy import Ruling
from bot.ports import Erasable, Ledger, Owed, PhotoVault, PlatformHandler
from bot.receipt import Signer


class Acts:
    """Carries effects out through the ports."""

    def __init__(
        self,
        *,
        handlers: Mapping[str, PlatformHandler],
        orders: Orders,
        inspector: Inspector,
        finishing: Finishing,
        vault: PhotoVault,
        ledger: Ledger,
        signer: Signer,
        holders: Sequence[Erasable],
    ) -> None:
        self._handlers = handlers
        self.orders = orders
        self._inspector = inspector
        self._finishing = finishing
        self._vault = vault
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
            case LookCloser() as effect:
                return await self._look_closer(effect)
            case MakeHeadshots() as effect:
                return await self._make(owed, effect)
            case _:
                return await self._carry_out_quietly(owed)

    async def _carry_out_quietly(self, owed: Owed) -> Event | None:
        """What the person neither sees nor waits for."""
        person = owed.person
        match owed.effect:
            case ForgetPhotos(photos):
                await self._forget(photos)
                return None
            case CountAgain() | AddBadge() as effect:
                return await self._finishing.afterwards(person, effect)
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

    async def _forget(self, photos: Sequence[PhotoId]) -> None:
        for photo in photos:
            await self._vault.drop(photo)

    async def _check(self, person: Person, key: str, effect: CheckPhoto) -> Event:
        try:
            photo = await self._handlers[person.platform].fetch_selfie(person, effect.selfie)
            verdict, crop, plain = await self._crops(photo)
        except SelfieGone:
            await self.drop_strays(person, key, effect)
            return SelfieLost(effect.selfie)
        except ProviderRefused as refused:
            await self.drop_strays(person, key, effect)
            return PhotoRejected(effect.selfie, refused.problem)
        # Crops are all that is ever written down; the photo itself ends here, in memory.
        kept = await self._vault.put(person, f"crop-{key}", crop)
        kept_plain = await self._vault.put(person, f"plain-{key}", plain) if plain else None
        return PhotoChecked(
            effect.selfie,
            kept,
            hashlib.sha256(crop).hexdigest(),
            doubts=verdict.doubts,
            fixes=verdict.fixes,
            unchecked=verdict.unchecked,
            may_leave=self._inspector.removes_background and not verdict.unchecked,
            plain=kept_plain,
            plain_sha256=hashlib.sha256(plain).hexdigest() if plain else "",
        )

    async def _crops(self, photo: bytes) -> tuple[Ruling, bytes, bytes | None]:
        """The verdict, what would be used of the photo, and the same with its writing if that may
        be an answer. Raises `ProviderRefused`."""
        findings = await self._inspector.inspect(photo)
        verdict = policy.judge(findings)
        if verdict.problem is not None:
            raise ProviderRefused(verdict.problem)
        crop = await self._inspector.minimise(photo, findings)
        if not verdict.wants_plain:
            return verdict, crop, None
        return verdict, crop, await self._inspector.minimise(photo, findings, keep_writing=True)

    async def _look_closer(self, effect: LookCloser) -> Event:
        try:
            crop = approve(effect.crop_sha256, await self._vault.get(effect.crop))
        except (PhotoGone, NotApproved):
            return LookedCloser(effect.crop)
        return LookedCloser(effect.crop, tuple(await self._inspector.look_closer(crop)))

    async def _make(self, owed: Owed, effect: MakeHeadshots) -> Event:
        made = await self.orders.make(owed, effect)
        if isinstance(made, MakingFailed):
            await self.drop_strays(owed.person, owed.id, effect)
        return made

    # --- leaving nothing behind --------------------------------------------------------------

    async def let_go(self, owed: Owed) -> None:
        """Leave nothing behind of an effect that came to nothing: no order, no blob.

        Raises `ProviderUnavailable`.
        """
        if isinstance(owed.effect, MakeHeadshots):
            await self.orders.let_go(owed, owed.effect.order)
        await self.drop_strays(owed.person, owed.id, owed.effect)

    async def drop_strays(self, person: Person, key: str, effect: Effect) -> None:
        """Drop what an earlier attempt may have put into the vault before it was cut off."""
        names: list[str] = []
        match effect:
            case CheckPhoto():
                names = [f"crop-{key}", f"plain-{key}"]
            case MakeHeadshots(order):
                names = [f"headshot-{order.id}-{number}" for number in range(order.variants)]
            case AddBadge(order, headshots):
                names = [f"badge-{order}-{number}" for number in range(len(headshots))]
            case PackData():
                names = [f"archive-{key}"]
            case _:
                pass
        for name in names:
            await self._vault.drop(self._vault.name(person, name))

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
