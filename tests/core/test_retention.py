"""Nothing is kept longer than promised, and nothing is lost sight of."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given

from bot.effects import Erase, ForgetPhotos, PackData, Remind
from bot.events import (
    HeadshotsMade,
    PhotoChecked,
    Replied,
    SelfieSent,
    SelfieUnfit,
    TimeIsUp,
    Timer,
    Wrote,
)
from bot.model import PhotoId
from bot.states import Delivered, Erasing, Idle, Waiting
from tests.core import strategies
from tests.core.play import LOCAL, SHORTER, Play, blobs_of, sitting_of

walks, restarted = strategies.walks, strategies.walks_with_restarts
DAYS = 5 * 24 * 3600.0


@strategies.on_walks
@given(restarted)
def test_every_blob_is_in_use_or_forgotten_or_has_a_timer(play: Play) -> None:
    live: set[PhotoId] = set()
    archives: set[str] = set()
    for step in play.log:
        if step.before != Erasing():
            live |= set(blobs_of(step.event))
        for effect in step.turn.effects:
            if isinstance(effect, Erase):
                live.clear()
            elif isinstance(effect, ForgetPhotos):
                live -= set(effect.photos)
            elif isinstance(effect, Remind) and effect.timer is Timer.ARCHIVE:
                archives.add(effect.about)
        sitting = sitting_of(step.turn.state)
        in_use = sitting.photos if sitting else frozenset()
        assert {photo.value for photo in live - in_use} <= archives


@strategies.on_walks
@given(restarted)
def test_nobody_who_is_idle_has_anything_here(play: Play) -> None:
    live: set[PhotoId] = set()
    for step in play.log:
        if step.before != Erasing():
            live |= set(blobs_of(step.event))
        for effect in step.turn.effects:
            if isinstance(effect, Erase):
                live.clear()
            elif isinstance(effect, ForgetPhotos):
                live -= set(effect.photos)
        assert step.turn.state != Idle() or not live


@strategies.on_walks
@given(restarted)
def test_a_photo_is_held_either_as_a_reference_or_as_a_crop(play: Play) -> None:
    for step in play.log:
        sitting = sitting_of(step.turn.state)
        assert sitting is None or sitting.selfie is None or sitting.crop is None


@strategies.on_walks
@given(walks)
def test_photos_and_headshots_go_when_it_was_promised(play: Play) -> None:
    born: dict[PhotoId, datetime] = {}
    photo = timedelta(seconds=play.terms.photo_seconds)
    headshot = timedelta(seconds=play.terms.headshot_seconds)
    play.wait(DAYS)
    for step in play.log:
        if isinstance(step.event, PhotoChecked | HeadshotsMade):
            born.update(dict.fromkeys(blobs_of(step.event), step.at))
        sitting = sitting_of(step.before)
        if sitting and sitting.crop:
            assert step.at <= born[sitting.crop] + photo
        for batch in sitting.batches if sitting else ():
            assert step.at <= batch.until
            assert all(batch.until == born[s.photo] + headshot for s in batch.headshots)


@strategies.on_walks
@given(walks)
def test_an_unfinished_conversation_is_given_up_when_it_was_promised(play: Play) -> None:
    patience = timedelta(seconds=play.terms.conversation_seconds)
    play.wait(DAYS)
    last = play.at
    for step in play.log:
        sitting = sitting_of(step.before)
        ends = [batch.until for batch in sitting.batches] if sitting else []
        if sitting:
            assert step.at <= max([last + patience, *ends])
        if isinstance(step.event, Wrote | Replied | SelfieSent | SelfieUnfit) or not sitting:
            last = step.at


@strategies.on_walks
@given(restarted)
def test_who_falls_silent_is_forgotten_in_the_end(play: Play) -> None:
    play.wait(DAYS)

    assert isinstance(play.state, Idle | Erasing)


@strategies.on_walks
@given(walks)
def test_old_timers_of_an_erased_conversation_do_nothing(play: Play) -> None:
    old = [effect for effect in play.effects if isinstance(effect, Remind)]
    play.write("/delete now")
    play.erased()
    play.selfie()
    before = play.state

    for timer in old:
        turn = play.do(TimeIsUp(timer.timer, timer.about))
        assert turn.state == before
        assert not turn.effects or timer.timer is Timer.ARCHIVE


def delivered(play: Play) -> Play:
    while not isinstance(play.state, Delivered):
        play.agree()
    return play


def test_the_picture_goes_first_and_the_headshots_later() -> None:
    play = delivered(Play(LOCAL))

    play.wait(3600)
    sitting = sitting_of(play.state)
    assert sitting is not None
    assert sitting.crop is None
    assert sitting.batches

    play.wait(23 * 3600)
    assert play.state == Erasing()


def test_headshots_that_go_before_the_picture_take_everything_along() -> None:
    play = delivered(Play(SHORTER))

    play.wait(SHORTER.headshot_seconds)

    assert play.state == Erasing()


def test_earlier_headshots_go_while_later_ones_stay() -> None:
    play = delivered(Play(LOCAL))
    play.wait(12 * 3600)
    play.selfie()
    delivered(play)

    play.wait(12 * 3600)

    sitting, first = sitting_of(play.state), sitting_of(play.log[-1].before)
    assert sitting is not None
    assert first is not None
    assert len(sitting.batches) == 1
    gone = tuple(shot.photo for shot in first.batches[0].headshots)
    assert ForgetPhotos(gone) in play.log[-1].turn.effects
    assert any(m.text.startswith("I've erased your earlier headshots") for m in play.said)


def test_doing_something_puts_off_giving_up() -> None:
    play = Play(LOCAL)
    play.selfie()
    play.write("/new")
    play.wait(23 * 3600)
    play.write("/status")

    play.wait(23 * 3600)
    assert isinstance(play.state, Waiting)
    play.wait(3600)
    assert isinstance(play.state, Erasing)


def test_a_question_about_erasing_nothing_is_put_away_after_a_while() -> None:
    play = Play(LOCAL)
    play.write("/delete")

    play.wait(LOCAL.conversation_seconds)

    assert isinstance(play.state, Erasing), "what was said in the chat goes as well"


def test_a_copy_of_the_data_goes_with_the_picture_in_it() -> None:
    play = delivered(Play(LOCAL))
    play.write("/mydata")
    play.finish()
    held = sitting_of(play.state)
    assert held is not None
    (archive,) = held.archives

    play.tap("done")

    (forgotten,) = [e for e in play.log[-1].turn.effects if isinstance(e, ForgetPhotos)]
    assert archive in forgotten.photos
    left = sitting_of(play.state)
    assert left is not None
    assert left.photos.isdisjoint(forgotten.photos)


def test_a_copy_that_was_packed_with_a_picture_let_go_of_meanwhile_is_packed_again() -> None:
    play = delivered(Play(LOCAL))
    play.write("/mydata")
    packing = play.work.pop()
    play.tap("done")

    turn = play.do(play.result(packing))

    assert any(isinstance(effect, ForgetPhotos) for effect in turn.effects)
    (again,) = [effect for effect in turn.effects if isinstance(effect, PackData)]
    assert again.crop is None
