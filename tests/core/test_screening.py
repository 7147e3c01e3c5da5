"""Questions about what is in the photo: every answer leads on, and nothing is left behind."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.consent import record
from bot.effects import CheckPhoto, ForgetPhotos, LookCloser, MakeHeadshots
from bot.events import LookedCloser, Replied
from bot.model import PhotoId
from bot.policy import ANSWERS, SHOWN, Doubt
from bot.states import (
    Checking,
    Choosing,
    Consenting,
    Delivered,
    Doubting,
    Erasing,
    Making,
    Question,
    Waiting,
)
from bot.terms import Terms
from tests.core import strategies
from tests.core.following import Line, follow
from tests.core.play import HOSTED, LOCAL, Play, pictures, sha256_of, sitting_of
from tests.core.test_transcripts import CHECKED, CHECKING, LOOK, Q1, Q2, Q3, STOPPED

TO_CHECK: tuple[Line, ...] = (
    ("selfie", Consenting, (Q1,)),
    ("tap yes", Consenting, (Q2,)),
    ("tap yes", Checking, (CHECKING,)),
)
WRITING, BADGE = "**There's a screen or paper", "**I can see a badge"
PEOPLE, SHOT = "**I can see another person.**", "**This looks like a screenshot"
AI, CODE = "**This photo is already labelled", "**I can see a barcode"
ANOTHER = "Please send me another photo. I've let go of the last one."

CONVERSATIONS: dict[str, tuple[Line, ...]] = {
    "writing, blurred": (
        *TO_CHECK,
        ("finish writing", Doubting, (CHECKED, WRITING)),
        ("tap blur", Consenting, (Q3,)),
        ("tap here", Checking, ()),
        ("finish", Choosing, (LOOK,)),
    ),
    "writing that is not private, in words": (
        *TO_CHECK,
        ("finish writing", Doubting, (CHECKED, WRITING)),
        ("write hm?", Doubting, ("I didn't understand that.", WRITING)),
        ("write It's not private.", Consenting, (Q3,)),
    ),
    "a badge and another photo": (
        *TO_CHECK,
        ("finish badge", Doubting, (CHECKED, BADGE)),
        ("tap different", Waiting, (ANOTHER,)),
        ("selfie", Consenting, (Q1,)),
        ("tap yes", Checking, (CHECKING,)),
        ("finish", Consenting, (CHECKED, Q3)),
    ),
    "a code, erased": (
        *TO_CHECK,
        ("finish code", Doubting, (CHECKED, CODE)),
        ("tap erase", Erasing, ()),
    ),
    "several doubts, one after the other": (
        *TO_CHECK,
        ("finish screenshot ai-made people writing", Doubting, (CHECKED, SHOT)),
        ("write yes", Doubting, (AI,)),
        ("tap anyway", Doubting, (PEOPLE,)),
        ("write 1", Doubting, (WRITING,)),
        ("write blur it", Consenting, (Q3,)),
    ),
    "a photo that replaces the doubtful one": (
        *TO_CHECK,
        ("finish badge", Doubting, (CHECKED, BADGE)),
        ("selfie", Consenting, ("I'll use this photo instead.", Q1)),
        ("tap yes", Checking, (CHECKING,)),
        ("finish", Consenting, (CHECKED, Q3)),
    ),
    "an old button, a status and a deletion in between": (
        *TO_CHECK,
        ("finish writing", Doubting, (CHECKED, WRITING)),
        ("old", Doubting, ("That question has changed. Here is where we are.", WRITING)),
        ("write /status", Doubting, ("A question is open. Here it is again.", WRITING)),
        ("write /help", Doubting, ("Send me a selfie and I'll guide you", WRITING)),
        ("write /new", Waiting, (ANOTHER,)),
    ),
    "time runs out on a doubt": (
        *TO_CHECK,
        ("finish writing", Doubting, (CHECKED, WRITING)),
        ("wait 3600", Waiting, ("I've erased the picture I worked from, as promised.",)),
    ),
    "turned away, and on all the same": (
        *TO_CHECK,
        ("finish", Consenting, (CHECKED, Q3)),
        ("tap here", Checking, ()),
        ("finish turned", Doubting, ("**Your face is turned a little",)),
        ("tap anyway", Choosing, (LOOK,)),
        ("tap navy", Making, ()),
    ),
    "closed eyes, and another photo": (
        *TO_CHECK,
        ("finish", Consenting, (CHECKED, Q3)),
        ("tap here", Checking, ()),
        ("finish eyes-closed", Doubting, ("**Your eyes look closed",)),
        ("write different photo", Waiting, (ANOTHER,)),
    ),
    "a look that came to nothing is no obstacle": (
        *TO_CHECK,
        ("finish", Consenting, (CHECKED, Q3)),
        ("tap here", Checking, ()),
        ("fail", Choosing, (LOOK,)),
    ),
}


@pytest.mark.parametrize("lines", CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_a_conversation_about_the_photo_goes_as_written(lines: tuple[Line, ...]) -> None:
    follow(lines)


def in_doubt(*doubts: Doubt, terms: Terms = LOCAL) -> Play:
    """A person whose photo was looked at, and left these doubts."""
    play = Play(terms)
    while not play.work:
        play.agree()
    play.finish(*doubts)
    return play


@pytest.mark.parametrize("terms", [LOCAL, HOSTED], ids=["local", "hosted"])
@pytest.mark.parametrize(
    ("doubt", "verb"), [(doubt, verb) for doubt, verbs in ANSWERS.items() for verb in verbs]
)
def test_every_answer_leads_on_and_says_so(terms: Terms, doubt: Doubt, verb: str) -> None:
    play = in_doubt(doubt, terms=terms)
    asked = play.question
    assert asked is not None
    assert [choice.verb for choice in asked.choices] == list(ANSWERS[doubt])

    turn = play.tap(verb)

    match verb:
        case "different":
            assert isinstance(play.state, Waiting)
        case "erase":
            assert isinstance(play.state, Erasing)
        case _:
            assert isinstance(play.state, Consenting)
            assert play.state.question is Question.WHERE
    assert turn.effects


@pytest.mark.parametrize("doubt", Doubt)
def test_the_question_shows_what_the_first_answer_would_use(doubt: Doubt) -> None:
    play = in_doubt(doubt)
    sitting, asked = sitting_of(play.state), play.question
    assert sitting is not None
    assert sitting.crop is not None
    assert asked is not None

    assert pictures(asked) == ((sitting.crop,) if doubt in SHOWN else ())


def forgotten(play: Play) -> set[PhotoId]:
    return {p for effect in play.effects if isinstance(effect, ForgetPhotos) for p in effect.photos}


@pytest.mark.parametrize(("verb", "kept"), [("blur", "crop"), ("keep", "plain")])
def test_of_two_crops_the_one_not_chosen_goes_at_once(verb: str, kept: str) -> None:
    play = in_doubt(Doubt.WRITING)
    before = sitting_of(play.state)
    assert before is not None
    crop, plain = before.crops

    play.tap(verb)

    after, asked = sitting_of(play.state), play.question
    assert after is not None
    assert asked is not None
    chosen = {"crop": crop, "plain": plain}[kept]
    assert after.crops == (chosen,)
    assert after.crop_sha256 == sha256_of(chosen)
    assert pictures(asked) == (chosen,), "question 3 shows exactly what was chosen"
    assert forgotten(play) == {crop, plain} - {chosen}


@pytest.mark.parametrize("verb", ["blur", "keep"])
def test_either_crop_is_gone_within_the_promised_hour(verb: str) -> None:
    play = in_doubt(Doubt.WRITING)
    began = play.at
    play.wait(1800)
    play.tap(verb)
    sitting = sitting_of(play.state)
    assert sitting is not None

    play.wait(3600 - (play.at - began).total_seconds())

    assert isinstance(play.state, Waiting)
    assert set(sitting.crops) <= forgotten(play)


@pytest.mark.parametrize("leave", ["/new", "/cancel", "/stop", "/delete now"])
def test_whatever_ends_a_doubt_lets_go_of_both_crops(leave: str) -> None:
    play = in_doubt(Doubt.WRITING)
    sitting = sitting_of(play.state)
    assert sitting is not None

    play.write(leave)

    assert isinstance(play.state, Erasing) or set(sitting.crops) <= forgotten(play)


def test_a_double_tap_answers_one_question_and_not_the_next() -> None:
    play = in_doubt(Doubt.PEOPLE, Doubt.WRITING)
    first = play.question
    assert first is not None
    play.do(Replied("crop", first.question))
    play.do(Replied("crop", first.question))

    assert isinstance(play.state, Doubting)
    assert play.state.doubt is Doubt.WRITING


def test_a_settled_doubt_is_in_the_record_and_goes_with_the_photo() -> None:
    play = in_doubt(Doubt.WRITING)
    play.tap("keep")
    sitting = sitting_of(play.state)
    assert sitting is not None
    (about,) = record(sitting, LOCAL, play.at)["about_the_photo"]
    assert (about["seen"], about["answer"]) == ("writing", "keep")

    play.write("/new")

    after = sitting_of(play.state)
    assert after is not None
    assert record(after, LOCAL, play.at)["about_the_photo"] == []


def test_what_was_not_checked_is_offered_to_nobody_else() -> None:
    play = Play(HOSTED)
    while not play.work:
        play.agree()
    play.finish(unchecked=True)
    asked = play.question
    assert asked is not None

    assert [choice.verb for choice in asked.choices] == ["here", "different", "erase"]
    assert "I couldn't finish the safety check." in asked.text
    play.tap("here")
    play.finish()
    play.tap("navy")
    (order,) = [effect for effect in play.effects if isinstance(effect, MakeHeadshots)]
    assert order.provider == "local"


def test_a_crop_from_before_a_provider_was_configured_is_not_offered_to_it() -> None:
    """It still has its background."""
    play = in_doubt(terms=LOCAL)
    play.terms = HOSTED
    play.write("use this picture")
    while not (play.question and play.question.question.startswith("where-")):
        play.agree()

    assert "hosted" not in {choice.verb for choice in play.question.choices}


def test_a_changed_promise_asks_a_doubt_anew() -> None:
    play = in_doubt(Doubt.BADGE, terms=LOCAL)
    asked = play.question
    assert asked is not None
    play.terms = HOSTED

    play.tap("blur")

    assert play.log[-1].said[0].text == "That question has changed. Here is where we are."


def test_a_look_at_another_crop_or_a_late_one_changes_nothing() -> None:
    play = in_doubt()
    for late in (LookedCloser(PhotoId("other"), (Doubt.TURNED,)), LookedCloser(PhotoId("crop-2"))):
        before = play.state
        assert play.do(late).effects == ()
        assert play.state == before


@strategies.on_walks
@given(strategies.walks_with_restarts)
def test_landmarks_wait_for_answer_three_about_exactly_that_picture(play: Play) -> None:
    shown: set[PhotoId] = set()
    for step in play.log:
        for effect in step.turn.effects:
            if isinstance(effect, LookCloser):
                assert effect.crop in shown
                assert effect.crop_sha256
        for message in step.said:
            if message.question.startswith("where-"):
                shown |= set(pictures(message))


@strategies.on_walks
@given(strategies.walks)
def test_headshots_are_made_of_the_very_picture_that_question_three_showed(play: Play) -> None:
    for step in play.log:
        for effect in step.turn.effects:
            if isinstance(effect, MakeHeadshots):
                answered = sitting_of(step.turn.state)
                assert answered is not None
                where = [one for one in answered.answers if one.question is Question.WHERE]
                assert effect.crop_sha256 == where[-1].crop_sha256 == answered.crop_sha256


@strategies.on_walks
@given(strategies.walks_with_restarts)
def test_no_headshots_while_a_doubt_is_open(play: Play) -> None:
    for step in play.log:
        after = sitting_of(step.turn.state)
        if after is None:
            continue
        if isinstance(step.turn.state, Choosing | Making):
            assert not after.screening.doubts
        if isinstance(step.turn.state, Consenting) and step.turn.state.question is Question.WHERE:
            assert not after.screening.doubts


@strategies.on_walks
@given(strategies.walks_with_restarts)
def test_a_photo_is_fetched_once_whatever_is_answered_about_it(play: Play) -> None:
    fetched = [e.selfie for e in play.effects if isinstance(e, CheckPhoto)]
    assert len(fetched) == len(set(fetched))


def test_after_delivery_the_same_picture_is_not_looked_at_again() -> None:
    play = in_doubt(Doubt.WRITING)
    while not isinstance(play.state, Delivered):
        play.agree()
    play.tap("again")

    assert isinstance(play.state, Choosing)
    assert STOPPED not in {message.text for message in play.said}
