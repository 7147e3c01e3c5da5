"""Our texts as Telegram shows them: plain text with marked stretches, cut to Telegram's lengths.

Bold is sent as entities rather than as a markup language: then nothing in a text can be taken for
markup, so nothing needs escaping and nothing can fail to parse. Telegram counts in UTF-16 units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from telegram import MessageEntity

MESSAGE_LIMIT = 4096
CAPTION_LIMIT = 1024
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_BREAKS = ("\n\n", "\n", ". ", " ")
"""Where a long text is cut, best first."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text without markup, and which stretches of it are bold (by character)."""

    plain: str
    bold: tuple[tuple[int, int], ...] = ()

    @property
    def length(self) -> int:
        """As Telegram counts it."""
        return units(self.plain)

    @property
    def entities(self) -> list[MessageEntity]:
        return [
            MessageEntity(
                MessageEntity.BOLD,
                offset=units(self.plain[:begin]),
                length=units(self.plain[begin:end]),
            )
            for begin, end in self.bold
        ]

    def cut(self, begin: int, end: int) -> Text:
        """A piece of it, without space around it."""
        piece = self.plain[begin:end]
        begin += len(piece) - len(piece.lstrip())
        end = begin + len(piece.strip())
        inside = ((max(a, begin), min(b, end)) for a, b in self.bold)
        bold = tuple((a - begin, b - begin) for a, b in inside if a < b)
        return Text(self.plain[begin:end], bold)

    def after(self, words: str) -> Text:
        """The same text with a paragraph before it."""
        before = len(words) + 2
        bold = tuple((begin + before, end + before) for begin, end in self.bold)
        return Text(f"{words}\n\n{self.plain}", bold)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read(marked: str) -> Text:
    """Our markup: ``**bold**`` and nothing else."""
    plain, bold, last = "", [], 0
    for found in _BOLD.finditer(marked):
        plain += marked[last : found.start()]
        bold.append((len(plain), len(plain) + len(found[1])))
        plain += found[1]
        last = found.end()
    return Text(plain + marked[last:], tuple(bold))


def pieces(marked: str, limit: int = MESSAGE_LIMIT) -> list[Text]:
    """A text in as few messages as it takes, cut where it hurts least."""
    text = read(marked)
    return [piece for piece in _cut(text, limit) if piece.plain] or [text]


def _cut(text: Text, limit: int) -> Iterator[Text]:
    while text.length > limit:
        place = _place(text.plain, limit)
        yield text.cut(0, place)
        text = text.cut(place, len(text.plain))
    yield text.cut(0, len(text.plain))


def _place(plain: str, limit: int) -> int:
    """Where to cut: at a break in the second half of what fits, or where it ends."""
    end = limit
    while units(plain[:end]) > limit:  # characters outside the basic plane count twice
        end -= max(1, (units(plain[:end]) - limit) // 2)
    for mark in _BREAKS:
        found = plain.rfind(mark, end // 2, end)
        if found > 0:
            return found + len(mark)
    return end
