"""Photos that come several at a time, and what can be told to be useless without fetching it."""

from __future__ import annotations

from bot.effects import CheckPhoto
from bot.events import SelfieSent, SelfieUnfit
from bot.model import PhotoProblem, SelfieRef
from bot.states import Confirming, Consenting, Idle
from bot.wording import load
from tests.core.play import Play

ONE_OF_SEVERAL = load().text("en", "photo-one-of-several")


def test_of_several_photos_the_first_is_used_and_that_is_said_once() -> None:
    play = Play()
    turn = play.do(SelfieSent(SelfieRef("a"), more=True))

    assert isinstance(turn.state, Consenting)
    texts = [message.text for message in play.said]
    assert texts[0] == ONE_OF_SEVERAL
    assert texts[1].startswith("**1 of 3.")
    assert len(texts) == 2


def test_several_new_photos_are_answered_with_one_sentence() -> None:
    play = Play()
    play.selfie()
    play.do(SelfieSent(SelfieRef("b"), more=True))

    assert [message.text for message in play.log[-1].said][:-1] == [ONE_OF_SEVERAL]


def test_a_file_that_is_too_large_gets_the_platforms_own_limit_and_no_record() -> None:
    play = Play()
    turn = play.do(SelfieUnfit(PhotoProblem.TOO_BIG, 20))

    (said,) = play.said
    assert said.text == "That file is too large for me. Please send one under 20 MB."
    assert isinstance(turn.state, Idle)


def test_a_useless_file_leaves_the_open_question_open() -> None:
    play = Play()
    play.selfie()
    turn = play.do(SelfieUnfit(PhotoProblem.NOT_AN_IMAGE))

    assert isinstance(turn.state, Consenting)
    tip, again = play.log[-1].said
    assert tip.text.startswith("That isn't a picture I can read.")
    assert again.text.startswith("**1 of 3.")
    assert not any(isinstance(effect, CheckPhoto) for effect in turn.effects)


def test_a_command_in_the_caption_of_a_useless_file_counts() -> None:
    play = Play()
    turn = play.do(SelfieUnfit(PhotoProblem.TOO_BIG, 20, "/delete"))

    assert isinstance(turn.state, Confirming)
