"""What a typed text means: a command, one of the open choices, or neither.

Pure. The same for every platform, so that typing works wherever tapping does. Handlers pass texts
on as they are; a slash command of a platform arrives here as the text it stands for.
"""

from __future__ import annotations

from enum import StrEnum

from bot.model import Choice
from bot.wording import Wording


class Command(StrEnum):
    """Everything a person can ask for at any time."""

    START = "start"
    HELP = "help"
    NEW = "new"
    STATUS = "status"
    CANCEL = "cancel"
    PRIVACY = "privacy"
    MYDATA = "mydata"
    LANGUAGE = "language"
    STOP = "stop"
    DELETE = "delete"
    DELETE_NOW = "delete now"


SPOKEN = {
    "words-hello": Command.START,
    "words-help": Command.HELP,
    "words-cancel": Command.CANCEL,
    "words-stop": Command.STOP,
    "words-status": Command.STATUS,
    "words-privacy": Command.PRIVACY,
    "words-delete": Command.DELETE,
}
"""Lists of plain words that mean a command."""

AGREEING = frozenset({"yes", "here", "hosted", "start", "erase-yes", "mine", "anyway"})
REFUSING = frozenset({"no", "skip", "erase-keep"})


def _plain(text: str) -> str:
    """Without what does not change the meaning; phones type curly apostrophes."""
    return " ".join(text.split()).casefold().replace("\u2019", "'").rstrip("!.")


def command(text: str, wording: Wording, language: str) -> Command | None:
    """The command a text asks for: ``/delete``, ``/delete@bot now``, or the plain word."""
    said = _plain(text)
    if said.startswith("/"):
        name, _, rest = said[1:].partition(" ")
        name = name.partition("@")[0]
        if name == "delete" and rest == "now":
            return Command.DELETE_NOW
        return next((known for known in Command if known.value == name), None)
    for text_id, known in SPOKEN.items():
        if said in wording.words(language, text_id):
            return known
    return None


def choice(text: str, choices: tuple[Choice, ...], wording: Wording, language: str) -> str | None:
    """The verb of the choice a text means: its number, its label, or a plain yes or no."""
    said = _plain(text)
    if said.isdecimal() and len(said) == 1 and 1 <= int(said) <= len(choices):
        return choices[int(said) - 1].verb
    for one in choices:
        if said in {_plain(one.label), one.verb}:
            return one.verb
    for words, verbs in (("words-yes", AGREEING), ("words-no", REFUSING)):
        if said in wording.words(language, words):
            meant = [one.verb for one in choices if one.verb in verbs]
            return meant[0] if len(meant) == 1 else None
    return None
