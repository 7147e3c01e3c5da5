"""Each test of each storage contract fails for somebody who breaks its promise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, TypeAlias

import pytest

from bot.model import Person
from tests.contracts.audit import AuditContract
from tests.contracts.erasable import ErasableContract
from tests.contracts.journal import JournalContract, commit, say
from tests.contracts.ledger import LedgerContract
from tests.contracts.passes import PassesContract
from tests.contracts.purse import CAPS, PurseContract
from tests.contracts.register import RegisterContract
from tests.contracts.scheduler import SchedulerContract
from tests.contracts.vault import VaultContract
from tests.fakes.memory import (
    MemoryAudit,
    MemoryJournal,
    MemoryLedger,
    MemoryScheduler,
    MemoryVault,
)
from tests.fakes.purse import MemoryPurse
from tests.fakes.register import MemoryPasses, MemoryRegister
from tests.storage import broken_journals as journals
from tests.storage import broken_purses as purses
from tests.storage import broken_registers as registers
from tests.storage import broken_schedulers as schedulers
from tests.storage import broken_vaults as vaults
from tests.storage.catching import catches, promises
from tests.storage.clocks import MovedClock

Caught: TypeAlias = Mapping[str, type[object]]

JOURNALS: Final[Mapping[str, type[MemoryJournal]]] = {
    "test_whoever_has_no_record_is_idle": journals.NeverIdle,
    "test_a_state_is_loaded_as_it_was_committed": journals.AlwaysIdle,
    "test_idle_removes_the_record": journals.KeepsIdle,
    "test_a_delivery_counts_once": journals.ForgetsDeliveries,
    "test_a_delivery_id_counts_for_each_person": journals.OneListOfDeliveries,
    "test_effects_are_owed_in_the_order_of_commit": journals.OwesBackwards,
    "test_what_one_person_is_owed_can_be_asked_for": journals.OwesToEverybody,
    "test_a_timer_is_due_when_it_says": journals.RoundsTime,
    "test_speech_to_one_person_is_one_line": journals.ALinePerEffect,
    "test_persons_and_lanes_do_not_share_a_line": journals.OneLineForAll,
    "test_timers_do_not_wait_for_each_other": journals.OneLineForAll,
    "test_each_take_counts_an_attempt": journals.CountsNothing,
    "test_a_note_is_there_for_the_next_attempt": journals.KeepsTheFirstNote,
    "test_what_is_settled_is_over": journals.NeverSettles,
    "test_a_turn_settles_what_it_concludes": journals.SettlesNothing,
    "test_an_overtaken_attempt_writes_nothing": journals.IgnoresAttempts,
    "test_what_was_settled_cannot_be_concluded": journals.SettlesNothing,
    "test_a_refused_conclusion_does_not_use_up_its_delivery": journals.SeesTooEarly,
    "test_a_delivery_seen_before_settles_nothing": journals.SettlesTooEarly,
    "test_a_turn_that_erases_drops_everything_else_owed": journals.KeepsOldPromises,
    "test_an_erasure_is_owed_until_it_is_settled": journals.ForgetsErasures,
    "test_erasing_leaves_no_record": journals.KeepsSessions,
    "test_erasing_leaves_the_others_alone": journals.ErasesEverybody,
    "test_an_attempt_from_before_the_erasure_writes_nothing": journals.SettlesNothing,
    "test_whoever_comes_back_starts_anew": journals.NeverLetsComeBack,
    "test_what_follows_an_erasure_is_owed_in_its_place": journals.OwesBoth,
    "test_nothing_follows_on_an_overtaken_attempt": journals.FollowsOnAnything,
    "test_what_follows_outlives_a_return_but_not_the_next_erasure": journals.KeepsWhatFollows,
}

HOLDERS: Final[Mapping[str, type[MemoryJournal]]] = {
    "test_it_says_what_it_holds_in_one_sentence": journals.SaysNothing,
    "test_erasing_counts_what_was_there": journals.CountsZero,
    "test_a_second_erase_finds_nothing": journals.EndlessCount,
    "test_erasing_a_stranger_finds_nothing": journals.EndlessCount,
    "test_erasing_one_person_leaves_the_other": journals.ErasesEverybody,
    "test_whoever_comes_back_can_be_erased_again": journals.NeverLetsComeBack,
}

LEDGERS: Final[Mapping[str, type[MemoryLedger]]] = {
    "test_whoever_was_told_nothing_has_no_entries": journals.KnowsEverybody,
    "test_entries_come_oldest_first": journals.SortsByKey,
    "test_overwriting_keeps_the_place": journals.MovesWhatIsOverwritten,
    "test_one_entry_can_be_read_by_its_key": journals.LosesTheLast,
    "test_persons_are_kept_apart": journals.OneBookForAll,
    "test_what_was_read_does_not_change_later": journals.HandsOutItsOwnBook,
}

AUDITS: Final[Mapping[str, type[MemoryAudit]]] = {
    "test_a_head_is_a_hash": journals.NotAHash,
    "test_another_entry_gives_another_head": journals.OneHeadForAll,
    "test_the_chain_can_be_taken_away_whole": journals.KeepsItsChain,
    "test_the_same_entry_again_adds_none": journals.AddsEveryTime,
}

REGISTERS: Final[Mapping[str, type[MemoryRegister]]] = {
    "test_a_record_is_read_as_it_was_noted": registers.KeepsTheFirst,
    "test_a_dropped_record_is_gone_and_the_others_stay": registers.DropsEverything,
    "test_erasing_a_workspace_leaves_the_others": registers.ErasesEverybody,
    "test_it_knows_who_is_in_a_workspace": registers.MixesWorkspaces,
    "test_whoever_was_erased_is_in_no_workspace_until_they_come_back": (
        registers.RemembersTheErased
    ),
}

PASSES: Final[Mapping[str, type[MemoryPasses]]] = {
    "test_a_pass_is_good_once": registers.AlwaysGood,
    "test_a_pass_is_good_for_a_while": registers.Endless,
    "test_nobody_guesses_one": registers.AnythingGoes,
}

SCHEDULERS: Final[Mapping[str, type[MemoryScheduler]]] = {
    "test_what_was_put_before_the_start_is_called": schedulers.ForgetsBeforeTheStart,
    "test_what_is_put_meanwhile_is_called": schedulers.DeafWhileRunning,
    "test_the_same_id_counts_once": schedulers.CountsTwice,
    "test_a_line_runs_one_at_a_time_in_order": schedulers.LastInFirstOut,
    "test_lines_run_side_by_side": schedulers.OneLineForAll,
    "test_nothing_is_called_before_it_is_due": schedulers.Hasty,
    "test_waiting_work_does_not_hold_up_what_is_short": schedulers.EverythingNeedsASlot,
    "test_what_is_due_first_does_not_wait_for_another_line": schedulers.OneLineForAll,
    "test_a_line_waits_for_its_head": schedulers.NoLines,
    "test_work_can_ask_to_be_called_again": schedulers.CallsOnce,
    "test_work_that_raises_is_called_again": schedulers.GivesUp,
    "test_work_that_was_cancelled_from_outside_is_called_again": schedulers.GivesUp,
    "test_what_is_done_is_not_called_by_the_next_run": schedulers.NeverDone,
    "test_cancelling_waits_for_the_work_it_cancels": schedulers.LeavesWorkBehind,
    "test_what_was_cancelled_is_called_by_the_next_run": schedulers.ForgetsWhatWasCancelled,
}

VAULTS: Final[Mapping[str, type[MemoryVault]]] = {
    "test_a_photo_comes_back_as_it_was": vaults.AddsAByte,
    "test_the_same_name_overwrites": vaults.NeverOverwrites,
    "test_names_and_persons_are_kept_apart": vaults.OneNameForAll,
    "test_the_id_tells_nothing": vaults.TellsTheName,
    "test_a_foreign_name_is_gone": vaults.GivesAnything,
    "test_dropping_a_foreign_name_drops_nothing": vaults.DropsEverything,
    "test_a_name_is_known_before_it_is_put": vaults.TellsTheName,
    "test_what_is_dropped_is_gone": vaults.DropsNothing,
    "test_what_was_dropped_can_be_put_again": vaults.DropsForGood,
    "test_erasing_takes_all_photos_of_one_person": vaults.ErasesOnlyTheNewest,
}


PURSES: Final[Mapping[str, type[MemoryPurse]]] = {
    "test_an_order_within_all_limits_is_allowed": purses.Stingy,
    "test_an_order_that_is_too_dear_is_not": purses.NoLimit,
    "test_a_person_has_a_limit_a_day": purses.OnePersonForAll,
    "test_a_workspace_has_one_too": purses.OneWorkspaceForAll,
    "test_and_everybody_together": purses.NoLimit,
    "test_the_same_order_is_set_aside_once": purses.SetsAsideAgain,
    "test_what_was_not_spent_can_be_spent": purses.SettlesNothing,
    "test_the_first_settlement_counts": purses.SettlesAgain,
    "test_without_a_reservation_there_is_nothing_to_settle": purses.SettlesAnything,
    "test_another_day_begins_anew": purses.OneDayForEver,
    "test_a_ticket_is_kept_with_its_person": purses.OneBookForAll,
    "test_erasing_takes_one_person_and_leaves_the_totals": purses.ForgetsTotals,
}


class Impatient(SchedulerContract):
    """Does not wait long for a call that will not come."""

    patience = 0.5


@pytest.mark.parametrize(
    ("contract", "caught"),
    [
        (JournalContract, JOURNALS),
        (ErasableContract, HOLDERS),
        (LedgerContract, LEDGERS),
        (AuditContract, AUDITS),
        (RegisterContract, REGISTERS),
        (PassesContract, PASSES),
        (SchedulerContract, SCHEDULERS),
        (VaultContract, VAULTS),
        (PurseContract, PURSES),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_every_promise_has_somebody_who_breaks_it(contract: type[object], caught: Caught) -> None:
    assert promises(contract) == caught.keys()


@pytest.mark.parametrize("promise", JOURNALS)
async def test_a_broken_journal_is_caught(promise: str, clock: MovedClock) -> None:
    journal = JOURNALS[promise](clock, MemoryLedger(), MemoryScheduler(clock))
    assert await catches(JournalContract(), promise, {"journal": journal})


@pytest.mark.parametrize("promise", HOLDERS)
async def test_a_broken_holder_is_caught(promise: str, clock: MovedClock) -> None:
    journal = HOLDERS[promise](clock, MemoryLedger(), MemoryScheduler(clock))

    async def fill(person: Person) -> None:
        await commit(journal, person, "web:1", say("hello"))

    assert await catches(ErasableContract(), promise, {"holder": journal, "fill": fill})


@pytest.mark.parametrize("promise", LEDGERS)
async def test_a_broken_ledger_is_caught(promise: str) -> None:
    assert await catches(LedgerContract(), promise, {"ledger": LEDGERS[promise]()})


@pytest.mark.parametrize("promise", AUDITS)
async def test_a_broken_audit_log_is_caught(promise: str) -> None:
    assert await catches(AuditContract(), promise, {"audit": AUDITS[promise]()})


@pytest.mark.parametrize("promise", REGISTERS)
async def test_a_broken_register_is_caught(promise: str, clock: MovedClock) -> None:
    journal = MemoryJournal(clock, MemoryLedger(), MemoryScheduler(clock))
    given = {"register": REGISTERS[promise](journal), "journal": journal}
    assert await catches(RegisterContract(), promise, given)


@pytest.mark.parametrize("promise", PASSES)
async def test_broken_passes_are_caught(promise: str, clock: MovedClock) -> None:
    given = {"passes": PASSES[promise](clock), "clock": clock}
    assert await catches(PassesContract(), promise, given)


@pytest.mark.parametrize("promise", SCHEDULERS)
async def test_a_broken_scheduler_is_caught(promise: str, clock: MovedClock) -> None:
    scheduler = SCHEDULERS[promise](clock, pause=timedelta(milliseconds=1))
    assert await catches(Impatient(), promise, {"scheduler": scheduler})


@pytest.mark.parametrize("promise", VAULTS)
async def test_a_broken_vault_is_caught(promise: str) -> None:
    assert await catches(VaultContract(), promise, {"vault": VAULTS[promise]()})


@pytest.mark.parametrize("promise", PURSES)
async def test_a_broken_purse_is_caught(promise: str, clock: MovedClock) -> None:
    purse = PURSES[promise](clock, CAPS)
    journal = MemoryJournal(clock, MemoryLedger(), MemoryScheduler(clock), purse)
    known = {"purse": purse, "clock": clock, "erase": journal.erase}
    assert await catches(PurseContract(), promise, known)


async def test_a_whole_journal_is_not_caught(clock: MovedClock) -> None:
    journal = MemoryJournal(clock, MemoryLedger(), MemoryScheduler(clock))
    promise = "test_whoever_has_no_record_is_idle"
    assert not await catches(JournalContract(), promise, {"journal": journal})
