"""Whether a headshot still shows the person of the photo as they are. Runs inside a worker.

Most of this needs no identity: nothing is kept of a face, and nobody is recognised. What is looked
at is what beauty filters and image models change: how light the skin is and of which colour, how
wide the face, how large the eyes; and that there is one face, where a round profile picture shows
it. Whether it is the same person at all is only asked where they agreed to it: see `likeness`.

Bounds were measured (``make calibrate`` prints the table): what an honest renderer does stays
inside them, for skin of every tone, and what is planted falls out. The skin is compared with the
photo as it was **and** as it would be in good light, so that a photo taken in the dark may come out
lighter, but never lighter than the person is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bot.model import Fault, Made, PhotoProblem, Verdict
from bot.photo import decode
from providers.local import colour
from providers.local.faces import detect
from providers.local.faithful import Bend, bend
from providers.local.likeness import FARTHEST
from providers.local.mesh import BROW_TOP, CHIN, OVAL, Mesh, landmarks
from providers.local.nets import PERSON_SIZE, Nets
from providers.local.pixels import resize_rgb, size_of
from providers.local.skin import Tone, face_view, plain, skin_tone
from providers.local.subject import Points, Rgb8

Compare: TypeAlias = Callable[[Rgb8, Points, Rgb8, Points], float]

SIDE = 1000
"""Pixels along the long side; a face is then as large as it is compared."""
PRESENT = 0.5
"""Least presence of a face by the mesh."""
COMPARABLE = 0.5
"""A second face of this share of the first one's width is not a bystander."""

LIGHTER, DARKER = 6.0, 7.0
"""L* by which the skin may leave what lies between the photo and the photo in good light."""
HUE, CHROMA = 14.0, 12.0
"""Degrees and CIELAB units by which its colour may, when there is enough colour to speak of."""
_COLOURED = 8.0
WIDTH, EYES = 0.04, 0.055
"""Shares by which the face may be slimmer or wider, and the eyes larger or smaller."""
SURE = 0.5
"""Least `Bend.sure` for that to be believed."""
PROPORTION = 0.12
"""Where it is not: by how much the width over the height of the mesh may differ (natural log)."""
CIRCLE = 1.04
"""Radius of the circle that must hold the face, over that of a round profile picture."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The face in a picture."""

    pixels: Rgb8
    mesh: Mesh
    skin: Tone
    others: bool
    """There is a second face."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was measured between a photo and a headshot made from it."""

    lightness: float
    """L* above (or, negative, below) what the photo and good light allow; 0 inside."""
    hue: float
    """Degrees outside, in the same way."""
    chroma: float
    bend: Bend
    proportion: float
    """Natural logarithm of the meshes' width over height, after over before."""
    reach: float
    """Farthest point of the face from the middle of a round profile picture, over its radius."""


def judge(
    nets: Nets, source: bytes, made: Sequence[Made], compare: Compare | None = None
) -> list[Verdict]:
    """What is wrong with each headshot, most telling first; nothing when nothing is.

    With `compare` (`Likeness.distance`), to which the person must have agreed, faces are measured
    and compared too. Raises `SettingsError` when a model is missing.
    """
    before = look(nets, source)
    if before is None:
        # The person saw the crop, and a headshot was made from it; without a face in it there is
        # nothing to hold the headshots against, and so none of them passes.
        return [Verdict((Fault.NO_FACE,)) for _ in made]
    allowed = in_good_light(nets, before)
    return [_verdict(nets, before, allowed, one.photo, compare) for one in made]


def look(nets: Nets, photo: bytes) -> Seen | None:
    """The main face of a picture; None when there is none, or no picture."""
    picture = decode(photo, SIDE)
    if isinstance(picture, PhotoProblem):
        return None
    found = detect(nets, picture.pixels, points=True)[:3]
    measured = [landmarks(nets, picture.pixels, face) for face in found]
    meshes = [mesh for mesh in measured if mesh.presence >= PRESENT]
    if not meshes:
        return None
    main, *others = sorted(meshes, key=lambda mesh: mesh.width, reverse=True)
    skin = skin_tone(face_view(picture.pixels, main.points), plain())
    second = any(other.width > COMPARABLE * main.width for other in others)
    return Seen(picture.pixels, main, skin, second)


def in_good_light(nets: Nets, seen: Seen) -> Tone:
    """The skin of a photo after its light has been corrected, as the renderer would."""
    alpha = nets.person(resize_rgb(seen.pixels, PERSON_SIZE))
    return colour.grade(seen.pixels, alpha, face_view(seen.pixels, seen.mesh.points)).skin


def change(before: Seen, allowed: Tone, after: Seen) -> Change:
    """Measure a headshot against its photo."""
    ends = (before.skin, allowed)
    return Change(
        lightness=_outside(after.skin.lightness, [one.lightness for one in ends]),
        hue=_outside(after.skin.hue, [one.hue for one in ends]),
        chroma=_outside(after.skin.chroma, [one.chroma for one in ends]),
        bend=bend(before.pixels, before.mesh, after.pixels, after.mesh),
        proportion=float(np.log(_proportion(after.mesh) / _proportion(before.mesh))),
        reach=reach(after),
    )


def faults(measured: Change, after: Seen) -> tuple[Fault, ...]:
    """What is out of bounds."""
    coloured = after.skin.chroma > _COLOURED
    bent = measured.bend
    believed = bent.sure >= SURE
    wrong = {
        Fault.LIGHTER: measured.lightness > LIGHTER,
        Fault.DARKER: measured.lightness < -DARKER,
        Fault.RECOLOURED: (coloured and abs(measured.hue) > HUE) or abs(measured.chroma) > CHROMA,
        Fault.RESHAPED: abs(bent.width) > WIDTH
        if believed
        else abs(measured.proportion) > PROPORTION,
        Fault.EYES: believed and abs(bent.eyes) > EYES,
        Fault.OFF_CENTRE: measured.reach > CIRCLE,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def reach(seen: Seen) -> float:
    """How much of a round profile picture the face needs: 1 touches its edge.

    The circle is as wide as the picture; on a tall one it lies as high as the face does.
    """
    width, height = size_of(seen.pixels)
    radius = min(width, height) / 2
    oval = seen.mesh.points[list(OVAL), :2]
    middle = np.clip(oval.mean(axis=0), radius, [width - radius, height - radius])
    return float(np.linalg.norm(oval - middle, axis=1).max()) / radius


def _verdict(
    nets: Nets, before: Seen, allowed: Tone, photo: bytes, compare: Compare | None
) -> Verdict:
    after = look(nets, photo)
    if after is None:
        return Verdict((Fault.NO_FACE,))
    if after.others:
        return Verdict((Fault.SEVERAL_FACES,))
    if compare is not None:
        apart = compare(before.pixels, before.mesh.points, after.pixels, after.mesh.points)
        if apart > FARTHEST:
            return Verdict((Fault.SOMEBODY_ELSE,))
    return Verdict(faults(change(before, allowed, after), after))


def _outside(value: float, ends: Sequence[float]) -> float:
    """How far a value lies above or, negative, below a range."""
    low, high = min(ends), max(ends)
    return max(value - high, 0.0) + min(value - low, 0.0)


def _proportion(mesh: Mesh) -> float:
    across = float(np.linalg.norm(mesh.points[454] - mesh.points[234]))
    return across / max(float(np.linalg.norm(mesh.points[CHIN] - mesh.points[BROW_TOP])), 1e-3)
