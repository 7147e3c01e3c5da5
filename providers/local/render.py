"""From one photo to four headshots: the whole renderer in the order in which it happens.

    reading    decode; larger again when the face needs the pixels
    cutting    the person out of the photo
    lighting   white balance, exposure, light, clarity: once, for all headshots
    finishing  backdrop, composition and JPEG, one headshot at a time to bound the memory

Runs inside a worker. The chosen look comes in three formats and the look that complements it as a
fourth headshot. When the cut-out cannot be trusted, all four keep the photo's own background,
blurred, because that forgives what a studio backdrop would show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from bot.errors import ProviderRefused
from bot.model import Made, PhotoProblem
from bot.photo import Picture, decode, encode_jpeg
from providers.local import backdrops, colour, compose, detail, faces, light, skin
from providers.local.backdrops import LOOKS, OWN, STEP
from providers.local.cutting import cut_out
from providers.local.focus import burnt_around, neutral, shallow
from providers.local.nets import Nets
from providers.local.pixels import Floats
from providers.local.subject import DOUBTFUL, FORMATS, Cutout, Face, Format, Rgb8

QUALITY = 93
FIRST_SIDE = 2600
"""Longest side of the first decoding; a JPEG twice that size comes at half size for free."""
LARGEST_SIDE = 6000
"""Of the second decoding, for a person who is small in a large photo."""

_BOX_OVER_HEAD = 1.6
"""Height of a head with hair over the height of the detector's box."""
_ALTERNATIVE_FORMAT = "linkedin"


@dataclass(frozen=True, slots=True)
class Graded:
    """A person ready for any backdrop."""

    cutout: Cutout
    person: Cutout
    """The cut-out without the rim that `focus.shallow` leaves around it; else the same."""
    finished: detail.Finished
    tables: Floats
    """The tone curves of the grade, which the own background shares."""
    lit_from_left: bool
    """Where the face is brighter, the office has its windows."""
    closer: bool


def render(
    nets: Nets, photo: bytes, look: str, on_stage: Callable[[str], None], *, closer: bool = False
) -> list[Made]:
    """Four finished headshots of the one person in a photo.

    `look` is one of `backdrops.LOOKS` or ``own``; anything else is a `ValueError`. `on_stage`
    hears ``reading``, ``cutting``, ``lighting`` and ``finishing``, each once. `closer` has the
    lightest hand: see `grade`. Raises `ProviderRefused`, and `SettingsError` when a model is
    missing.
    """
    if look not in (*LOOKS, OWN):
        raise ValueError("there is no such look")
    on_stage("reading")
    pixels = read(nets, photo)
    cutout = cut_out(nets, pixels, lambda stage: on_stage(stage) if stage != "reading" else None)
    del pixels
    on_stage("lighting")
    graded = grade(cutout, closer=closer)
    on_stage("finishing")
    return headshots(graded, look)


def read(nets: Nets, photo: bytes) -> Rgb8:
    """The photo's pixels, as many as its face needs. Raises `ProviderRefused`."""
    picture = _decoded(photo, FIRST_SIDE)
    longest = max(picture.width, picture.height)
    if max(picture.pixels.shape[:2]) >= longest:
        return picture.pixels
    found = faces.detect(nets, picture.pixels)
    missing = _enlargement(found[0]) if found else 1.0
    if missing <= 1.1:
        return picture.pixels
    side = min(round(max(picture.pixels.shape[:2]) * missing / 0.75), longest, LARGEST_SIDE)
    return _decoded(photo, side).pixels


def grade(person: Cutout, *, rim: bool = False, closer: bool = False) -> Graded:
    """White balance, exposure, light and clarity, on the canvas.

    With `rim`, for the own background: the photo goes on a little way around the person. With
    `closer` the photo's own light stays: half the correction of colour, and no relighting.
    """
    view = skin.face_view(person.canvas, person.landmarks)
    graded = colour.grade(person.canvas, person.alpha, view)
    factors = light.light_map(person, view, graded)
    if closer:
        graded, factors = colour.halved(graded, view), np.ones_like(factors)
    cutout = shallow(person) if rim else person
    finished = detail.finish(cutout, view, graded, factors)
    if rim:
        finished = replace(finished, pixels=neutral(finished.pixels, burnt_around(cutout)))
    lit_from_left = light.split(view, graded) > 0.1
    return Graded(cutout, person, finished, graded.tables, lit_from_left, closer)


def shoot(graded: Graded, shape: Format, look: str, *, dim: bool = False) -> Rgb8:
    """One headshot's pixels. `dim` darkens the own background and nothing else."""
    cutout = graded.cutout
    if look == OWN:
        behind = backdrops.own(graded.person, graded.tables, dim=dim)
        behind = compose.framed(behind, cutout, shape)
    else:
        face = compose.face_in(cutout, shape)
        behind = backdrops.backdrop(
            look,
            shape.width // STEP,
            shape.height // STEP,
            face,
            mirrored=graded.lit_from_left,
        )
    return compose.compose(cutout, graded.finished, shape, behind)


def headshots(graded: Graded, look: str) -> list[Made]:
    """The four finished headshots of a graded person; `Made.look` tells what was really used."""
    plan = list(_plan(look, doubtful=graded.person.doubt >= DOUBTFUL))
    kept = any(used == OWN for _, used, _ in plan)
    own = grade(graded.person, rim=True, closer=graded.closer) if kept else graded
    return [
        Made(
            photo=encode_jpeg(shoot(own if used == OWN else graded, shape, used, dim=dim), QUALITY),
            format=shape.name,
            look=used,
        )
        for shape, used, dim in plan
    ]


def _plan(look: str, *, doubtful: bool) -> Iterator[tuple[Format, str, bool]]:
    """(format, look really used, dimmed) of each headshot."""
    for shape in FORMATS.values():
        yield shape, OWN if doubtful else look, False
    extra = OWN if doubtful else backdrops.alternative(look)
    yield FORMATS[_ALTERNATIVE_FORMAT], extra, doubtful


def _decoded(photo: bytes, side: int) -> Picture:
    picture = decode(photo, side)
    if isinstance(picture, PhotoProblem):
        raise ProviderRefused(picture)
    return picture


def _enlargement(face: Face) -> float:
    """How much the largest headshot would have to enlarge this face."""
    head = (face.bottom - face.top) * _BOX_OVER_HEAD
    return max(shape.height * shape.head for shape in FORMATS.values()) / max(head, 1.0)
