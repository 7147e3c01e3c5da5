"""From the tap on "Erase everything" to the receipt on the page, and one turn of the journal.

The whole bot in this process, over a real socket; several people one after the other, each with a
crop and four headshots. The floor is what the disk asks for: one durable write of the same folder.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from tests.e2e.living import erases, gets_headshots, living, visiting
from tests.e2e.pictures import selfie

PEOPLE = 5
TURNS = 50


async def run() -> None:
    """Print medians in milliseconds."""
    photo = selfie()
    erasing, turns = [], []
    with tempfile.TemporaryDirectory() as folder:
        floor = _durable_write(Path(folder))
        async with living(Path(folder) / "data", Path("models")) as bot:
            for _ in range(PEOPLE):
                async with visiting(bot.url) as page:
                    await gets_headshots(page, photo)
                    began = time.perf_counter()
                    await erases(page)
                    erasing.append(time.perf_counter() - began)
            async with visiting(bot.url) as page:
                await page.until(lambda p: p.shows("automated AI service"))
                for _ in range(TURNS):
                    began = time.perf_counter()
                    await page.say("/status")
                    turns.append(time.perf_counter() - began)
    print("\nerasing and turns (ms, medians)")
    print(f"  one durable write, the floor           {floor * 1000:8.1f}")
    print(f"  a text: request to durable to answered {_ms(turns):8.1f}")
    print(f"  /delete, tap, receipt on the page      {_ms(erasing):8.1f}")


def _ms(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000


def _durable_write(folder: Path) -> float:
    """Seconds that writing four kilobytes and waiting for the disk takes here, the median of 20."""
    times = []
    path = folder / "floor"
    for _ in range(20):
        began = time.perf_counter()
        with path.open("wb") as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
        times.append(time.perf_counter() - began)
    return statistics.median(times)
