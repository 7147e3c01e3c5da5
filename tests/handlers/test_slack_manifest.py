"""The manifest: shaped as Slack accepts it, asks for no more than is used, and is filled in.

The shapes are those of Slack's own schema (github.com/slackapi/manifest-schema, version 2) for the
parts that an app like this one has; anything else in the file is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from bot.__main__ import main
from handlers.slack.http import EVENTS, REDIRECT
from handlers.slack.manifest import PATH, filled_manifest, manifest, scopes
from tests.architecture.source import ROOT, sources
from tests.fakes.slack.server import NEEDED

Url = Annotated[str, Meta(pattern=r"^https://", max_length=3000)]
HOST = "https://bot.example.org"


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """A part of the manifest."""


class Version(Shape):
    major_version: int
    minor_version: int


class Display(Shape):
    name: Annotated[str, Meta(min_length=1, max_length=35)]
    description: Annotated[str, Meta(min_length=1, max_length=140)]
    long_description: Annotated[str, Meta(min_length=175, max_length=4000)]
    background_color: Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]


class AppHome(Shape):
    home_tab_enabled: bool
    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class BotUser(Shape):
    display_name: Annotated[str, Meta(min_length=1, max_length=80)]
    always_online: bool


class SlashCommand(Shape):
    command: Annotated[str, Meta(pattern=r"^/", min_length=2, max_length=32)]
    description: Annotated[str, Meta(min_length=1, max_length=2000)]
    should_escape: bool
    url: Url | None = None
    usage_hint: Annotated[str, Meta(max_length=1000)] = ""


class Features(Shape):
    app_home: AppHome
    bot_user: BotUser
    slash_commands: Annotated[list[SlashCommand], Meta(max_length=50)]


class Scopes(Shape):
    bot: Annotated[list[str], Meta(max_length=255)]


class OAuth(Shape):
    scopes: Scopes
    redirect_urls: Annotated[list[Url], Meta(max_length=1000)] = []


class Subscriptions(Shape):
    bot_events: Annotated[list[str], Meta(max_length=100)]
    request_url: Url | None = None


class Interactivity(Shape):
    is_enabled: bool
    request_url: Url | None = None


class AppSettings(Shape):
    event_subscriptions: Subscriptions
    interactivity: Interactivity
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool


class Manifest(Shape):
    display_information: Display
    features: Features
    oauth_config: OAuth
    settings: AppSettings
    metadata: Version = msgspec.field(name="_metadata")


def shaped(text: str) -> Manifest:
    return msgspec.json.decode(text, type=Manifest)


def test_it_lies_at_the_top_and_has_the_shape_that_slack_accepts() -> None:
    assert PATH == ROOT / "manifest.json"
    shaped(PATH.read_text("utf-8"))


def test_it_asks_for_the_scopes_that_are_used_and_no_other() -> None:
    used = {*NEEDED.values(), "commands"}

    assert set(scopes()) == used
    assert len(scopes()) == 5


def test_it_subscribes_to_what_is_listened_to_and_nothing_else() -> None:
    listening = "".join(source.text for source in sources("handlers") if "slack" in source.path)
    told = manifest()["settings"]["event_subscriptions"]["bot_events"]

    for event in told:
        assert f'app.event("{event.replace("message.im", "message")}")' in listening


def test_filled_in_it_names_our_addresses() -> None:
    filled = shaped(filled_manifest(f"{HOST}/", socket=False))

    assert filled.oauth_config.redirect_urls == [f"{HOST}{REDIRECT}"]
    assert filled.settings.event_subscriptions.request_url == f"{HOST}{EVENTS}"
    assert filled.settings.interactivity.request_url == f"{HOST}{EVENTS}"
    assert {one.url for one in filled.features.slash_commands} == {f"{HOST}{EVENTS}"}
    assert not filled.settings.socket_mode_enabled


def test_for_a_socket_it_names_no_address() -> None:
    text = filled_manifest("", socket=True)

    assert "https://" not in text
    assert shaped(text).settings.socket_mode_enabled


def test_the_command_line_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slack-manifest", "--url", HOST]) == 0
    assert json.loads(capsys.readouterr().out)["oauth_config"]["redirect_urls"]
    assert main(["slack-manifest"]) == 0
    shaped(capsys.readouterr().out)
    assert main(["slack-manifest", "--url", "http://bot.example.org"]) == 2


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("display_information", {"name": "x" * 36}),
        ("display_information", {"description": "x" * 141}),
        ("settings", {"request_url": "https://bot.example.org"}),
    ],
)
def test_a_manifest_that_slack_would_refuse_is_noticed(
    part: str, broken: dict[str, str], tmp_path: Path
) -> None:
    wrong = manifest()
    wrong[part] |= broken
    with pytest.raises(msgspec.ValidationError):
        shaped(json.dumps(wrong))
