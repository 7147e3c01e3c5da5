"""The lock files belong to `pyproject.toml`, to each other, and pin every file by its hash."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*(?:\n    --hash=.*)*)", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUNTIME = (ROOT / "requirements.lock").read_text("utf-8")
FUZZING = (ROOT / "tests/fuzzing/requirements.lock").read_text("utf-8")
TESTING = (ROOT / "requirements-dev.lock").read_text("utf-8")


def pins(lock: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version, _ in PIN.findall(lock)}


def unmet(wanted: list[str], lock: str) -> list[str]:
    """The requirements that the lock does not satisfy."""
    pinned = pins(lock)

    def is_met(one: Requirement) -> bool:
        version = pinned.get(canonicalize_name(one.name))
        return version is not None and one.specifier.contains(version)

    return [text for text in wanted if not is_met(Requirement(text))]


def unhashed(lock: str) -> list[str]:
    return [name for name, _, rest in PIN.findall(lock) if "--hash=sha256:" not in rest]


def test_make_run_installs_what_the_product_needs() -> None:
    build = PROJECT["build-system"]["requires"]

    assert unmet(PROJECT["project"]["dependencies"] + build, RUNTIME) == []


def test_make_test_installs_the_same_and_what_tests_need() -> None:
    assert unmet(PROJECT["project"]["optional-dependencies"]["dev"], TESTING) == []
    assert pins(RUNTIME).items() <= pins(TESTING).items()


def test_make_fuzz_installs_what_only_fuzzing_needs() -> None:
    assert unmet(PROJECT["project"]["optional-dependencies"]["fuzz"], FUZZING) == []
    assert "atheris" not in pins(TESTING)


def test_every_pin_has_its_hashes() -> None:
    assert pins(RUNTIME)
    assert unhashed(RUNTIME) + unhashed(TESTING) + unhashed(FUZZING) == []


def test_nothing_under_a_strong_copyleft_is_installed_by_default() -> None:
    """The HEIC extra's binary package is GPL-2.0: who wants it adds it."""
    assert "pillow-heif" not in pins(TESTING)


def test_a_lock_that_has_fallen_behind_is_noticed() -> None:
    lock = "numpy==2.4.6 \\\n    --hash=sha256:00\npillow==12.0\n"

    assert unmet(["numpy>=2.4,<3", "Pillow>=13", "aiohttp"], lock) == ["Pillow>=13", "aiohttp"]
    assert unhashed(lock) == ["pillow"]
