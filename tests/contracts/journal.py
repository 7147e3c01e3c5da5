"""What every `Journal` must do; subclass `JournalContract` and give the fixture ``journal``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.effects import CheckPhoto, ConfirmRemoval, Effect, Erase, Farewell, Remind, Say
from bot.events import Timer
from bot.model import Message, Person, SelfieRef, Ticket
from bot.ports import Journal, Owed
from bot.states import Idle, Sitting, State, Turn, Waiting

ANNA = Person("web", "", "anna")
BORIS = Person("web", "", "boris")
NOON = datetime(2030, 1, 1, 12, 0, 0, 250, tzinfo=UTC)
CHECK = CheckPhoto(SelfieRef("ref"))
ERASE = Erase(Farewell.ASKED, "en")
CONFIRM = ConfirmRemoval("DR-1", "en", (Ticket("hosted", "order"),), NOON)


def waiting(serial: int = 1) -> State:
    """A state that is not `Idle`."""
    return Waiting(Sitting("en", began=NOON, touched=NOON, serial=serial))


def say(text: str) -> Say:
    return Say(Message(text))


def remind(due: datetime) -> Remind:
    return Remind(Timer.PHOTO, "photo", due)


async def commit(journal: Journal, person: Person, delivery: str, *effects: Effect) -> list[Owed]:
    """A turn that must be written."""
    owed = await journal.commit(person, delivery, Turn(waiting(), effects))
    assert owed is not None
    return list(owed)


async def effects_owed(journal: Journal, person: Person | None = None) -> list[Effect]:
    return [owed.effect for owed in await journal.owed(person)]


class JournalContract:
    """Subclass me as ``class TestMine(JournalContract)``."""

    @pytest.fixture
    def journal(self) -> Journal:
        raise NotImplementedError

    # --- the conversation

    async def test_whoever_has_no_record_is_idle(self, journal: Journal) -> None:
        assert await journal.load(ANNA) == Idle()

    async def test_a_state_is_loaded_as_it_was_committed(self, journal: Journal) -> None:
        await journal.commit(ANNA, "web:1", Turn(waiting(7)))
        await journal.commit(ANNA, "web:2", Turn(waiting(8)))
        await journal.commit(BORIS, "web:3", Turn(waiting(9)))
        assert await journal.load(ANNA) == waiting(8)

    async def test_idle_removes_the_record(self, journal: Journal) -> None:
        await journal.commit(ANNA, "web:1", Turn(waiting()))
        await journal.commit(ANNA, "web:2", Turn(Idle()))
        assert await journal.load(ANNA) == Idle()
        assert "conversations" not in (await journal.erase(ANNA)).counts

    async def test_a_delivery_counts_once(self, journal: Journal) -> None:
        await commit(journal, ANNA, "web:1", say("a"))
        assert await journal.commit(ANNA, "web:1", Turn(waiting(2), (say("b"),))) is None
        assert await journal.load(ANNA) == waiting()
        assert await effects_owed(journal) == [say("a")]

    async def test_a_delivery_id_counts_for_each_person(self, journal: Journal) -> None:
        await commit(journal, ANNA, "web:1")
        await commit(journal, BORIS, "web:1")
        assert await journal.load(BORIS) == waiting()

    # --- what is owed

    async def test_effects_are_owed_in_the_order_of_commit(self, journal: Journal) -> None:
        first = await commit(journal, ANNA, "web:1", say("a"), remind(NOON), say("b"))
        second = await commit(journal, BORIS, "web:2", say("c"))
        assert await journal.owed() == [*first, *second]
        assert [owed.effect for owed in first] == [say("a"), remind(NOON), say("b")]
        assert {owed.person for owed in first} == {ANNA}
        assert {owed.attempt for owed in first} == {0}

    async def test_what_one_person_is_owed_can_be_asked_for(self, journal: Journal) -> None:
        await commit(journal, ANNA, "web:1", say("a"))
        await commit(journal, BORIS, "web:2", say("b"))
        assert await effects_owed(journal, BORIS) == [say("b")]

    async def test_a_timer_is_due_when_it_says(self, journal: Journal) -> None:
        (timer,) = await commit(journal, ANNA, "web:1", remind(NOON + timedelta(microseconds=1)))
        taken = await journal.take(timer.id)
        assert timer.due == NOON + timedelta(microseconds=1)
        assert taken is not None
        assert taken.due == timer.due

    async def test_speech_to_one_person_is_one_line(self, journal: Journal) -> None:
        one, other = await commit(journal, ANNA, "web:1", say("a"), say("b"))
        (later,) = await commit(journal, ANNA, "web:2", say("c"))
        assert one.line == other.line == later.line

    async def test_persons_and_lanes_do_not_share_a_line(self, journal: Journal) -> None:
        speech, work = await commit(journal, ANNA, "web:1", say("a"), CHECK)
        (elsewhere,) = await commit(journal, BORIS, "web:2", say("a"))
        assert len({speech.line, work.line, elsewhere.line}) == 3

    async def test_timers_do_not_wait_for_each_other(self, journal: Journal) -> None:
        timers = await commit(journal, ANNA, "web:1", remind(NOON), remind(NOON))
        assert timers[0].line != timers[1].line

    async def test_each_take_counts_an_attempt(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", say("a"))
        first, second = await journal.take(owed.id), await journal.take(owed.id)
        assert first is not None
        assert second is not None
        assert (first.attempt, second.attempt) == (1, 2)
        assert first.effect == say("a")
        assert await journal.owed() == [second]

    async def test_a_note_is_there_for_the_next_attempt(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", say("a"))
        assert await journal.annotate(owed.id, "one")
        assert await journal.annotate(owed.id, "two")
        taken = await journal.take(owed.id)
        assert taken is not None
        assert taken.note == "two"

    async def test_what_is_settled_is_over(self, journal: Journal) -> None:
        one, other = await commit(journal, ANNA, "web:1", say("a"), say("b"))
        await journal.settle(one.id)
        await journal.settle(one.id)
        assert await journal.owed() == [other]
        assert await journal.take(one.id) is None
        assert not await journal.annotate(one.id, "late")

    # --- a turn that concludes an effect

    async def test_a_turn_settles_what_it_concludes(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", CHECK)
        taken = await journal.take(owed.id)
        turn = Turn(waiting(2), (say("done"),))
        assert await journal.commit(ANNA, "effect:1", turn, settles=taken) is not None
        assert await journal.load(ANNA) == waiting(2)
        assert await effects_owed(journal) == [say("done")]

    async def test_an_overtaken_attempt_writes_nothing(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", CHECK)
        overtaken, latest = await journal.take(owed.id), await journal.take(owed.id)
        turn = Turn(waiting(2), (say("done"),))
        assert await journal.commit(ANNA, "effect:1", turn, settles=overtaken) is None
        assert await journal.load(ANNA) == waiting()
        assert await journal.owed() == [latest]

    async def test_what_was_settled_cannot_be_concluded(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", CHECK)
        taken = await journal.take(owed.id)
        await journal.settle(owed.id)
        turn = Turn(waiting(2), (say("done"),))
        assert await journal.commit(ANNA, "effect:1", turn, settles=taken) is None
        assert await journal.load(ANNA) == waiting()
        assert await journal.owed() == []

    async def test_a_refused_conclusion_does_not_use_up_its_delivery(
        self, journal: Journal
    ) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", CHECK)
        overtaken, latest = await journal.take(owed.id), await journal.take(owed.id)
        assert await journal.commit(ANNA, "effect:1", Turn(waiting()), settles=overtaken) is None
        assert await journal.commit(ANNA, "effect:1", Turn(waiting()), settles=latest) == []

    async def test_a_delivery_seen_before_settles_nothing(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", CHECK)
        taken = await journal.take(owed.id)
        assert await journal.commit(ANNA, "web:1", Turn(waiting()), settles=taken) is None
        assert await journal.owed() == [taken]

    # --- erasing

    async def test_a_turn_that_erases_drops_everything_else_owed(self, journal: Journal) -> None:
        await commit(journal, ANNA, "web:1", say("a"), CHECK)
        await commit(journal, BORIS, "web:2", say("b"))
        await commit(journal, ANNA, "web:3", ERASE)
        assert await effects_owed(journal) == [say("b"), ERASE]

    async def test_an_erasure_is_owed_until_it_is_settled(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", ERASE)
        await journal.erase(ANNA)
        assert await journal.annotate(owed.id, "counts")
        taken = await journal.take(owed.id)
        assert taken is not None
        assert (taken.person, taken.effect, taken.note) == (ANNA, ERASE, "counts")
        await journal.settle(owed.id)
        assert await journal.owed() == []

    async def test_erasing_leaves_no_record(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", say("a"))
        erased = await journal.erase(ANNA)
        assert erased.counts["conversations"] == 1
        assert await journal.load(ANNA) == Idle()
        assert await journal.owed() == []
        assert await journal.take(owed.id) is None

    async def test_erasing_leaves_the_others_alone(self, journal: Journal) -> None:
        await commit(journal, ANNA, "web:1", say("a"))
        await commit(journal, BORIS, "web:2", say("b"))
        await journal.erase(ANNA)
        assert await journal.load(BORIS) == waiting()
        assert await effects_owed(journal) == [say("b")]
        assert await journal.commit(BORIS, "web:2", Turn(waiting(2))) is None

    async def test_an_attempt_from_before_the_erasure_writes_nothing(
        self, journal: Journal
    ) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", CHECK)
        taken = await journal.take(owed.id)
        await commit(journal, ANNA, "web:2", ERASE)
        turn = Turn(waiting(2), (say("late"),))
        assert await journal.commit(ANNA, "effect:1", turn, settles=taken) is None
        assert await effects_owed(journal) == [ERASE]

    async def test_whoever_comes_back_starts_anew(self, journal: Journal) -> None:
        await commit(journal, ANNA, "web:1", ERASE)
        await journal.erase(ANNA)
        for owed in await journal.owed():
            await journal.settle(owed.id)
        (hello,) = await commit(journal, ANNA, "web:2", say("hello again"))
        assert await journal.load(ANNA) == waiting()
        assert await journal.owed() == [hello]

    async def test_what_follows_an_erasure_is_owed_in_its_place(self, journal: Journal) -> None:
        await commit(journal, ANNA, "web:1", ERASE)
        (owed,) = await journal.owed(ANNA)
        taken = await journal.take(owed.id)
        await journal.erase(ANNA)
        assert taken is not None
        following = await journal.follow(taken, CONFIRM)
        assert following is not None
        assert await effects_owed(journal) == [CONFIRM]
        assert await journal.load(ANNA) == Idle()
        again = await journal.take(following.id)
        assert again is not None
        assert (again.person, again.effect) == (ANNA, CONFIRM)

    async def test_nothing_follows_on_an_overtaken_attempt(self, journal: Journal) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", ERASE)
        taken = await journal.take(owed.id)
        await journal.take(owed.id)
        assert taken is not None
        assert await journal.follow(taken, CONFIRM) is None
        assert await effects_owed(journal) == [ERASE]

    async def test_what_follows_outlives_a_return_but_not_the_next_erasure(
        self, journal: Journal
    ) -> None:
        (owed,) = await commit(journal, ANNA, "web:1", ERASE)
        taken = await journal.take(owed.id)
        await journal.erase(ANNA)
        assert taken is not None
        await journal.follow(taken, CONFIRM)
        await commit(journal, ANNA, "web:2", say("hello again"))
        assert await effects_owed(journal) == [CONFIRM, say("hello again")]
        await commit(journal, ANNA, "web:3", ERASE)
        assert await effects_owed(journal) == [ERASE]
