"""A real browser for tests: headless Chromium, driven by playwright, that talks to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
)
"""No updates, no reports; the sandbox needs rights that a container does not have."""

FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@asynccontextmanager
async def browser(executable: str, *more: str) -> AsyncIterator[Browser]:
    """A browser for as long as the block lasts. `executable` is the path of a Chromium."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=executable, args=[*QUIET, *FAKE_CAMERA, *more]
        )
        try:
            yield launched
        finally:
            await launched.close()
