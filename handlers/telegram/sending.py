"""How one of our messages becomes messages of Telegram's.

- A text is a message, or several when it is long; the buttons are under the last one.
- One picture (the crop of question 3) stands with its text as caption and the buttons beneath.
- Several pictures are an album to look at; Telegram allows no buttons there, so text and buttons
  are a message of their own. What is to be kept then follows as files, byte for byte, because
  Telegram compresses pictures. Nothing is protected from being saved: saving is what they are for.
- Captions say what is in the picture: Telegram has no other text for who cannot see it.

Pictures that Telegram cannot show are sent as files.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from telegram import (
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
)
from telegram import Message as Posted

from bot.errors import PlatformRefused
from bot.model import Attachment, Message, Person
from bot.ports import Ledger
from handlers.telegram.bot_api import BotApi, MessageGone
from handlers.telegram.entries import Record, key_of
from handlers.telegram.keyboards import keyboard
from handlers.telegram.outbox import Outbox, WhenInDoubt
from handlers.telegram.texts import CAPTION_LIMIT, MESSAGE_LIMIT, Text, pieces, read

ALBUM = 10
FOLLOWING = "kept"
"""Names of the parts that follow a message."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

File = tuple[Attachment, bytes]
Media = InputMediaPhoto | InputMediaDocument


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way to one chat."""

    chat: int
    record: Record


class Sender:
    """Sends messages; each part once."""

    def __init__(self, api: BotApi, ledger: Ledger, outbox: Outbox, again: str) -> None:
        """`again` is said before a message that may have arrived already."""
        self._bot = api.bot
        self._ledger = ledger
        self._outbox = outbox
        self._again = again

    async def send(
        self, person: Person, key: str, message: Message, files: Sequence[bytes]
    ) -> None:
        """Show it all. Raises `PlatformError`; calling it again goes on where it stopped."""
        place = key_of(key, message)
        letter = Letter(int(person.user), await Record.open(self._ledger, person, place))
        buttons = keyboard(message.choices, message.question)
        attached = list(zip(message.attachments, files, strict=True))
        pictures = [one for one in attached if one[0].media_type.startswith("image/")]
        caption = read(message.text)
        if len(attached) == 1 and caption.length <= CAPTION_LIMIT:
            await self._file(letter, "file-0", attached[0], caption, buttons, shown=bool(pictures))
            left = [one for one in pictures if one[0].keep]
        else:
            await self._pictures(letter, pictures)
            await self._text(letter, message.text, buttons)
            left = [one for one in attached if one[0].keep or one not in pictures]
        for number, one in enumerate(left, start=1):
            await self._file(
                letter, f"{FOLLOWING}-{number}", one, read(one[0].alt), None, shown=False
            )

    async def _pictures(self, letter: Letter, pictures: Sequence[File]) -> None:
        """Something to look at. Not worth a repetition where files follow."""
        if len(pictures) == 1:
            (one,) = pictures
            await self._file(letter, "picture", one, read(one[0].alt), None, shown=True)
        for number, album in enumerate(_albums(pictures) if len(pictures) > 1 else ()):
            follows = all(attachment.keep for attachment, _ in album)
            in_doubt = WhenInDoubt.LET_BE if follows else WhenInDoubt.SEND_AGAIN
            request = self._album(letter.chat, album)
            try:
                await self._outbox.send(letter.record, f"album-{number}", request, in_doubt)
            except PlatformRefused:  # not pictures by Telegram's lights
                await self._apart(letter, number, () if follows else album)

    async def _apart(self, letter: Letter, number: int, album: Sequence[File]) -> None:
        """An album that Telegram does not take, as files."""
        for place, one in enumerate(album):
            name = f"album-{number}-{place}"
            await self._file(letter, name, one, read(one[0].alt), None, shown=False)

    def _album(self, chat: int, album: Sequence[File]) -> Callable[[bool], Awaitable[list[Posted]]]:
        async def request(_: bool) -> list[Posted]:
            media = [_photo(one, read(one[0].alt)) for one in album]
            return list(await self._bot.send_media_group(chat, media))

        return request

    async def _text(
        self, letter: Letter, marked: str, buttons: InlineKeyboardMarkup | None
    ) -> None:
        parts = pieces(marked)
        for number, text in enumerate(parts):
            beneath = buttons if number == len(parts) - 1 else None
            request = self.line(letter.chat, text, beneath)
            await self._outbox.send(
                letter.record, f"text-{number}", request, WhenInDoubt.SEND_AGAIN
            )

    def line(
        self,
        chat: int,
        text: Text,
        buttons: InlineKeyboardMarkup | None = None,
        *,
        silent: bool = False,
    ) -> Callable[[bool], Awaitable[list[Posted]]]:
        """A request for one text; it says so when it may be a repetition."""

        async def request(repeated: bool) -> list[Posted]:
            said = text.after(self._again) if repeated else text
            said = said if said.length <= MESSAGE_LIMIT else text
            sent = await self._bot.send_message(
                chat,
                said.plain,
                entities=said.entities,
                reply_markup=buttons,
                link_preview_options=NO_PREVIEW,
                disable_notification=silent,
            )
            return [sent]

        return request

    async def _file(
        self,
        letter: Letter,
        name: str,
        file: File,
        caption: Text,
        buttons: InlineKeyboardMarkup | None,
        *,
        shown: bool,
    ) -> None:
        """A picture or a file, in the place of its caption."""
        # What follows a message need not ring once more.
        place = self.line(letter.chat, caption, silent=name.startswith(FOLLOWING))

        def put(media: Media) -> Callable[[int], Awaitable[object]]:
            async def content(message_id: int) -> object:
                return await self._bot.edit_message_media(
                    media, letter.chat, message_id, reply_markup=buttons
                )

            return content

        document = put(_document(file, caption))
        if not shown:
            await self._outbox.fill(letter.record, name, place, document)
            return
        try:
            await self._outbox.fill(letter.record, name, place, put(_photo(file, caption)))
        except MessageGone:
            raise
        except PlatformRefused:  # not a picture by Telegram's lights: too narrow, too large
            await self._outbox.fill(letter.record, name, place, document)


def _albums(pictures: Sequence[File]) -> list[Sequence[File]]:
    """Two to ten in each, as even as can be."""
    count = -(-len(pictures) // ALBUM)
    size = -(-len(pictures) // count)
    return [pictures[begin : begin + size] for begin in range(0, len(pictures), size)]


def _photo(file: File, caption: Text) -> InputMediaPhoto:
    attachment, content = file
    return InputMediaPhoto(
        content,
        caption=caption.plain,
        caption_entities=caption.entities,
        filename=attachment.name,
    )


def _document(file: File, caption: Text) -> InputMediaDocument:
    attachment, content = file
    return InputMediaDocument(
        content,
        filename=attachment.name,
        caption=caption.plain,
        caption_entities=caption.entities,
        disable_content_type_detection=True,
    )
