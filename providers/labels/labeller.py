"""Labels headshots: metadata packet first, signed record last. Satisfies `bot.finishers.Labeller`.

Milliseconds of work and a private key: a thread of the bot's own process, not a worker, which is
where other people's pictures are decoded and no key should be.
"""

from __future__ import annotations

import asyncio
import io

from PIL import Image

from bot.disclosure import Disclosure, Source
from bot.errors import ProviderUnavailable, SettingsError
from providers.labels.certificates import Credentials
from providers.labels.embedding import NotAPicture, embed, kind
from providers.labels.packet import packet
from providers.labels.signing import CannotSign, Pen


class Unlabelled(ProviderUnavailable):
    """A file could not be labelled, so it must not be handed over."""


class FileLabeller:
    """Labels JPEG, PNG and WebP files."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    async def label(self, photo: bytes, disclosure: Disclosure, origin: bytes = b"") -> bytes:
        """The same pixels, labelled and signed. Raises `Unlabelled`."""
        return await asyncio.to_thread(self.write, photo, disclosure, origin)

    def write(self, photo: bytes, disclosure: Disclosure, origin: bytes = b"") -> bytes:
        """The same without an event loop; blocks for a few milliseconds."""
        try:
            described = embed(photo, packet(disclosure))
            return self._pen.sign(described, kind(photo), disclosure, origin)
        except (NotAPicture, CannotSign) as error:
            raise Unlabelled(type(error).__name__) from error


def open_labeller(credentials: Credentials, timestamps: str = "") -> FileLabeller:
    """A labeller that has proved once that it can sign. Raises `SettingsError`.

    The library refuses a chain only when it signs; the operator should hear of it at the start.
    """
    try:
        FileLabeller(Pen(credentials)).write(_speck(), _TRIAL)
        return FileLabeller(Pen(credentials, timestamps))
    except (Unlabelled, CannotSign) as error:
        raise SettingsError(
            "LABEL_CERTIFICATE, LABEL_KEY: the chain cannot sign labels; check that it is valid "
            "today, that a root other than the signer signed it, and that it is meant for "
            "e-mail protection or document signing (and check this machine's clock)"
        ) from error


_TRIAL = Disclosure(Source.COMPOSITE, "nobody", "A trial.")


def _speck() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    return out.getvalue()
