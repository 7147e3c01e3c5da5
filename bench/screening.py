"""Time and peak memory of each stage of the look at a photo, and of the two crops that follow.

Everything runs in this process, with the same limits on threads as a worker. The photo is the
portrait of the tests with a letter in her hands, with a sensor's noise, at 12 megapixels; the
numbers are medians. Peak memory is that of the whole process while the stage ran (Linux).
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np

from bench.render import line, with_noise
from bot.photo import Picture, decode
from providers.inspection import codes, cropping, documents, origin, pose, quality, screens, survey
from providers.inspection.reading import Reader
from providers.local.faces import detect
from providers.local.mask import person
from providers.local.nets import Nets
from tests.providers import scenes
from tests.providers.portraits import jpeg

RUNS = 5
MODELS = Path(__file__).parents[1] / "models"


def measure(name: str, work: Callable[[], object]) -> None:
    """Print the median time and the most memory that was in use meanwhile."""
    _forget_peak()
    times = []
    for _ in range(RUNS):
        began = perf_counter()
        work()
        times.append((perf_counter() - began) * 1000)
    cells = (f"{statistics.median(times):.0f} ms", f"{_peak():.0f} MB")
    sys.stdout.write(f"  {name:<26}" + line(cells))


def _forget_peak() -> None:
    """Have the kernel measure anew (proc(5), ``clear_refs``)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def run() -> None:
    """Print one line per stage."""
    cv2.setNumThreads(1)
    nets, reader = Nets(MODELS), Reader(MODELS)
    scene = scenes.with_paper(scenes.lady())
    large = cv2.resize(scene, (3000, 4000), interpolation=cv2.INTER_CUBIC)
    photo = jpeg(with_noise(np.asarray(large, np.uint8)))
    picture = decode(photo, survey.WORK_SIDE)
    if not isinstance(picture, Picture):
        raise TypeError(picture)
    pixels = picture.pixels
    faces = detect(nets, pixels)
    reader.read(pixels)  # loads its networks
    sys.stdout.write(f"\nThe look at a 12 MP photo with a letter in it: medians of {RUNS} runs\n")
    sys.stdout.write(f"  {'at rest':<26}" + line(("", f"{_peak():.0f} MB")))
    measure("decode", lambda: decode(photo, survey.WORK_SIDE))
    measure("faces", lambda: detect(nets, pixels))
    measure("size, light, sharpness", lambda: quality.problem_of(picture, faces))
    measure("writing", lambda: reader.read(pixels))
    measure("cards", lambda: documents.cards(pixels))
    measure("codes", lambda: codes.find(pixels))
    measure("origin", lambda: origin.traits(photo))
    measure("screenshot", lambda: screens.is_screenshot(pixels))
    measure("outline of the person", lambda: person(nets, pixels, faces[0]))
    for leaving in (False, True):
        _whole(nets, reader, photo, leaving=leaving)
    crop = jpeg(pixels)
    measure("closer look", lambda: pose.advice(nets, crop))


def _whole(nets: Nets, reader: Reader, photo: bytes, *, leaving: bool) -> None:
    """The look and the crop as a worker does them."""
    where = "to leave" if leaving else "to stay"
    measure(f"all of it, {where}", lambda: survey.inspect(nets, reader, photo, leaving=leaving))
    findings = survey.inspect(nets, reader, photo, leaving=leaving)
    measure(
        f"crop, {where}",
        lambda: cropping.minimise(
            nets, reader, photo, findings, largest=250_000 if leaving else 0, keep_writing=False
        ),
    )
