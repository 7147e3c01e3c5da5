"""The command line: reads well, says what is wrong, exits with a code that can be relied on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.model import Person
from bot.receipt import Signer, receipt
from storage.house import StorageConfig, open_storage
from tests.fakes.clock import HandClock
from tests.fakes.purse import ENOUGH
from tests.providers.portraits import astronaut, jpeg

SIGNER = Signer(bytes(range(32)))


@pytest.fixture(autouse=True)
def _somewhere_empty(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELS_DIR", str(models))
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("MASTER_KEY", bytes(range(32)).hex())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    body = receipt("DR-77", datetime(2026, 11, 22, tzinfo=UTC), {"photos": 5}, ["A log."], "ab")
    path = tmp_path / "receipt.json"
    path.write_bytes(SIGNER.sign(body))
    return path


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    told = capsys.readouterr().out
    assert ended.value.code == 0
    for command in ("run", "setup", "check", "costs", "verify-receipt", "inspect", "render"):
        assert f"\n    {command}" in told


def test_a_genuine_receipt_is_said_to_be(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify-receipt", str(file), "--key", SIGNER.public_key]) == 0
    told = capsys.readouterr().out
    assert told.startswith("GENUINE. DR-77")
    assert "5 photos" in told


def test_a_changed_receipt_is_said_to_be(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(file.read_bytes().replace(b'"photos": 5', b'"photos": 1'))

    assert main(["verify-receipt", str(file)]) == 1
    assert capsys.readouterr().out.startswith("NOT GENUINE.")


def test_a_receipt_that_is_not_there_is_a_clear_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify-receipt", "nowhere.json"]) == 2
    assert "nowhere.json" in capsys.readouterr().err


def test_wrong_settings_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PHOTO_MINUTES", "600")

    assert main(["check"]) == 2
    assert "PHOTO_MINUTES" in capsys.readouterr().err


def test_check_finds_a_fresh_installation_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    told = capsys.readouterr().out
    assert SIGNER.public_key in told
    assert "WRONG" not in told


def test_check_says_how_to_mend_missing_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODELS_DIR", str(tmp_path / "empty"))

    assert main(["check"]) == 1
    assert "workshot setup" in capsys.readouterr().out


def test_render_writes_four_headshots_and_a_sheet(tmp_path: Path) -> None:
    (tmp_path / "me.jpg").write_bytes(jpeg(astronaut(1024)))

    assert main(["render", "me.jpg", "--look", "warm", "--out", "out", "--sheet", "s.png"]) == 0
    assert len(list((tmp_path / "out").glob("headshot-*.jpg"))) == 4
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")


def test_render_says_what_is_wrong_with_a_photo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "me.jpg").write_bytes(b"not a picture")

    assert main(["render", "me.jpg", "--out", "out"]) == 1
    assert "isn't a picture" in capsys.readouterr().err


def test_a_rendered_file_tells_how_it_was_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "me.jpg"
    photo.write_bytes(jpeg(astronaut(1280)))
    assert main(["render", str(photo), "--out", str(tmp_path / "out")]) == 0
    files = capsys.readouterr().out.split()
    assert len(files) == 4

    assert main(["inspect", files[0]]) == 0
    told = capsys.readouterr().out
    assert "put together from several pictures (composite)" in told
    assert "signed by this service" in told


def test_a_file_without_a_label_is_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "me.jpg"
    photo.write_bytes(jpeg(astronaut(640)))

    assert main(["inspect", str(photo)]) == 1
    assert "does not say how it was made" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["nowhere.jpg"], ["me.jpg", "--root", "me.jpg"], ["me.jpg", "--root", "no.pem"]]
)
def test_what_cannot_be_inspected_is_a_clear_error(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "me.jpg").write_bytes(b"not a picture")

    assert main(["inspect", *arguments]) == 2
    assert arguments[-1] in capsys.readouterr().err


async def _spend(folder: Path) -> None:
    config = StorageConfig(data_dir=folder, master_key=bytes(range(32)), caps=ENOUGH)
    async with open_storage(config, HandClock()) as storage:
        for number, user in enumerate(("anna", "ben")):
            person = Person("slack", "T1", user)
            await storage.purse.reserve(person, f"order {number}", 360_000)
        await storage.purse.reserve(Person("web", "", "carl"), "order 3", 45_500)


def test_costs_are_told_per_day_and_workspace_and_nobody_in_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_spend(tmp_path / "data"))

    assert main(["costs"]) == 0
    told = capsys.readouterr().out
    assert told.splitlines() == [
        "2026-11-22  slack T1                     2 orders       $0.72",
        "2026-11-22  web                          1 orders     $0.0455",
        "In all                                   3 orders     $0.7655",
    ]
    assert "anna" not in told


def test_without_any_costs_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["costs"]) == 0
    assert "0 orders" in capsys.readouterr().out
