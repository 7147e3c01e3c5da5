"""All tasks that workers can do: those of the renderer here, and those for what comes from outside.

Workers open this module; the bot itself needs only the requests, which load no vision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from providers.local import task as local
from providers.replicate import task as replicate


def open_tasks(
    models: Path, threads: int
) -> Mapping[str, Callable[[msgspec.Raw, Callable[[str], None]], object]]:
    """Load the models; each task by its name. Raises `SettingsError` when a model is missing."""
    return {**local.open_tasks(models, threads), **replicate.open_tasks()}
