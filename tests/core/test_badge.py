"""Copies with a visible badge: labelled, named plainly, kept and erased with the others."""

from __future__ import annotations

from bot.effects import AddBadge, ForgetPhotos
from bot.errors import ProviderUnavailable
from bot.events import BadgeAdded, TimeIsUp, Timer
from bot.model import Headshot, PhotoId
from bot.states import Delivered, Making
from tests.core.house import House, until
from tests.core.play import HOSTED, LOCAL, Play
from tests.fakes.labeller import MARK
from tests.fakes.painter import PAINTED


def delivered(play: Play) -> Delivered:
    while not isinstance(play.state, Making):
        play.agree()
    play.finish()
    assert isinstance(play.state, Delivered)
    return play.state


def test_a_badge_is_offered_once() -> None:
    play = Play(LOCAL)
    delivered(play)
    play.tap("badge")
    play.finish()

    assert play.question
    assert "badge" not in {choice.verb for choice in play.question.choices}
    names = [one.name for one in play.log[-1].said[0].attachments]
    assert names[:2] == ["headshot-linkedin-1-ai-badge.jpg", "headshot-resume-2-ai-badge.jpg"]


def test_a_badge_says_what_is_true() -> None:
    words = []
    for terms in (HOSTED, LOCAL):
        play = Play(terms)
        delivered(play)
        play.tap("badge")
        words += [effect.words for effect in play.effects if isinstance(effect, AddBadge)]

    assert words == ["AI-generated", "AI-edited"]


def test_it_is_offered_also_when_the_photo_is_gone() -> None:
    play = Play(LOCAL)
    delivered(play)
    play.tap("done")

    assert play.question
    assert [choice.verb for choice in play.question.choices] == ["badge", "erase-now"]


def test_copies_go_when_the_others_go() -> None:
    play = Play(LOCAL)
    first = delivered(play)
    play.tap("badge")
    play.finish()
    play.tap("again")
    delivered(play)
    turn = play.do(TimeIsUp(Timer.HEADSHOTS, first.sitting.batches[0].order))

    gone = [p.value for e in turn.effects if isinstance(e, ForgetPhotos) for p in e.photos]
    assert sum(name.startswith("badge") for name in gone) == 4


def test_copies_of_what_is_gone_are_dropped() -> None:
    play = Play(LOCAL)
    delivered(play)
    turn = play.do(BadgeAdded("another order", (Headshot(PhotoId("late"), "bio", "grey"),)))

    assert turn.effects == (ForgetPhotos((PhotoId("late"),)),)


def test_copies_that_are_made_again_replace_the_earlier_ones() -> None:
    play = Play(LOCAL)
    order = delivered(play).sitting.batches[-1].order
    first, second = (Headshot(PhotoId(f"tag/{name}"), "linkedin", "navy") for name in "ab")
    play.do(BadgeAdded(order, (first,)))
    turn = play.do(BadgeAdded(order, (second,)))

    assert ForgetPhotos((first.photo,)) in turn.effects
    assert isinstance(turn.state, Delivered)
    assert second.photo in turn.state.sitting.photos


def test_while_headshots_are_made_copies_come_without_a_question() -> None:
    play = Play(LOCAL)
    delivered(play)
    play.tap("badge")
    play.tap("again")
    while not isinstance(play.state, Making):
        play.tap("navy")
    play.finish()

    assert play.log[-1].said[0].attachments
    assert not play.log[-1].said[0].choices


async def test_the_copies_are_labelled_and_erased() -> None:
    house = House()
    async with house.running():
        await house.gets_headshots()
        await house.taps("badge")
        await house.sees("Here are copies with a badge")
        copies = house.chat.pictures[-1]
        await house.writes("/delete now")
        await until(lambda: bool(house.chat.goodbyes))

    assert len(copies) == 3
    assert all(one.partition(PAINTED)[2].startswith(b"AI-generated" + MARK) for one in copies)
    assert "7 sealed files" in house.chat.goodbyes[0][1].text, "crop, headshots, copies"


async def test_a_badge_that_fails_is_told_kindly() -> None:
    house = House()
    house.painter.script.extend([ProviderUnavailable()] * 4)
    async with house.running():
        await house.gets_headshots()
        await house.taps("badge")
        for _ in range(4):
            await house.time_passes(minutes=10)
            await house.time_passes(seconds=1)
        await house.sees("I couldn't make copies with a badge")
