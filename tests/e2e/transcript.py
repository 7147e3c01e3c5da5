"""One visit, from a selfie to the receipt, as it goes on every platform.

A platform's test brings a `Visitor`: a person on that platform, in front of the whole bot. What is
said and handed over must be the same everywhere, whatever `interrupt` does in between (a restart,
events that are delivered again).
"""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from PIL import Image

from bot.receipt import verify
from providers.labels.reading import read

SIZES = [(1200, 1200), (1200, 1500), (1200, 1600), (1200, 1200)]
STATIONS = ("asked", "shown", "making", "delivered", "confirming")
"""Where `interrupt` is called, in order."""

Interrupt = Callable[[str], Awaitable[None]]


class Visitor(Protocol):
    """A person on one platform, and what they see."""

    async def write(self, text: str) -> None: ...

    async def tap(self, label: str) -> None:
        """Tap the newest choice with that label."""
        ...

    async def send_photo(self, photo: bytes) -> None: ...

    async def sees(self, words: str) -> None:
        """Wait until a message contains these words."""
        ...

    async def files(self, words: str) -> Sequence[bytes]:
        """Pictures and files that belong to the newest message with these words, at full size."""
        ...

    async def receipt(self) -> bytes:
        """Wait for the last words; the receipt that came with them."""
        ...


async def nothing_happens(_: str) -> None:
    """No interruption."""


async def visit(
    visitor: Visitor, photo: bytes, interrupt: Interrupt = nothing_happens
) -> dict[str, Any]:
    """Go through everything; returns the body of the receipt after checking it."""
    await visitor.send_photo(photo)
    await visitor.sees("1 of 3")
    await interrupt("asked")
    await visitor.tap("Yes, it's me and I'm 18+")
    await visitor.sees("2 of 3")
    await visitor.write("yes")
    await visitor.sees("3 of 3")
    (crop,) = await visitor.files("3 of 3")
    assert Image.open(io.BytesIO(crop)).format == "JPEG"
    await interrupt("shown")
    await visitor.tap("Use this picture")
    await visitor.sees("Now pick a background")
    await visitor.tap("Deep navy")
    await interrupt("making")
    await visitor.sees("headshots are ready")
    await interrupt("delivered")
    headshots = await visitor.files("headshots are ready")
    assert [Image.open(io.BytesIO(one)).size for one in headshots] == SIZES
    for one in headshots:
        told = read(one)
        assert told.labelled, "the label survives the way through the platform"
        assert any("no generative model" in line for line in told.lines)
    await visitor.write("/delete")
    await visitor.sees("Erase everything I hold")
    await interrupt("confirming")
    await visitor.tap("Erase everything")
    receipt = await visitor.receipt()
    body = verify(receipt, json.loads(receipt)["public_key"])
    assert body["erased"]["photos"] == 5, "the crop and four headshots"
    assert body["keys_destroyed"]
    return body


async def is_asked_about_the_photo(
    visitor: Visitor, photo: bytes, words: str, answer: str
) -> bytes:
    """Up to question 3 with a photo that has something in it.

    The question about it contains `words` and is answered with the choice `answer`. Returns the
    picture of question 3; where the question about the photo showed one, for the first answer it is
    the same, byte for byte.
    """
    await visitor.send_photo(photo)
    await visitor.sees("1 of 3")
    await visitor.tap("Yes, it's me and I'm 18+")
    await visitor.sees("2 of 3")
    await visitor.tap("Yes, only as me")
    await visitor.sees(words)
    proposed = await visitor.files(words)
    await visitor.tap(answer)
    await visitor.sees("3 of 3")
    (crop,) = await visitor.files("3 of 3")
    if answer in {"Blur it", "Crop to me"}:
        assert proposed == [crop]
    return crop
