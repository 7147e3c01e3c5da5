"""One order at a time, a tap counts once, and an old button changes nothing but says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from bot.effects import CancelOrder, Erase, MakeHeadshots, Remind, Say
from bot.events import HeadshotsMade, MakingFailed, Replied, Wrote
from bot.model import Headshot, Message, PhotoId
from bot.prompts import PRIVACY, WELCOME
from bot.states import Checking, Choosing, Confirming, Delivered, Erasing, Idle, Making, State
from tests.core import strategies
from tests.core.play import CONVERSATIONS, LOCAL, Play, Step, sitting_of

walks, restarted = strategies.walks, strategies.walks_with_restarts
STANDING = {WELCOME, PRIVACY}


def open_question(step: Step) -> Message | None:
    return CONVERSATIONS[step.terms].prompts.of(step.before, step.at)


def is_open(step: Step, tap: Replied) -> bool:
    """Whether a tap fits a question that was open, be it behind the question about erasing."""
    prompts = CONVERSATIONS[step.terms].prompts
    asked = [open_question(step)]
    if isinstance(step.before, Making):
        asked.append(prompts.asked(step.before, tap.question, step.at))
    if isinstance(step.before, Confirming):
        asked.append(prompts.of(step.before.before, step.at))
        if isinstance(step.before.before, Making):
            asked.append(prompts.asked(step.before.before, tap.question, step.at))
    return any(
        one.question == tap.question and tap.verb in {choice.verb for choice in one.choices}
        for one in asked
        if one
    )


def untouched(state: State) -> State:
    """Without when the person last did something; a question about erasing is put away."""
    if isinstance(state, Confirming):
        return untouched(state.before)
    if isinstance(state, Idle | Erasing):
        return state
    return replace(state, sitting=replace(state.sitting, touched=state.sitting.began))


@strategies.on_walks
@given(restarted)
def test_there_is_one_order_at_a_time(play: Play) -> None:
    under_way = ""
    orders: list[str] = []
    for step in play.log:
        event = step.event
        if isinstance(event, HeadshotsMade | MakingFailed) and event.order == under_way:
            under_way = ""
        for effect in step.turn.effects:
            if isinstance(effect, Erase):
                under_way = ""
            elif isinstance(effect, CancelOrder):
                assert effect.order == under_way
                under_way = ""
            elif isinstance(effect, MakeHeadshots):
                assert under_way == ""
                under_way = effect.order.id
                orders.append(under_way)
    assert len(orders) == len(set(orders))


@strategies.on_walks
@given(walks)
def test_an_old_button_changes_nothing_but_says_so(play: Play) -> None:
    for step in play.log:
        tap = step.event
        if not isinstance(tap, Replied) or tap.question in STANDING or is_open(step, tap):
            continue
        assert untouched(step.turn.state) == untouched(step.before)
        # Whatever is said to somebody without a record sets a timer that removes it from the chat.
        harmless = Say | Remind if isinstance(step.turn.state, Idle) else Say
        assert all(isinstance(effect, harmless) for effect in step.turn.effects)
        sitting = sitting_of(step.before)
        double = sitting is not None and tap.question and tap.question == sitting.answered
        silent = double or isinstance(step.before, Erasing)
        assert bool(step.said) != silent


@strategies.on_walks
@given(walks)
def test_a_question_that_was_answered_is_never_asked_again_under_its_token(play: Play) -> None:
    answered: set[str] = set()
    for step in play.log:
        tap = step.event
        if isinstance(tap, Replied) and tap.question not in STANDING and is_open(step, tap):
            answered.add(tap.question)
        assert not answered & {message.question for message in step.said}


@strategies.on_walks
@given(walks)
def test_a_token_stands_for_one_question_only(play: Play) -> None:
    questions: dict[str, tuple[str, ...]] = {}
    for message in play.said:
        # What to do with the headshots is asked in several wordings, with fewer ways over time.
        if message.question and not message.question.startswith("delivered-"):
            words = (message.text, *(choice.label for choice in message.choices))
            if message.slot:
                words = words[1:]  # progress: the text moves on
            assert questions.setdefault(message.question, words) == words


@strategies.on_walks
@given(walks)
def test_what_a_button_brings_back_fits_into_telegrams_64_bytes(play: Play) -> None:
    for message in play.said:
        for choice in message.choices:
            assert len(f"v1:{choice.verb}:{message.question}".encode()) <= 64


def delivered() -> Play:
    play = Play(LOCAL)
    while not isinstance(play.state, Delivered):
        play.agree()
    return play


def everything_that_can_be_tapped() -> list[tuple[str, Play]]:
    """Each choice of each question on the way, with a play that stands before it."""
    length = 8
    found = []
    for steps in range(1, length + 1):
        play = Play(LOCAL)
        for _ in range(steps):
            play.agree()
        found += [(c.verb, play) for c in (play.question.choices if play.question else ())]
    return found


@pytest.mark.parametrize(
    ("verb", "play"),
    everything_that_can_be_tapped(),
    ids=lambda value: value if isinstance(value, str) else type(value.state).__name__,
)
def test_a_double_tap_counts_once(verb: str, play: Play) -> None:
    again = Play(LOCAL)
    again.state, again.at = play.state, play.at
    again.tap(verb)
    once = again.state

    turn = again.do(again.taps[-1])

    assert turn.effects == ()
    assert untouched(turn.state) == untouched(once)


def test_a_double_tap_on_keep_it_counts_once() -> None:
    play = delivered()
    play.write("/delete")
    play.tap("erase-keep")

    assert play.do(play.taps[-1]).effects == ()


@pytest.mark.parametrize("first", ["done", "again", "erase-now"])
def test_the_headshots_can_be_erased_whatever_was_tapped_before(first: str) -> None:
    play = delivered()
    play.tap(first)
    if first == "again":
        play.write("/cancel")
    if first == "erase-now":
        play.tap("erase-keep")

    play.tap("erase-now")

    assert isinstance(play.state, Confirming)


def test_without_the_picture_nothing_is_offered_that_needs_it() -> None:
    play = delivered()
    play.tap("done")
    play.write("/status")

    assert play.question
    assert [choice.verb for choice in play.question.choices] == ["badge", "erase-now"]


def test_after_a_doubtful_cut_out_another_photo_is_offered_and_no_other_background() -> None:
    play = Play(LOCAL)
    play.selfie()
    while not isinstance(play.state, Making):
        play.agree()
    shots = (Headshot(PhotoId("a/own"), "linkedin", "own"),)
    play.do(HeadshotsMade(play.state.order, shots))

    assert play.question
    assert [choice.verb for choice in play.question.choices] == [
        *("not-me", "closer"),
        *("different", "badge", "done", "erase-now"),
    ]
    play.tap("different")
    left = sitting_of(play.state)
    assert left is not None
    assert left.crop is None


def test_the_old_start_button_never_lets_go_of_a_photo() -> None:
    play = delivered()
    before = untouched(play.state)

    play.do(Replied("start", WELCOME))

    assert untouched(play.state) == before


def test_an_erased_conversations_buttons_do_not_fit_the_next_one() -> None:
    play = Play(LOCAL)
    play.selfie()
    old = play.question
    play.write("/delete now")
    play.erased()
    play.selfie()
    assert old is not None

    play.do(Replied("yes", old.question))

    assert play.log[-1].said[0].text.startswith("That question has changed")


def test_a_late_result_of_a_cancelled_order_is_let_go_of() -> None:
    play = delivered()
    play.tap("again")
    play.tap("navy")
    assert isinstance(play.state, Making)
    play.write("/cancel")
    late = play.result(play.late.pop())

    turn = play.do(late)

    assert isinstance(late, HeadshotsMade)
    assert [type(effect).__name__ for effect in turn.effects] == ["ForgetPhotos"]
    assert isinstance(play.state, Delivered)


def test_a_late_result_of_an_order_given_up_is_not_taken_for_the_one_under_way() -> None:
    play = Play(LOCAL)
    while not isinstance(play.state, Making):
        play.agree()
    late = play.result(play.work[0])
    play.fail(None)
    play.tap("navy")
    making = play.state

    turn = play.do(late)

    assert [type(effect).__name__ for effect in turn.effects] == ["ForgetPhotos"]
    assert turn.state == making


def test_a_late_check_of_another_photo_is_not_taken_for_the_one_under_way() -> None:
    play = Play(LOCAL)
    while not isinstance(play.state, Checking):
        play.agree()
    late = play.result(play.work.pop())
    play.write("/new")
    while not isinstance(play.state, Checking):
        play.agree()
    checking = play.state

    turn = play.do(late)

    assert [type(effect).__name__ for effect in turn.effects] == ["ForgetPhotos"]
    assert turn.state == checking


def test_words_that_mean_nothing_leave_everything_as_it_is() -> None:
    play = Play(LOCAL)
    while not isinstance(play.state, Choosing):
        play.agree()
    before = untouched(play.state)

    play.do(Wrote("purple, please"))

    assert untouched(play.state) == before
    assert [m.question[:4] for m in play.log[-1].said] == ["", "look"]
