"""What typed texts mean, as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Choice
from bot.reading import Command, choice, command
from tests.core import strategies
from tests.core.play import WORDING

YES_NO = (Choice("yes", "Yes, it's me and I'm 18+"), Choice("no", "No"))
ONE_PLACE = (
    Choice("here", "Use this picture"),
    Choice("different", "Different photo"),
    Choice("erase", "Erase"),
)
TWO_PLACES = (Choice("hosted", "Send to Pictures, Inc."), Choice("here", "Keep it on our server"))
SKIP = (Choice("yes", "Yes, check"), Choice("skip", "Skip the check"))
CONFIRM = (Choice("erase-yes", "Erase everything"), Choice("erase-keep", "Keep it"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *((f"/{known.value}", known) for known in Command),
        ("/Delete", Command.DELETE),
        ("/delete@workshot_bot", Command.DELETE),
        ("/delete@workshot_bot now", Command.DELETE_NOW),
        ("  /delete   NOW. ", Command.DELETE_NOW),
        ("/delete please", Command.DELETE),
        ("/delete now or never", Command.DELETE),
        ("/start deep-link", Command.START),
        ("Hello!", Command.START),
        ("good   morning", Command.START),
        ("?", Command.HELP),
        ("Delete my data.", Command.DELETE),
        ("Erase everything", Command.DELETE),
        ("STOP!!!", Command.STOP),
        ("cancel", Command.CANCEL),
        ("status", Command.STATUS),
        ("privacy", Command.PRIVACY),
    ],
)
def test_a_text_asks_for_a_command(text: str, meant: Command) -> None:
    assert command(text, WORDING, "en") is meant


@pytest.mark.parametrize(
    "text",
    ["", " ", "/", "//", "/deleted", "/delete-now", "please delete this", "don't stop", "yes", "1"],
)
def test_other_texts_ask_for_no_command(text: str) -> None:
    assert command(text, WORDING, "en") is None


@pytest.mark.parametrize(
    ("text", "choices", "meant"),
    [
        ("1", YES_NO, "yes"),
        (" 2. ", YES_NO, "no"),
        ("\N{DEVANAGARI DIGIT TWO}", YES_NO, "no"),
        ("yes", YES_NO, "yes"),
        ("Yep!", YES_NO, "yes"),
        ("I agree.", YES_NO, "yes"),
        ("NOPE", YES_NO, "no"),
        ("yes, it's me and i'm 18+", YES_NO, "yes"),
        ("Yes, it\N{RIGHT SINGLE QUOTATION MARK}s me and I'm 18+!", YES_NO, "yes"),
        ("ok", ONE_PLACE, "here"),
        ("different photo", ONE_PLACE, "different"),
        ("erase", ONE_PLACE, "erase"),
        ("send to pictures, inc.", TWO_PLACES, "hosted"),
        ("Send to Pictures, Inc", TWO_PLACES, "hosted"),
        ("keep it on our  server", TWO_PLACES, "here"),
        ("no", SKIP, "skip"),
        ("yes", CONFIRM, "erase-yes"),
        ("no", CONFIRM, "erase-keep"),
    ],
)
def test_a_text_means_a_choice(text: str, choices: tuple[Choice, ...], meant: str) -> None:
    assert choice(text, choices, WORDING, "en") == meant


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("", YES_NO),
        ("0", YES_NO),
        ("3", YES_NO),
        ("12", YES_NO),
        ("-1", YES_NO),
        ("\N{SUPERSCRIPT TWO}", YES_NO),
        ("maybe", YES_NO),
        ("yes and no", YES_NO),
        ("yes", TWO_PLACES),  # to which place?
        ("no", ONE_PLACE),
        ("yes", ()),
    ],
)
def test_other_texts_mean_no_choice(text: str, choices: tuple[Choice, ...]) -> None:
    assert choice(text, choices, WORDING, "en") is None


@given(strategies.texts, st.lists(st.sampled_from((*YES_NO, *TWO_PLACES)), max_size=4))
def test_a_text_means_an_offered_choice_or_nothing(text: str, offered: list[Choice]) -> None:
    meant = choice(text, tuple(offered), WORDING, "en")

    assert meant in {None, *(one.verb for one in offered)}


@given(strategies.texts)
def test_reading_a_command_never_fails(text: str) -> None:
    assert command(text, WORDING, "en") in {None, *Command}
