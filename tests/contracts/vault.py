"""What every `PhotoVault` must do; subclass `VaultContract` and give the fixture ``vault``."""

from __future__ import annotations

import pytest

from bot.errors import PhotoGone
from bot.model import Person, PhotoId
from bot.ports import PhotoVault

ANNA = Person("web", "", "anna")
BORIS = Person("web", "", "boris")
FOREIGN = [
    PhotoId(value)
    for value in (
        "",
        "anna",
        "../../etc/passwd",
        "/etc/passwd",
        f"{'0' * 32}/{'0' * 32}",
        f"{'0' * 32}/../{'0' * 32}",
        f"{'0' * 32}/{'0' * 32}\n",
        f"{'0' * 32}/{'0' * 32}#1",
        "\x00",
    )
]


async def is_gone(vault: PhotoVault, photo: PhotoId) -> bool:
    try:
        await vault.get(photo)
    except PhotoGone:
        return True
    return False


class VaultContract:
    """Subclass me as ``class TestMine(VaultContract)``."""

    @pytest.fixture
    def vault(self) -> PhotoVault:
        raise NotImplementedError

    @pytest.mark.parametrize("photo", [b"", b"a photo", bytes(range(256)) * 1000])
    async def test_a_photo_comes_back_as_it_was(self, vault: PhotoVault, photo: bytes) -> None:
        assert await vault.get(await vault.put(ANNA, "crop", photo)) == photo

    async def test_the_same_name_overwrites(self, vault: PhotoVault) -> None:
        first = await vault.put(ANNA, "crop", b"first and longer")
        assert await vault.put(ANNA, "crop", b"second") == first
        assert await vault.get(first) == b"second"
        assert (await vault.erase(ANNA)).counts == {"photos": 1}

    async def test_names_and_persons_are_kept_apart(self, vault: PhotoVault) -> None:
        photos = [
            await vault.put(ANNA, "crop", b"1"),
            await vault.put(ANNA, "headshot", b"2"),
            await vault.put(BORIS, "crop", b"3"),
        ]
        assert [await vault.get(photo) for photo in photos] == [b"1", b"2", b"3"]

    async def test_the_id_tells_nothing(self, vault: PhotoVault) -> None:
        photo = await vault.put(ANNA, "crop", b"photo")
        assert "anna" not in photo.value
        assert "crop" not in photo.value

    @pytest.mark.parametrize("photo", FOREIGN, ids=range(len(FOREIGN)))
    async def test_a_foreign_name_is_gone(self, vault: PhotoVault, photo: PhotoId) -> None:
        await vault.put(ANNA, "crop", b"photo")
        assert await is_gone(vault, photo)

    @pytest.mark.parametrize("photo", FOREIGN, ids=range(len(FOREIGN)))
    async def test_dropping_a_foreign_name_drops_nothing(
        self, vault: PhotoVault, photo: PhotoId
    ) -> None:
        mine = await vault.put(ANNA, "crop", b"photo")
        await vault.drop(photo)
        assert await vault.get(mine) == b"photo"

    async def test_a_name_is_known_before_it_is_put(self, vault: PhotoVault) -> None:
        before = [vault.name(ANNA, "crop"), vault.name(ANNA, "other"), vault.name(BORIS, "crop")]
        assert await is_gone(vault, before[0])
        assert await vault.put(ANNA, "crop", b"1") == before[0]
        assert await vault.put(ANNA, "other", b"2") == before[1]
        assert await vault.put(BORIS, "crop", b"3") == before[2]

    async def test_what_is_dropped_is_gone(self, vault: PhotoVault) -> None:
        photo = await vault.put(ANNA, "crop", b"photo")
        other = await vault.put(ANNA, "headshot", b"other")
        await vault.drop(photo)
        await vault.drop(photo)
        assert await is_gone(vault, photo)
        assert await vault.get(other) == b"other"

    async def test_what_was_dropped_can_be_put_again(self, vault: PhotoVault) -> None:
        photo = await vault.put(ANNA, "crop", b"photo")
        await vault.drop(photo)
        assert await vault.put(ANNA, "crop", b"again") == photo
        assert await vault.get(photo) == b"again"

    async def test_erasing_takes_all_photos_of_one_person(self, vault: PhotoVault) -> None:
        photos = [await vault.put(ANNA, name, b"photo") for name in ("crop", "headshot")]
        other = await vault.put(BORIS, "crop", b"other")
        assert (await vault.erase(ANNA)).counts == {"photos": 2}
        assert [await is_gone(vault, photo) for photo in photos] == [True, True]
        assert await vault.get(other) == b"other"
