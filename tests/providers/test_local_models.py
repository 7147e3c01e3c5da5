"""The model files: checked, whole or not at all, and one clear sentence when they are missing."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from bot.errors import SettingsError
from providers.local.models import (
    MODELS,
    SOURCES,
    ModelFile,
    install_from_wheel,
    path_of,
    source_of,
    verify,
)

CONTENTS = {"one.tflite": b"first model", "two.tflite": b"second model"}


def expected() -> tuple[ModelFile, ...]:
    return tuple(
        ModelFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in CONTENTS.items()
    )


def a_wheel(folder: Path, contents: dict[str, bytes]) -> Path:
    wheel = folder / "wheel.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in contents.items():
            archive.writestr(f"package/modules/{name}", content)
        archive.writestr("package/__init__.py", b"")
    return wheel


def test_the_files_of_a_wheel_are_put_in_place(tmp_path: Path) -> None:
    folder = tmp_path / "models"

    install_from_wheel(a_wheel(tmp_path, CONTENTS), folder, expected())

    assert {p.name: p.read_bytes() for p in folder.iterdir()} == CONTENTS
    assert verify(folder, expected()) == []


def test_a_file_with_another_hash_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    wheel = a_wheel(tmp_path, CONTENTS | {"two.tflite": b"SECOND model"})

    with pytest.raises(SettingsError, match=r"two\.tflite"):
        install_from_wheel(wheel, tmp_path / "models", expected())

    assert not (tmp_path / "models").exists()


def test_a_file_of_another_length_is_refused_before_it_is_read(tmp_path: Path) -> None:
    wheel = a_wheel(tmp_path, CONTENTS | {"one.tflite": b"first model and more"})

    with pytest.raises(SettingsError, match=r"one\.tflite"):
        install_from_wheel(wheel, tmp_path / "models", expected())


def test_a_wheel_without_a_model_is_refused(tmp_path: Path) -> None:
    wheel = a_wheel(tmp_path, {"one.tflite": CONTENTS["one.tflite"]})

    with pytest.raises(SettingsError, match=r"holds no two\.tflite"):
        install_from_wheel(wheel, tmp_path / "models", expected())


def test_verify_names_what_is_missing_and_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "one.tflite").write_bytes(b"FIRST model")

    assert verify(tmp_path, expected()) == ["one.tflite", "two.tflite"]


def test_installing_again_mends_a_damaged_file_and_leaves_no_partial_ones(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "one.tflite").write_bytes(b"half")

    install_from_wheel(a_wheel(tmp_path, CONTENTS), folder, expected())

    assert sorted(p.name for p in folder.iterdir()) == sorted(CONTENTS)
    assert verify(folder, expected()) == []


def test_a_missing_model_is_one_sentence_that_names_the_mending_command(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="`workshot setup`") as caught:
        path_of(tmp_path, MODELS[0].name)

    assert str(tmp_path) not in str(caught.value)


def test_the_models_of_this_checkout_are_the_expected_ones() -> None:
    assert verify(Path(__file__).parents[2] / "models") == []


def test_a_wheel_is_known_by_its_name() -> None:
    assert source_of(Path("/somewhere/rapidocr-2.1.0-py3-none-any.whl")) is SOURCES[1]
    with pytest.raises(SettingsError, match=r"other-1\.0\.whl holds no models"):
        source_of(Path("other-1.0.whl"))
