"""Messages as Block Kit, and back again: what a tap brings.

Pure. Text is escaped before it is marked up, so that nothing in it becomes a link, a mention or a
channel. Every message has a fallback text and every picture an alternative text. Commands are
spelled as Slack knows them. https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import msgspec

from bot.events import Replied
from bot.model import Choice, Message, Style

Block: TypeAlias = dict[str, Any]

MOST_TEXT = 3000
"""Characters of one section."""
MOST_LABEL = 75
MOST_FALLBACK = 4000
CHOICES = "choices"
"""Id of the block with the buttons."""
CHOICE = "choice:"
"""How the ids of their actions begin."""

_COMMAND = re.compile(
    r"(?<![\w/])/(start|help|new|status|cancel|privacy|mydata|language|stop|delete)\b"
)
_BOLD = re.compile(r"\*\*(.+?)\*\*")


class Answer(msgspec.Struct, frozen=True):
    """What a button carries; short names, because Slack limits it."""

    v: str
    q: str


def spelled(text: str) -> str:
    """Commands as they are typed in Slack, where short names may belong to other apps."""
    return _COMMAND.sub(r"/headshot \1", text)


def escaped(text: str) -> str:
    """https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """What somebody typed, as they typed it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def marked_up(text: str) -> str:
    """A text of ours as Slack's markup."""
    return _BOLD.sub(r"*\1*", escaped(spelled(text)))


def fallback(text: str) -> str:
    """A text of ours where nothing is drawn: notifications, and screen readers."""
    return _BOLD.sub(r"\1", escaped(spelled(text)))[:MOST_FALLBACK]


def section(text: str) -> Block:
    """A paragraph."""
    shown = marked_up(text)[:MOST_TEXT]
    return {"type": "section", "text": {"type": "mrkdwn", "text": shown, "verbatim": True}}


def sections(text: str) -> list[Block]:
    """Paragraphs, a block each."""
    return [section(one) for one in re.split(r"\n\s*\n", text) if one.strip()]


def button(choice: Choice, action: str, value: str) -> Block:
    """One choice."""
    label = {"type": "plain_text", "text": choice.label[:MOST_LABEL], "emoji": False}
    drawn: Block = {"type": "button", "action_id": action, "text": label, "value": value}
    if choice.style is Style.DANGER:
        drawn["style"] = "danger"
    return drawn


def choices(message: Message) -> list[Block]:
    """The buttons of a message; none when it has no choices."""
    buttons = [
        button(
            choice,
            f"{CHOICE}{number}",
            msgspec.json.encode(Answer(choice.verb, message.question)).decode(),
        )
        for number, choice in enumerate(message.choices)
    ]
    return [{"type": "actions", "block_id": CHOICES, "elements": buttons}] if buttons else []


def drawn(message: Message) -> list[Block]:
    """A message with its choices."""
    return [*sections(message.text), *choices(message)]


def closed(text: str, chosen: str = "") -> list[Block]:
    """A message whose choices cannot be tapped any more, with what was chosen."""
    picked = {"type": "mrkdwn", "text": f"\u2713 {escaped(chosen)}", "verbatim": True}
    context = [{"type": "context", "elements": [picked]}] if chosen else []
    return [*sections(text), *context]


def answer(value: str) -> Replied | None:
    """What was tapped; None for what no button of ours carries."""
    try:
        given = msgspec.json.decode(value, type=Answer)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None
    return Replied(given.v, given.q)
