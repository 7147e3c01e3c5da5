"""Nothing is done with a photo before the person has agreed to exactly that.

These tests keep their own books: they watch what was shown and what was answered over whole
conversations, and do not ask the core what it believes was agreed.
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import reading
from bot.consent import text_hash
from bot.effects import CheckPhoto, MakeHeadshots
from bot.events import SelfieSent
from bot.model import Message, PhotoId, SelfieRef
from bot.states import Answer, Confirming, Making, Question, Sitting, State
from tests.core import strategies
from tests.core.play import (
    EVERYTHING,
    HOSTED,
    LIKENESS,
    LOCAL,
    WORDING,
    Play,
    Step,
    pictures,
    sitting_of,
)

walks, restarted = strategies.walks, strategies.walks_with_restarts


def answers_of(state: State) -> tuple[Answer, ...]:
    sitting = sitting_of(state)
    return sitting.answers if sitting else ()


class Books:
    """What a witness of the chat would write down."""

    def __init__(self) -> None:
        self.photo: SelfieRef | None = None
        self.answers: dict[Question, tuple[Answer, Message]] = {}
        self.shown: list[tuple[Message, str]] = []
        """Every message, with the version of the terms under which it was said."""

    def read(self, step: Step) -> None:
        after = sitting_of(step.turn.state)
        if after is None or not after.answers:
            self.answers.clear()
        if isinstance(step.event, SelfieSent) and after and after.selfie is step.event.selfie:
            self.photo = step.event.selfie
            self.answers.pop(Question.SELF, None)
            self.answers.pop(Question.WHERE, None)
        for answer in answers_of(step.turn.state):
            if answer not in answers_of(step.before):
                self.answers[answer.question] = (answer, self.asked(answer))
        self.shown += [(message, step.terms.version) for message in step.said]

    def asked(self, answer: Answer) -> Message:
        """The message that was answered: shown, in these words, under these terms."""
        for message, version in reversed(self.shown):
            same = (text_hash(message), version) == (answer.text_sha256, answer.policy)
            if same and message.question.startswith(answer.question.value):
                return message
        raise AssertionError(f"answer to {answer.question}, which was never asked like that")

    def agreed(self, question: Question, version: str) -> str:
        """The verb of the answer in force, or an empty string."""
        answer, _ = self.answers.get(question, (None, None))
        return answer.verb if answer and answer.policy == version else ""


def witnessed(play: Play) -> Iterator[tuple[Step, Books]]:
    """Each step, with the books as they stand after it."""
    books = Books()
    for step in play.log:
        books.read(step)
        yield step, books


@strategies.on_walks
@given(restarted)
def test_an_answer_counts_only_for_words_that_were_shown_under_these_terms(play: Play) -> None:
    for _ in witnessed(play):  # keeping the books is the check
        pass


@strategies.on_walks
@given(restarted)
def test_no_photo_is_fetched_before_answers_one_and_two(play: Play) -> None:
    for step, books in witnessed(play):
        for effect in step.turn.effects:
            if isinstance(effect, CheckPhoto):
                assert books.agreed(Question.SELF, step.terms.version) == "yes"
                assert books.agreed(Question.PURPOSE, step.terms.version) == "yes"
                assert effect.selfie == books.photo


@strategies.on_walks
@given(restarted)
def test_no_headshots_are_made_before_answer_three_about_exactly_that_crop(play: Play) -> None:
    for step, books in witnessed(play):
        for effect in step.turn.effects:
            if isinstance(effect, MakeHeadshots):
                assert books.agreed(Question.WHERE, step.terms.version) in {"here", "hosted"}
                _, message = books.answers[Question.WHERE]
                assert pictures(message) == (effect.crop,)


def wanted_here(state: State) -> bool:
    """Whether the person had a slow order made on this machine after all."""
    before = state.before if isinstance(state, Confirming) else state
    return isinstance(before, Making) and before.here


@strategies.on_walks
@given(restarted)
def test_the_provider_is_the_one_that_was_agreed_to(play: Play) -> None:
    for step, books in witnessed(play):
        for effect in step.turn.effects:
            if isinstance(effect, MakeHeadshots):
                hosted = step.terms.hosted
                place = books.agreed(Question.WHERE, step.terms.version)
                wanted = hosted.provider if hosted and place == "hosted" else "local"
                # Towards this machine a person may change their mind without another question.
                assert effect.provider == ("local" if wanted_here(step.turn.state) else wanted)


@strategies.on_walks
@given(restarted)
def test_a_hosted_provider_is_offered_only_where_there_is_one(play: Play) -> None:
    for step in play.log:
        offered = {choice.verb for message in step.said for choice in message.choices}
        assert step.terms.hosted or "hosted" not in offered


@strategies.on_walks
@given(restarted)
def test_the_likeness_question_is_answered_before_headshots_where_it_is_real(play: Play) -> None:
    for step, books in witnessed(play):
        making = any(isinstance(effect, MakeHeadshots) for effect in step.turn.effects)
        if making and step.terms.likeness:
            assert books.agreed(Question.LIKENESS, step.terms.version) in {"yes", "skip"}


@strategies.on_walks
@given(walks)
def test_every_open_choice_can_be_typed_as_number_label_or_verb(play: Play) -> None:
    for step in play.log:
        for message in step.said:
            for number, choice in enumerate(message.choices, start=1):
                for typed in (str(number), choice.label, f" {choice.label.upper()}! ", choice.verb):
                    meant = reading.choice(typed, message.choices, WORDING, "en")
                    assert meant == choice.verb


@settings(max_examples=30)
@given(st.sampled_from(sorted(WORDING.words("en", "words-yes"))))
def test_a_plain_yes_never_sends_a_photo_to_a_hosted_provider(word: str) -> None:
    play = at_where(Play(HOSTED))

    play.write(word)

    assert Question.WHERE not in {answer.question for answer in answers_of(play.state)}
    assert play.log[-1].said[0].text.startswith("I didn't understand")


def at_where(play: Play) -> Play:
    """Go on until question 3 is open."""
    while not (play.question and play.question.question.startswith("where-")):
        play.agree()
    return play


def test_a_plain_yes_agrees_where_there_is_only_one_place() -> None:
    play = at_where(Play(LOCAL))

    play.write("yes")

    assert answers_of(play.state)[-1].verb == "here"


def test_a_restart_with_other_terms_asks_every_question_again() -> None:
    play = at_where(Play(LOCAL))
    play.tap("here")
    play.finish()
    play.terms = HOSTED

    play.tap("grey")  # the look is agreed to, but not who gets the picture

    asked = []
    while not play.work:
        asked.append(play.question.question.partition("-")[0] if play.question else "")
        play.agree()
    assert asked == ["self", "purpose", "where"]


def test_terms_that_come_back_do_not_bring_an_older_answer_back() -> None:
    play = at_where(Play(HOSTED))
    play.tap("hosted")
    play.finish()
    play.terms = LOCAL
    play.tap("grey")
    at_where(play).tap("here")
    play.fail(None)
    play.terms = HOSTED

    play.tap("navy")

    assert play.question is not None
    assert play.question.question.startswith("self-")


def test_an_answer_typed_after_a_restart_does_not_count_for_words_not_yet_shown() -> None:
    play = at_where(Play(LOCAL))
    play.terms = HOSTED

    play.write("1")  # meant "use this picture here"; 1 is now "send to Pictures, Inc."

    said = [message.text for message in play.log[-1].said]
    assert said[0].startswith("That question has changed")
    assert said[1].startswith("**1 of 3")
    assert not [e for e in play.effects if isinstance(e, MakeHeadshots)]


def test_a_question_that_is_no_longer_real_after_a_restart_is_not_asked() -> None:
    play = at_where(Play(LIKENESS))
    play.tap("here")
    play.terms = LOCAL

    play.do(play.taps[-1])  # a tap from before the restart, on an old button
    play.write("yes")

    assert play.question is not None
    assert play.question.question.startswith("self-")


def test_another_photo_needs_new_answers_about_the_photo_only() -> None:
    play = at_where(Play(EVERYTHING))
    play.tap("different")
    play.selfie()

    play.tap("yes")

    assert isinstance(play.work[-1], CheckPhoto)
    assert [answer.question for answer in answers_of(play.state)] == [
        Question.PURPOSE,
        Question.SELF,
    ]


def test_a_crop_is_shown_before_it_is_used() -> None:
    play = at_where(Play(LOCAL))
    sitting = sitting_of(play.state)

    assert isinstance(sitting, Sitting)
    assert isinstance(sitting.crop, PhotoId)
    assert play.question is not None
    assert pictures(play.question) == (sitting.crop,)
