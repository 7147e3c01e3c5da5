"""Messages as Block Kit: nothing in a text becomes markup, and everything fits."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message as Entry
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Replied
from bot.model import Choice, Message, Style
from bot.standing import Briefing
from bot.terms import Terms
from bot.wording import load
from bot.workspace_policy import Policy
from handlers.slack import blocks
from handlers.slack.home import erase_form, home, policy_form, privacy
from tests.architecture.source import sources

texts = st.text(max_size=200)
FIELDS = ("hosted", "photo", "headshots", "people", "admins", "daily", "looks", "contact")


def test_a_message_is_paragraphs_and_buttons() -> None:
    erase = Choice("erase", "Erase", Style.DANGER)
    message = Message("**One.** Two <b> & c.\n\nThree.", (Choice("yes", "Yes"), erase), "self-1")

    first, second, actions = blocks.drawn(message)

    assert first["text"]["text"] == "*One.* Two &lt;b&gt; &amp; c."
    assert second["text"]["text"] == "Three."
    assert [one.get("style") for one in actions["elements"]] == [None, "danger"]
    assert len({one["action_id"] for one in actions["elements"]}) == 2


def test_a_tap_brings_back_what_was_drawn() -> None:
    message = Message("?", (Choice("yes", "Yes"),), "self-1")
    (button,) = blocks.drawn(message)[-1]["elements"]

    assert blocks.answer(button["value"]) == Replied("yes", "self-1")


@given(texts)
def test_nothing_that_somebody_names_becomes_markup(text: str) -> None:
    drawn = json.dumps(blocks.drawn(Message(text or "x")), ensure_ascii=False)

    assert "<" not in drawn
    assert ">" not in drawn


@given(texts)
def test_what_somebody_typed_is_read_as_typed(text: str) -> None:
    assert blocks.unescaped(blocks.escaped(text)) == text


@given(st.text(max_size=9000))
def test_everything_fits(text: str) -> None:
    drawn = blocks.drawn(Message(text or "x", (Choice("v" * 50, text or "x"),), "q" * 60))

    for block in drawn:
        if block["type"] == "section":
            assert len(block["text"]["text"]) <= 3000
        for element in block.get("elements", ()):
            assert len(element["text"]["text"]) <= 75
            assert len(element["value"]) <= 2000
    assert len(blocks.fallback(text)) <= 4000


@pytest.mark.parametrize("value", ["", "null", "[]", '{"v":1,"q":"a"}', '{"v":"a"}', "\ud800"])
def test_what_no_button_of_ours_carries_is_no_answer(value: str) -> None:
    assert blocks.answer(value) is None


def test_a_closed_message_shows_what_was_chosen() -> None:
    (text, chosen) = blocks.closed("**One.**", "Yes & no")

    assert text["text"]["text"] == "*One.*"
    assert chosen["elements"][0]["text"] == "\u2713 Yes &amp; no"
    assert blocks.closed("One.") == [blocks.section("One.")]


def words(text_id: str, **variables: str | int) -> str:
    return load().text("en", text_id, **variables)


BRIEFING = Briefing(Message("Hi."), "Waiting.", "**Seven**\n\nanswers")
HOUSE = Terms(looks=("grey", "navy"), photo_seconds=1800, headshot_seconds=6 * 3600)


def test_every_dialog_is_within_what_slack_draws() -> None:
    views = [
        home(words, BRIEFING, "slack://app", []),
        privacy(words, BRIEFING),
        policy_form(words, Policy(), HOUSE),
        erase_form(words),
    ]

    for view in views:
        assert len(view["blocks"]) <= 100
        for name in ("title", "submit", "close"):
            assert len(view.get(name, {"text": ""})["text"]) <= 24
        for block in view["blocks"]:
            assert len(block.get("label", {"text": ""})["text"]) <= 2000
            for option in block.get("element", {}).get("options", ()):
                assert len(option["text"]["text"]) <= 75
            for element in block.get("elements", ()):
                assert len(element["text"]["text"]) <= 75


def test_the_form_offers_no_more_time_than_the_house_does() -> None:
    drawn = json.dumps(policy_form(words, Policy(), HOUSE))

    assert "30 minutes" in drawn
    assert "6 hours" in drawn
    assert "one hour" in drawn
    for more in ("60 minutes", "12 hours", "24 hours"):
        assert more not in drawn


def test_every_text_of_slacks_own_is_used_somewhere() -> None:
    source = (files("bot") / "locales" / "slack" / "en.ftl").read_text("utf-8")
    ids = {one.id.name for one in FluentParser().parse(source).body if isinstance(one, Entry)}
    code = "".join(one.text for one in sources("handlers") if "slack" in one.path)
    fields = {f"policy-{field}" for field in FIELDS}

    assert {one for one in ids - fields if f'"{one}"' not in code} == set()
    assert fields <= ids
