"""What the vault on disk promises beyond the contract: moved, altered, half written, late."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import ErasureIncomplete, PhotoGone
from bot.model import Person, PhotoId
from storage.house import Storage, StorageConfig, open_storage
from storage.vault import SealedVault
from tests.storage.clocks import MovedClock

ANNA = Person("web", "", "anna")
BORIS = Person("web", "", "boris")


def files(config: StorageConfig) -> list[Path]:
    return sorted(path for path in config.photos_path.rglob("*") if path.is_file())


async def is_gone(vault: SealedVault, photo: PhotoId) -> bool:
    try:
        await vault.get(photo)
    except PhotoGone:
        return True
    return False


async def test_photos_outlive_a_restart(config: StorageConfig, clock: MovedClock) -> None:
    async with open_storage(config, clock) as storage:
        photo = await storage.vault.put(ANNA, "crop", b"photo")
    async with open_storage(config, clock) as storage:
        assert await storage.vault.get(photo) == b"photo"
        assert await storage.vault.put(ANNA, "crop", b"again") == photo


async def test_a_blob_moved_to_another_name_does_not_open(
    storage: Storage, config: StorageConfig
) -> None:
    one = await storage.vault.put(ANNA, "one", b"1")
    other = await storage.vault.put(ANNA, "other", b"2")
    (config.photos_path / one.value).replace(config.photos_path / other.value)
    assert await is_gone(storage.vault, other)


async def test_an_altered_blob_does_not_open(storage: Storage, config: StorageConfig) -> None:
    photo = await storage.vault.put(ANNA, "crop", b"photo")
    (path,) = files(config)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    assert await is_gone(storage.vault, photo)


async def test_without_its_key_a_blob_is_gone_but_still_erased(
    storage: Storage, config: StorageConfig
) -> None:
    photo = await storage.vault.put(ANNA, "crop", b"photo")
    await storage.keyring.erase(ANNA)
    assert await is_gone(storage.vault, photo)
    assert len(files(config)) == 1
    assert (await storage.vault.erase(ANNA)).counts == {"photos": 1}
    assert files(config) == []


async def test_what_went_before_an_erasure_failed_is_counted(
    storage: Storage, config: StorageConfig
) -> None:
    for name in ("crop", "headshot"):
        await storage.vault.put(ANNA, name, b"photo")
    folder = config.photos_path / storage.keyring.tag(ANNA)
    # A link in its place is what cannot be removed as a folder, whoever runs the test.
    elsewhere = folder.rename(config.data_dir / "elsewhere")
    folder.symlink_to(elsewhere)
    with pytest.raises(ErasureIncomplete) as raised:
        await storage.vault.erase(ANNA)
    assert raised.value.counts == {"photos": 2}
    assert list(elsewhere.iterdir()) == []
    folder.unlink()
    assert (await storage.vault.erase(ANNA)).counts == {}


async def test_a_link_out_of_the_vault_is_not_followed(
    storage: Storage, config: StorageConfig, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"not a photo")
    await storage.vault.put(ANNA, "crop", b"photo")
    for name in ("../secret", "../../secret", str(secret), f"{'0' * 32}/../../../secret"):
        assert await is_gone(storage.vault, PhotoId(name))
        await storage.vault.drop(PhotoId(name))
    assert secret.read_bytes() == b"not a photo"


async def test_leftovers_of_a_killed_write_go_at_the_next_start(
    config: StorageConfig, clock: MovedClock
) -> None:
    async with open_storage(config, clock) as storage:
        photo = await storage.vault.put(ANNA, "crop", b"photo")
    (path,) = files(config)
    path.with_name(f"{path.name}#1").write_bytes(b"half")
    path.with_name(f"{'0' * 32}#12").write_bytes(b"half")
    async with open_storage(config, clock) as storage:
        assert files(config) == [path]
        assert await storage.vault.get(photo) == b"photo"


async def test_leftovers_go_with_the_photo_and_with_the_person(
    storage: Storage, config: StorageConfig
) -> None:
    for erase in (storage.vault.drop, lambda _: storage.vault.erase(ANNA)):
        photo = await storage.vault.put(ANNA, "crop", b"photo")
        (path,) = files(config)
        path.with_name(f"{path.name}#1").write_bytes(b"half")
        await erase(photo)
        assert list(config.photos_path.iterdir()) == []


async def test_a_cancelled_write_is_waited_for(storage: Storage, config: StorageConfig) -> None:
    photo = bytes(40_000_000)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        putting = group.create_task(storage.vault.put(ANNA, "crop", photo))
        while not files(config):
            await asyncio.sleep(0)
        assert "#" in files(config)[0].name
        putting.cancel()
    assert putting.cancelled()
    (landed,) = files(config)
    assert "#" not in landed.name
    assert landed.stat().st_size > len(photo)


async def test_nothing_lands_after_an_erasure_that_cancelled_it(
    storage: Storage, config: StorageConfig
) -> None:
    for yields in range(0, 60, 3):
        async with asyncio.TaskGroup() as group:
            putting = group.create_task(storage.vault.put(ANNA, f"{yields}", bytes(1_000_000)))
            for _ in range(yields):
                await asyncio.sleep(0)
            putting.cancel()
        await storage.keyring.erase(ANNA)
        await storage.vault.erase(ANNA)
        assert files(config) == []


async def test_a_write_that_comes_after_its_erasure_writes_nothing(
    storage: Storage, config: StorageConfig
) -> None:
    tag = storage.keyring.tag(ANNA)
    async with asyncio.TaskGroup() as group, storage.vault.alone(tag):
        putting = group.create_task(_refused(storage.vault))
        while not await storage.keyring.tags():
            await asyncio.sleep(0)
        await storage.keyring.erase(ANNA)
    assert putting.result()
    assert files(config) == []


async def _refused(vault: SealedVault) -> bool:
    try:
        await vault.put(ANNA, "crop", b"photo")
    except PhotoGone:
        return True
    return False


async def test_what_is_stored_does_not_show_its_size_class_or_person(
    storage: Storage, config: StorageConfig
) -> None:
    await storage.vault.put(ANNA, "crop", b"photo" * 100)
    await storage.vault.put(BORIS, "crop", b"photo" * 100)
    one, other = files(config)
    assert one.name != other.name
    assert b"photo" not in one.read_bytes()
    assert one.read_bytes() != other.read_bytes()


async def test_many_writes_at_once_do_not_disturb_each_other(storage: Storage) -> None:
    async with asyncio.TaskGroup() as group:
        puts = [
            group.create_task(storage.vault.put(person, "same", f"{number}".encode()))
            for number in range(20)
            for person in (ANNA, BORIS)
        ]
    (anna,) = {put.result() for put in puts[::2]}
    assert int(await storage.vault.get(anna)) in range(20)
