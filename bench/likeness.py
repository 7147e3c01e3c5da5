"""What the likeness check measures: the same person after edits, and different people.

Needs the extra ``workshot[likeness]`` and a folder of portraits, one person each
(``make calibrate PHOTOS=folder``); without it says so. Only distances are printed, nothing is kept.
"""

from __future__ import annotations

import io
import statistics
import sys
from collections.abc import Callable
from functools import partial
from itertools import combinations

import cv2
import numpy as np
from PIL import Image

from bench.calibrate import photos
from bench.render import MODELS
from bot.errors import ProviderRefused
from bot.model import PhotoProblem
from providers.local import judging
from providers.local.judging import Seen
from providers.local.likeness import FARTHEST, Likeness, is_installed
from providers.local.nets import Nets
from providers.local.render import render
from providers.local.subject import Rgb8
from tests.providers.crops import crop_of


def _jpeg(quality: int, picture: Rgb8) -> Rgb8:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).convert("RGB"), np.uint8)


def _blurred(share: float, picture: Rgb8) -> Rgb8:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), share * picture.shape[1]), np.uint8)


def _brighter(factor: float, picture: Rgb8) -> Rgb8:
    return np.asarray(np.clip(picture * factor, 0, 255), np.uint8)


def _mirrored(picture: Rgb8) -> Rgb8:
    return np.ascontiguousarray(picture[:, ::-1])


EDITS: dict[str, Callable[[Rgb8], Rgb8]] = {
    "JPEG quality 20": partial(_jpeg, 20),
    "blurred by 0.4 %": partial(_blurred, 0.004),
    "a third darker": partial(_brighter, 0.67),
    "a third brighter": partial(_brighter, 1.33),
    "mirrored": _mirrored,
}


def _people(nets: Nets, folder: str | None) -> dict[str, tuple[Seen, list[Seen]]]:
    """By name: the face in the crop, and in each headshot made of it."""
    found = {}
    for name, photo in photos(folder):
        crop = crop_of(nets, MODELS, photo)
        if isinstance(crop, PhotoProblem):
            continue
        try:
            made = render(nets, crop, "grey", lambda _stage: None)
        except ProviderRefused:
            continue
        seen = judging.look(nets, crop)
        shots = [judging.look(nets, one.photo) for one in made]
        if seen is not None:
            found[name] = seen, [one for one in shots if one is not None]
    return found


def _again(nets: Nets, seen: Seen, edit: Callable[[Rgb8], Rgb8]) -> Seen | None:
    out = io.BytesIO()
    Image.fromarray(edit(seen.pixels)).save(out, "PNG")
    return judging.look(nets, out.getvalue())


def _line(what: str, found: list[float]) -> str:
    if not found:
        return f"{what:<34}{'none':>6}\n"
    over = sum(one > FARTHEST for one in found)
    return (
        f"{what:<34}{len(found):>6}{min(found):>9.3f}{statistics.median(found):>9.3f}"
        f"{max(found):>9.3f}{over:>9}\n"
    )


async def run() -> None:
    """Print the table."""
    if not is_installed():
        sys.stdout.write("Likeness: the extra workshot[likeness] is not installed.\n")
        return
    nets, likeness = Nets(MODELS), Likeness()

    def apart(one: Seen, other: Seen) -> float:
        return likeness.distance(one.pixels, one.mesh.points, other.pixels, other.mesh.points)

    people = _people(nets, next(iter(sys.argv[3:]), None))
    heading = ("pairs", "least", "median", "most", f"> {FARTHEST}")
    sys.stdout.write(f"{'distance':<34}{heading[0]:>6}" + "".join(f"{h:>9}" for h in heading[1:]))
    sys.stdout.write("\n")
    own = [apart(seen, shot) for seen, shots in people.values() for shot in shots]
    sys.stdout.write(_line("photo and its own headshots", own))
    for what, edit in EDITS.items():
        edited = [(seen, _again(nets, seen, edit)) for seen, _ in people.values()]
        same = [apart(seen, other) for seen, other in edited if other is not None]
        sys.stdout.write(_line(f"the same photo, {what}", same))
    others = [
        apart(seen, shot)
        for (one, (seen, _)), (other, (_, shots)) in combinations(people.items(), 2)
        for shot in shots
        if one != other
    ]
    sys.stdout.write(_line("a photo and somebody else", others))
