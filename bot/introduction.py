"""What a platform shows of the bot before anybody has written: its profile, its list of commands.

Chat platforms ask for this at start and show it by themselves. With it come the few sentences that
an adapter says where no conversation is: in a group, and before a message that may be a repetition.
"""

from __future__ import annotations

from bot.model import Value
from bot.prompts import Prompts
from bot.reading import Command
from bot.wording import DEFAULT

LISTED = tuple(command for command in Command if command is not Command.DELETE_NOW)
"""The commands in the order in which people see them."""


class Introduction(Value, frozen=True):
    """Plain texts, in the default language."""

    about: str
    """One line, 120 characters at most."""
    description: str
    """What an empty chat shows, 512 characters at most."""
    commands: tuple[tuple[str, str], ...]
    """Each name, without the slash, and what it does."""
    private_only: str
    """Said in a group, before leaving it."""
    again: str
    """Said before a message that may have arrived already."""


def introduction(prompts: Prompts) -> Introduction:
    """The texts under the terms of this installation."""

    def text(text_id: str) -> str:
        return prompts.text(DEFAULT, text_id)

    return Introduction(
        about=text("intro-about"),
        description=text("intro-description"),
        commands=tuple((one.value, text(f"command-{one.value}")) for one in LISTED),
        private_only=text("private-only"),
        again=text("said-again"),
    )
