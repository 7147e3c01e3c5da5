"""What this installation offers and promises: the facts that every question and answer rests on.

Terms are a value: settings are read once at start and become this. Its `version` is a hash of
the facts that matter to consent, so that a changed promise (another recipient, a longer
retention) makes every earlier answer outdated and the question is asked again.
"""

from __future__ import annotations

import hashlib

import msgspec

from bot.model import Value

HOUR = 3600


class Hosted(Value, frozen=True):
    """A hosted provider as consent must name it."""

    provider: str
    """The `HeadshotProvider.name`."""
    recipient: str
    """Who receives the crop, in words: ``Replicate, Inc.``."""
    country: str
    processors: tuple[str, ...] = ()
    """Who else gets it there: the maker of the model."""


class Terms(Value, frozen=True):
    """Facts about this installation."""

    bot: str = "WorkShot"
    controller: str = "the operator of this bot"
    contact: str = ""
    """Privacy e-mail address; empty when the operator gave none."""
    host: str = "this machine"
    """Who runs the server, in words."""
    carriers: tuple[str, ...] = ()
    """Chat services that carry our messages, by name."""
    local_provider: str = "local"
    hosted: Hosted | None = None
    likeness: bool = False
    """Whether the likeness check is installed, so that question 4 is real."""
    looks: tuple[str, ...] = ()
    variants: int = 4
    photo_seconds: int = HOUR
    headshot_seconds: int = 24 * HOUR
    conversation_seconds: int = 24 * HOUR
    slow_seconds: int = 45
    """After how long the person is asked what to do about a hosted order."""
    admitted: bool = True
    """Whether headshots are made for the person who is spoken to; see `bot.workspace_policy`."""
    daily: int = 0
    """Orders that a person may give in a day; 0: any number."""

    @property
    def version(self) -> str:
        """Eight hex digits that change when something changes that consent depends on."""
        facts = (
            self.controller,
            self.contact,
            self.host,
            self.hosted,
            self.likeness,
            self.photo_seconds,
            self.headshot_seconds,
        )
        return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:8]
