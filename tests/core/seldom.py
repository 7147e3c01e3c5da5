"""Conversations that seldom happen: headshots that do not pass or are not the person, a policy."""

from __future__ import annotations

from msgspec.structs import replace

from bot.conversation import Conversation
from bot.events import HeadshotsMade, SelfieWithdrawn
from bot.model import Headshot, PhotoId, SelfieRef
from bot.states import Delivered, Making
from bot.terms import Terms
from bot.wording import Wording
from tests.core.play import FORMATS, LOCAL, LOOKS, Play, sitting_of


def not_me_until_nothing_is_left(play: Play) -> None:
    for _ in range(4):
        play.tap("badge")
        play.finish()
        play.tap("not-me")
        if play.work:
            play.finish()


def everything_left_out(conversation: Conversation, terms: Terms) -> None:
    """Some headshots passed, then none, with every answer to question 4."""
    for verb, passed in (("yes", 3), ("yes", 0), ("skip", 3)):
        play = Play(terms, conversation)
        while not isinstance(play.state, Making):
            asked = play.question.question if play.question else ""
            play.tap(verb) if asked.startswith("likeness") else play.agree()
        for kept in (passed, 0):
            order = str(getattr(play.state, "order", ""))
            shots = [Headshot(PhotoId(f"a/{n}"), kind, "grey") for n, kind in enumerate(FORMATS)]
            play.work.clear()
            play.do(HeadshotsMade(order, tuple(shots[:kept]), FORMATS[kept:]))


def in_a_workspace(wording: Wording) -> None:
    """What is said under a policy, and to somebody who took the photo back."""
    stranger = Play(LOCAL, Conversation(wording, replace(LOCAL, admitted=False)))
    stranger.selfie()
    limited = Play(LOCAL, Conversation(wording, replace(LOCAL, daily=1)))
    while not isinstance(limited.state, Delivered):
        limited.agree()
    limited.tap("again")
    limited.tap(LOOKS[0])
    sitting = sitting_of(limited.state)
    limited.do(SelfieWithdrawn((sitting and sitting.source) or SelfieRef("none")))
