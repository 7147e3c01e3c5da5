"""The ports of a finished headshot: who judges it, paints a badge on it, labels it.

As in `bot.ports`: adapters implement these without inheriting from them, and `bot.finishing` is who
asks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.disclosure import Disclosure
from bot.model import Made, Verdict


class Judge(Protocol):
    """Looks at headshots on this machine before anybody sees them: do they show the person?"""

    async def judge(
        self, source: bytes, made: Sequence[Made], *, likeness: bool
    ) -> Sequence[Verdict]:
        """A verdict for each, in order. `source` is the picture they were made from.

        With `likeness`, to which the person must have agreed, faces are measured and compared as
        well; the measurements end with the call. Raises `ProviderUnavailable` when nobody could
        look at them now.
        """
        ...


class Painter(Protocol):
    """Puts a few words into a picture, for people to see."""

    async def paint(self, photo: bytes, words: str) -> bytes:
        """A copy of the headshot (JPEG) with the words in a corner, clear of the face.

        Raises `ProviderUnavailable`.
        """
        ...


class Labeller(Protocol):
    """Writes into a file what it has to say about itself, so that it is still there elsewhere."""

    async def label(self, photo: bytes, disclosure: Disclosure, origin: bytes = b"") -> bytes:
        """The same pixels in the same kind of file (JPEG, PNG or WebP), labelled and signed.

        `origin` is the picture as another service made it: the signed record in it, if there is
        one that gives nothing away, is kept as the headshot's ancestor. Raises
        `ProviderUnavailable`.
        """
        ...
