"""Buttons under a message, and what a tap on one brings back.

A button carries ``v1:<verb>:<question>``: all that the core needs, so that nothing has to be
remembered here. Telegram takes 64 bytes; the core's own tests hold its questions to that. Whatever
else comes back (an old format, something forged) becomes a reply that no question waits for, and
the core answers it like any button that is out of date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.events import Replied
from bot.model import Choice, Style

VERSION = "v1"
DATA_LIMIT = 64
SIDE_BY_SIDE = 2
SHORT = 15
"""Characters of a label that fits beside another one on a phone."""
TICK = "\N{CHECK MARK} "
SPENT = f"{VERSION}::"
"""Carried by the mark that shows what was tapped; a tap on it means nothing."""
_OUTDATED = Replied("", "outdated")


def keyboard(choices: Sequence[Choice], question: str) -> InlineKeyboardMarkup | None:
    """The buttons; None for a message that asks nothing."""
    if not choices:
        return None
    return InlineKeyboardMarkup(
        [[_button(choice, question) for choice in row] for row in _rows(choices)]
    )


def tapped(label: str) -> InlineKeyboardMarkup:
    """What stands in place of the buttons once one was tapped."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(TICK + label, callback_data=SPENT)]])


def reply(data: str) -> Replied:
    """What a tap means."""
    version, _, rest = data.partition(":")
    verb, _, question = rest.partition(":")
    return Replied(verb, question) if version == VERSION and verb and question else _OUTDATED


def _button(choice: Choice, question: str) -> InlineKeyboardButton:
    data = f"{VERSION}:{choice.verb}:{question}"
    if len(data.encode()) > DATA_LIMIT:
        raise ValueError(f"the answer {choice.verb} does not fit into a button")
    style = KeyboardButtonStyle.DANGER if choice.style is Style.DANGER else None
    return InlineKeyboardButton(choice.label, callback_data=data, style=style)


def _rows(choices: Sequence[Choice]) -> Iterator[list[Choice]]:
    """Two short answers side by side, a long one in a row of its own, in order."""
    row: list[Choice] = []
    for choice in choices:
        short = len(choice.label) <= SHORT
        if row and (not short or len(row) == SIDE_BY_SIDE):
            yield row
            row = []
        row.append(choice)
        if not short:
            yield row
            row = []
    if row:
        yield row
