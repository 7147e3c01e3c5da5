"""Every sentence a person can read, by id and language.

Texts live in ``bot/locales/<language>.ftl`` (Project Fluent): ids are stable, so a consent text
has a name and a version, and translators get comments. A missing id or variable is a fault of
ours and raises, so that a test finds it and a person never reads a placeholder.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Protocol

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Junk

DEFAULT = "en"
LANGUAGES = ("en",)
"""Languages there is a file for, the default first."""

Value = str | int | float


class Text(Protocol):
    """Something that finds the words of a text id."""

    def __call__(self, language: str, text_id: str, **variables: Value) -> str: ...


class WordingMissing(LookupError):
    """A text id or a variable that a text needs does not exist."""


class Wording:
    """All texts of all languages, loaded once."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """`sources` maps a language to its Fluent text. Isolation marks are off."""
        self._bundles: dict[str, FluentBundle] = {}
        for language, source in sources.items():
            bundle = FluentBundle([language], use_isolating=False)
            # A Fluent line cannot begin with an asterisk, so the files write bold as __bold__.
            resource = FluentResource(source.replace("__", '{ "**" }'))
            junk = [entry.content or "" for entry in resource.body if isinstance(entry, Junk)]
            if junk:
                raise WordingMissing(f"{language}: not Fluent: {junk[0][:60]}")
            bundle.add_resource(resource)
            self._bundles[language] = bundle

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._bundles)

    def text(self, language: str, text_id: str, **variables: Value) -> str:
        """The text in that language, or in the default one when it is not translated.

        Raises `WordingMissing` for an unknown id or a missing variable.
        """
        bundle = self._bundles.get(language)
        if bundle is None or not bundle.has_message(text_id):
            bundle = self._bundles[DEFAULT]
        if not bundle.has_message(text_id):
            raise WordingMissing(text_id)
        pattern = bundle.get_message(text_id).value
        if pattern is None:
            raise WordingMissing(text_id)
        rendered, errors = bundle.format_pattern(pattern, dict(variables))
        if errors:
            raise WordingMissing(f"{text_id}: {errors[0]}")
        return str(rendered)

    def words(self, language: str, text_id: str) -> frozenset[str]:
        """A comma-separated list of accepted words, lower case."""
        listed = self.text(language, text_id).split(",")
        return frozenset(word.strip().casefold() for word in listed if word.strip())


def load() -> Wording:
    """The texts that ship with the product, those that only one platform needs among them."""
    folder = files("bot") / "locales"

    def source(language: str) -> str:
        parts = [folder / f"{language}.ftl", folder / "slack" / f"{language}.ftl"]
        return "\n\n".join(part.read_text("utf-8") for part in parts)

    return Wording({language: source(language) for language in LANGUAGES})
