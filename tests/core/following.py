"""Conversations written down as lines, and what plays them.

A line is (what happens, the state after it, the beginnings of everything that is said). What
happens is written as ``tap yes``, ``write /delete``, ``selfie``, ``finish`` (the work comes to a
good end) or ``finish badge`` (the look at the photo leaves that doubt), ``fail`` or ``fail
blurred`` (it does not), ``lose`` (the platform has no photo), ``wait 3600`` (seconds), ``erased``
(the erasure is complete), ``leave``, and ``old`` (a tap on the very first button).
"""

from __future__ import annotations

from typing import TypeAlias

from bot.conversation import Conversation
from bot.effects import CheckPhoto
from bot.events import PersonLeft, SelfieLost
from bot.model import PhotoProblem
from bot.policy import Doubt
from bot.states import State
from bot.terms import Terms
from tests.core.play import LOCAL, Play

Line: TypeAlias = tuple[str, type[State], tuple[str, ...]]


def happen(play: Play, what: str) -> None:
    """Make what a line says happen."""
    verb, _, rest = what.partition(" ")
    match verb:
        case "tap":
            play.tap(rest)
        case "write":
            play.write(rest)
        case "fail":
            play.fail(PhotoProblem(rest) if rest else None)
        case "finish" if play.work:
            play.finish(*map(Doubt, rest.split()))
        case "wait":
            play.wait(float(rest))
        case "selfie":
            play.selfie()
        case _:
            _happen_outside(play, verb)


def _happen_outside(play: Play, verb: str) -> None:
    match verb:
        case "finish":
            play.do(play.result(play.late.pop()))
        case "erased":
            play.erased()
        case "old":
            play.do(play.taps[0])
        case "leave":
            play.do(PersonLeft())
        case _:
            work = play.work.pop()
            assert isinstance(work, CheckPhoto)
            play.do(SelfieLost(work.selfie))


def follow(
    lines: tuple[Line, ...], terms: Terms = LOCAL, conversation: Conversation | None = None
) -> Play:
    """Play the lines, and check where each one leads and what is said."""
    play = Play(terms, conversation)
    for what, state, beginnings in lines:
        before = len(list(play.said))
        happen(play, what)
        said = [message.text for message in play.said][before:]
        assert type(play.state) is state, what
        starts = [text[: len(words)] for text, words in zip(said, beginnings, strict=False)]
        assert (starts, len(said)) == (list(beginnings), len(beginnings)), what
    return play
