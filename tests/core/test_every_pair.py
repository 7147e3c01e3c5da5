"""What holds for every state and every event, sensible together or not."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.effects import CheckPhoto, Effect, Erase, Farewell, ForgetPhotos
from bot.events import (
    BadgeAdded,
    DataPacked,
    Dismissed,
    Event,
    HeadshotsMade,
    LookedCloser,
    MakingFailed,
    PersonLeft,
    PhotoChecked,
    PhotoRejected,
    Replied,
    SelfieLost,
    SelfieSent,
    SelfieUnfit,
    SelfieWithdrawn,
    TimeIsUp,
    Timer,
    Wrote,
)
from bot.model import Headshot, PhotoId, PhotoProblem, SelfieRef
from bot.policy import Doubt
from bot.states import Confirming, Delivered, Erasing, Idle, Making, State, Turn
from bot.terms import Terms
from tests.core import strategies
from tests.core.play import CONVERSATIONS, EVERYTHING, Play, blobs_of, sitting_of

EVENTS: tuple[Event, ...] = (
    Wrote("hm"),
    Replied("yes", "self-1"),
    SelfieSent(SelfieRef("s")),
    SelfieWithdrawn(SelfieRef("s")),
    Dismissed(),
    SelfieUnfit(PhotoProblem.TOO_BIG, 20),
    PersonLeft(),
    PhotoChecked(SelfieRef("s"), PhotoId("c"), "ab" * 32),
    PhotoRejected(SelfieRef("s"), PhotoProblem.BLURRED),
    LookedCloser(PhotoId("c"), (Doubt.TURNED,)),
    SelfieLost(SelfieRef("s")),
    HeadshotsMade("o", ()),
    MakingFailed("o"),
    BadgeAdded("o", (Headshot(PhotoId("b"), "bio", "grey"),)),
    DataPacked(PhotoId("d")),
    TimeIsUp(Timer.PHOTO, "c"),
)

terms, states, events = strategies.terms, strategies.states, strategies.events
moments = strategies.moments


def states_on_the_way() -> dict[type[State], State]:
    """One real state of each kind: those that a person passes who says yes, then erases."""
    play = Play(EVERYTHING)
    play.selfie()
    play.write("/new")
    while not isinstance(play.state, Delivered):
        if play.work and isinstance(play.work[0], CheckPhoto):
            play.finish(*Doubt)
        else:
            play.agree()
    play.write("/delete")
    play.tap("erase-yes")
    passed = (*(step.before for step in play.log), play.state)
    return {type(state): state for state in passed}


def test_a_person_who_agrees_to_everything_passes_every_kind_of_state() -> None:
    assert set(states_on_the_way()) == set(get_args(State))


def test_there_is_an_example_of_every_kind_of_event() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))


@pytest.mark.parametrize("kind", get_args(State))
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_kind_of_state_takes_every_kind_of_event(kind: type[State], event: Event) -> None:
    play = Play(EVERYTHING)
    play.state = states_on_the_way()[kind]

    assert isinstance(play.do(event).state, get_args(State))


@given(terms, states, events, moments)
def test_a_step_never_raises_and_owes_only_known_effects(
    terms: Terms, state: State, event: Event, at: datetime
) -> None:
    turn = CONVERSATIONS[terms].step(state, event, at)

    assert isinstance(turn, Turn)
    assert isinstance(turn.state, get_args(State))
    assert all(isinstance(effect, get_args(Effect)) for effect in turn.effects)


@given(terms, states, events, moments)
def test_states_events_and_effects_survive_being_written_down(
    terms: Terms, state: State, event: Event, at: datetime
) -> None:
    turn = CONVERSATIONS[terms].step(state, event, at)

    assert msgspec.json.decode(msgspec.json.encode(event), type=Event) == event
    assert msgspec.json.decode(msgspec.json.encode(state), type=State) == state
    assert msgspec.json.decode(msgspec.json.encode(turn), type=Turn) == turn


@given(terms, states, events, moments)
def test_the_same_step_twice_gives_the_same_turn(
    terms: Terms, state: State, event: Event, at: datetime
) -> None:
    conversation = CONVERSATIONS[terms]

    assert conversation.step(state, event, at) == conversation.step(state, event, at)


@given(terms, states, events, moments)
def test_an_erasure_stands_alone_and_leads_to_erasing(
    terms: Terms, state: State, event: Event, at: datetime
) -> None:
    turn = CONVERSATIONS[terms].step(state, event, at)

    if any(isinstance(effect, Erase) for effect in turn.effects):
        assert len(turn.effects) == 1
        assert turn.state == Erasing()
    elif not isinstance(state, Erasing):
        assert turn.state != Erasing()


@given(terms, events, moments)
def test_while_erasing_nothing_starts(terms: Terms, event: Event, at: datetime) -> None:
    assert CONVERSATIONS[terms].step(Erasing(), event, at) == Turn(Erasing())


@given(terms, states, moments)
def test_somebody_who_leaves_is_erased(terms: Terms, state: State, at: datetime) -> None:
    turn = CONVERSATIONS[terms].step(state, PersonLeft(), at)

    assert turn.state == Erasing()
    for effect in turn.effects:
        assert isinstance(effect, Erase)
        assert effect.farewell is Farewell.LEFT
    assert turn.effects or state == Erasing()


@given(terms, states, moments, st.sampled_from(("/delete", "/delete@bot", "Delete my data!")))
def test_delete_and_yes_erases_from_every_state(
    terms: Terms, state: State, at: datetime, words: str
) -> None:
    conversation = CONVERSATIONS[terms]

    asked = conversation.step(state, Wrote(words), at).state
    assert isinstance(asked, Confirming | Erasing)
    assert conversation.step(asked, Wrote("Yes."), at).state == Erasing()


@given(terms, states, moments)
def test_delete_and_a_tap_erases_from_every_state(terms: Terms, state: State, at: datetime) -> None:
    conversation = CONVERSATIONS[terms]
    asked = conversation.step(state, Wrote("/delete"), at).state

    if isinstance(asked, Confirming):
        turn = conversation.step(asked, Replied("erase-yes", asked.token), at)
        assert turn == Turn(Erasing(), (Erase(Farewell.ASKED, asked.language),))
    else:
        assert asked == state == Erasing()


@given(terms, states, moments, st.booleans())
def test_delete_now_erases_at_once_from_every_state(
    terms: Terms, state: State, at: datetime, caption: bool
) -> None:
    words = "/delete now"
    event = SelfieSent(SelfieRef("s"), words) if caption else Wrote(words)

    assert CONVERSATIONS[terms].step(state, event, at).state == Erasing()


@given(terms, states, strategies.timeouts, moments)
def test_a_timer_without_its_subject_does_nothing(
    terms: Terms, state: State, event: TimeIsUp, at: datetime
) -> None:
    sitting = sitting_of(state)
    before = state.before if isinstance(state, Confirming) else state
    order = before.order if isinstance(before, Making) else ""
    about = {order} | ({str(state.token)} if isinstance(state, Confirming) else set())
    if sitting is not None:
        about |= {sitting.began.isoformat(), *(crop.value for crop in sitting.crops)}
        about |= {batch.order for batch in sitting.batches}
    if event.about in about or event.timer is Timer.ARCHIVE:
        return
    if sitting is None and event.timer is Timer.CONVERSATION and state != Erasing():
        return

    assert CONVERSATIONS[terms].step(state, event, at) == Turn(state)


@given(terms, states, moments, st.sampled_from(["", "2026-11-22T12:00:00+00:00"]))
def test_what_no_record_explains_is_erased(
    terms: Terms, state: State, at: datetime, about: str
) -> None:
    conversation = CONVERSATIONS[terms]

    assert conversation.step(state, TimeIsUp(Timer.OUTDATED, about), at).state == Erasing()
    forgotten = conversation.step(Idle(), TimeIsUp(Timer.CONVERSATION, about), at)
    assert forgotten.state == Erasing()


@given(terms, states, events, moments)
def test_only_what_is_no_longer_in_use_is_forgotten(
    terms: Terms, state: State, event: Event, at: datetime
) -> None:
    turn = CONVERSATIONS[terms].step(state, event, at)

    after = sitting_of(turn.state)
    forgotten = {p for e in turn.effects if isinstance(e, ForgetPhotos) for p in e.photos}
    assert not after or not forgotten & after.photos


@given(terms, states, events, moments)
def test_no_blob_is_lost_in_a_step(terms: Terms, state: State, event: Event, at: datetime) -> None:
    turn = CONVERSATIONS[terms].step(state, event, at)
    before, after = sitting_of(state), sitting_of(turn.state)

    known = (before.photos if before else frozenset()) | set(blobs_of(event))
    kept = after.photos if after else frozenset()
    forgotten = {p for e in turn.effects if isinstance(e, ForgetPhotos) for p in e.photos}
    archived = {event.archive} if isinstance(event, DataPacked) else set()
    assert turn.state == Erasing() or known <= kept | forgotten | archived
