"""Headshots that do not show the person are made once more, here and there, and never shown."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.again import merged, next_wish
from bot.conversation import Conversation
from bot.effects import Again, CountAgain, ForgetPhotos, MakeHeadshots
from bot.errors import ProviderUnavailable
from bot.events import HeadshotsMade, MakingFailed
from bot.model import Fault, Headshot, PhotoId
from bot.states import Choosing, Delivered, Making, Sifted, Wish
from bot.tally import Count
from bot.terms import Terms
from tests.core.house import ANNA, House, until
from tests.core.play import EVERYTHING, FORMATS, HOSTED, LOCAL, WORDING, Play
from tests.fakes.labeller import MARK


def shots(*formats: str, by: str = "local", name: str = "first") -> tuple[Headshot, ...]:
    return tuple(
        Headshot(PhotoId(f"{name}-{n}"), kind, "grey", by) for n, kind in enumerate(formats)
    )


def making(play: Play) -> Making:
    """On to the order."""
    while not isinstance(play.state, Making):
        play.agree()
    return play.state


def sift(play: Play, passed: tuple[str, ...], left_out: tuple[str, ...], name: str) -> None:
    """The order is finished, and some of it did not pass."""
    state = play.state
    assert isinstance(state, Making)
    play.work.clear()
    play.do(HeadshotsMade(state.order, shots(*passed, name=name), left_out))


def newest_order(play: Play) -> MakeHeadshots:
    return [effect for effect in play.effects if isinstance(effect, MakeHeadshots)][-1]


def delivered(play: Play) -> Delivered:
    assert isinstance(play.state, Delivered)
    return play.state


# --- what did not pass --------------------------------------------------------------------------


def test_what_did_not_pass_is_made_once_more_with_other_seeds_and_closer() -> None:
    play = Play(LOCAL)
    first = making(play)

    sift(play, ("linkedin", "bio"), ("resume",), "first")

    second = making(play)
    assert second.order != first.order
    assert newest_order(play).order.attempt == 1
    assert newest_order(play).order.closer
    assert not [m for m in play.said if "headshots are ready" in m.text]


def test_both_times_together_are_handed_over_and_the_rest_is_dropped() -> None:
    play = Play(LOCAL)
    making(play)
    sift(play, ("linkedin", "bio"), ("resume",), "first")
    sift(play, FORMATS, (), "second")

    names = [shot.photo.value for shot in delivered(play).sitting.batches[0].headshots]
    assert names == ["first-0", "first-1", "second-1"]
    dropped = [e for e in play.log[-1].turn.effects if isinstance(e, ForgetPhotos)]
    assert [p.value for e in dropped for p in e.photos] == ["second-0", "second-2", "second-3"]


def test_it_is_made_once_more_only_once_and_the_person_is_told_how_many_are_missing() -> None:
    play = Play(LOCAL)
    making(play)
    sift(play, ("linkedin",), ("resume", "bio"), "first")
    sift(play, ("resume",), ("linkedin", "bio"), "second")

    assert delivered(play).sitting.batches[0].left_out == 1
    text = play.log[-1].said[1].text
    assert "Your 2 headshots are ready" in text
    assert "I left out one that changed your skin" in text


def test_when_nothing_passes_the_person_is_told_kindly_and_keeps_the_photo() -> None:
    play = Play(LOCAL)
    making(play)
    sift(play, (), FORMATS, "first")
    sift(play, (), FORMATS, "second")

    assert isinstance(play.state, Choosing)
    assert play.state.sitting.crop
    assert play.state.sitting.wish == Wish()
    assert any("none showed you as you are" in said.text for said in play.log[-1].said)


def test_when_the_second_time_fails_what_passed_the_first_time_is_handed_over() -> None:
    play = Play(LOCAL)
    making(play)
    sift(play, ("linkedin",), ("resume", "bio"), "first")
    play.do(MakingFailed(making(play).order))

    assert len(delivered(play).sitting.batches[0].headshots) == 1
    assert delivered(play).sitting.sifted is None


def test_what_waits_for_the_second_time_goes_with_the_photo() -> None:
    play = Play(LOCAL)
    making(play)
    play.finish()
    play.tap("again")
    making(play)
    sift(play, ("linkedin",), ("resume",), "waiting")
    turn = play.write("/cancel")

    gone = [p.value for e in turn.effects if isinstance(e, ForgetPhotos) for p in e.photos]
    assert "waiting-0" in gone
    assert delivered(play).sitting.sifted is None


def test_a_gap_is_filled_with_the_same_size_and_nothing_else() -> None:
    first = Sifted(shots("linkedin"), ("resume", "linkedin"), Wish())
    taken, dropped = merged(first, shots("bio", "linkedin", "linkedin", name="second"))

    assert [one.photo.value for one in taken] == ["first-0", "second-1"]
    assert [one.photo.value for one in dropped] == ["second-0", "second-2"]


# --- "Not me" -----------------------------------------------------------------------------------


def test_not_me_goes_from_other_seeds_to_this_machine_to_the_lightest_hand() -> None:
    play = Play(HOSTED)
    making(play)
    play.finish()
    seen = []
    for _ in range(3):
        play.tap("not-me")
        effect = newest_order(play)
        seen.append((effect.provider, effect.order.attempt, effect.order.closer))
        play.finish()
    assert seen == [("hosted", 1, True), ("local", 2, False), ("local", 3, True)]

    turn = play.tap("not-me")
    assert isinstance(turn.state, Delivered)
    assert CountAgain(Again.NOT_ME) in turn.effects, "it counts, also when nothing is left to try"
    assert not [e for e in turn.effects if isinstance(e, MakeHeadshots)]


def test_more_like_my_photo_leaves_the_model_at_once() -> None:
    play = Play(HOSTED)
    making(play)
    play.finish()
    play.tap("closer")

    effect = newest_order(play)
    assert (effect.provider, effect.order.attempt) == ("local", 1)


def test_what_cannot_be_more_like_the_photo_is_not_offered() -> None:
    play = Play(LOCAL)
    making(play)
    play.finish()
    play.tap("closer")
    play.finish()

    assert play.question
    verbs = [choice.verb for choice in play.question.choices]
    assert "closer" not in verbs
    assert "not-me" in verbs


def test_another_background_begins_anew() -> None:
    play = Play(LOCAL)
    making(play)
    play.finish()
    play.tap("closer")
    play.finish()
    play.tap("again")
    making(play)

    assert newest_order(play).order.attempt == 0
    assert not newest_order(play).order.closer


@pytest.mark.parametrize("terms", [LOCAL, HOSTED], ids=["local", "hosted"])
@pytest.mark.parametrize("why", Again)
def test_asking_again_ends(terms: Terms, why: Again) -> None:
    play = Play(terms)
    making(play)
    play.finish()
    for _ in range(5):
        if isinstance(play.state, Delivered):
            if next_wish(play.state.sitting, why) is None:
                return
            play.tap(why.value)
            play.finish()
    raise AssertionError("it never ends")


# --- what is told about the likeness ------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "left_out", "told"),
    [
        ("yes", (), "All of them passed the likeness check."),
        ("yes", ("resume",), "2 of 3 passed the likeness check. I left out the rest."),
        ("skip", (), "I didn't check the likeness, as you asked."),
    ],
)
def test_the_caption_tells_how_many_passed(verb: str, left_out: tuple[str, ...], told: str) -> None:
    play = Play(EVERYTHING)
    while not (play.question and "likeness" in play.question.question):
        play.agree()
    play.tap(verb)
    making(play)
    assert newest_order(play).likeness == (verb == "yes")
    for name in ("first", "second") if left_out else ("first",):
        kept = ("linkedin", "bio") if name == "first" else ()
        sift(play, kept, left_out, name)

    assert told in play.log[-1].said[1].text


# --- the whole house ----------------------------------------------------------------------------


async def test_a_headshot_that_does_not_pass_is_never_kept_or_shown() -> None:
    house = House()
    house.judge.script.append((None, Fault.LIGHTER, None))
    async with house.running():
        await house.orders()
        await house.sees("Your 3 headshots")
        shown = [photo for one in house.chat.pictures for photo in one if MARK in photo]

    assert len(house.provider.started) == 2
    assert house.provider.started[1].attempt == 1
    assert len(shown) == 3
    assert house.tally.of(Count.LEFT_OUT, "lighter") == 1
    assert house.tally.of(Count.MADE, "fake") == 6
    (crop, count, likeness), *_ = house.judge.judged
    assert count == 3
    assert not likeness, "nobody was asked"
    assert crop.startswith(b"\xff\xd8\xff")


async def test_headshots_that_nobody_could_look_at_are_not_handed_over() -> None:
    house = House()
    house.judge.script.append(ProviderUnavailable())
    async with house.running():
        await house.orders()
        await until(lambda: len(house.judge.judged) == 1)
        assert not [one for one in house.chat.texts(ANNA) if "are ready" in one]
        await house.time_passes(minutes=5)
        await house.sees("Your 3 headshots")

    assert len(house.judge.judged) == 2


async def test_not_me_is_counted_without_a_picture() -> None:
    house = House()
    async with house.running():
        await house.gets_headshots()
        await house.taps("not-me")
        await until(lambda: house.tally.of(Count.ASKED_AGAIN, "not-me") == 1)
        await until(lambda: len(house.provider.started) == 2)

    text = house.tally.exposition()
    assert 'workshot_asked_again_total{why="not-me"} 1' in text
    assert "anna" not in text


# --- the limit a workspace may have ---------------------------------------------------------------


def test_what_is_made_once_more_does_not_count_against_the_daily_limit() -> None:
    terms = replace(LOCAL, daily=1)
    play = Play(terms, Conversation(WORDING, terms))
    making(play)
    sift(play, ("linkedin",), ("resume", "bio"), "first")
    sift(play, ("resume", "bio"), (), "second")
    play.tap("not-me")

    assert isinstance(play.state, Making), "it was the only order of the day, and is still free"
    assert len(play.state.sitting.ordered) == 1
    play.finish()
    play.tap("again")
    play.tap("navy")
    assert any("today" in said.text or "day" in said.text for said in play.log[-1].said)


def test_an_order_of_which_nothing_passed_does_not_count_either() -> None:
    terms = replace(LOCAL, daily=1)
    play = Play(terms, Conversation(WORDING, terms))
    making(play)
    sift(play, (), FORMATS, "first")
    sift(play, (), FORMATS, "second")
    play.tap("navy")

    assert isinstance(play.state, Making)
