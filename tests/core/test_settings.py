"""Settings come from the environment, and every problem is told at once."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from bot import settings as settings_module
from bot.errors import SettingsError
from bot.settings import Settings, master_key


@pytest.fixture(autouse=True)
def _nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env`, and no settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_nothing_has_to_be_set() -> None:
    settings = settings_module.load()

    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.photo_minutes == 60
    assert settings.headshot_hours == 24


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=8111\nHOST_NAME=our server in Lisbon\n")
    monkeypatch.setenv("PORT", "8222")

    settings = settings_module.load()

    assert settings.port == 8222
    assert settings.host_name == "our server in Lisbon"


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "PORT": "no",
        "PHOTO_MINUTES": "90",
        "HEADSHOT_HOURS": "48",
        "CONVERSATION_HOURS": "0",
        "MASTER_KEY": "far-too-short-secret",
        "PUBLIC_URL": "http://bot.example.org",
        "PRIVACY_EMAIL": "nobody",
        "LOG_LEVEL": "LOUD",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as told:
        settings_module.load()

    lines = str(told.value).splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == sorted(wrong)
    assert "far-too-short-secret" not in str(told.value)


@pytest.mark.parametrize("url", ["https://bot.example.org/", "http://127.0.0.1:8080", ""])
def test_plain_http_is_only_for_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", url)

    assert settings_module.load().public_url == url.rstrip("/")


@pytest.mark.parametrize("encode", [bytes.hex, lambda key: base64.b64encode(key).decode()])
def test_a_master_key_is_32_bytes_as_hex_or_base64(
    encode: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(encode)
    monkeypatch.setenv("MASTER_KEY", encode(bytes(range(32))))

    assert master_key(settings_module.load()) == (bytes(range(32)), False)
    assert "000102" not in repr(settings_module.load())


def test_a_master_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    settings = settings_module.load(data_dir=tmp_path / "data")

    first, made = master_key(settings)
    again, made_again = master_key(settings)

    assert (made, made_again) == (True, False)
    assert first == again
    assert len(first) == 32
    path = tmp_path / "data" / "keys" / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_damaged_master_key_is_not_replaced(tmp_path: Path) -> None:
    settings = settings_module.load(data_dir=tmp_path)
    master_key(settings)
    path = tmp_path / "keys" / "master.key"
    path.write_text("not a key")

    with pytest.raises(SettingsError, match="restore it from a backup"):
        master_key(settings)
    assert path.read_text() == "not a key"


def test_the_web_chat_is_there_unless_another_platform_is() -> None:
    assert settings_module.load().serves_web_chat
    assert not settings_module.load(telegram_bot_token="1:a").serves_web_chat
    assert not settings_module.load(slack_app_token="xapp-1").serves_web_chat
    assert settings_module.load(telegram_bot_token="1:a", web_chat=True).serves_web_chat
    assert not settings_module.load(web_chat=False).serves_web_chat


def test_a_token_is_looked_at_without_repeating_it() -> None:
    with pytest.raises(SettingsError) as told:
        settings_module.load(
            telegram_bot_token="not-a-TOKEN", telegram_webhook_secret="no spaces", public_url=""
        )

    lines = str(told.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET",
    ]
    assert "not-a-TOKEN" not in str(told.value)


def test_a_webhook_needs_an_address() -> None:
    with pytest.raises(SettingsError, match="set PUBLIC_URL too"):
        settings_module.load(telegram_webhook_secret="s3cret")
    settings_module.load(telegram_webhook_secret="s3cret", public_url="https://bot.example.org")


def test_the_services_that_carry_messages_are_named() -> None:
    assert settings_module.load().carriers == ()
    given = settings_module.load(telegram_bot_token="1:a", slack_app_token="xapp-1")
    assert given.carriers == ("Telegram", "Slack")


def test_every_secret_that_is_set_is_known_as_one() -> None:
    given = settings_module.load(telegram_bot_token="1:a", replicate_api_token="r8_b")

    assert set(given.secrets) == {"1:a", "r8_b"}


@pytest.mark.parametrize("name", ["telegram_api_base_url", "replicate_base_url"])
def test_another_server_must_be_https_or_on_this_machine(name: str) -> None:
    assert (
        getattr(settings_module.load(**{name: "http://127.0.0.1:1/"}), name) == "http://127.0.0.1:1"
    )
    with pytest.raises(SettingsError, match=name.upper()):
        settings_module.load(**{name: "http://example.org"})
