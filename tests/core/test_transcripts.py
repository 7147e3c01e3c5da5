"""Whole conversations as data: what happens, where that leads, and how each message begins."""

from __future__ import annotations

import pytest

from bot.conversation import Conversation
from bot.effects import Erase, Farewell, MakeHeadshots
from bot.events import HeadshotsMade
from bot.model import Headshot, PhotoProblem
from bot.states import (
    Checking,
    Choosing,
    Confirming,
    Consenting,
    Delivered,
    Erasing,
    Idle,
    Making,
    Waiting,
)
from bot.terms import Terms
from tests.core.following import Line, follow
from tests.core.play import EVERYTHING, HOSTED, LIKENESS, Play

Q1 = "**1 of 3. Is this photo of you"
Q2 = "**2 of 3. Will you use"
Q3 = "**3 of 3. This is the exact picture I'd use. Shall I"
Q3_HOSTED = "**3 of 3. This is the exact picture I'd use. Where"
LOOK = "**Thanks. That's recorded.** Receipt CR-"
CHECKING, CHECKED = "Checking your photo on", "I've checked your photo."
MADE, STOPPED = "Your headshots are made.", "Stopped."
RESULTS = "**Your 4 headshots are ready.**"

TO_Q3: tuple[Line, ...] = (
    ("selfie", Consenting, (Q1,)),
    ("tap yes", Consenting, (Q2,)),
    ("tap yes", Checking, (CHECKING,)),
    ("finish", Consenting, (CHECKED, Q3)),
)
AGREED: tuple[Line, ...] = (("tap here", Checking, ()), ("finish", Choosing, (LOOK,)))
TO_MAKING: tuple[Line, ...] = (
    *TO_Q3,
    *AGREED,
    ("tap navy", Making, ()),
)
TO_DELIVERED: tuple[Line, ...] = (*TO_MAKING, ("finish", Delivered, (MADE, RESULTS)))

TRANSCRIPTS: dict[str, tuple[Line, ...]] = {
    "from hello to headshots": (
        ("write hello", Idle, ("Hi, I'm WorkShot. I'm an automated AI service",)),
        ("write /new", Idle, ("Please send me one selfie",)),
        *TO_DELIVERED,
    ),
    "everything typed": (
        ("selfie", Consenting, (Q1,)),
        ("write Yes!", Consenting, (Q2,)),
        ("write 1", Checking, (CHECKING,)),
        ("write how long?", Checking, ("I'm checking your photo.",)),
        ("finish", Consenting, (CHECKED, Q3)),
        ("write use this picture", Checking, ()),
        ("finish", Choosing, (LOOK,)),
        ("write office", Making, ()),
        ("write are you done?", Making, ("I'm still making your headshots",)),
        ("finish", Delivered, (MADE, RESULTS)),
        ("write I\N{RIGHT SINGLE QUOTATION MARK}m done", Delivered, ("I've erased the picture",)),
    ),
    "no to question 1": (("selfie", Consenting, (Q1,)), ("tap no", Erasing, ())),
    "no to question 2": (*TO_Q3[:2], ("tap no", Erasing, ())),
    "erase at question 3": (*TO_Q3, ("tap erase", Erasing, ())),
    "a different photo at question 3": (
        *TO_Q3,
        ("tap different", Waiting, ("Please send me another photo.",)),
        ("write /status", Waiting, ("I'm waiting for a selfie.",)),
        ("write hm", Waiting, ("Send me a selfie to begin",)),
        ("selfie", Consenting, (Q1,)),
        ("tap yes", Checking, (CHECKING,)),
    ),
    "a photo that replaces another": (
        ("selfie", Consenting, (Q1,)),
        ("selfie", Consenting, ("I'll use this photo instead.", Q1)),
        ("tap yes", Consenting, (Q2,)),
        ("selfie", Consenting, ("I'll use this photo instead.", Q1)),
    ),
    "a photo while the other is checked": (
        *TO_Q3[:3],
        ("selfie", Checking, ("One photo at a time.",)),
        ("write /new", Waiting, ("Please send me another photo.",)),
        ("finish", Waiting, ()),
    ),
    "a photo that the platform lost": (
        *TO_Q3[:3],
        ("lose", Waiting, (CHECKED, "I couldn't get the photo from the chat.")),
    ),
    "cancelled while making": (*TO_MAKING, ("tap cancel", Erasing, ())),
    "cancelled in words while making": (*TO_MAKING, ("write cancel", Erasing, ())),
    "cancelled while making more": (
        *TO_DELIVERED,
        ("tap again", Choosing, ("Pick another background.",)),
        ("tap grey", Making, ()),
        ("tap cancel", Delivered, ("Stopped. I've let go of the photo.",)),
    ),
    "failed and tried again": (
        *TO_MAKING,
        ("fail", Choosing, (STOPPED, "I couldn't make your headshots", "Pick another")),
        ("tap warm", Making, ()),
        ("finish", Delivered, (MADE, RESULTS)),
    ),
    "refused by the provider": (
        *TO_MAKING,
        ("fail turned-away", Waiting, (STOPPED, "Your face is turned too far")),
    ),
    "another background, then done": (
        *TO_DELIVERED,
        ("tap again", Choosing, ("Pick another background.",)),
        ("tap charcoal", Making, ()),
        ("finish", Delivered, (MADE, RESULTS)),
        ("tap done", Delivered, ("I've erased the picture I worked from.",)),
        ("write /new", Delivered, ("Please send me one selfie",)),
        ("selfie", Consenting, (Q1,)),
    ),
    "a copy of the data": (
        ("write /mydata", Idle, ("I hold no photo and no answers",)),
        *TO_DELIVERED,
        ("write /mydata", Delivered, ("I'm gathering a copy",)),
        ("finish", Delivered, ("Here is a copy of what I hold",)),
        ("wait 3600", Delivered, ("I've erased the picture I worked from",)),
    ),
    "stop without headshots": (*TO_Q3, ("write /stop", Erasing, ())),
    "stop with headshots": (
        *TO_DELIVERED,
        ("write stop", Delivered, ("You've withdrawn your consent. I've let go",)),
        ("selfie", Consenting, (Q1,)),
        ("tap yes", Consenting, (Q2,)),
    ),
    "time passes": (
        *TO_DELIVERED,
        ("wait 3600", Delivered, ("I've erased the picture I worked from, as promised.",)),
        ("write /status", Delivered, ("Your headshots are ready. I erase them in about 23 hours",)),
        ("wait 82800", Erasing, ()),
        ("erased", Idle, ()),
        ("write /status", Idle, ("I hold no photo and no answers",)),
    ),
    "left unfinished": (("selfie", Consenting, (Q1,)), ("wait 86400", Erasing, ())),
    "only a word": (("write hi", Idle, ("Hi, I'm WorkShot.",)), ("wait 86400", Erasing, ())),
    "delete, then keep": (
        *TO_Q3,
        ("write /delete", Confirming, ("**Erase everything I hold about you?**",)),
        ("tap erase-keep", Consenting, ("Nothing was erased.", Q3)),
        *AGREED,
    ),
    "delete while the photo is checked": (
        *TO_Q3[:3],
        ("write /delete", Confirming, ("**Erase everything I hold about you?**",)),
        ("finish", Confirming, (CHECKED, Q3, "**Erase everything I hold about you?**")),
        ("write no", Consenting, ("Nothing was erased.", Q3)),
    ),
    "delete, then on with the question before": (
        *TO_Q3[:1],
        ("write /delete", Confirming, ("**Erase everything I hold about you?**",)),
        ("write hm", Consenting, ("I didn't understand that.", Q1)),
    ),
    "delete when there is nothing": (
        ("write /delete", Confirming, ("**Erase everything I hold about you?**",)),
        ("tap erase-yes", Erasing, ()),
        ("write hello?", Erasing, ()),
        ("erased", Idle, ()),
    ),
    "commands at any time": (
        *TO_Q3[:1],
        ("write /help", Consenting, ("Send me a selfie and I'll guide you", Q1)),
        ("write /privacy", Consenting, ("**Seven straight answers**", Q1)),
        ("write /language", Consenting, ("I speak English so far.", Q1)),
        ("write /start", Consenting, ("A question is open. Here it is again.", Q1)),
        ("write what?", Consenting, ("I didn't understand that.", Q1)),
    ),
    "status at any time": (
        *TO_Q3[:3],
        ("write /status", Checking, ("I'm checking your photo.",)),
        *TO_Q3[3:],
        *AGREED,
        ("write status", Choosing, ("I'm waiting for you to pick", LOOK)),
        ("write hm", Choosing, ("I didn't understand that.", LOOK)),
        ("tap navy", Making, ()),
        ("write /status", Making, ("I'm making your headshots.",)),
    ),
    "earlier headshots go": (
        *TO_DELIVERED,
        ("wait 43200", Delivered, ("I've erased the picture I worked from, as promised.",)),
        ("selfie", Consenting, (Q1,)),
        ("tap yes", Checking, (CHECKING,)),
        ("finish", Consenting, (CHECKED, Q3)),
        ("tap here", Checking, ()),
        ("finish", Choosing, ("Pick another background.",)),
        ("tap grey", Making, ()),
        ("finish", Delivered, (MADE, RESULTS)),
        ("write /status", Delivered, ("Your headshots are ready. I erase them in about 24 hours",)),
        ("wait 3000", Delivered, ()),
        ("wait 40200", Delivered, ("I've erased the picture", "I've erased your earlier")),
    ),
    "an old button": (
        *TO_MAKING[:-1],
        ("old", Choosing, ("That question has changed. Here is where we are.", LOOK)),
        ("tap navy", Making, ()),
        ("old", Making, ("That question has changed.", "I'm making your headshots.")),
    ),
    "somebody leaves": (*TO_Q3, ("leave", Erasing, ())),
}


@pytest.mark.parametrize("lines", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_a_conversation_goes_as_written(lines: tuple[Line, ...]) -> None:
    follow(lines)


@pytest.mark.parametrize("problem", PhotoProblem)
def test_a_photo_that_cannot_be_used_gets_its_tip(problem: PhotoProblem) -> None:
    play = follow(TO_Q3[:3])

    play.fail(problem)

    tip = play.conversation.prompts.text("en", f"photo-{problem.value}")
    assert [message.text for message in play.log[-1].said] == [CHECKED, tip]
    assert isinstance(play.state, Waiting)


@pytest.mark.parametrize(
    ("name", "farewell"),
    [
        ("no to question 1", Farewell.NOT_THEIRS),
        ("no to question 2", Farewell.NOT_PROFESSIONAL),
        ("erase at question 3", Farewell.DECLINED),
        ("cancelled while making", Farewell.DECLINED),
        ("stop without headshots", Farewell.WITHDRAWN),
        ("left unfinished", Farewell.CONVERSATION_EXPIRED),
        ("delete when there is nothing", Farewell.ASKED),
        ("somebody leaves", Farewell.LEFT),
    ],
)
def test_an_erasure_knows_its_last_words(name: str, farewell: Farewell) -> None:
    play = follow(TRANSCRIPTS[name])

    assert [e.farewell for e in play.effects if isinstance(e, Erase)] == [farewell]


def test_with_a_hosted_provider_the_place_is_a_choice() -> None:
    to_q3 = (*TO_Q3[:3], ("finish", Consenting, (CHECKED, Q3_HOSTED)))
    there = follow(
        (
            *to_q3,
            ("tap hosted", Checking, ()),
            ("finish", Choosing, (LOOK,)),
            ("tap grey", Making, ()),
        ),
        HOSTED,
    )
    here = follow(
        (
            *to_q3,
            ("write 2", Checking, ()),
            ("finish", Choosing, (LOOK,)),
            ("tap grey", Making, ()),
        ),
        HOSTED,
    )

    for play, provider in ((there, "hosted"), (here, "local")):
        (order,) = [e for e in play.effects if isinstance(e, MakeHeadshots)]
        assert order.provider == provider


@pytest.mark.parametrize("terms", [LIKENESS, EVERYTHING])
@pytest.mark.parametrize("answer", ["yes", "skip"])
def test_with_the_likeness_check_there_are_four_questions(terms: Terms, answer: str) -> None:
    play = Play(terms)
    while not play.question or not play.question.question.startswith("likeness-"):
        play.agree()

    asked = play.question
    play.tap(answer)
    play.finish()

    assert asked.text.startswith("**4 of 4. May I measure your face")
    assert isinstance(play.state, Choosing)


def headshots_on_own_background(conversation: Conversation | None = None) -> Play:
    """Headshots for which the provider kept the person's own background."""
    play = follow(TO_MAKING, conversation=conversation)
    made = play.result(play.work.pop())
    assert isinstance(made, HeadshotsMade)
    shots = tuple(Headshot(shot.photo, shot.format, "own") for shot in made.headshots)
    play.do(HeadshotsMade(made.order, shots))
    return play


def test_headshots_on_the_persons_own_background_say_why() -> None:
    text = headshots_on_own_background().log[-1].said[-1].text

    assert text.startswith(RESULTS)
    assert "try a photo in front of a plain wall." in text
