"""What a message offers: words, a photo, or something that is no use here.

A photo may come as a photo (sizes that Telegram has made), or as a file, which is better: it is the
original. Whether a file really is a picture only its first bytes say, and those are not fetched
before the person has agreed; until then its announced type or its name must do. Phones announce
wrongly: an iPhone sends photos as ``application/octet-stream``.
"""

from __future__ import annotations

from pathlib import PurePath

from bot.events import Event, SelfieSent, SelfieUnfit, Wrote
from bot.model import PhotoProblem, SelfieRef
from handlers.telegram.bot_api import DOWNLOAD_LIMIT, LIMIT_MB
from handlers.telegram.updates import Document, Message

UNTOLD = ("", "application/octet-stream", "binary/octet-stream")
"""Types that say nothing."""
ENDINGS = frozenset(
    {"", ".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif"}
)


def event_of(message: Message) -> Event | None:
    """What the person did; None when a service of Telegram's says something."""
    if message.text is not None:
        return Wrote(_clean(message.text))
    if message.photo:
        # The sizes come in no particular order.
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return _offered(message, largest.file_id, largest.file_size)
    if message.animation is not None:  # which is announced as a document as well
        return SelfieUnfit(PhotoProblem.ANIMATED, LIMIT_MB, _clean(message.caption))
    if message.document is not None:
        if not _may_be_a_picture(message.document):
            return SelfieUnfit(PhotoProblem.NOT_AN_IMAGE, LIMIT_MB, _clean(message.caption))
        return _offered(message, message.document.file_id, message.document.file_size)
    return Wrote(_clean(message.caption)) if message.is_something_else else None


def _offered(message: Message, file_id: str, size: int) -> Event:
    caption = _clean(message.caption)
    if size > DOWNLOAD_LIMIT:
        return SelfieUnfit(PhotoProblem.TOO_BIG, LIMIT_MB, caption)
    return SelfieSent(SelfieRef(file_id), caption, more=bool(message.media_group_id))


def _may_be_a_picture(document: Document) -> bool:
    kind = document.mime_type.casefold()
    if kind in UNTOLD:
        return PurePath(document.file_name).suffix.casefold() in ENDINGS
    return kind.startswith("image/")


def _clean(text: str) -> str:
    """Without halves of characters, which cannot be written down."""
    return text.encode("utf-8", "replace").decode()
