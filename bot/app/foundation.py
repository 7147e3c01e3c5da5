"""What a bot stands on, and what the command line needs without one: terms, storage, models."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.app.providers import caps_of, hosted_of
from bot.errors import SettingsError
from bot.receipt import Signer
from bot.settings import Settings, master_key
from bot.terms import HOUR, Terms
from providers.labels.certificates import (
    FILE,
    Credentials,
    of_the_operator,
    of_this_house,
    root_in,
)
from providers.labels.labeller import FileLabeller, open_labeller
from providers.local import likeness, models
from providers.local.backdrops import LOOKS
from storage.house import Storage, StorageConfig, open_storage

log = logging.getLogger(__name__)

SLOTS = 256
"""Effects under way at a time. Most of them wait for somebody; the worker pool limits the rest."""


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def checks_likeness(settings: Settings) -> bool:
    """Whether question 4 is asked. Raises `SettingsError` when it cannot be."""
    wanted, there = settings.likeness_check, likeness.is_installed()
    if wanted and not there:
        raise SettingsError(
            "LIKENESS_CHECK: the extra is not installed; run: pip install 'workshot[likeness]'"
        )
    return there if wanted is None else wanted


def terms_of(settings: Settings) -> Terms:
    """What this installation offers and promises."""
    return Terms(
        controller=settings.controller_name,
        contact=settings.privacy_email,
        host=settings.host_name,
        carriers=settings.carriers,
        likeness=checks_likeness(settings),
        hosted=hosted_of(settings),
        looks=LOOKS,
        photo_seconds=settings.photo_minutes * 60,
        headshot_seconds=settings.headshot_hours * HOUR,
        conversation_seconds=settings.conversation_hours * HOUR,
    )


def storage_config(settings: Settings) -> tuple[StorageConfig, Signer]:
    """Where things are kept, and who signs. Raises `SettingsError`."""
    key, made = master_key(settings)
    if made:
        log.warning(
            "made a master key in %s: keep a copy elsewhere, and out of backups of the data",
            settings.data_dir / "keys",
        )
    # The person keys lie in a folder of their own, so that a backup can leave them out.
    keys = (settings.data_dir / "keys" / "keys.db").absolute()
    config = StorageConfig(
        data_dir=settings.data_dir,
        master_key=key,
        keys_database_url=f"sqlite+aiosqlite:///{keys}",
        slots=SLOTS,
        caps=caps_of(settings),
    )
    return config, Signer(key)


def labeller_of(settings: Settings) -> tuple[FileLabeller, Credentials]:
    """Who labels headshots, and whose signature is under it. Raises `SettingsError`."""
    credentials = _label_credentials(settings)
    return open_labeller(credentials, settings.label_timestamp_url), credentials


def _label_credentials(settings: Settings) -> Credentials:
    chain, key = settings.label_certificate, settings.label_key
    if chain and key:
        return of_the_operator(chain, key)
    if chain or key:
        raise SettingsError("LABEL_CERTIFICATE, LABEL_KEY: one does not work without the other")
    return of_this_house(settings.data_dir / "keys")


def label_root(settings: Settings) -> bytes:
    """The root under which labels are signed here (PEM); empty when there is none yet."""
    path = settings.label_certificate or settings.data_dir / "keys" / FILE
    try:
        return root_in(path)
    except (OSError, ValueError):
        return b""


@asynccontextmanager
async def storage_of(settings: Settings) -> AsyncIterator[tuple[Storage, Signer]]:
    """What is kept, without a bot around it. Raises `SettingsError` while a bot is running."""
    config, signer = storage_config(settings)
    async with open_storage(config, SystemClock()) as storage:
        yield storage, signer


def check_models(folder: Path) -> None:
    """Raises `SettingsError` with the command that mends it when a vision model is missing."""
    wrong = models.verify(folder)
    if wrong:
        raise SettingsError(
            f"MODELS_DIR: {', '.join(wrong)} missing or damaged in {folder}; run: workshot setup"
        )
