"""Photos as sealed blobs in a folder per person.

Rules:

- A blob is sealed with the person's key and bound to its own name: moved or swapped, it does not
  open. Names are keyed hashes of what the effect calls it, so a retry overwrites.
- `put` returns when file and folder are on the disk (the store does not fsync, so this does).
- A write that has begun is waited for, also when cancelled, and one person's writes and erasure
  exclude each other; a write that comes after its key was destroyed writes nothing. So nothing
  lands after an erasure.
- A kill in the middle of a write leaves ``name#N``, which the store does not list. Such leftovers
  are swept at the start, and go with the person's folder when it is removed as a whole.
- A `PhotoId` may come from outside: only the exact shape of our own names is looked up.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from obstore.store import LocalStore

from bot.errors import ErasureIncomplete, PhotoGone
from bot.model import Erased, Person, PhotoId
from bot.uninterrupted import in_thread
from storage.database import private_folder
from storage.keyring import Key, KeyGone, KeyRing, Unreadable

_PHOTO: Final = re.compile(r"(?P<tag>[0-9a-f]{32})/(?P<name>[0-9a-f]{32})")
_TAG: Final = re.compile(r"[0-9a-f]{32}")


class SealedVault:
    """The `PhotoVault` port on a local folder. Made by `open_vault`."""

    def __init__(self, folder: Path, keyring: KeyRing) -> None:
        self._folder = folder
        self._store = LocalStore(folder)
        self._keyring = keyring
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def holds(self) -> str:
        """Which personal data, where, for how long."""
        return (
            "The crop of your photo, or two while you are asked which (one hour at most), your "
            "headshots (24 hours) and a copy of your data if you asked for one, as encrypted files "
            "on this server until their time is up or you erase, while the key that opens them "
            "stays in the key ring until everything about you is erased."
        )

    def name(self, person: Person, name: str) -> PhotoId:
        """The id that `put` gives to that name, whether or not there is such a blob."""
        tag = self._keyring.tag(person)
        return PhotoId(f"{tag}/{self._keyring.name(tag, 'photo', name)}")

    async def put(self, person: Person, name: str, photo: bytes) -> PhotoId:
        """Seal and store durably. Raises `PhotoGone` when an erasure came in between."""
        tag, stored = self._keyring.tag(person), self.name(person, name)
        key = await self._keyring.key_or_new(tag)
        async with self.alone(tag):
            await self._check_alive(tag, key)
            await in_thread(self._write, key, stored, photo)
        return stored

    async def get(self, photo: PhotoId) -> bytes:
        """Open a blob. Raises `PhotoGone`: erased, or never here."""
        tag = _tag_of(photo)
        try:
            key = await self._keyring.key(tag)
            return await in_thread(self._read, key, photo)
        except (Unreadable, FileNotFoundError) as error:
            raise PhotoGone("erased, or never here") from error

    async def drop(self, photo: PhotoId) -> None:
        """Erase one blob. Safe twice; a foreign name is nothing to erase."""
        try:
            tag = _tag_of(photo)
        except PhotoGone:
            return
        async with self.alone(tag):
            await in_thread(self._unlink, photo)

    async def erase(self, person: Person) -> Erased:
        """Remove all blobs and leftovers of the person, whether or not the key is still there.

        Raises `ErasureIncomplete` with what was removed when something could not be.
        """
        count = await self.remove(self._keyring.tag(person))
        return Erased({"photos": count} if count else {})

    # --- for the orphan audit

    @asynccontextmanager
    async def alone(self, tag: str) -> AsyncIterator[None]:
        """Nobody else writes or erases that person's blobs meanwhile."""
        lock = self._locks.get(tag)
        if lock is None:
            self._locks[tag] = lock = asyncio.Lock()
        async with lock:
            yield

    async def remove(self, tag: str) -> int:
        """Remove a person's folder; how many blobs were in it."""
        async with self.alone(tag):
            return await in_thread(self._remove, tag)

    async def remove_unreadable(self, tag: str) -> None:
        """Remove a person's folder unless there is a key for it."""
        async with self.alone(tag):
            if tag not in await self._keyring.tags():
                await in_thread(self._remove, tag)

    async def tags(self) -> frozenset[str]:
        """Whoever has a folder here."""
        return await in_thread(self._tags)

    async def _check_alive(self, tag: str, key: Key) -> None:
        try:
            alive = key.same_as(await self._keyring.key(tag))
        except KeyGone:
            alive = False
        if not alive:
            raise PhotoGone("erased before it was written")

    # --- blocking, in threads

    def _write(self, key: Key, photo: PhotoId, plain: bytes) -> None:
        path = self._folder / photo.value
        new = not path.parent.exists()
        private_folder(path.parent)
        self._store.put(photo.value, key.seal(f"photo/{photo.value}", plain))
        path.chmod(0o600)
        _fsync(path)
        _fsync(path.parent)
        if new:
            _fsync(self._folder)

    def _read(self, key: Key, photo: PhotoId) -> bytes:
        sealed = bytes(self._store.get(photo.value).bytes())
        return key.open(f"photo/{photo.value}", sealed)

    def _unlink(self, photo: PhotoId) -> None:
        path = self._folder / photo.value
        if not path.parent.exists():
            return
        for found in (path, *path.parent.glob(f"{path.name}#*")):
            found.unlink(missing_ok=True)
        _fsync(path.parent)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
            _fsync(self._folder)

    def _remove(self, tag: str) -> int:
        folder = self._folder / tag
        if not folder.exists():
            return 0
        count = 0
        try:
            # One by one, so that what is gone is counted also when the next one cannot go.
            for found in [found for found in folder.iterdir() if found.is_file()]:
                found.unlink()
                count += "#" not in found.name
            shutil.rmtree(folder)
            _fsync(self._folder)
        except OSError as error:
            counts = {"photos": count} if count else {}
            text = "a folder of photos could not be removed"
            raise ErasureIncomplete(text, counts=counts) from error
        return count

    def _tags(self) -> frozenset[str]:
        return frozenset(
            found.name for found in self._folder.iterdir() if _TAG.fullmatch(found.name)
        )


async def open_vault(folder: Path, keyring: KeyRing) -> SealedVault:
    """Create or open the folder and sweep what killed writes have left behind."""
    await in_thread(_sweep, folder)
    return SealedVault(folder, keyring)


def _sweep(folder: Path) -> None:
    private_folder(folder)
    for leftover in folder.glob("*/*#*"):
        leftover.unlink()
        _fsync(leftover.parent)


def _tag_of(photo: PhotoId) -> str:
    found = _PHOTO.fullmatch(photo.value)
    if found is None:
        raise PhotoGone("not a name of this vault")
    return found["tag"]


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
