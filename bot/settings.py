"""The only reader of the environment (and of `.env`).

Every setting is optional; with none at all the bot runs the local web chat. Every problem is
reported at once, in words, with the name of the variable. README's table and `.env.example` are
checked against this file by a test.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

KEY_BYTES = 32
Minutes = Annotated[int, Field(ge=5, le=60)]
Hours = Annotated[int, Field(ge=1, le=24)]
Dollars = Annotated[Decimal, Field(ge=0, le=100_000)]


class Settings(BaseSettings):
    """What the operator can set. Retention can only be shortened."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(Path("data"), description="Where everything that is kept lies.")
    models_dir: Path = Field(Path("models"), description="Where `workshot setup` puts the models.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field("", description="Address people reach the bot at, behind a proxy.")
    web_chat: bool | None = Field(
        None, description="Serve the web chat; by default only when no other platform is set up."
    )
    master_key: SecretStr = Field(
        SecretStr(""),
        description="32 bytes as base64 or hex; made in DATA_DIR/keys/master.key when empty.",
    )
    controller_name: str = Field(
        "The person who runs this bot", description="Who answers for the data, as people read it."
    )
    privacy_email: str = Field("", description="Where people can ask about their data.")
    telegram_bot_token: SecretStr = Field(
        SecretStr(""), description="From @BotFather; connects Telegram."
    )
    telegram_api_base_url: str = Field(
        "https://api.telegram.org", description="Another Bot API server than Telegram's own."
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="With PUBLIC_URL: Telegram calls us, instead of being asked for news.",
    )
    slack_app_token: SecretStr = Field(
        SecretStr(""), description="xapp-…; connects one Slack workspace over a socket."
    )
    slack_bot_token: SecretStr = Field(
        SecretStr(""), description="xoxb-…; goes with SLACK_APP_TOKEN."
    )
    slack_admins: str = Field(
        "", description="With SLACK_APP_TOKEN: user IDs who see the admin panel, U0… U0…"
    )
    slack_client_id: str = Field(
        "", description="With PUBLIC_URL: workspaces install the app, and Slack calls us."
    )
    slack_client_secret: SecretStr = Field(SecretStr(""), description="Goes with SLACK_CLIENT_ID.")
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="Goes with SLACK_CLIENT_ID: proves that a call is Slack's."
    )
    slack_api_base_url: str = Field(
        "https://slack.com/api", description="Another Slack API server, for tests."
    )
    replicate_api_token: SecretStr = Field(
        SecretStr(""), description="r8_…; offers Replicate beside this machine."
    )
    replicate_base_url: str = Field(
        "https://api.replicate.com", description="Another Replicate API server, for tests."
    )
    replicate_model: str = Field(
        "flux-2-pro", description="flux-2-pro, nano-banana-2 or flux-kontext-pro."
    )
    cost_cap_order: Dollars = Field(
        Decimal("1.00"), description="Dollars that one order may cost at Replicate."
    )
    cost_cap_person_day: Dollars = Field(
        Decimal("2.00"), description="Dollars that one person may spend there in a day (UTC)."
    )
    cost_cap_workspace_day: Dollars = Field(
        Decimal("20.00"), description="Dollars that one workspace may spend there in a day."
    )
    cost_cap_day: Dollars = Field(
        Decimal("50.00"), description="Dollars that everybody together may spend there in a day."
    )
    likeness_check: bool | None = Field(
        None,
        description="Offer to compare results with the face; on when the extra is installed.",
    )
    label_certificate: Path | None = Field(
        None,
        description="A PEM chain to sign labels with, signer first; one is made when empty.",
    )
    label_key: Path | None = Field(
        None, description="The PEM private key that goes with LABEL_CERTIFICATE."
    )
    label_timestamp_url: str = Field(
        "", description="A timestamp authority (RFC 3161) for labels; none is asked when empty."
    )
    host_name: str = Field("this machine", description="What people are told the server is.")
    photo_minutes: Minutes = Field(60, description="How long the picture is kept, 5 to 60 minutes.")
    headshot_hours: Hours = Field(24, description="How long headshots are kept, 1 to 24 hours.")
    conversation_hours: Hours = Field(
        24, description="After how long an unfinished conversation is erased, 1 to 24 hours."
    )
    workers: int = Field(
        max(1, min(4, os.cpu_count() or 1)),
        ge=1,
        le=32,
        description="Worker processes for photos; by default one per core, 4 at most.",
    )
    worker_memory_mb: int = Field(
        1500, ge=600, le=16000, description="Memory a worker may allocate before it is stopped."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, level: str) -> str:
        if level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return level.upper()

    @field_validator("telegram_bot_token")
    @classmethod
    def _a_bot_token(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value() and not re.fullmatch(
            r"\d+:[A-Za-z0-9_-]+", token.get_secret_value()
        ):
            raise ValueError("use the whole token from @BotFather, such as 123456:ABC-def")
        return token

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _a_webhook_secret(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        if not secret.get_secret_value():
            return secret
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
            raise ValueError("use 1 to 256 letters, digits, _ and -")
        if not info.data.get("public_url"):
            raise ValueError("set PUBLIC_URL too, or leave this empty to poll")
        return secret

    @property
    def serves_web_chat(self) -> bool:
        """Whether the web chat is on."""
        if self.web_chat is not None:
            return self.web_chat
        return not self.carriers

    @property
    def carriers(self) -> tuple[str, ...]:
        """Names of the chat services that are set up."""
        keys = {
            "Telegram": (self.telegram_bot_token,),
            "Slack": (self.slack_app_token, self.slack_client_secret),
        }
        return tuple(
            name for name, needed in keys.items() if any(one.get_secret_value() for one in needed)
        )

    @property
    def serves_slack(self) -> bool:
        """Whether somebody began to set Slack up; what is missing is said by its handler."""
        tokens = (self.slack_app_token, self.slack_bot_token, self.slack_client_secret)
        given = any(one.get_secret_value() for one in tokens)
        return given or bool(self.slack_client_id)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must never be seen in a log."""
        values = (getattr(self, name) for name in type(self).model_fields)
        secret = (one.get_secret_value() for one in values if isinstance(one, SecretStr))
        return tuple(one for one in secret if one)

    @field_validator(
        "public_url", "telegram_api_base_url", "slack_api_base_url", "replicate_base_url"
    )
    @classmethod
    def _safe_url(cls, url: str) -> str:
        parts = urlsplit(url)
        loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if url and (not parts.hostname or parts.scheme not in {"https", "http"}):
            raise ValueError("use a full address such as https://bot.example.org")
        if parts.scheme == "http" and not loopback:
            raise ValueError("use https; plain http is only accepted for this machine itself")
        return url.rstrip("/")

    @field_validator("label_timestamp_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        # What an authority answers is signed, so plain http will do, and many have nothing else.
        parts = urlsplit(url)
        if url and (not parts.hostname or parts.scheme not in {"https", "http"}):
            raise ValueError("use a full address such as http://timestamp.example.org")
        return url

    @field_validator("privacy_email")
    @classmethod
    def _an_address(cls, address: str) -> str:
        if address and ("@" not in address.strip("@") or " " in address):
            raise ValueError("use an e-mail address, or leave it empty")
        return address

    @field_validator("master_key")
    @classmethod
    def _a_key(cls, key: SecretStr) -> SecretStr:
        if key.get_secret_value():
            decode_key(key.get_secret_value())
        return key


def decode_key(text: str) -> bytes:
    """32 bytes from hex or base64. Raises ValueError, without repeating the text."""
    text = text.strip()
    for decode in (bytes.fromhex, lambda t: base64.b64decode(t, validate=True)):
        try:
            key = decode(text)
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY_BYTES:
            return key
    raise ValueError("must be 32 bytes, as 64 hex digits or as base64")


def load(**overrides: object) -> Settings:
    """Settings from the environment and `.env`. Raises `SettingsError` listing every problem."""
    try:
        # pydantic checks the types.
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in one['loc']).upper()}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("\n".join(lines)) from None


def master_key(settings: Settings) -> tuple[bytes, bool]:
    """The master key, and whether it was made just now.

    Raises `SettingsError` when the key file is not what it should be.
    """
    given = settings.master_key.get_secret_value()
    if given:
        return decode_key(given), False
    folder = settings.data_dir / "keys"
    path = folder / "master.key"
    if path.exists():
        try:
            return decode_key(path.read_text("ascii")), False
        except (ValueError, OSError) as error:
            raise SettingsError(f"{path}: not a master key; restore it from a backup") from error
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_bytes(KEY_BYTES)
        # O_EXCL: two first starts at once must not end up with two keys.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SettingsError(f"DATA_DIR: cannot write to {folder} ({error.strerror})") from error
    return key, True
