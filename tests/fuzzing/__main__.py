"""``make fuzz``: throws broken photos at everything that reads them, until the time is up.

    python -m tests.fuzzing [seconds per target] [target ...]

Two ways, one after the other: Hypothesis takes good photos apart and puts them together wrongly;
atheris (only if it is installed, see the extra ``fuzz``) follows which branches new bytes reach.
Prints what it did; a failure prints the bytes that did it, in hex, and ends with 1.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing.targets import TARGETS, seeds

SECONDS = 30.0
BATCH = 100
EVERY = tuple(HealthCheck)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A good photo with bytes changed, cut out, doubled, or taken from another one."""
    data = bytearray(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 4)):
            case 0:
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=4))
            case 1:
                del data[at:]
            case 2:
                del data[at : at + draw(st.integers(1, 64))]
            case 3:
                other = draw(st.sampled_from(seeds()))
                data[at:at] = other[: draw(st.integers(1, 600))]
            case _:
                start = draw(st.integers(0, max(0, min(len(data), 400) - 1)))
                data[start : start + 4] = draw(st.binary(min_size=4, max_size=4))
    return bytes(data)


def by_hypothesis(name: str, seconds: float) -> int:
    """How many photos were tried; raises what the target raised."""
    until, tried = time.monotonic() + seconds, 0

    @settings(max_examples=BATCH, deadline=None, database=None, suppress_health_check=EVERY)
    @given(broken())
    def try_some(data: bytes) -> None:
        nonlocal tried
        tried += 1
        TARGETS[name](data)

    while time.monotonic() < until:
        try_some()
    return tried


def by_atheris(name: str, seconds: float) -> int:
    """In a process of its own, because libFuzzer ends the one it runs in."""
    command = [sys.executable, "-m", "tests.fuzzing.guided", name, str(int(seconds))]
    # Every word of the command is a constant or a number.
    return subprocess.run(command, check=False).returncode  # noqa: S603


def main() -> int:
    """Fuzz the targets that are named, or all."""
    given_ = sys.argv[1:]
    seconds = float(given_.pop(0)) if given_ and given_[0].replace(".", "").isdigit() else SECONDS
    guided = importlib.util.find_spec("atheris") is not None
    for name in given_ or TARGETS:
        tried = by_hypothesis(name, seconds)
        sys.stdout.write(f"{name}: {tried} broken photos, nothing raised\n")
        if guided and by_atheris(name, seconds):
            return 1
    if not guided:
        sys.stdout.write("atheris is not installed here: only Hypothesis was used\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
