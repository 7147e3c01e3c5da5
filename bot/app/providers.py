"""Who makes headshots. Adding a provider is one function here.

Without a token there is the renderer of this machine and nobody else. With one, Replicate comes in
front of it: consent names everybody who gets the picture, and what fails there is made here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.errors import ProviderUnavailable, SettingsError
from bot.inspecting import Inspector
from bot.model import Diagnosis
from bot.money import NOTHING, Caps, in_dollars, in_micros
from bot.ports import Clock, HeadshotProvider
from bot.settings import Settings
from bot.terms import Hosted
from providers.breaker import Breaker
from providers.fallback import Fallback
from providers.inspector import OnDeviceInspector
from providers.local.provider import LocalRenderer
from providers.replicate import catalogue
from providers.replicate.catalogue import Model
from providers.replicate.client import Api, Locked
from providers.replicate.outputs import Outputs
from providers.replicate.provider import Finishing, Replicate
from providers.replicate.slip import NAME
from providers.replicate.tools import Pace, Tools
from providers.workers.pool import WorkerPool

RECIPIENT = "Replicate"
COUNTRY = "US"
SENT_BYTES = 250_000
"""Most that is sent of a photo; from 256 kB on Replicate would store it as a file."""
AT_ONCE = 16
"""Predictions under way at a time, over all orders."""


def model_of(settings: Settings) -> Model | None:
    """The hosted model that the settings ask for. Raises `SettingsError`."""
    if not settings.replicate_api_token.get_secret_value():
        return None
    models = catalogue.load()
    if settings.replicate_model not in models:
        raise SettingsError(f"REPLICATE_MODEL: use one of {', '.join(models)}")
    return models[settings.replicate_model]


def hosted_of(settings: Settings) -> Hosted | None:
    """Whom consent must name. Raises `SettingsError`."""
    model = model_of(settings)
    return Hosted(NAME, RECIPIENT, COUNTRY, model.processors) if model is not None else None


def caps_of(settings: Settings) -> Caps:
    """What may be spent."""
    if model_of(settings) is None:
        return NOTHING
    return Caps(
        order=in_micros(settings.cost_cap_order),
        person_day=in_micros(settings.cost_cap_person_day),
        workspace_day=in_micros(settings.cost_cap_workspace_day),
        day=in_micros(settings.cost_cap_day),
    )


def inspector_of(settings: Settings, pool: WorkerPool) -> OnDeviceInspector:
    """Who looks at photos; where one may be sent, the crop is kept small enough for that."""
    limit = SENT_BYTES if model_of(settings) is not None else 0
    return OnDeviceInspector(pool, crop_bytes=limit)


@asynccontextmanager
async def opened(
    settings: Settings,
    pool: WorkerPool,
    inspector: Inspector,
    local: LocalRenderer,
    clock: Clock,
) -> AsyncIterator[Mapping[str, HeadshotProvider]]:
    """The providers by name, while the block lasts. Raises `SettingsError`."""
    model = model_of(settings)
    if model is None:
        yield {local.name: local}
        return
    tools = Tools(
        api=_api(settings),
        outputs=Outputs(settings.replicate_base_url),
        finish=Finishing(pool, inspector),
        breaker=Breaker(clock),
        clock=clock,
        slots=asyncio.Semaphore(AT_ONCE),
        pace=Pace(),
    )
    receivers = ", ".join((RECIPIENT, *model.processors))
    hosted = Replicate(tools, model, sends_photo_to=receivers)
    try:
        yield {NAME: Fallback(hosted, local), local.name: local}
    finally:
        await tools.outputs.close()
        await tools.api.close()


async def diagnose(settings: Settings) -> list[Diagnosis]:
    """Whether the hosted provider would work, and if not, what to do about it."""
    model = model_of(settings)
    if model is None:
        return [Diagnosis("headshots are made on this machine only")]
    api = _api(settings)
    try:
        await api.account()
    except Locked:
        return [Diagnosis("REPLICATE_API_TOKEN: Replicate does not take it", good=False)]
    except ProviderUnavailable as error:
        return [Diagnosis(f"REPLICATE_BASE_URL: no answer from there ({error})", good=False)]
    finally:
        await api.close()
    named = f"{model.name}, {in_dollars(model.price)} a headshot at most"
    return [Diagnosis(f"Replicate takes the token; model {named}")]


def _api(settings: Settings) -> Api:
    return Api(settings.replicate_api_token.get_secret_value(), settings.replicate_base_url)
