"""The task that workers do for this provider; the bot itself needs only its request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec


class Finish(msgspec.Struct, frozen=True):
    """Answered with the headshot as bytes."""

    picture: bytes
    format: str


def open_tasks() -> Mapping[str, Callable[[msgspec.Raw, Callable[[str], None]], object]]:
    """Each task by its name."""
    # Inside the worker only: it loads OpenCV.
    from providers.replicate import picture  # noqa: PLC0415

    def finish(request: msgspec.Raw, _on_stage: Callable[[str], None]) -> bytes:
        asked = msgspec.msgpack.decode(request, type=Finish)
        return picture.finish(asked.picture, asked.format)

    return {"finish": finish}
