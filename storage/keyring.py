"""A key per person and per workspace, and the names under which their records are found.

Everything about a person is sealed with that person's own random 256-bit key (AES-GCM). The key is
stored wrapped by the master key, in a database file of its own. Destroying it makes every copy of
what it sealed unreadable, backups included, so this is the first holder to be erased.

From the master key four sub-keys are derived (HKDF-SHA256, RFC 5869, one per purpose):

- *index* names things: HMAC-SHA256 over length-prefixed parts, so that no two inputs look alike;
- *wrap* wraps the person keys, bound to the person's tag;
- *house* seals the few records that must stay readable after the person's key is gone: the
  erasure itself, and what happens during it;
- *proof* seals a constant, so that starting with the wrong master key is noticed at once.

No key is kept in memory longer than the call that needed it: a cache could outlive an erasure.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import BotError, SettingsError
from bot.model import Erased, Person, Workspace
from storage.database import Database
from storage.tables import person_keys, proof

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FORMAT: Final = b"\x01"
_NAME_BYTES: Final = 16
"""128 bits of a keyed hash: nobody without the master key can even look for a collision."""
_PROVED: Final = b"the master key of this key ring"


class Unreadable(BotError):
    """These bytes cannot be opened: sealed with a key that is gone, or not what was sealed."""


class KeyGone(Unreadable):
    """The person's key was destroyed."""


class Key:
    """Seals and opens. Hold it for one call only: it must not outlive the person's erasure."""

    __slots__ = ("_aead", "_secret")

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._aead = AESGCM(secret)

    def same_as(self, other: Key) -> bool:
        """Whether both open the same records."""
        return hmac.compare_digest(self._secret, other._secret)

    def seal(self, about: str, plain: bytes) -> bytes:
        """Encrypt; `about` names the place of the record and must be the same to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._aead.encrypt(nonce, plain, _FORMAT + about.encode())

    def open(self, about: str, sealed: bytes) -> bytes:
        """Decrypt. Raises `Unreadable`: another key, another place, or altered bytes."""
        body = 1 + _NONCE_BYTES
        if sealed[:1] != _FORMAT or len(sealed) < body:
            raise Unreadable("not a sealed record")
        try:
            return self._aead.decrypt(sealed[1:body], sealed[body:], _FORMAT + about.encode())
        except InvalidTag as error:
            raise Unreadable("not sealed with this key for this place") from error


class KeyRing:
    """The person keys, in their own file; an `Erasable` holder."""

    def __init__(self, database: Database, master_key: bytes) -> None:
        self._database = database
        self._index = _derive(master_key, "index")
        self._wrap = Key(_derive(master_key, "wrap"))
        self._proof = Key(_derive(master_key, "proof"))
        self.house = Key(_derive(master_key, "house"))

    @property
    def holds(self) -> str:
        """Which personal data, where, for how long."""
        return (
            "One random key per person, encrypted with the master key, in its own file on this "
            "server until you erase: without it everything else we hold about you, backups "
            "included, is unreadable."
        )

    async def erase(self, person: Person) -> Erased:
        """Destroy the person's key. From here on nothing that it sealed can be read.

        Raises `ErasureIncomplete` with what was destroyed when it could not be scrubbed.
        """
        count = await self.destroy([self.tag(person)])
        erased = {"keys": count} if count else {}
        # Also when there was nothing: an earlier try may have failed half way.
        await self._database.scrub(erased=erased)
        return Erased(erased)

    # --- names: keyed hashes, the same every time, meaningless without the master key

    def tag(self, person: Person) -> str:
        """The name of the person's records: 32 hex digits."""
        return self._name("person", person.platform, person.workspace, person.user)

    def workspace_tag(self, workspace: Workspace) -> str:
        """The name of a workspace's records: 32 hex digits."""
        return self._name("workspace", workspace.platform, workspace.id)

    def name(self, tag: str, kind: str, text: str) -> str:
        """A name for something of one person (a blob, a delivery, a message): 32 hex digits."""
        return self._name("thing", tag, kind, text)

    def _name(self, *parts: str) -> str:
        mac = hmac.new(self._index, digestmod=hashlib.sha256)
        for part in parts:
            encoded = part.encode()
            mac.update(len(encoded).to_bytes(8) + encoded)
        return mac.digest()[:_NAME_BYTES].hex()

    # --- keys

    async def key(self, tag: str) -> Key:
        """The person's key. Raises `KeyGone`."""
        found = await self.keys([tag])
        if tag not in found:
            raise KeyGone("destroyed, or never made")
        return found[tag]

    async def keys(self, tags: Collection[str]) -> dict[str, Key]:
        """The keys of several persons; those without one are missing."""
        wanted = frozenset(tags)
        query = sa.select(person_keys)
        if len(wanted) == 1:
            query = query.where(person_keys.c.tag.in_(wanted))
        rows = await self._database.rows(query)
        return {row.tag: self._unwrap(row.tag, row.wrapped) for row in rows if row.tag in wanted}

    async def key_or_new(self, tag: str) -> Key:
        """The person's key; made and stored when there is none."""
        wrapped = self._wrap.seal(f"key/{tag}", os.urandom(KEY_BYTES))
        new = insert(person_keys).values(tag=tag, wrapped=wrapped).on_conflict_do_nothing()
        query = sa.select(person_keys.c.wrapped).where(person_keys.c.tag == tag)
        return self._unwrap(tag, await self._keep(new, query))

    async def tags(self) -> frozenset[str]:
        """Whoever has a key."""
        rows = await self._database.rows(sa.select(person_keys.c.tag))
        return frozenset(row.tag for row in rows)

    async def destroy(self, tags: Collection[str]) -> int:
        """Destroy keys; how many there were. Safe twice. Not done before `scrub`."""
        which = person_keys.c.tag.in_(tags)
        return await self._database.write(sa.delete(person_keys).where(which))

    async def scrub(self) -> None:
        """Make what was destroyed disappear from the file. Raises `ErasureIncomplete`."""
        await self._database.scrub()

    async def _keep(self, first: sa.Insert, query: sa.Select[bytes]) -> bytes:
        """Write unless it is there; what is there."""

        async def keep(connection: AsyncConnection) -> bytes:
            await connection.execute(first)
            return (await connection.execute(query)).scalar_one()

        return await self._database.transact(keep)

    def _unwrap(self, tag: str, wrapped: bytes) -> Key:
        return Key(self._wrap.open(f"key/{tag}", wrapped))

    async def prove(self) -> None:
        """Check the master key against this file. Raises `SettingsError` when it is another."""
        sealed = self._proof.seal("proof", _PROVED)
        first = insert(proof).values(id=1, sealed=sealed).on_conflict_do_nothing()
        stored = await self._keep(first, sa.select(proof.c.sealed))
        try:
            self._proof.open("proof", stored)
        except Unreadable as error:
            raise SettingsError(
                "the master key is not the one this data was sealed with"
            ) from error


async def open_keyring(database: Database, master_key: bytes) -> KeyRing:
    """A key ring whose master key was checked. Raises `SettingsError`."""
    if len(master_key) != KEY_BYTES:
        raise SettingsError(f"the master key must be {KEY_BYTES} bytes")
    keyring = KeyRing(database, master_key)
    await keyring.prove()
    return keyring


def _derive(master_key: bytes, purpose: str) -> bytes:
    info = f"workshot/1/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master_key)
