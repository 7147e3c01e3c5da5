"""Opens everything that is kept on disk, in one folder, and closes it again.

    <data>/journal.db   sessions, deliveries seen, effects owed, what was said, wake-ups, costs,
                        workspaces, the audit chain
    <data>/keys.db      the person keys, wrapped; back this up apart from the rest, or not at all
    <data>/photos/      sealed blobs, a folder per person

Files are 0600 and folders 0700. Only one process may have them open.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.errors import SettingsError
from bot.money import NOTHING, Caps
from bot.ports import Clock, Erasable
from bot.uninterrupted import in_thread
from storage.audit import AuditChain
from storage.database import open_database, private_folder, sqlite_path
from storage.journal import SealedJournal
from storage.keyring import KeyRing, open_keyring
from storage.ledger import SealedLedger
from storage.orphans import OrphanAudit
from storage.passes import SingleUse
from storage.purse import SealedPurse
from storage.register import SealedRegister
from storage.scheduler import FIRST_PAUSE, WakeQueue
from storage.vault import SealedVault, open_vault


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageConfig:
    """Where things are kept, and the key they are kept under."""

    data_dir: Path
    master_key: bytes
    """32 bytes; keep it away from backups of the data."""
    database_url: str = ""
    """``sqlite+aiosqlite:///path``; empty: ``journal.db`` in the data folder."""
    keys_database_url: str = ""
    """As above; empty: ``keys.db`` in the data folder."""
    blob_url: str = ""
    """``file:///path``; empty: ``photos`` in the data folder."""
    slots: int = 8
    """How many photos, orders and archives may be worked on at a time; short effects always may."""
    caps: Caps = NOTHING
    """What may be spent on hosted providers."""
    first_pause: timedelta = FIRST_PAUSE
    """How soon work that raised is called again, the first time."""

    def __repr__(self) -> str:
        return f"StorageConfig(data_dir={self.data_dir!r})"

    @property
    def journal_path(self) -> Path:
        """Raises `SettingsError` for anything but SQLite."""
        return _database(self.database_url, self.data_dir / "journal.db")

    @property
    def keys_path(self) -> Path:
        """Raises `SettingsError` for anything but SQLite."""
        return _database(self.keys_database_url, self.data_dir / "keys.db")

    @property
    def photos_path(self) -> Path:
        """Raises `SettingsError` for anything but a local folder."""
        return _folder(self.blob_url, self.data_dir / "photos")


@dataclass(frozen=True, slots=True)
class Storage:
    """Everything that outlives a restart."""

    keyring: KeyRing
    journal: SealedJournal
    ledger: SealedLedger
    purse: SealedPurse
    scheduler: WakeQueue
    vault: SealedVault
    audit: AuditChain
    register: SealedRegister
    passes: SingleUse
    orphans: OrphanAudit

    @property
    def holders(self) -> tuple[Erasable, ...]:
        """In the order of erasure: first what makes the rest unreadable, last the records."""
        return (self.keyring, self.vault, self.journal)


@asynccontextmanager
async def open_storage(config: StorageConfig, clock: Clock) -> AsyncIterator[Storage]:
    """Lock, migrate, prove the master key, clean up after a kill, and open.

    Raises `SettingsError` when whoever runs the bot must fix something.
    """
    journal_path, keys_path, photos_path = (
        config.journal_path,
        config.keys_path,
        config.photos_path,
    )
    if journal_path == keys_path:
        raise SettingsError("the keys must be in a database file of their own")
    with _private_files():
        await in_thread(private_folder, config.data_dir)
        async with (
            open_database(journal_path, "journal") as database,
            open_database(keys_path, "keys") as keys,
        ):
            keyring = await open_keyring(keys, config.master_key)
            vault = await open_vault(photos_path, keyring)
            scheduler = WakeQueue(
                database, clock, slots=config.slots, first_pause=config.first_pause
            )
            yield Storage(
                keyring=keyring,
                journal=SealedJournal(database, keyring, clock, freed=scheduler.wake),
                ledger=SealedLedger(database, keyring, clock),
                purse=SealedPurse(database, keyring, clock, config.caps),
                scheduler=scheduler,
                vault=vault,
                audit=AuditChain(database, clock),
                register=SealedRegister(database, keyring),
                passes=SingleUse(database, keyring, clock),
                orphans=OrphanAudit(database, keyring, vault, clock),
            )


@contextmanager
def _private_files() -> Iterator[None]:
    """Whatever is created meanwhile is nobody else's to read, whoever creates it."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _database(url: str, default: Path) -> Path:
    return sqlite_path(url) if url else default


def _folder(url: str, default: Path) -> Path:
    if not url:
        return default
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc or not parts.path:
        raise SettingsError(
            "the blob URL must be file:///path/to/folder: "
            "other stores are not supported by this version"
        )
    return Path(unquote(parts.path))
