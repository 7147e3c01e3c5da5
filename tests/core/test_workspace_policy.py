"""What a workspace's policy takes away, and what people in it notice."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot import workspace_policy
from bot.conversation import Conversation
from bot.effects import CancelOrder, Erase, Farewell, ForgetPhotos, MakeHeadshots
from bot.events import Dismissed, MakingFailed, SelfieWithdrawn
from bot.model import Person, SelfieRef
from bot.states import Choosing, Consenting, Delivered, Idle, Making, Question, Waiting
from bot.terms import Terms
from bot.workspace_policy import Policy
from tests.core.play import EVERYTHING, LOCAL, LOOKS, WORDING, Play, sitting_of

ANNA, BORIS = Person("slack", "T1", "U1"), Person("slack", "T1", "U2")


def in_force(allowed: Policy, house: Terms = EVERYTHING) -> Terms:
    return allowed.terms(house, ANNA)


def playing(terms: Terms) -> Play:
    return Play(LOCAL, Conversation(WORDING, terms))


def all_the_way(terms: Terms) -> Play:
    play = playing(terms)
    while not isinstance(play.state, Delivered):
        play.agree()
    return play


def test_without_a_policy_nothing_changes() -> None:
    assert in_force(Policy()) == EVERYTHING


def test_a_policy_is_kept_as_it_is() -> None:
    allowed = Policy(hosted=False, people=("U1",), daily=3, looks=("navy",), contact="a@b.example")

    assert workspace_policy.decode(workspace_policy.encode(allowed)) == allowed


@pytest.mark.parametrize("kept", [b'{"photo_minutes": 600}', b'{"more": 1}', b"[]", b"nonsense"])
def test_a_policy_that_cannot_be_read_allows_nothing(kept: bytes) -> None:
    unread = in_force(workspace_policy.decode(kept))

    assert (unread.hosted, unread.admitted, unread.headshot_seconds) == (None, False, 3600)


def test_time_can_only_get_shorter() -> None:
    house = replace(EVERYTHING, photo_seconds=600, headshot_seconds=7200)

    longer = in_force(Policy(photo_minutes=60, headshot_hours=24), house)
    shorter = in_force(Policy(photo_minutes=5, headshot_hours=1), house)

    assert (longer.photo_seconds, longer.headshot_seconds) == (600, 7200)
    assert (shorter.photo_seconds, shorter.headshot_seconds) == (300, 3600)


def test_only_looks_that_the_house_has_are_offered() -> None:
    assert in_force(Policy(looks=("navy", "moon"))).looks == ("navy",)
    assert in_force(Policy(looks=("moon",))).looks == EVERYTHING.looks


def test_a_list_of_people_admits_those_on_it() -> None:
    listed = Policy(people=("U1",))

    assert listed.terms(EVERYTHING, ANNA).admitted
    assert not listed.terms(EVERYTHING, BORIS).admitted


def test_what_changes_for_photos_asks_again_and_what_does_not_does_not() -> None:
    unchanged = [Policy(people=("U1",)), Policy(daily=2), Policy(looks=("navy",))]
    changed = [Policy(hosted=False), Policy(headshot_hours=1), Policy(contact="a@example.org")]

    assert {in_force(one).version for one in unchanged} == {EVERYTHING.version}
    assert EVERYTHING.version not in {in_force(one).version for one in changed}


def test_a_policy_that_allows_more_asks_people_again() -> None:
    here = in_force(Policy(hosted=False))
    play = playing(here)
    while not isinstance(play.state, Choosing):
        play.agree()

    wider = Play(LOCAL, Conversation(WORDING, EVERYTHING))
    wider.state = play.state
    wider.tap(LOOKS[0])

    assert isinstance(wider.state, Consenting)
    assert wider.state.question is Question.SELF
    assert not [effect for effect in wider.effects if isinstance(effect, MakeHeadshots)]


def test_who_is_not_admitted_hears_why_and_nothing_is_kept() -> None:
    play = playing(replace(LOCAL, admitted=False))
    play.selfie()

    assert play.state == Idle()
    (said,) = play.said
    assert said.text.startswith("The people who run this workspace haven't")


def test_who_is_no_longer_admitted_orders_nothing_more() -> None:
    play = playing(LOCAL)
    while not isinstance(play.state, Choosing):
        play.agree()
    outside = playing(replace(LOCAL, admitted=False))
    outside.state = play.state
    outside.tap(LOOKS[0])

    assert isinstance(outside.state, Choosing)
    assert not [effect for effect in outside.effects if isinstance(effect, MakeHeadshots)]


def test_the_daily_limit_counts_orders_of_the_last_day() -> None:
    play = all_the_way(replace(LOCAL, daily=1, headshot_seconds=24 * 3600))
    play.tap("again")
    play.tap(LOOKS[1])

    assert isinstance(play.state, Choosing)
    assert any(m.text.startswith("You've had today's headshots") for m in play.log[-1].said)


def test_an_order_that_came_to_nothing_does_not_count() -> None:
    play = playing(replace(LOCAL, daily=1))
    while not isinstance(play.state, Making):
        play.agree()
    play.do(MakingFailed(play.state.order))
    play.tap(LOOKS[1])

    assert isinstance(play.state, Making)


def test_a_photo_that_is_taken_back_takes_its_crop_along() -> None:
    play = playing(LOCAL)
    while not isinstance(play.state, Making):
        play.agree()
    source = sitting_of(play.state)
    assert source
    assert source.source
    play.do(SelfieWithdrawn(SelfieRef("another one")))
    assert isinstance(play.state, Making)
    turn = play.do(SelfieWithdrawn(source.source))

    assert isinstance(turn.state, Waiting)
    kinds = {type(effect) for effect in turn.effects}
    assert {CancelOrder, ForgetPhotos} <= kinds


def test_who_is_dismissed_is_erased_and_told() -> None:
    play = all_the_way(LOCAL)
    (effect,) = play.do(Dismissed()).effects

    assert isinstance(effect, Erase)
    assert effect.farewell is Farewell.DISMISSED
