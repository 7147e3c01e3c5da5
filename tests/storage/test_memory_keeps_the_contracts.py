"""The fakes in memory keep the same contracts as the storage on disk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import Person
from bot.ports import AuditLog, Erasable, Journal, Ledger, PhotoVault, Scheduler
from bot.workspace_ports import Passes, Register
from tests.contracts.audit import AuditContract
from tests.contracts.erasable import ErasableContract, Fill
from tests.contracts.journal import JournalContract, commit, say
from tests.contracts.ledger import LedgerContract
from tests.contracts.passes import PassesContract
from tests.contracts.register import RegisterContract
from tests.contracts.scheduler import SchedulerContract
from tests.contracts.vault import VaultContract
from tests.fakes.memory import MemoryStorage
from tests.storage.clocks import MovedClock


@pytest.fixture
def memory(clock: MovedClock) -> MemoryStorage:
    return MemoryStorage(clock, first_pause=timedelta(milliseconds=1))


class TestMemoryJournal(JournalContract):
    @pytest.fixture
    def journal(self, memory: MemoryStorage) -> Journal:
        return memory.journal


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, memory: MemoryStorage) -> Ledger:
        return memory.ledger


class TestMemoryScheduler(SchedulerContract):
    @pytest.fixture
    def scheduler(self, memory: MemoryStorage) -> Scheduler:
        return memory.scheduler


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def vault(self, memory: MemoryStorage) -> PhotoVault:
        return memory.vault


class TestMemoryAudit(AuditContract):
    @pytest.fixture
    def audit(self, memory: MemoryStorage) -> AuditLog:
        return memory.audit


class TestErasingFromTheMemoryJournal(ErasableContract):
    @pytest.fixture
    def holder(self, memory: MemoryStorage) -> Erasable:
        return memory.journal

    @pytest.fixture
    def fill(self, memory: MemoryStorage) -> Fill:
        async def fill(person: Person) -> None:
            await commit(memory.journal, person, "web:1", say("hello"))
            await memory.ledger.note(person, "key", b"entry")

        return fill


class TestErasingFromTheMemoryVault(ErasableContract):
    @pytest.fixture
    def holder(self, memory: MemoryStorage) -> Erasable:
        return memory.vault

    @pytest.fixture
    def fill(self, memory: MemoryStorage) -> Fill:
        async def fill(person: Person) -> None:
            await memory.vault.put(person, "crop", b"photo")

        return fill


class TestMemoryRegister(RegisterContract):
    @pytest.fixture
    def register(self, memory: MemoryStorage) -> Register:
        return memory.register

    @pytest.fixture
    def journal(self, memory: MemoryStorage) -> Journal:
        return memory.journal


class TestMemoryPasses(PassesContract):
    @pytest.fixture
    def passes(self, memory: MemoryStorage) -> Passes:
        return memory.passes
