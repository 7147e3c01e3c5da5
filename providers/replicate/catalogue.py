"""Which models can make headshots, and how each wants to be asked: `models.toml`, checked.

Adding a model is an entry there. What the entry says about who gets the picture is what the consent
question says, so a `then` (the model that is tried when another is down) must not bring in anybody
new.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import msgspec

DEFAULT = "flux-2-pro"
MICROS = 1_000_000
"""Micro-dollars in a dollar: money is counted in whole ones."""
ASPECTS = {"linkedin": "square", "resume": "portrait", "bio": "tall"}
"""The shape of each format of a headshot."""
SHORTEST_DEADLINE = 5
"""Seconds."""
FILLED = frozenset({"$photo", "$prompt", "$seed"})

# The inputs of a model are JSON: whatever its maker has thought of.
Json: TypeAlias = Any


class BadCatalogue(ValueError):
    """`models.toml` says something that cannot be; the text names the model."""


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of the file, as it is written."""

    ref: str
    processors: tuple[str, ...]
    price: Decimal
    deadline: int
    input: dict[str, Json]
    then: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that makes one headshot for each prediction."""

    name: str
    ref: str
    """``owner/name``."""
    processors: tuple[str, ...]
    """Who gets the picture beside Replicate."""
    then: str
    """Name of the model to try when this one is down; empty: none."""
    price: int
    """Micro-dollars to set aside for one prediction."""
    deadline: int
    """Seconds after which a prediction is stopped by Replicate."""
    template: Mapping[str, Json]

    @property
    def seeded(self) -> bool:
        """Whether a prediction can be found again by its seed."""
        return "$seed" in _texts(self.template)

    def input(self, *, photo: str, prompt: str, seed: int, format_: str) -> dict[str, Json]:
        """What is sent: the template with everything filled in."""
        values = {"$photo": photo, "$prompt": prompt, "$seed": seed}
        return {key: _fill(part, values, ASPECTS[format_]) for key, part in self.template.items()}


@cache
def load() -> Mapping[str, Model]:
    """The catalogue that ships with the product, by name."""
    return parse((files("providers.replicate") / "models.toml").read_text("utf-8"))


def parse(text: str) -> Mapping[str, Model]:
    """A catalogue from TOML. Raises `BadCatalogue`."""
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
        entries = msgspec.convert(tables, dict[str, _Entry])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadCatalogue(str(error)) from error
    for name, entry in entries.items():
        wrong = next(_complaints(entry, entries), None)
        if wrong is not None:
            raise BadCatalogue(f"{name}: {wrong}")
    return {name: _model(name, entry) for name, entry in entries.items()}


def _model(name: str, entry: _Entry) -> Model:
    return Model(
        name=name,
        ref=entry.ref,
        processors=entry.processors,
        then=entry.then,
        price=int(entry.price * MICROS),
        deadline=entry.deadline,
        template=entry.input,
    )


def _complaints(entry: _Entry, entries: Mapping[str, _Entry]) -> Iterator[str]:
    if entry.ref.count("/") != 1:
        yield "ref is not owner/name"
    if entry.price <= 0 or entry.price * MICROS % 1:
        yield "price is not an amount in whole micro-dollars"
    if entry.deadline < SHORTEST_DEADLINE:
        yield "deadline is shorter than Replicate takes"
    used = {text for text in _texts(entry.input) if text.startswith("$")}
    if not used <= FILLED or not {"$photo", "$prompt"} <= used:
        yield "input must use $photo and $prompt, may use $seed, and nothing else"
    if entry.then:
        other = entries.get(entry.then)
        if other is None or other.then:
            yield "then is no model of this file, or goes on to a third one"
        elif not set(other.processors) <= set(entry.processors):
            yield "then would send the picture to somebody whom consent has not named"


def _texts(part: Json) -> set[str]:
    """Every text in a template."""
    if isinstance(part, Mapping):
        return {text for each in part.values() for text in _texts(each)}
    if isinstance(part, list):
        return {text for each in part for text in _texts(each)}
    return {part} if isinstance(part, str) else set()


def _fill(part: Json, values: Mapping[str, Json], aspect: str) -> Json:
    if isinstance(part, Mapping):
        chosen = part[aspect] if part.keys() == set(ASPECTS.values()) else None
        if chosen is not None:
            return _fill(chosen, values, aspect)
        return {key: _fill(each, values, aspect) for key, each in part.items()}
    if isinstance(part, list):
        return [_fill(each, values, aspect) for each in part]
    return values.get(part, part) if isinstance(part, str) else part
