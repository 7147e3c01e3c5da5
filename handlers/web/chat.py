"""The web chat as the engine sees it: `bot.ports.PlatformHandler` over open pages and a ledger.

Rules: nothing here interprets a text; events go to `receive`, which the core answers. What was said
lives in the ledger (sealed, erased with the journal) and is written before anybody is told; memory
holds open tabs, photos on their way, and last words. A photo stays in the person's browser until
`fetch_selfie` asks for it, passes through memory only, and the page is told when its own copy is no
longer needed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from bot.errors import PersonUnreachable, PlatformUnavailable, SelfieGone
from bot.events import Delivery, Event, Replied, SelfieSent, Wrote
from bot.model import Attachment, Erased, Message, Person, SelfieRef, Sent, Style
from bot.ports import Clock, Health, Ledger, PhotoVault, Receive
from handlers.web.entries import (
    Entry,
    Ours,
    Photo,
    PhotoAt,
    Tapped,
    Typed,
    choice_of,
    decode,
    encode,
    find_attachment,
    key_of,
    message_view,
    view,
)
from handlers.web.gate import Gate
from handlers.web.visitors import Tab, Visitor, Visitors, Wanted

PRUNE_SECONDS = 30.0
WELCOME = "ours:welcome"
"""Key of the first message of every chat."""
MAX_ENTRIES = 500
"""Of one chat. Beyond it the person can read and erase, nothing else."""
WAY_OUT = "/delete"
"""Taken however long a chat is; so is a choice that is drawn as dangerous, which answers it."""


class Heard(Enum):
    """What became of something that the person did."""

    TAKEN = "taken"
    ERASED = "erased"
    """This visitor was erased."""
    FULL = "full"
    """The chat has `MAX_ENTRIES`."""


class WebChat:
    """One page in the browser, served by `handlers.web.routes`."""

    def __init__(
        self,
        ledger: Ledger,
        vault: PhotoVault,
        swatches: Mapping[str, bytes],
        clock: Clock,
        *,
        welcome: Message,
        privacy_text: Callable[[str], str],
        public_url: str | None = None,
        local: bool = False,
        patience: float = 120.0,
        grace: float = 5.0,
        upload_seconds: float = 60.0,
    ) -> None:
        """Wire the chat.

        `swatches` maps a look to a JPEG. `welcome` is what an empty chat shows; it is written down
        with the first thing the person does, so that merely looking leaves no trace, and its
        question must be one that the core takes from anybody at any time. `privacy_text` gives
        the page's text in a language. `local` is told when no provider outside this machine
        exists. `patience`, `grace` and `upload_seconds` are seconds: how long an open page may
        take to hand over a photo, how long nobody may be there before that counts as being away,
        and how long the bytes of one photo may take.
        """
        self.vault = vault
        self.swatches = swatches
        self.privacy_text = privacy_text
        self._welcome = Ours(welcome)
        self.local = local
        self.visitors = Visitors(clock)
        self._ledger = ledger
        self.gate = Gate(public_url)
        self._patience = patience
        self._grace = grace
        self.upload_seconds = upload_seconds
        self._receive: Receive | None = None

    # --- what the engine calls ------------------------------------------------------------

    @property
    def holds(self) -> str:
        """One plain sentence, for the privacy table."""
        return (
            "Web chat: in memory, the pages that are open, a photo while it is handed over, and "
            "the last words for up to 15 minutes after an erasure; your browser keeps a random "
            "cookie and, until the bot has looked at it or you close the tab, the photo you chose: "
            "in the tab's memory, and on disk only encrypted with a key that belongs to the tab."
        )

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled; then end every open stream."""
        self._receive = receive
        try:
            while True:
                await asyncio.sleep(PRUNE_SECONDS)
                self.visitors.prune()
        finally:
            self._receive = None
            self.visitors.close_tabs()

    async def send(
        self, person: Person, key: str, message: Message, pictures: Sequence[bytes]
    ) -> Sent:
        """Write the message down and show it on every open page; pictures come from the vault."""
        visitor = self.visitors.of(person)
        place = key_of(key, message)
        if not await self._note(visitor, place, Ours(message)):
            raise PersonUnreachable
        if not message.slot:
            await self._release(visitor, lambda photo: photo.at is PhotoAt.CHECK)
        return Sent(ref=place)

    async def say_goodbye(self, person: Person, message: Message, receipt: bytes | None) -> None:
        """Show the last words on open pages and keep them in memory for a page opened later.

        Without a receipt the erasure is not over: such a message is shown on open pages only,
        stored nowhere and ends nothing.
        """
        if receipt is None:
            slow: dict[str, object] = {"kind": "slow", "message": message_view("", message)}
            self.visitors.of(person).push(slow)
            return
        event: dict[str, object] = {
            "kind": "goodbye",
            "message": message_view("", message),
            "receipt": receipt.decode(),
        }
        self.visitors.keep_last_words(person, event)
        self.visitors.of(person).push(event)

    @property
    def health(self) -> Health:
        """Always well: it shares the process with whoever asks."""
        return Health()

    async def belongings(self, person: Person) -> bytes:
        """Nothing: the pages show what the ledger says, and that is ours to erase."""
        return b""

    async def clear(self, person: Person, belongings: bytes) -> Erased:
        """Nothing to do: see `belongings`."""
        return Erased()

    async def fetch_selfie(self, person: Person, selfie: SelfieRef) -> bytes:
        """Ask the person's open pages for the photo and wait for it. Safe to call again."""
        visitor = self.visitors.of(person)
        if self.visitors.ended(person) is not None:
            raise SelfieGone
        with visitor.wanting(selfie.ref) as wanted:
            photo = await self._upload(visitor, wanted)
        await self._move(visitor, PhotoAt.CHECK, lambda entry: entry.photo == selfie.ref)
        return photo

    async def erase(self, person: Person) -> Erased:
        """Drop what memory holds and retire the cookie. The ledger is the journal's to erase."""
        visitor = self.visitors.of(person)
        async with visitor.turn:
            known = self.visitors.ended(person) is not None
            self.visitors.end(person)
            held = visitor.forget()
        return Erased({"web sessions": 0 if known else held})

    # --- what the page asks for -----------------------------------------------------------

    @property
    def listening(self) -> bool:
        """True while deliveries can be taken."""
        return self._receive is not None

    async def hear_text(self, person: Person, action: str, text: str) -> Heard:
        """The person typed."""
        way_out = text.strip().lower().startswith(WAY_OUT)
        heard = await self._hear(self.visitors.of(person), action, Typed(text), way_out=way_out)
        if heard is Heard.TAKEN:
            await self._deliver(person, action, Wrote(text))
        return heard

    async def hear_reply(self, person: Person, action: str, verb: str, question: str) -> Heard:
        """The person tapped. The label is looked up: a page does not get to invent one."""
        choice = choice_of(await self.entries(person), verb, question)
        visitor = self.visitors.of(person)
        if choice is None:
            heard = await self._may_act(visitor, f"in:{action}")
        else:
            tapped = Tapped(choice.label, verb, question)
            way_out = choice.style is Style.DANGER
            heard = await self._hear(visitor, action, tapped, way_out=way_out)
        if heard is Heard.TAKEN:
            await self._deliver(person, action, Replied(verb, question))
        return heard

    async def hear_selfie(self, person: Person, action: str, photo: str, text: str) -> Heard:
        """The person chose a photo, which stays in the page. Older ones are no longer needed."""
        visitor = self.visitors.of(person)
        heard = await self._hear(visitor, action, Photo(photo))
        if heard is Heard.TAKEN:
            await self._release(
                visitor, lambda other: other.photo != photo and other.photo not in visitor.wanted
            )
            await self._deliver(person, action, SelfieSent(SelfieRef(photo), text))
        return heard

    async def entries(self, person: Person) -> dict[str, Entry]:
        """Everything that was said, oldest first; the welcome when nothing was."""
        return decode(await self._ledger.entries(person)) or {WELCOME: self._welcome}

    async def attachment(self, person: Person, file: str, number: int) -> Attachment | None:
        """An attachment of one of this person's own messages."""
        return find_attachment(await self.entries(person), file, number)

    async def snapshot(self, visitor: Visitor, tab: Tab) -> dict[str, object]:
        """All that a page needs to draw itself."""
        ended = self.visitors.ended(visitor.person)
        if ended is not None:
            return ended.event or {"kind": "ending"}
        entries = await self.entries(visitor.person)
        return {
            "kind": "snapshot",
            "tab": tab.id,
            "entries": [view(key, entry) for key, entry in entries.items()],
            "wanted": [photo for photo, w in visitor.wanted.items() if not w.uploading],
        }

    # --- inside ---------------------------------------------------------------------------

    async def _deliver(self, person: Person, action: str, event: Event) -> None:
        if self._receive is None:
            raise PlatformUnavailable("not running")
        whose = hashlib.sha256(f"web delivery {person.user}".encode()).hexdigest()[:24]
        await self._receive(Delivery(f"web:{whose}:{action}", person, event))

    async def _hear(
        self, visitor: Visitor, action: str, entry: Entry, *, way_out: bool = False
    ) -> Heard:
        """Write down what the person did, after the welcome."""
        key = f"in:{action}"
        heard = await self._may_act(visitor, key)
        if heard is Heard.ERASED or (heard is Heard.FULL and not way_out):
            return heard
        if not await self._ledger.entries(visitor.person):
            await self._note(visitor, WELCOME, self._welcome)
        return Heard.TAKEN if await self._note(visitor, key, entry) else Heard.ERASED

    async def _may_act(self, visitor: Visitor, key: str) -> Heard:
        if self.visitors.ended(visitor.person) is not None:
            return Heard.ERASED
        entries = await self._ledger.entries(visitor.person)
        # What was taken before is being repeated by the page; it adds nothing.
        full = len(entries) >= MAX_ENTRIES and key not in entries
        return Heard.FULL if full else Heard.TAKEN

    async def _note(self, visitor: Visitor, key: str, entry: Entry) -> bool:
        """Write an entry, then tell the open pages. False when the visitor was erased."""
        async with visitor.turn:
            if self.visitors.ended(visitor.person) is not None:
                return False
            await self._ledger.note(visitor.person, key, encode(entry))
            visitor.push({"kind": "entry", "entry": view(key, entry)})
        return True

    async def _move(self, visitor: Visitor, at: PhotoAt, which: Callable[[Photo], bool]) -> None:
        for key, entry in (await self.entries(visitor.person)).items():
            if isinstance(entry, Photo) and entry.at not in {at, PhotoAt.GONE} and which(entry):
                await self._note(visitor, key, Photo(entry.photo, at))

    async def _release(self, visitor: Visitor, which: Callable[[Photo], bool]) -> None:
        """Tell the page that it can erase its own copies."""
        await self._move(visitor, PhotoAt.GONE, which)

    async def _upload(self, visitor: Visitor, wanted: Wanted) -> bytes:
        """Wait for the photo for as long as somebody is there who may have it."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while True:
            left = max(0.0, deadline - loop.time())
            await asyncio.wait([wanted.arrived], timeout=min(self._grace, left))
            if wanted.arrived.done():
                return wanted.arrived.result()
            if not visitor.tabs and not wanted.uploading:
                raise PlatformUnavailable("no page is open", retry_after=30)
            if loop.time() >= deadline:
                if wanted.missing:
                    raise SelfieGone
                raise PlatformUnavailable("no page answers", retry_after=60)
