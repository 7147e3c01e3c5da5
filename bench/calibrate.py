"""What the guard measures: on honest headshots, and on headshots with a planted lie.

``make calibrate PHOTOS=folder`` renders each portrait in the folder (without one: scikit-image's
astronaut), measures its headshots as they are, and again with each edit of `tests.providers.edits`.
Numbers are what is compared with the bounds in `providers.local.judging`; a lie that is not caught
and an honest headshot that would be dropped are marked. Nothing of a photo is written anywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.render import MODELS
from bot.errors import ProviderRefused
from bot.model import PhotoProblem
from bot.photo import encode_jpeg
from providers.local import judging
from providers.local.judging import Change, Seen
from providers.local.nets import Nets
from providers.local.render import render
from providers.local.skin import Tone
from providers.local.subject import Rgb8
from tests.providers import edits
from tests.providers.crops import crop_of
from tests.providers.portraits import astronaut, jpeg

Edit = Callable[[Seen], Rgb8]


def _edit(how: Callable[..., Rgb8], strength: float) -> Edit:
    return lambda seen: how(seen.pixels, seen.mesh.points, strength)


EDITS: dict[str, Edit] = {
    "lighter by L* 5": _edit(edits.lightened, 5.0),
    "lighter by L* 10": _edit(edits.lightened, 10.0),
    "lighter by L* 15": _edit(edits.lightened, 15.0),
    "darker by L* 10": _edit(edits.lightened, -10.0),
    "darker by L* 15": _edit(edits.lightened, -15.0),
    "bluer by b* 16": _edit(edits.tinted, -16.0),
    "slimmer by 3 %": _edit(edits.slimmed, 0.03),
    "slimmer by 6 %": _edit(edits.slimmed, 0.06),
    "slimmer by 10 %": _edit(edits.slimmed, 0.10),
    "stretched by 6 %": _edit(edits.stretched, 0.06),
    "eyes larger by 5 %": _edit(edits.wide_eyed, 0.05),
    "eyes larger by 10 %": _edit(edits.wide_eyed, 0.10),
    "eyes larger by 20 %": _edit(edits.wide_eyed, 0.20),
}
HARMLESS = {"lighter by L* 5", "slimmer by 3 %", "eyes larger by 5 %"}
"""Too little to see; printed so that the distance to the bound shows."""


def photos(folder: str | None) -> Iterator[tuple[str, bytes]]:
    """(name, photo) of what is measured."""
    if folder is None:
        yield "astronaut", jpeg(astronaut(1280))
        return
    for path in sorted(Path(folder).iterdir()):
        if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"}:
            yield path.stem, path.read_bytes()


def measure(nets: Nets, name: str, photo: bytes) -> Iterator[tuple[str, Change, str]]:
    """(what was done, what was measured, faults) for a photo's headshots and for each edit."""
    crop = crop_of(nets, MODELS, photo)
    if isinstance(crop, PhotoProblem):
        sys.stdout.write(f"{name}: left out ({crop.value})\n")
        return
    try:
        made = render(nets, crop, "grey", lambda _stage: None)
    except ProviderRefused as refused:
        sys.stdout.write(f"{name}: left out ({refused.problem.value})\n")
        return
    before = judging.look(nets, crop)
    if before is None:
        return
    judged = partial(_judged, nets, before, judging.in_good_light(nets, before))
    for one in made[:3]:
        yield f"honest {one.format}", *judged(one.photo)
    seen = judging.look(nets, made[0].photo)
    for what, edit in EDITS.items():
        if seen is not None:
            yield what, *judged(encode_jpeg(edit(seen)))


def _judged(nets: Nets, before: Seen, allowed: Tone, photo: bytes) -> tuple[Change, str]:
    after = judging.look(nets, photo)
    if after is None:
        raise LookupError("no face in the headshot")
    change = judging.change(before, allowed, after)
    return change, " ".join(fault.value for fault in judging.faults(change, after))


def row(name: str, what: str, change: Change, found: str) -> str:
    """One line of the table."""
    bend = change.bend
    numbers = (
        f"{change.lightness:+7.1f}{change.hue:+7.1f}{change.chroma:+7.1f}"
        f"{bend.width:+8.3f}{bend.eyes:+8.3f}{bend.sure:6.2f}{change.proportion:+8.3f}"
        f"{change.reach:6.2f}"
    )
    honest = what.startswith("honest")
    mark = "DROPPED" if honest and found else ""
    if not honest and not found and what not in HARMLESS:
        mark = "MISSED"
    return f"{name[:26]:<27}{what:<21}{numbers}  {found} {mark}".rstrip() + "\n"


def _summary(rows: Sequence[tuple[str, str]]) -> str:
    honest = [found for what, found in rows if what.startswith("honest")]
    planted = [found for what, found in rows if what in EDITS and what not in HARMLESS]
    return (
        f"honest headshots dropped: {sum(map(bool, honest))} of {len(honest)}; "
        f"planted lies caught: {sum(map(bool, planted))} of {len(planted)}\n"
    )


async def run() -> None:
    """Print the table."""
    nets = Nets(MODELS)
    sys.stdout.write(
        f"{'photo':<27}{'headshot':<21}{'L*':>7}{'hue':>7}{'chroma':>7}{'width':>8}{'eyes':>8}"
        f"{'sure':>6}{'w/h':>8}{'reach':>6}\n"
    )
    sys.stdout.write(
        f"{'bounds':<48}{f'{-judging.DARKER:.0f}..{judging.LIGHTER:+.0f}':>7}{judging.HUE:>7.0f}"
        f"{judging.CHROMA:>7.0f}{judging.WIDTH:>8.3f}{judging.EYES:>8.3f}{judging.SURE:>6.2f}"
        f"{judging.PROPORTION:>8.2f}{judging.CIRCLE:>6.2f}\n"
    )
    rows = []
    folder = next(iter(sys.argv[3:]), None)
    for name, photo in photos(folder):
        for what, change, found in measure(nets, name, photo):
            rows.append((what, found))
            sys.stdout.write(row(name, what, change, found))
    sys.stdout.write(_summary(rows))
