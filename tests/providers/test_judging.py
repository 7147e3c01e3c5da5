"""Whatever lies about the person is caught, and what the renderer makes is not.

One honest headshot of scikit-image's astronaut is made, and lies are planted in it; more portraits
and strengths are in ``make calibrate``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from bot.model import Fault, Made
from bot.photo import decode, encode_jpeg
from providers.local import judging
from providers.local.judging import judge, look
from providers.local.nets import Nets
from providers.local.render import render
from providers.local.subject import Points, Rgb8
from tests.providers import crops, edits
from tests.providers.portraits import astronaut, darkened, jpeg

MODELS = Path(__file__).parents[2] / "models"
Edit = Callable[[Rgb8, Points], Rgb8]


@cache
def nets() -> Nets:
    return Nets(MODELS)


@cache
def crop_of(photo: bytes) -> bytes:
    crop = crops.crop_of(nets(), MODELS, photo)
    assert isinstance(crop, bytes)
    return crop


@cache
def headshots(crop: bytes, *, closer: bool = False) -> list[Made]:
    return render(nets(), crop, "grey", lambda _stage: None, closer=closer)


def selfie() -> bytes:
    return crop_of(jpeg(astronaut(1280)))


def verdict(photo: bytes, source: bytes | None = None) -> tuple[Fault, ...]:
    (found,) = judge(nets(), source or selfie(), [Made(photo, "linkedin", "grey")])
    return found.faults


def edited(edit: Edit) -> bytes:
    seen = look(nets(), headshots(selfie())[0].photo)
    assert seen
    return encode_jpeg(edit(seen.pixels, seen.mesh.points))


def blank(_: Rgb8, __: Points) -> Rgb8:
    return np.full((1000, 1000, 3), 120, np.uint8)


def doubled(picture: Rgb8, _: Points) -> Rgb8:
    middle = picture[:, 200:800]
    return np.concatenate([middle, middle[:, ::-1]], axis=1)


def moved_aside(picture: Rgb8, points: Points) -> Rgb8:
    """The face in the corner, where a round picture cuts it off."""
    shift = np.array([[1.0, 0, 30 - points[:, 0].min()], [0, 1.0, 30 - points[:, 1].min()]])
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(
        cv2.warpAffine(picture, shift, size, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


PLANTED: dict[str, tuple[Edit, Fault]] = {
    "whitened": (lambda p, at: edits.lightened(p, at, 12), Fault.LIGHTER),
    "darkened": (lambda p, at: edits.lightened(p, at, -12), Fault.DARKER),
    "bluish": (lambda p, at: edits.tinted(p, at, -16), Fault.RECOLOURED),
    "slimmed": (lambda p, at: edits.slimmed(p, at, 0.08), Fault.RESHAPED),
    "widened": (lambda p, at: edits.slimmed(p, at, -0.08), Fault.RESHAPED),
    "stretched": (lambda p, at: edits.stretched(p, at, 0.07), Fault.RESHAPED),
    "large eyes": (lambda p, at: edits.wide_eyed(p, at, 0.15), Fault.EYES),
    "small eyes": (lambda p, at: edits.wide_eyed(p, at, -0.15), Fault.EYES),
    "two faces": (doubled, Fault.SEVERAL_FACES),
    "blank": (blank, Fault.NO_FACE),
    "aside": (moved_aside, Fault.OFF_CENTRE),
}


@pytest.mark.parametrize(("edit", "fault"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_lie_is_caught(edit: Edit, fault: Fault) -> None:
    assert fault in verdict(edited(edit))


@pytest.mark.parametrize("closer", [False, True])
def test_what_the_renderer_makes_passes_in_every_size(closer: bool) -> None:
    found = judge(nets(), selfie(), headshots(selfie(), closer=closer))

    assert [one.faults for one in found] == [()] * 4


@pytest.mark.parametrize("how_dark", [0.5, 0.3])
def test_a_photo_taken_in_the_dark_may_come_out_lighter(how_dark: float) -> None:
    crop = crop_of(jpeg(darkened(astronaut(1280), how_dark)))

    assert [one.faults for one in judge(nets(), crop, headshots(crop))] == [()] * 4


@pytest.mark.parametrize("how_light", [1.0, 0.45, 0.25])
def test_skin_of_every_tone_is_held_to_the_same_bounds(how_light: float) -> None:
    """The same face with darker skin in the same light: only the skin of the photo differs."""
    seen = look(nets(), selfie())
    assert seen
    toned = edits.lightened(seen.pixels, seen.mesh.points, seen.skin.lightness * (how_light - 1))
    source = encode_jpeg(toned)
    same = look(nets(), source)
    assert same

    def made(lightness: float) -> tuple[Fault, ...]:
        return verdict(encode_jpeg(edits.lightened(toned, same.mesh.points, lightness)), source)

    assert made(0) == ()
    assert Fault.DARKER in made(-12)
    allowed = judging.in_good_light(nets(), same).lightness - same.skin.lightness
    assert Fault.LIGHTER in made(max(0.0, allowed) + 12)


def test_light_and_background_may_change() -> None:
    def relit(picture: Rgb8, _: Points) -> Rgb8:
        fall = np.linspace(1.06, 0.94, picture.shape[1], dtype=np.float32)[None, :, None]
        return np.asarray(np.clip(picture * fall, 0, 255), np.uint8)

    assert verdict(edited(relit)) == ()


@pytest.mark.parametrize("broken", [b"", b"not a picture", jpeg(astronaut(1280))[:900]])
def test_what_is_no_picture_does_not_pass(broken: bytes) -> None:
    assert verdict(broken) == (Fault.NO_FACE,)


def test_nothing_passes_without_a_photo_to_hold_it_against() -> None:
    found = judge(nets(), b"", headshots(selfie()))

    assert [one.faults for one in found] == [(Fault.NO_FACE,)] * 4


def test_a_round_profile_picture_holds_the_face_in_every_size() -> None:
    for made in headshots(selfie()):
        seen = look(nets(), made.photo)
        assert seen
        assert judging.reach(seen) < 1, made.format


def test_of_a_face_that_was_drawn_anew_the_flow_is_not_believed() -> None:
    """Another person's points lead nowhere: then only the mesh's proportions count."""
    seen = look(nets(), selfie())
    noise = np.random.default_rng(1).integers(0, 255, (1000, 1000, 3), np.uint8)
    assert seen
    other = judging.Seen(noise, seen.mesh, seen.skin, others=False)

    assert judging.change(seen, seen.skin, other).bend.sure < judging.SURE


def test_the_photo_itself_is_not_bent() -> None:
    seen = look(nets(), selfie())
    assert seen
    bent = judging.change(seen, seen.skin, seen).bend

    assert abs(bent.width) < 0.005
    assert abs(bent.eyes) < 0.005
    assert bent.sure > 0.95
    assert not isinstance(decode(selfie(), 100), str)
