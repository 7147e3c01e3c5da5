"""Every error this product raises on purpose, by what to do about it.

    BotError
    ├── SettingsError            whoever runs the bot must fix something; raised at start only
    ├── PlatformError
    │   ├── PlatformUnavailable    try again, after `retry_after` when given
    │   ├── PlatformRefused        never try again: it will not take this, however often
    │   ├── PersonUnreachable      stop and erase: they blocked the bot or left
    │   └── SelfieGone             the platform no longer has the photo
    ├── ProviderError
    │   ├── ProviderUnavailable    try again, then fall back
    │   ├── ProviderRefused        never try again with this photo; carries the `PhotoProblem`
    │   └── OrderLost              the ticket means nothing here any more: start the order again
    ├── NotApproved              this picture is not the one that was agreed to; never use it
    ├── PhotoGone                the vault no longer has it (erased, expired)
    └── ErasureIncomplete        something is still there; never say that it is gone

Outcomes people expect (no face found, they said no) are values in `bot.model`, not exceptions.
People read `bot.wording` only, never ``str(error)``. Messages carry ids and class names: never
names, texts, file names, URLs or bytes.
"""

from __future__ import annotations

from bot.model import PhotoProblem


class BotError(Exception):
    """Root of the tree."""


class SettingsError(BotError):
    """The bot cannot start; the text lists everything that must be fixed, a line each."""


class PlatformError(BotError):
    """A chat platform did not do what we asked."""


class PlatformUnavailable(PlatformError):
    """Try again later."""

    def __init__(self, text: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        """Seconds the platform asked us to wait, if it did."""


class PlatformRefused(PlatformError):
    """What we asked for is not to be had, however often we ask."""


class PersonUnreachable(PlatformError):
    """The person blocked the bot or left."""


class SelfieGone(PlatformError):
    """The platform no longer has the photo."""


class ProviderError(BotError):
    """A headshot provider did not do what we asked."""


class ProviderUnavailable(ProviderError):
    """Try again later, then fall back."""

    def __init__(self, text: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class ProviderRefused(ProviderError):
    """This photo will not work, here or elsewhere."""

    def __init__(self, problem: PhotoProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class OrderLost(ProviderError):
    """The provider does not know this ticket; nothing was paid, start again."""


class NotApproved(BotError):
    """The picture is not the one that its person agreed to."""


class PhotoGone(BotError):
    """The vault has no such photo."""


class ErasureIncomplete(BotError):
    """A holder still has something of this person, or cannot prove that it has not."""

    def __init__(self, text: str = "", *, counts: dict[str, int] | None = None) -> None:
        super().__init__(text)
        self.counts = counts or {}
        """What this attempt has erased all the same, as in `Erased`."""
