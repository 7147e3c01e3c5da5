"""Time by stage from a photo to four headshots, and how much memory a worker needs for it.

The photos are portraits made from scikit-image's astronaut, as JPEG of 2, 12 and 48 megapixels,
with a sensor's noise, because enlarging makes them smoother and so cheaper to decode than photos.
What a person waits for is check + crop + render + judging; each number is the median of several
runs in one worker, and the floor (see `bench.floor`) is measured in the same runs.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from pathlib import Path
from time import perf_counter

import numpy as np

from bench.floor import Floor
from bot.model import Findings, Made, Verdict
from providers.local.task import Inspect, Judge, Minimise, Render
from providers.workers.pool import WorkerPool
from tests.providers.portraits import Rgb8, jpeg, portrait

RUNS = 5
NOISE = 3.0
SIZES = ((1224, 1632), (3000, 4000), (6000, 8000))
STAGES = ("reading", "cutting", "lighting", "finishing")
MODELS = Path(__file__).parents[1] / "models"


class Stopwatch:
    """Milliseconds by name, over all runs."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self._name = ""
        self._since = perf_counter()

    async def begin(self, name: str) -> None:
        """End what was timed before and time this; an empty name is a break."""
        now = perf_counter()
        if self._name:
            self.times[self._name].append((now - self._since) * 1000)
        self._name, self._since = name, now

    def median(self, name: str) -> float:
        return statistics.median(self.times[name]) if name in self.times else 0.0


async def one_run(pool: WorkerPool, photo: bytes, watch: Stopwatch) -> None:
    """Photo to headshots, then the floor."""
    await watch.begin("check")
    findings = await pool.run("inspect", Inspect(photo), Findings)
    await watch.begin("crop")
    crop = await pool.run("minimise", Minimise(photo, findings), bytes)
    await watch.begin("reading")
    made = await pool.run("render", Render(crop, "grey"), list[Made], on_stage=watch.begin)
    await watch.begin("judging")
    await pool.run("judge", Judge(crop, made, likeness=False), list[Verdict])
    await watch.begin("")
    watch.times["floor"].append(await pool.run("floor", Floor(photo, made), float))
    watch.times["headshots"].append(len(made))


def with_noise(pixels: Rgb8) -> Rgb8:
    """As a phone's sensor would have seen it: a standard deviation of three levels."""
    noise = np.random.default_rng(1).normal(0, NOISE, pixels.shape[:2]).astype(np.float32)
    return np.asarray(np.clip(pixels + noise[..., None], 0, 255), np.uint8)


def peak_megabytes(pids: frozenset[int]) -> float:
    """The most any of the processes has held at once (VmHWM; Linux)."""
    statuses = [Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in pids]
    found = [status.partition("VmHWM:")[2].split()[0] for status in statuses]
    return max(int(kilobytes) for kilobytes in found) / 1024


def line(cells: tuple[object, ...]) -> str:
    return "".join(f"{cell:>11}" for cell in cells) + "\n"


async def run() -> None:
    """Print one line per photo size, in milliseconds."""
    names = ("check", "crop", *STAGES, "judging")
    sys.stdout.write(f"Photo to headshots: medians of {RUNS} runs, one worker, milliseconds\n")
    sys.stdout.write(line(("photo", *names, "render", "all", "floor", "ratio", "peak")))
    for width, height in SIZES:
        photo = jpeg(with_noise(portrait(width, height)))
        watch = Stopwatch()
        async with WorkerPool(1, MODELS, tasks="bench.floor") as pool:
            for _ in range(RUNS):
                await one_run(pool, photo, watch)
            peak = peak_megabytes(pool.pids)
        parts = [watch.median(name) for name in names]
        floor = watch.median("floor")
        rounded = [round(part) for part in (*parts, sum(parts[2:-1]), sum(parts), floor)]
        size = f"{width * height / 1e6:.0f} MP"
        sys.stdout.write(line((size, *rounded, f"{sum(parts) / floor:.1f}", f"{peak:.0f} MB")))
