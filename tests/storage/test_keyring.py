"""Names without collisions, keys without a way back, records that open in one place only."""

from __future__ import annotations

from itertools import combinations

import pytest

from bot.errors import SettingsError
from bot.model import Person
from storage.house import Storage, StorageConfig, open_storage
from storage.keyring import Key, KeyGone, Unreadable
from tests.storage.clocks import MovedClock

ANNA = Person("web", "", "anna")
BORIS = Person("web", "", "boris")
LOOKALIKES = [
    Person("web", "", "anna"),
    Person("web", "a", "nna"),
    Person("weba", "", "nna"),
    Person("", "web", "anna"),
    Person("web", "anna", ""),
    Person("web", "\x00", "anna"),
    Person("web", "", "\x00anna"),
    Person("web", "", "Anna"),
]


async def test_no_two_persons_look_alike(storage: Storage) -> None:
    tags = [storage.keyring.tag(person) for person in LOOKALIKES]
    assert all(one != other for one, other in combinations(tags, 2))


async def test_names_of_different_kinds_and_persons_differ(storage: Storage) -> None:
    name = storage.keyring.name
    names = [name("t", "photo", "x"), name("t", "entry", "x"), name("u", "photo", "x")]
    names += [name("t", "photox", ""), name("tphoto", "", "x"), name("t", "photo", "y")]
    assert len(set(names)) == len(names)


async def test_names_mean_nothing_under_another_master_key(
    storage: Storage, config: StorageConfig, clock: MovedClock
) -> None:
    elsewhere = StorageConfig(data_dir=config.data_dir / "other", master_key=bytes(32))
    async with open_storage(elsewhere, clock) as other:
        assert other.keyring.tag(ANNA) != storage.keyring.tag(ANNA)


async def test_a_key_is_the_same_every_time_and_another_for_everybody(storage: Storage) -> None:
    keyring = storage.keyring
    key = await keyring.key_or_new("anna")
    assert key.same_as(await keyring.key_or_new("anna"))
    assert key.same_as(await keyring.key("anna"))
    assert not key.same_as(await keyring.key_or_new("boris"))
    assert (await keyring.keys(["anna", "boris", "clara"])).keys() == {"anna", "boris"}


async def test_what_is_sealed_opens_only_where_it_belongs() -> None:
    key = Key(bytes(32))
    sealed = key.seal("here", b"text")
    assert key.open("here", sealed) == b"text"
    with pytest.raises(Unreadable):
        key.open("there", sealed)
    with pytest.raises(Unreadable):
        Key(bytes(31) + b"\x01").open("here", sealed)


@pytest.mark.parametrize("place", range(33))
async def test_no_byte_of_a_sealed_record_can_be_changed(place: int) -> None:
    sealed = bytearray(Key(bytes(32)).seal("here", b"text"))
    assert len(sealed) == 33
    sealed[place] ^= 1
    with pytest.raises(Unreadable):
        Key(bytes(32)).open("here", bytes(sealed))


@pytest.mark.parametrize("length", range(0, 33, 4))
async def test_a_cut_record_is_unreadable(length: int) -> None:
    sealed = Key(bytes(32)).seal("here", b"text")
    with pytest.raises(Unreadable):
        Key(bytes(32)).open("here", sealed[:length])


async def test_sealing_twice_gives_different_bytes() -> None:
    key = Key(bytes(32))
    assert key.seal("here", b"text") != key.seal("here", b"text")


async def test_a_destroyed_key_is_gone_and_does_not_come_back(storage: Storage) -> None:
    keyring = storage.keyring
    tag = keyring.tag(ANNA)
    sealed = (await keyring.key_or_new(tag)).seal("here", b"text")
    await keyring.erase(ANNA)
    with pytest.raises(KeyGone):
        await keyring.key(tag)
    with pytest.raises(Unreadable):
        (await keyring.key_or_new(tag)).open("here", sealed)


async def test_a_restart_finds_the_keys(config: StorageConfig, clock: MovedClock) -> None:
    async with open_storage(config, clock) as storage:
        tag = storage.keyring.tag(ANNA)
        sealed = (await storage.keyring.key_or_new(tag)).seal("here", b"text")
        house = storage.keyring.house.seal("here", b"house")
    async with open_storage(config, clock) as storage:
        assert (await storage.keyring.key(tag)).open("here", sealed) == b"text"
        assert storage.keyring.house.open("here", house) == b"house"


async def test_a_restart_with_another_master_key_is_refused(
    config: StorageConfig, clock: MovedClock
) -> None:
    async with open_storage(config, clock):
        pass
    wrong = StorageConfig(data_dir=config.data_dir, master_key=bytes(32))
    with pytest.raises(SettingsError, match="not the one"):
        async with open_storage(wrong, clock):
            pass


async def test_a_key_moved_to_another_person_does_not_open(storage: Storage) -> None:
    keyring = storage.keyring
    wrapped = keyring._wrap.seal("key/anna", bytes(32))
    with pytest.raises(Unreadable):
        keyring._unwrap("boris", wrapped)
