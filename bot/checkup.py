"""``workshot check``: is everything in order, and if not, what to do, a sentence each."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.app import check_models, platforms, providers, storage_of
from bot.app.foundation import checks_likeness, labeller_of
from bot.errors import SettingsError
from bot.settings import Settings


@dataclass(slots=True)
class Report:
    """Lines to print, and whether all is well."""

    lines: list[str] = field(default_factory=list)
    good: bool = True

    def fine(self, line: str) -> None:
        self.lines.append(f"  ok    {line}")

    def wrong(self, line: str) -> None:
        self.lines.append(f"  WRONG {line}")
        self.good = False


async def check(settings: Settings) -> Report:
    """Look at everything the bot needs; changes nothing but makes the data folder if need be."""
    report = Report()
    checks: list[Callable[[Settings, Report], Awaitable[None]]] = [
        _models,
        _storage,
        _labels,
        _likeness,
        _address,
        _outside,
    ]
    for one in checks:
        try:
            await one(settings, report)
        except SettingsError as error:
            for line in str(error).splitlines():
                report.wrong(line)
    report.lines.append("Everything is in order." if report.good else "Please put that right.")
    return report


async def _models(settings: Settings, report: Report) -> None:
    check_models(settings.models_dir)
    report.fine(f"vision models: all there in {settings.models_dir}")


async def _storage(settings: Settings, report: Report) -> None:
    async with storage_of(settings) as (storage, signer):
        orphans, chain = await storage.orphans.count(), await storage.audit.verify()
    report.fine(f"receipts are signed by {signer.public_key}")
    report.fine(f"data folder: {settings.data_dir}, nobody else uses it")
    if orphans:
        report.wrong(f"orphans: {orphans}; the running bot removes them within a day")
    else:
        report.fine("orphans: none, in either direction")
    if chain.broken_at is None:
        report.fine(f"audit chain: {chain.entries} entries, unbroken, head {chain.head[:16]}")
    else:
        report.wrong(f"audit chain: entry {chain.broken_at} was changed")


async def _labels(settings: Settings, report: Report) -> None:
    _, credentials = labeller_of(settings)
    whose = f"root {credentials.fingerprint[:16]}, until {credentials.ends:%Y-%m-%d}"
    report.fine(f"labels are signed under {whose}")


async def _likeness(settings: Settings, report: Report) -> None:
    if checks_likeness(settings):
        report.fine("likeness: people are asked whether results may be compared with their face")
    else:
        report.fine("likeness: not compared (off, or without the extra workshot[likeness])")


async def _address(settings: Settings, report: Report) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror})"
            ) from error
    report.fine(f"address: can listen on {settings.host}:{settings.port}")


async def _outside(settings: Settings, report: Report) -> None:
    for one in (*await providers.diagnose(settings), *await platforms.diagnose(settings)):
        (report.fine if one.good else report.wrong)(one.line)
