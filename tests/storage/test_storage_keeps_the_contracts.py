"""The storage on disk keeps every contract of its ports."""

from __future__ import annotations

import pytest

from bot.model import Person
from bot.ports import AuditLog, Erasable, Journal, Ledger, PhotoVault, Scheduler
from bot.workspace_ports import Passes, Register
from storage.house import Storage
from tests.contracts.audit import AuditContract
from tests.contracts.erasable import ErasableContract, Fill
from tests.contracts.journal import JournalContract, commit, say
from tests.contracts.ledger import LedgerContract
from tests.contracts.passes import PassesContract
from tests.contracts.register import RegisterContract
from tests.contracts.scheduler import SchedulerContract
from tests.contracts.vault import VaultContract


class TestJournal(JournalContract):
    @pytest.fixture
    def journal(self, storage: Storage) -> Journal:
        return storage.journal


class TestLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, storage: Storage) -> Ledger:
        return storage.ledger


class TestScheduler(SchedulerContract):
    @pytest.fixture
    def scheduler(self, storage: Storage) -> Scheduler:
        return storage.scheduler


class TestVault(VaultContract):
    @pytest.fixture
    def vault(self, storage: Storage) -> PhotoVault:
        return storage.vault


class TestAudit(AuditContract):
    @pytest.fixture
    def audit(self, storage: Storage) -> AuditLog:
        return storage.audit


class TestErasingFromTheJournal(ErasableContract):
    @pytest.fixture
    def holder(self, storage: Storage) -> Erasable:
        return storage.journal

    @pytest.fixture
    def fill(self, storage: Storage) -> Fill:
        async def fill(person: Person) -> None:
            await commit(storage.journal, person, "web:1", say("hello"))
            await storage.ledger.note(person, "key", b"entry")

        return fill


class TestErasingFromTheVault(ErasableContract):
    @pytest.fixture
    def holder(self, storage: Storage) -> Erasable:
        return storage.vault

    @pytest.fixture
    def fill(self, storage: Storage) -> Fill:
        async def fill(person: Person) -> None:
            await storage.vault.put(person, "crop", b"photo")

        return fill


class TestErasingFromTheKeyRing(ErasableContract):
    @pytest.fixture
    def holder(self, storage: Storage) -> Erasable:
        return storage.keyring

    @pytest.fixture
    def fill(self, storage: Storage) -> Fill:
        async def fill(person: Person) -> None:
            await storage.keyring.key_or_new(storage.keyring.tag(person))

        return fill


class TestRegister(RegisterContract):
    @pytest.fixture
    def register(self, storage: Storage) -> Register:
        return storage.register

    @pytest.fixture
    def journal(self, storage: Storage) -> Journal:
        return storage.journal


class TestPasses(PassesContract):
    @pytest.fixture
    def passes(self, storage: Storage) -> Passes:
        return storage.passes
