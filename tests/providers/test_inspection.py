"""What is found in photos, round the packaged portrait; `make evaluate` measures it on many."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image, PngImagePlugin

from bot.inspecting import Inspector
from bot.model import Findings, PhotoProblem, Sight, Trait
from bot.policy import Doubt, judge
from providers.inspector import OnDeviceInspector
from providers.workers.pool import WorkerPool
from tests.contracts.provider import approved
from tests.providers import portraits, scenes
from tests.providers.portraits import Rgb8, jpeg
from tests.providers.scenes import lady

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(models: Path) -> AsyncIterator[WorkerPool]:
    async with WorkerPool(1, models) as pool:
        yield pool


@pytest.fixture
def here(pool: WorkerPool) -> Inspector:
    return OnDeviceInspector(pool)


@pytest.fixture
def leaving(pool: WorkerPool) -> Inspector:
    return OnDeviceInspector(pool, crop_bytes=250_000)


def sights(findings: Findings) -> set[Sight]:
    return {mark.sight for mark in findings.marks}


SCENES: dict[str, tuple[Callable[[], Rgb8], Doubt | PhotoProblem]] = {
    "a letter": (lambda: scenes.with_paper(lady()), Doubt.WRITING),
    "a plan at an angle": (lambda: scenes.with_paper(lady(), scenes.PLAN, -0.15), Doubt.WRITING),
    "a screen behind": (lambda: scenes.with_screen(lady()), Doubt.WRITING),
    "a badge": (lambda: scenes.with_badge(lady()), Doubt.BADGE),
    "a code": (lambda: scenes.with_code(lady()), Doubt.CODE),
    "somebody else": (lambda: scenes.together(lady(), lady(), 0.8), Doubt.PEOPLE),
    "a screenshot": (lambda: scenes.screenshot(lady()), Doubt.SCREENSHOT),
    "a card": (lambda: scenes.on_a_table(scenes.card(lady())), PhotoProblem.ID_DOCUMENT),
    "a passport": (lambda: scenes.on_a_table(scenes.passport(lady())), PhotoProblem.ID_DOCUMENT),
    "a card in the hand": (lambda: scenes.with_card_in_hand(lady()), PhotoProblem.ID_DOCUMENT),
}


@pytest.mark.parametrize("name", SCENES)
async def test_what_should_not_leave_is_asked_or_refused(here: Inspector, name: str) -> None:
    make, expected = SCENES[name]
    verdict = judge(await here.inspect(jpeg(make(), 88)))
    assert verdict.problem is expected or expected in verdict.doubts
    assert not verdict.unchecked


@pytest.mark.parametrize("name", ["a letter", "a badge", "a code", "a screen behind"])
async def test_nothing_of_it_can_be_read_in_either_crop(
    here: Inspector, leaving: Inspector, name: str
) -> None:
    photo = jpeg(SCENES[name][0](), 88)
    for inspector in (here, leaving):
        crop = await inspector.minimise(photo, await inspector.inspect(photo))
        again = await here.inspect(crop)
        assert again.marks == ()
        assert judge(again).doubts == ()


async def test_writing_stays_readable_for_who_says_that_it_is_not_private(here: Inspector) -> None:
    photo = jpeg(scenes.with_paper(lady()))
    plain = await here.minimise(photo, await here.inspect(photo), keep_writing=True)
    assert sights(await here.inspect(plain)) == {Sight.WRITING}


async def test_a_badge_is_hidden_whatever_is_said_about_writing(here: Inspector) -> None:
    photo = jpeg(scenes.with_badge(lady()))
    plain = await here.minimise(photo, await here.inspect(photo), keep_writing=True)
    assert (await here.inspect(plain)).marks == ()


CLEAN: dict[str, Callable[[], bytes]] = {
    "as it is": lambda: jpeg(lady().pixels),
    "much compressed": lambda: jpeg(lady().pixels, 40),
    "two stops darker": lambda: jpeg(portraits.darkened(lady().pixels, 0.25)),
    "one stop darker": lambda: jpeg(portraits.darkened(lady().pixels, 0.5)),
    "on pure white": lambda: jpeg(on_white(lady().pixels)),
    "with glasses": lambda: jpeg(with_glasses(lady())),
    "with a head covering": lambda: jpeg(with_scarf(lady())),
    "a tall photo": lambda: jpeg(np.pad(lady().pixels, ((500, 0), (0, 0), (0, 0)), "edge")),
}


def on_white(pixels: Rgb8) -> Rgb8:
    """The rows above the head burnt out, as in a studio."""
    bright = pixels.copy()
    bright[:110] = 255
    return bright


def with_glasses(one: scenes.Portrait) -> Rgb8:
    """Dark frames drawn on the face."""
    pixels = one.pixels.copy()
    left, top, right, bottom = one.face
    y, r = int(top + 0.36 * (bottom - top)), int(0.17 * one.unit)
    for x in (left + 0.3 * one.unit, right - 0.3 * one.unit):
        cv2.circle(pixels, (int(x), y), r, (25, 22, 20), max(3, one.unit // 40))
    return pixels


def with_scarf(one: scenes.Portrait) -> Rgb8:
    """A plain cloth round the head, the face free."""
    pixels = one.pixels.copy()
    left, top, right, bottom = one.face
    centre = ((left + right) // 2, (top + bottom) // 2)
    outer, inner = np.zeros(pixels.shape[:2], np.uint8), np.zeros(pixels.shape[:2], np.uint8)
    cv2.ellipse(outer, centre, (int(0.78 * one.unit), int(1.0 * one.unit)), 0, 0, 360, 1, -1)
    cv2.ellipse(inner, centre, (int(0.47 * one.unit), int(0.62 * one.unit)), 0, 0, 360, 1, -1)
    pixels[(outer > 0) & (inner == 0)] = (52, 70, 96)
    return pixels


@pytest.mark.parametrize("name", CLEAN)
async def test_a_clean_portrait_is_asked_nothing(here: Inspector, name: str) -> None:
    findings = await here.inspect(CLEAN[name]())
    assert (findings.problem, findings.marks, findings.traits) == (None, (), frozenset())


def described(**info: str) -> bytes:
    """A PNG with texts in it, as generators write them."""
    out, texts = io.BytesIO(), PngImagePlugin.PngInfo()
    for key, value in info.items():
        texts.add_text(key, value, zip=True)
    Image.fromarray(lady().pixels).save(out, "PNG", pnginfo=texts)
    return out.getvalue()


def with_exif(tags: dict[int, object], ifd: int = 0) -> bytes:
    exif, out = Image.Exif(), io.BytesIO()
    (exif.get_ifd(ifd) if ifd else exif).update(tags)
    Image.fromarray(lady().pixels).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def appended(words: bytes) -> bytes:
    """A JPEG with an application segment, where C2PA and IPTC blocks lie."""
    photo = jpeg(lady().pixels)
    segment = b"\xff\xeb" + (len(words) + 2).to_bytes(2, "big") + words
    return photo[:2] + segment + photo[2:]


ORIGINS: dict[str, tuple[Callable[[], bytes], Trait | None]] = {
    "XMP of IPTC": (lambda: scenes.labelled(lady().pixels), Trait.AI_MADE),
    "a C2PA manifest of AI": (
        lambda: appended(b"JP jumb c2pa digitalSourceType x/compositeWithTrainedAlgorithmicMedia"),
        Trait.AI_MADE,
    ),
    "a C2PA manifest of a camera": (
        lambda: appended(b"JP jumb c2pa digitalSourceType x/digitalCapture"),
        None,
    ),
    "Stable Diffusion's parameters": (
        lambda: described(parameters="a portrait\nSteps: 20, Sampler: Euler a"),
        Trait.AI_MADE,
    ),
    "a generator's signature": (lambda: with_exif({0x0131: "Midjourney v7"}), Trait.AI_MADE),
    "an agency": (lambda: appended(b"Photoshop 3.0 8BIM Getty Images"), Trait.PUBLISHED),
    "a camera": (lambda: with_exif({0x010F: "Canon", 0x0131: "Adobe Lightroom"}), None),
    "a place": (lambda: with_exif({1: "N", 2: (52.0, 31.0, 0.0)}, 0x8825), Trait.HIDDEN_PLACE),
    "a phone's screenshot": (
        lambda: with_exif({0x9286: b"ASCII\0\0\0Screenshot"}, 0x8769),
        Trait.SCREENSHOT,
    ),
}


@pytest.mark.parametrize("name", ORIGINS)
async def test_what_the_file_says_of_itself(here: Inspector, name: str) -> None:
    make, trait = ORIGINS[name]
    findings = await here.inspect(make())
    assert findings.traits == (frozenset({trait}) if trait else frozenset())
    assert findings.problem is None


async def test_a_face_that_is_cut_off_is_asked_for_again(here: Inspector) -> None:
    left, top, _, _ = lady().face
    cut = np.ascontiguousarray(lady().pixels[top + 40 :, left + 40 :])
    assert (await here.inspect(jpeg(cut))).problem is PhotoProblem.CUT_OFF


async def test_what_the_crop_leaves_out_is_not_asked_about(here: Inspector) -> None:
    """The screen and the code together look a little like a large face to the detector, too."""
    one = lady()
    wide = np.pad(one.pixels, ((0, 0), (0, 1500), (0, 0)), mode="edge")
    scene = scenes.placed(wide, scenes.code(500), 1700, 500)
    scene = scenes.placed(scene, scenes.written(scenes.PLAN, (600, 360), 34), 1650, 60)
    findings = await here.inspect(jpeg(scene))
    assert findings.marks == ()
    assert (await here.inspect(await here.minimise(jpeg(scene), findings))).marks == ()


async def test_people_whose_faces_touch_cannot_be_cut_apart(here: Inspector) -> None:
    one = lady()
    left, _, right, bottom = one.face
    margin = one.unit // 12
    head = one.pixels[: bottom + 200, left - margin : right + margin]
    findings = await here.inspect(jpeg(np.concatenate([head, head], axis=1)))
    assert (findings.people, findings.separable) == (2, False)
    assert judge(findings).problem is PhotoProblem.SEVERAL_FACES


async def test_what_leaves_is_the_person_before_plain_grey(leaving: Inspector) -> None:
    scene = scenes.with_screen(lady())
    photo = jpeg(scene)
    findings = await leaving.inspect(photo)
    assert {mark.stays for mark in findings.marks} == {False}
    crop = await leaving.minimise(photo, findings)
    with Image.open(io.BytesIO(crop)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert len(crop) <= 250_000
    assert max(pixels.shape[:2]) <= 1600
    corner = pixels[:40, -40:].reshape(-1, 3)
    assert np.ptp(corner.astype(int), axis=0).max() <= 4
    assert abs(corner.mean() - 226) < 4


async def test_a_busy_large_photo_also_fits_into_what_may_leave(leaving: Inspector) -> None:
    grains = np.random.default_rng(5).normal(0, 28, (2400, 1800, 3))
    noisy = np.clip(portraits.portrait(1800, 2400) + grains, 0, 255).astype(np.uint8)
    photo = jpeg(noisy, 95)
    crop = await leaving.minimise(photo, await leaving.inspect(photo))
    assert len(crop) <= 250_000


async def test_a_small_face_behind_cannot_be_recognised_in_the_crop(here: Inspector) -> None:
    scene = portraits.astronaut(1280)[100:1000, 200:1100].copy()
    scene[30:230, 600:780] = portraits.astronaut(600)[60:260, 180:360]
    photo = jpeg(scene)
    crop = await here.minimise(photo, await here.inspect(photo))
    assert len((await here.inspect(crop)).faces) == 1


def with_closed_eyes() -> Rgb8:
    """Lids of the cheek's colour over both eyes of `lady`, each with its dark line."""
    pixels = lady().pixels.copy()
    for x, y in ((349, 256), (457, 262)):
        cheek = pixels[y + 43, x].tolist()
        cv2.ellipse(pixels, (x, y), (30, 17), 0, 0, 360, cheek, -1)
        cv2.ellipse(pixels, (x, y - 6), (24, 14), 0, 25, 155, (70, 45, 40), 2)
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.0), np.uint8)


async def test_closed_eyes_are_advised_about_after_consent(here: Inspector) -> None:
    assert await here.look_closer(approved(jpeg(lady().pixels))) == []
    closed = jpeg(with_closed_eyes())
    assert await here.look_closer(approved(closed)) == [Doubt.EYES_CLOSED]


async def test_a_closer_look_at_no_face_advises_nothing(here: Inspector) -> None:
    wall = jpeg(np.full((600, 500, 3), 180, np.uint8))
    assert await here.look_closer(approved(wall)) == []
    assert await here.look_closer(approved(b"no picture")) == []
