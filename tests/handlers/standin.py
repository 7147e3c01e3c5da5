"""A scripted stand-in for the engine: answers each delivery through the handler, in order.

It plays one visit (questions, check, crop, look, progress, gallery, erasure) with the shapes of the
real conversation and none of its rules, so that a page can be driven without the rest of the bot.
"""

from __future__ import annotations

import asyncio
import io

from PIL import Image
from skimage import data

from bot.errors import PlatformError
from bot.events import Delivery, Replied, SelfieSent, Wrote
from bot.model import Attachment, Choice, Message, Person, SelfieRef, Style
from handlers.web import WebChat
from tests.fakes.memory import MemoryLedger, MemoryVault

LOOKS = {
    "grey": ("Classic grey", (150, 152, 155)),
    "white": ("Clean white", (240, 240, 238)),
    "navy": ("Deep navy", (32, 46, 74)),
    "warm": ("Warm studio", (196, 172, 148)),
    "charcoal": ("Charcoal", (52, 54, 57)),
    "office": ("Modern office", (174, 186, 192)),
}
SIZES = {"linkedin": (480, 480), "resume": (480, 600), "bio": (480, 640)}


def jpeg(picture: Image.Image) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()


def _astronaut() -> Image.Image:
    # scikit-image has no type annotations.
    return Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]


def selfie() -> bytes:
    """NASA's portrait of Eileen Collins (public domain), as a person would send it."""
    return jpeg(_astronaut())


def headshot(size: tuple[int, int]) -> bytes:
    """A cut of that portrait in another shape."""
    width, height = size
    half = 140 * width / height
    box = (int(225 - half), 0, int(225 + half), 280)
    return jpeg(_astronaut().crop(box).resize(size))


def swatches() -> dict[str, bytes]:
    """A plain picture for each look."""
    return {look: jpeg(Image.new("RGB", (320, 200), colour)) for look, (_, colour) in LOOKS.items()}


def ask(text: str, question: str, *choices: Choice) -> Message:
    """A question with its answers."""
    return Message(text=text, question=question, choices=choices)


class StandIn:
    """Takes deliveries and plays the script; `seen` are the ones that counted."""

    def __init__(self, chat: WebChat, ledger: MemoryLedger, vault: MemoryVault) -> None:
        self.seen: list[Delivery] = []
        self._chat = chat
        self._ledger = ledger
        self._vault = vault
        self._ids: set[str] = set()
        self._todo: asyncio.Queue[Delivery] = asyncio.Queue()
        self._open: dict[Person, Message] = {}
        self._photo: dict[Person, SelfieRef] = {}
        self._said = 0

    async def receive(self, delivery: Delivery) -> None:
        if delivery.id not in self._ids:
            self._ids.add(delivery.id)
            self.seen.append(delivery)
            self._todo.put_nowait(delivery)

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            delivery = await self._todo.get()
            try:
                await self._answer(delivery)
            except PlatformError:
                # Nobody is there to be answered; the real engine would try again later.
                continue

    async def say(self, person: Person, message: Message, *pictures: bytes) -> None:
        """Say one thing; an open question is remembered, so that it can be answered by typing."""
        self._said += 1
        if message.question:
            self._open[person] = message
        await self._chat.send(person, f"say-{self._said}", message, pictures)

    async def _answer(self, delivery: Delivery) -> None:
        person = delivery.person
        match delivery.event:
            case Wrote(text="/delete"):
                keep, erase = Choice("keep", "Keep it"), Choice("erase", "Erase everything")
                sure = (Choice(erase.verb, erase.label, Style.DANGER), keep)
                await self.say(person, ask("Erase **everything** I hold?", "erase-1", *sure))
            case Wrote(text="/mydata"):
                packed = await self._keep(person, "data", b"PK", "my-data.zip", "application/zip")
                await self.say(person, Message("Here is your data.", attachments=(packed,)))
            case Wrote(text=text) if person in self._open and text.lower() in {"yes", "1"}:
                await self._tapped(person, self._open[person].choices[0].verb)
            case Wrote(text=text):
                await self.say(person, Message(f"You wrote: {text}"))
            case Replied(verb=verb):
                await self._tapped(person, verb)
            case SelfieSent(selfie=photo):
                self._photo[person] = photo
                yes, no = Choice("self-yes", "Yes, it's me and I'm 18+"), Choice("no", "No")
                text = "**1 of 3. Is this photo of you, and are you 18 or older?**"
                note = "Only you can agree to use your face."
                await self.say(person, ask(f"{text}\n\n{note}", "self-1", yes, no))
            case _:
                return

    async def _tapped(self, person: Person, verb: str) -> None:
        match verb:
            case "start":
                await self.say(person, Message("Please send me one selfie: just you."))
            case "self-yes":
                text = "**2 of 3. Will you use the headshots only as yourself?**"
                yes, no = Choice("purpose-yes", "Yes, only as me"), Choice("no", "No")
                await self.say(person, ask(text, "purpose-1", yes, no))
            case "purpose-yes":
                await self._check(person)
            case "here":
                looks = (Choice(look, label, look=look) for look, (label, _) in LOOKS.items())
                await self.say(person, ask("**Thanks.** Now pick a background.", "look-1", *looks))
            case "erase":
                await self._erase(person)
            case look if look in LOOKS:
                await self._make(person)
            case _:
                await self.say(person, Message("Fine."))

    async def _check(self, person: Person) -> None:
        await self.say(person, Message("Checking your photo.", slot="check"))
        photo = await self._chat.fetch_selfie(person, self._photo[person])
        crop = await self._keep(person, "crop", photo, "exact-picture.jpg", "image/jpeg")
        await self.say(person, Message("I've checked your photo.", slot="check"))
        text = "**3 of 3. This is the exact picture I'd use. Shall I make your headshots from it?**"
        choices = (
            Choice("here", "Use this picture"),
            Choice("start", "Different photo"),
            Choice("erase", "Erase", Style.DANGER),
        )
        message = Message(text, choices, "where-1", (crop,))
        await self.say(person, message, photo)

    async def _make(self, person: Person) -> None:
        cancel = (Choice("cancel", "Cancel"),)
        for stage in ("Step 1 of 2: cutting you out.", "Step 2 of 2: balancing the light."):
            await self.say(person, Message(stage, cancel, "order-1", slot="order-1"))
        await self.say(person, Message("Your headshots are made.", slot="order-1"))
        shots = []
        for number, (shape, size) in enumerate([*SIZES.items(), ("linkedin", (480, 480))], 1):
            name = f"headshot-{shape}-{number}.jpg"
            shots.append(await self._keep(person, name, headshot(size), name, "image/jpeg"))
        choices = (
            Choice("again", "Another background"),
            Choice("done", "I'm done"),
            Choice("erase", "Erase now", Style.DANGER),
        )
        text = "**Your 4 headshots are ready.**\n\nI erase these in 24 hours. Save what you want."
        await self.say(person, Message(text, choices, "delivered-1", tuple(shots)))

    async def _erase(self, person: Person) -> None:
        await self._chat.erase(person)
        await self._ledger.erase(person)
        await self._vault.erase(person)
        self._open.pop(person, None)
        receipt = b'{"receipt": "ER-1", "photos": 5}'
        text = "**Erased.** Receipt ER-1.\n\nGone: 5 photos, your answers, this conversation."
        await self._chat.say_goodbye(person, Message(text), receipt)

    async def _keep(
        self, person: Person, key: str, content: bytes, name: str, kind: str
    ) -> Attachment:
        photo = await self._vault.put(person, key, content)
        return Attachment(photo, name, kind, f"Headshot of you, head and shoulders ({name}).")
