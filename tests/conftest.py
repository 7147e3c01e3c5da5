"""What every test is held to, and the few things that many tests need.

The guards are on for each test: loopback only, no task and no child process left behind, and with
`--ci` no test may be skipped. `loop_watch` and `never_blocks` are there for tests that ask.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = [
    "pytester",
    "tests.guards.event_loop",
    "tests.guards.leftovers",
    "tests.guards.network",
    "tests.guards.skips",
]

ROOT = Path(__file__).resolve().parent.parent

# The time of one example says nothing on a shared machine. CI must fail for the change at hand
# and not for the luck of the draw; on a desk every run looks somewhere new.
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("ci" if config.getoption("--ci") else "desk")


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder with the vision models."""
    folder = ROOT / "models"
    if not any(folder.glob("*.tflite")):
        pytest.fail("the vision models are missing: `make test` fetches them", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium or Chrome: `CHROMIUM` when set, else the first that is installed."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    installed = (shutil.which(name) for name in names)
    path = os.environ.get("CHROMIUM") or next(filter(None, installed), None)
    if path is None:
        pytest.skip("no Chromium found: install one, or set CHROMIUM to its path")
    return path


@pytest.fixture(scope="session")
def exiftool() -> str:
    """Path of exiftool, an independent reader of what files say about themselves."""
    path = shutil.which("exiftool")
    if path is None:
        pytest.skip("no exiftool found (Debian: apt-get install libimage-exiftool-perl)")
    return path
