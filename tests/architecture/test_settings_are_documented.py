"""What the operator reads about settings is what `bot/settings.py` accepts, name by name.

README.md has a table between the comments ``settings`` and ``/settings``: name, default,
description. `.env.example` shows every setting with its default, commented out, so that a copy of
it changes nothing.
"""

from __future__ import annotations

import re

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from tests.architecture.source import ROOT

ROW = re.compile(r"^\| `([A-Z_]+)` \|(.*)\|$", re.MULTILINE)
EXAMPLE = re.compile(r"^#? ?([A-Z_]+)=(.*)$", re.MULTILINE)
FIELDS = {name.upper(): field for name, field in Settings.model_fields.items()}


def section(text: str, name: str) -> str:
    """What stands between ``<!-- name -->`` and ``<!-- /name -->``."""
    found = re.search(rf"<!-- {name} -->(.*)<!-- /{name} -->", text, re.DOTALL)
    return found[1] if found else ""


def read(name: str) -> str:
    file = ROOT / name
    return file.read_text("utf-8") if file.is_file() else ""


def shown_defaults() -> dict[str, str]:
    return dict(EXAMPLE.findall(read(".env.example")))


def table() -> dict[str, str]:
    return dict(ROW.findall(section(read("README.md"), "settings")))


def test_the_readme_lists_every_setting_and_no_other() -> None:
    assert sorted(table()) == sorted(FIELDS)


def test_the_readme_says_what_each_setting_is_for() -> None:
    said = {name: row.rpartition("|")[2].strip() for name, row in table().items()}

    assert said == {name: field.description for name, field in FIELDS.items()}


def test_the_readme_and_the_example_show_the_same_defaults() -> None:
    shown = {name: row.partition("|")[0].strip(" `") for name, row in table().items()}

    assert shown == shown_defaults()


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert sorted(shown_defaults()) == sorted(FIELDS)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_the_example_shows_the_default(name: str) -> None:
    """Left empty: the default is empty, or it depends on the machine."""
    shown = shown_defaults().get(name, "")
    if shown:
        field = name.lower()
        value = getattr(Settings.model_validate({field: shown}), field)
        default = FIELDS[name].get_default(call_default_factory=True)
        assert value == default
        assert not isinstance(value, SecretStr), "a secret does not belong into an example"


def test_a_section_is_what_stands_between_its_marks() -> None:
    text = "before <!-- settings -->\n| `PORT` | Where. |\n<!-- /settings --> after"

    assert ROW.findall(section(text, "settings")) == [("PORT", " Where. ")]
    assert section(text, "other") == ""
