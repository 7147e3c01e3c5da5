"""What the fake Replicate can be told to do, and what it remembers of a prediction."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

from PIL import Image

# Whatever JSON the API speaks.
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """Answer with this status instead."""

    status: int
    retry_after: float | None = None
    accepted: bool = False
    """Whether the prediction was made all the same."""


@dataclass(frozen=True)
class Cut:
    """Close the connection without an answer."""

    accepted: bool = True


@dataclass(frozen=True)
class Hang:
    """Never answer."""

    accepted: bool = True


@dataclass(frozen=True)
class Garbage:
    """Accept, and answer with something that nobody can read."""

    body: bytes = b"<html>"
    accepted: bool = True


Fault: TypeAlias = Answer | Cut | Hang | Garbage


@dataclass(frozen=True)
class Outcome:
    """How a prediction goes."""

    status: str = "succeeded"
    error: str | None = None
    polls: int = 1
    """How often it is asked for before it ends."""
    output: str = "picture"
    """``picture``, ``none``, ``foreign``, ``text``, ``huge``, ``broken``, ``gone`` or ``flaky``."""


ENDLESS = 10**9


@dataclass
class Prediction:
    """One that was paid for."""

    id: str
    model: str
    input: Json
    outcome: Outcome
    created_at: datetime
    deadline: str | None
    polls: int = 0
    status: str = "starting"
    cancelled: bool = False
    removed: bool = False
    hidden: bool = False
    """Left out of lists."""

    @property
    def seed(self) -> int:
        return int(self.input["seed"])

    @property
    def ended(self) -> bool:
        return self.status in {"succeeded", "failed", "canceled", "aborted"}


@cache
def plain_picture(width: int, height: int) -> bytes:
    """A PNG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (120, 130, 140)).save(out, "PNG")
    return out.getvalue()


def pictured(given: Mapping[str, Any]) -> bytes:
    """A PNG of the shape that was asked for."""
    ratios = {"1:1": (1024, 1024), "4:5": (896, 1120), "3:4": (864, 1152)}
    known = ratios.get(str(given.get("aspect_ratio")), (512, 512))
    return plain_picture(given.get("width", known[0]), given.get("height", known[1]))
