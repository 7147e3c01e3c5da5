"""A provider gets the picture that was shown and agreed to, byte for byte, or nothing."""

from __future__ import annotations

import hashlib
import inspect
from collections import deque
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.consent import ApprovedCrop, approve
from bot.errors import NotApproved
from bot.inspecting import Inspector
from bot.model import Box, Findings, Mark, Sight
from bot.ports import HeadshotProvider
from providers.fallback import Fallback
from providers.local.provider import LocalRenderer
from providers.replicate.provider import Replicate
from tests.core.house import House
from tests.fakes.provider import FakeProvider

WITH_WRITING = Findings(
    width=600,
    height=800,
    faces=(Box(0.35, 0.2, 0.65, 0.5),),
    marks=(Mark(Sight.WRITING, Box(0.1, 0.7, 0.5, 0.8)),),
)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_only_the_bytes_that_were_agreed_to_are_approved(agreed: bytes, given_: bytes) -> None:
    digest = hashlib.sha256(agreed).hexdigest()

    assert approve(digest, agreed).jpeg == agreed
    if given_ != agreed:
        with pytest.raises(NotApproved):
            approve(digest, given_)


def test_nothing_is_approved_without_an_answer() -> None:
    with pytest.raises(NotApproved):
        approve("", b"")


def test_nobody_but_the_consent_can_make_one() -> None:
    with pytest.raises(TypeError, match="approve"):
        ApprovedCrop(b"anything", "", by=object())


def test_it_does_not_show_what_is_in_it() -> None:
    picture = b"\xff\xd8canary"

    assert "canary" not in repr(approve(hashlib.sha256(picture).hexdigest(), picture))


@pytest.mark.parametrize(
    "provider", [HeadshotProvider, LocalRenderer, Replicate, Fallback, FakeProvider]
)
def test_a_provider_takes_no_other_picture(provider: type[object]) -> None:
    """`wait` is the only method that is given one; mypy holds every caller to it."""
    takes_bytes = []
    for name, method in inspect.getmembers(provider, inspect.isfunction):
        if name.startswith("_"):
            continue
        hints = {k: v for k, v in get_type_hints(method).items() if k != "return"}
        takes_bytes += [name for hint in hints.values() if hint is bytes]
        if name == "wait":
            assert ApprovedCrop in hints.values()
    assert takes_bytes == []


def test_landmarks_are_read_in_approved_pictures_only() -> None:
    assert get_type_hints(Inspector.look_closer)["crop"] is ApprovedCrop


def shown_pictures(house: House) -> list[bytes]:
    """The pictures of question 3, as they were handed to the chat."""
    return [
        picture
        for (_, message), pictures in zip(house.chat.log, house.chat.pictures, strict=True)
        if message.question.startswith("where-")
        for picture in pictures
    ]


@pytest.mark.parametrize("verb", ["blur", "keep"])
async def test_the_provider_gets_exactly_the_picture_that_was_shown(verb: str) -> None:
    house = House()
    house.inspector.script = deque([WITH_WRITING])
    async with house.running():
        await house.sends_selfie()
        await house.sees("1 of 3")
        await house.taps("yes")
        await house.sees("2 of 3")
        await house.taps("yes")
        await house.sees("There's a screen or paper")
        await house.taps(verb)
        await house.sees("3 of 3")
        await house.taps("here")
        await house.sees("Thanks")
        await house.taps("navy")
        await house.sees("Your 3 headshots")

    (shown,) = shown_pictures(house)
    assert house.provider.given == [shown]


async def test_a_picture_that_was_changed_meanwhile_reaches_no_provider() -> None:
    house = House()
    async with house.running():
        await house.agrees_up_to_the_crop()
        await house.taps("here")
        await house.sees("Thanks")
        crop = next(iter(house.storage.vault.kept))
        house.storage.vault.kept[crop] = b"another picture"
        await house.taps("navy")
        await house.sees("I couldn't make your headshots")

    assert house.provider.given == []
