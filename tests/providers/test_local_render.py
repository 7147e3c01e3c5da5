"""The whole renderer: four headshots of one person, or the reason why not."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bot.errors import ProviderRefused
from bot.model import Made, PhotoProblem
from providers.local.backdrops import LOOKS, alternative
from providers.local.faces import detect
from providers.local.mesh import landmarks
from providers.local.pixels import Floats
from providers.local.render import grade, headshots, read, render
from providers.local.sheet import contact_sheet
from providers.local.skin import face_view, plain, same_view, skin_tone
from providers.local.subject import DOUBTFUL, FORMATS, Rgb8
from tests.providers.cutouts import astronaut_cutout, nets
from tests.providers.portraits import astronaut, jpeg, png


@cache
def made(models: Path, look: str) -> tuple[list[Made], list[str]]:
    stages: list[str] = []
    return render(nets(models), jpeg(astronaut(1280), 95), look, stages.append), stages


def opened(photo: bytes) -> Rgb8:
    with Image.open(io.BytesIO(photo)) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def silent(_stage: str) -> None:
    return


def test_there_are_four_headshots(models: Path) -> None:
    pictures, _ = made(models, "navy")
    assert [picture.format for picture in pictures] == ["linkedin", "resume", "bio", "linkedin"]
    assert [picture.look for picture in pictures] == ["navy"] * 3 + [alternative("navy")]


@pytest.mark.parametrize("number", range(4))
def test_a_headshot_is_a_jpeg_of_its_format(models: Path, number: int) -> None:
    picture = made(models, "navy")[0][number]
    shape = FORMATS[picture.format]
    with Image.open(io.BytesIO(picture.photo)) as image:
        assert image.format == "JPEG"
        assert image.size == (shape.width, shape.height)
        assert image.info["icc_profile"]
    assert 100_000 < len(picture.photo) < 900_000


def test_each_stage_is_told_once_and_in_order(models: Path) -> None:
    assert made(models, "navy")[1] == ["reading", "cutting", "lighting", "finishing"]


@pytest.mark.parametrize("look", LOOKS)
def test_the_corner_shows_the_look_that_is_told(models: Path, look: str) -> None:
    graded = grade(astronaut_cutout(models))
    corner = opened(headshots(graded, look)[0].photo)[:60, :60].astype(float).mean(axis=(0, 1))
    bright = {"grey": (60, 180), "white": (200, 250), "charcoal": (10, 60), "warm": (80, 200)}
    low, high = bright.get(look, (0, 255))
    assert low < corner.mean() < high
    assert (corner[2] > corner[0] + 10) == (look == "navy")


def test_a_doubtful_cut_out_keeps_its_own_background(models: Path) -> None:
    cutout = replace(astronaut_cutout(models), doubt=DOUBTFUL)
    pictures = headshots(grade(cutout), "navy")
    assert {picture.look for picture in pictures} == {"own"}
    assert len({picture.photo for picture in pictures}) == 4
    first, extra = opened(pictures[0].photo), opened(pictures[3].photo)
    assert extra[:200, :200].mean() < first[:200, :200].mean() * 0.9


def test_a_cut_out_short_of_doubt_gets_its_wish(models: Path) -> None:
    cutout = replace(astronaut_cutout(models), doubt=DOUBTFUL - 0.01)
    assert headshots(grade(cutout), "warm")[0].look == "warm"


def test_the_own_background_can_be_wished_for(models: Path) -> None:
    cutout = replace(astronaut_cutout(models), doubt=0.0)
    assert [picture.look for picture in headshots(grade(cutout), "own")] == ["own"] * 3 + ["grey"]


def test_an_unknown_look_is_a_mistake_of_the_caller(models: Path) -> None:
    with pytest.raises(ValueError, match="look"):
        render(nets(models), b"", "plaid", silent)


@pytest.mark.parametrize(
    ("photo", "problem"),
    [
        (b"", PhotoProblem.EMPTY),
        (b"hello", PhotoProblem.NOT_AN_IMAGE),
        (jpeg(astronaut(640))[:30_000], PhotoProblem.DAMAGED),
        (png(np.full((600, 600, 3), 128, np.uint8)), PhotoProblem.NO_FACE),
    ],
    ids=["nothing", "text", "broken off", "a grey wall"],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    models: Path, photo: bytes, problem: PhotoProblem
) -> None:
    with pytest.raises(ProviderRefused) as refused:
        render(nets(models), photo, "grey", silent)
    assert refused.value.problem is problem


def test_nothing_of_the_photo_but_the_person_gets_out(models: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "canary-77b1"
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 7.0)}
    out = io.BytesIO()
    Image.fromarray(astronaut(1280)).save(out, "JPEG", exif=exif, comment="canary-77b1")
    photo = out.getvalue()
    assert photo.count(b"canary-77b1") == 2
    for picture in render(nets(models), photo, "grey", silent):
        assert b"canary" not in picture.photo
        with Image.open(io.BytesIO(picture.photo)) as image:
            assert not image.getexif()


def test_the_skin_is_as_light_as_in_the_photo(models: Path) -> None:
    cutout = astronaut_cutout(models)
    view = face_view(cutout.canvas, cutout.landmarks)
    finished = grade(cutout).finished.pixels
    before, after = skin_tone(view, plain()), skin_tone(same_view(view, finished), plain())
    assert after.lightness == pytest.approx(before.lightness, abs=1.0)
    assert np.hypot(after.a - before.a, after.b - before.b) < 3


def shape_of(models: Path, pixels: Rgb8) -> Floats:
    (face, *_) = detect(nets(models), pixels, points=True)
    points = landmarks(nets(models), pixels, face).points.astype(np.float64)
    points -= points.mean(axis=0)
    return np.asarray(points / np.linalg.norm(points) * np.sqrt(len(points)), np.float32)


@pytest.mark.parametrize("number", [0, 2])
def test_the_face_has_the_shape_it_had(models: Path, number: int) -> None:
    before = shape_of(models, astronaut(1280))
    after = shape_of(models, opened(made(models, "navy")[0][number].photo))
    # The best rotation of one onto the other (Kabsch); what is left is a change of shape.
    left, _, right = np.linalg.svd(after.T @ before)
    distance = np.linalg.norm(after @ (left @ right) - before, axis=1).mean()
    assert float(distance) < 0.03


def test_the_same_photo_makes_the_same_headshots(models: Path) -> None:
    again = render(nets(models), jpeg(astronaut(1280), 95), "navy", silent)
    assert [p.photo for p in again] == [p.photo for p in made(models, "navy")[0]]


def test_a_large_photo_is_read_in_full_only_for_a_small_face(models: Path) -> None:
    large = np.full((5400, 5400, 3), 150, np.uint8)
    large[1400:4000, 1400:4000] = astronaut(2600)
    small_face = read(nets(models), jpeg(large, 85))
    assert max(small_face.shape) > 3500
    filling = cv2.resize(astronaut(1280), (5400, 5400)).astype(np.uint8)
    assert max(read(nets(models), jpeg(filling, 85)).shape) == 2600


def test_a_contact_sheet_shows_every_look(models: Path) -> None:
    sheet = opened(contact_sheet(nets(models), jpeg(astronaut(1280), 95)))
    height, width = sheet.shape[:2]
    assert width > 4 * 480
    assert height > 3 * 480
    tiles = [
        sheet[20 + row * 526 : 120 + row * 526, 20 + column * 492 : 120 + column * 492]
        for row in range(3)
        for column in range(4)
    ]
    # The upper left corners: the photo, seven backdrops, the circle's paper, three formats.
    colours = {tuple(np.round(tile.mean(axis=(0, 1))).astype(int)) for tile in tiles[:8]}
    assert len(colours) == 8
