"""The inspector on this machine: what it lets through, what it rejects, and why."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import struct
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from bot.errors import ProviderRefused, ProviderUnavailable
from bot.inspecting import Inspector
from bot.model import Box, Check, Findings, PhotoProblem
from providers.inspection.cropping import edges
from providers.inspector import OnDeviceInspector
from providers.workers.pool import Busy, PoolClosed, WorkerPool
from tests.contracts.inspector import CANARY, InspectorContract
from tests.providers import portraits
from tests.providers.scenes import lady

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(models: Path) -> AsyncIterator[WorkerPool]:
    async with WorkerPool(1, models) as pool:
        yield pool


@pytest.fixture
def inspector(pool: WorkerPool) -> Inspector:
    return OnDeviceInspector(pool)


@pytest.fixture
def photo() -> bytes:
    larger = cv2.resize(lady().pixels, (1200, 1600), interpolation=cv2.INTER_CUBIC)
    return portraits.jpeg(np.asarray(larger, np.uint8))


class TestOnDeviceInspector(InspectorContract):
    """`inspector` and `photo` are the module's."""

    @pytest.fixture
    def overloaded(self, models: Path) -> Inspector:
        return OnDeviceInspector(WorkerPool(1, models))


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few kB whose pixels would fill the memory: zeros compress a thousandfold."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = b"\0" * (1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    assert len(bomb) < 200_000
    return bomb


def gif(frames: int) -> bytes:
    out = io.BytesIO()
    pictures = [Image.new("P", (400, 400), colour) for colour in range(frames)]
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def moving_webp() -> bytes:
    out = io.BytesIO()
    pictures = [Image.new("RGB", (400, 400), (colour, 0, 0)) for colour in (0, 200)]
    pictures[0].save(out, "WEBP", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def noise() -> bytes:
    grains = np.random.default_rng(7).integers(0, 256, (900, 700, 3), np.uint8)
    return portraits.jpeg(grains)


def beside_herself() -> bytes:
    one = portraits.portrait(900, 1200)
    return portraits.jpeg(np.concatenate([one, one[:, ::-1]], axis=1))


def with_a_small_face_behind() -> bytes:
    scene = portraits.astronaut(1280)[100:1000, 200:1100].copy()
    scene[30:230, 600:780] = portraits.astronaut(600)[60:260, 180:360]
    return portraits.jpeg(scene)


def good() -> portraits.Rgb8:
    return portraits.astronaut()


BAD: dict[str, tuple[Callable[[], bytes], PhotoProblem]] = {
    "bomb": (lambda: png_that_claims(30_000, 30_000), PhotoProblem.TOO_MANY_PIXELS),
    "truncated": (lambda: portraits.jpeg(good())[:20_000], PhotoProblem.DAMAGED),
    "gif": (lambda: gif(3), PhotoProblem.UNSUPPORTED_KIND),
    "animated": (moving_webp, PhotoProblem.ANIMATED),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', PhotoProblem.UNSUPPORTED_KIND),
    "pdf": (lambda: b"%PDF-1.7\n" + b"0" * 2000, PhotoProblem.UNSUPPORTED_KIND),
    "text": (lambda: b"Dear sir or madam, " * 200, PhotoProblem.NOT_AN_IMAGE),
    "tiny": (lambda: portraits.jpeg(portraits.astronaut(120)), PhotoProblem.TOO_FEW_PIXELS),
    "noise": (noise, PhotoProblem.NO_FACE),
    "wall": (lambda: portraits.jpeg(np.full((900, 700, 3), 200, np.uint8)), PhotoProblem.NO_FACE),
    "small face": (lambda: portraits.jpeg(portraits.astronaut(512)), PhotoProblem.FACE_TOO_SMALL),
    "dark": (lambda: portraits.jpeg(portraits.darkened(good(), 0.07)), PhotoProblem.TOO_DARK),
    "blurred": (lambda: portraits.jpeg(portraits.blurred(good(), 4.0)), PhotoProblem.BLURRED),
    "shaken": (lambda: portraits.jpeg(portraits.shaken(good(), 15)), PhotoProblem.BLURRED),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_will_not_do_is_told_and_the_worker_lives_on(
    pool: WorkerPool, inspector: Inspector, name: str
) -> None:
    workers = pool.pids
    make, problem = BAD[name]
    assert (await inspector.inspect(make())).problem is problem
    assert pool.pids == workers


GOOD_ENOUGH: dict[str, Callable[[], bytes]] = {
    "png": lambda: portraits.png(good()),
    "two stops too dark": lambda: portraits.jpeg(portraits.darkened(good(), 0.25)),
    "slightly soft": lambda: portraits.jpeg(portraits.blurred(good(), 1.0)),
    "a small face behind": with_a_small_face_behind,
}


@pytest.mark.parametrize("name", GOOD_ENOUGH)
async def test_what_can_be_mended_is_let_through(inspector: Inspector, name: str) -> None:
    assert (await inspector.inspect(GOOD_ENOUGH[name]())).problem is None


async def test_faces_behind_the_person_are_counted(inspector: Inspector) -> None:
    findings = await inspector.inspect(with_a_small_face_behind())
    assert len(findings.faces) == 2
    main, behind = findings.faces
    assert main.right - main.left > behind.right - behind.left


async def test_two_people_are_counted_and_the_crop_shows_one(inspector: Inspector) -> None:
    photo = beside_herself()
    findings = await inspector.inspect(photo)
    assert (findings.problem, findings.people, findings.separable) == (None, 2, True)
    again = await inspector.inspect(await inspector.minimise(photo, findings))
    assert (again.problem, again.people, len(again.faces)) == (None, 1, 1)


async def test_a_turned_photo_is_judged_and_cropped_upright(inspector: Inspector) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    lying = Image.fromarray(np.rot90(portraits.portrait(1200, 1600)))
    lying.save(out, "JPEG", exif=exif)
    findings = await inspector.inspect(out.getvalue())
    assert (findings.width, findings.height) == (1200, 1600)
    assert findings.problem is None
    crop = await inspector.minimise(out.getvalue(), findings)
    assert (await inspector.inspect(crop)).problem is None


async def test_the_crop_leaves_out_what_is_far_from_the_face(inspector: Inspector) -> None:
    """Somebody in the middle of a wide picture: most of the picture stays behind."""
    scene = np.full((1600, 4000, 3), 90, np.uint8)
    scene[:, 1600:3200] = portraits.astronaut(1600)
    scene[:, :60] = (255, 0, 0)
    photo = portraits.jpeg(scene)
    crop = await inspector.minimise(photo, await inspector.inspect(photo))
    with Image.open(io.BytesIO(crop)) as picture:
        assert picture.width * picture.height < 0.35 * 1600 * 4000
        reds = np.asarray(picture.convert("RGB"))[..., :2].astype(int)
        assert not ((reds[..., 0] > 240) & (reds[..., 1] < 15)).all(axis=0).any()


async def test_the_crop_of_a_large_photo_is_bounded(inspector: Inspector) -> None:
    photo = portraits.jpeg(portraits.portrait(4500, 6000), quality=85)
    crop = await inspector.minimise(photo, await inspector.inspect(photo))
    with Image.open(io.BytesIO(crop)) as picture:
        assert 2600 * 0.75 <= max(picture.size) <= 2600


async def test_the_crop_is_4_4_4_with_a_profile_and_nothing_else(
    inspector: Inspector, photo: bytes
) -> None:
    crop = await inspector.minimise(photo, await inspector.inspect(photo))
    with Image.open(io.BytesIO(crop)) as picture:
        # Pillow fills in the sampling of each channel, without an annotation.
        assert {part[1:3] for part in picture.layer} == {(1, 1)}  # type: ignore[attr-defined]
        extras = picture.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert extras == {"icc_profile"}
    assert CANARY not in crop


async def test_a_crop_without_a_face_is_refused(inspector: Inspector, photo: bytes) -> None:
    with pytest.raises(ProviderRefused) as refusal:
        await inspector.minimise(photo, Findings(width=1200, height=1600))
    assert refusal.value.problem is PhotoProblem.NO_FACE


async def test_a_photo_that_brings_a_worker_down_is_looked_at_for_faces_alone(
    models: Path, photo: bytes
) -> None:
    async with WorkerPool(1, models) as pool:
        inspector = OnDeviceInspector(pool, crop_bytes=250_000)
        (pid,) = pool.pids
        async with asyncio.TaskGroup() as group:
            checking = group.create_task(inspector.inspect(photo))
            while not pool.busy:
                await asyncio.sleep(0)
            os.kill(pid, signal.SIGKILL)
        findings = checking.result()
        crop = await inspector.minimise(photo, findings)
        assert (await inspector.inspect(photo)).unchecked == frozenset()
    assert findings.problem is None
    assert findings.unchecked == frozenset(Check)
    with Image.open(io.BytesIO(crop)) as picture:
        assert picture.height > 1380, "it stays here, so it keeps its background"
    with pytest.raises(PoolClosed):
        await inspector.inspect(photo)
    with pytest.raises(ProviderUnavailable):
        await inspector.minimise(photo, findings)


async def test_a_line_that_is_too_long_refuses_no_photo(models: Path, photo: bytes) -> None:
    async with WorkerPool(1, models, queue_limit=0) as pool:
        inspector = OnDeviceInspector(pool)
        async with asyncio.TaskGroup() as group:
            first = group.create_task(inspector.inspect(photo))
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                await inspector.inspect(photo)
    assert first.result().problem is None


async def test_a_check_that_fails_is_a_finding_and_a_class_name_in_the_log(
    photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """These workers know of no checks: one was given the photo and came to nothing."""
    async with WorkerPool(1, Path("models"), tasks="tests.providers.odd_tasks") as pool:
        findings = await OnDeviceInspector(pool).inspect(photo)
    assert findings == Findings(problem=PhotoProblem.CANNOT_CHECK)
    assert "a photo could not be checked in full: WorkFailed" in caplog.messages
    assert "a photo could not be checked: WorkFailed" in caplog.messages


async def test_the_crop_holds_the_widest_and_the_tallest_frame() -> None:
    """In heads of 1.6 boxes: 2 wide; from 0.24 above the hair to 2.4 below that."""
    left, top, right, bottom = edges(Box(0.45, 0.4, 0.55, 0.475), 4000, 5333)
    box, head = 400, 640
    hair = 0.4 * 5333 - 0.45 * box
    assert right - left >= 2 * head
    assert top <= hair - 0.24 * head
    assert bottom >= hair + (2.4 - 0.24) * head


async def test_the_crop_ends_where_the_photo_ends() -> None:
    assert edges(Box(0.3, 0.1, 0.7, 0.5), 800, 800) == (0, 0, 800, 800)
