"""Texts as Telegram counts and marks them, and buttons within its limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Replied
from bot.model import Choice
from handlers.telegram import keyboards
from handlers.telegram.texts import MESSAGE_LIMIT, pieces, read, units

words = st.text(st.sampled_from("ab c\n.😀é*"), max_size=300)


def marked(text: str) -> list[str]:
    """The bold stretches as Telegram finds them: by UTF-16 units."""
    one = read(text)
    wide = one.plain.encode("utf-16-le")
    return [
        wide[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le") for e in one.entities
    ]


def test_bold_is_found_also_behind_characters_that_count_twice() -> None:
    assert marked("😀😀 **one** and **two 😀**") == ["one", "two 😀"]
    assert read("**1 of 3.** a*b ** c").plain == "1 of 3. a*b ** c"


def test_nothing_in_a_text_is_taken_for_markup() -> None:
    text = "<b>x</b> _y_ `z` [a](b) & \\"
    assert read(text).plain == text
    assert marked(text) == []


@given(words, st.integers(4, 40))
def test_a_text_is_cut_into_pieces_that_fit_and_nothing_but_space_is_lost(
    text: str, limit: int
) -> None:
    cut = pieces(text, limit)

    assert all(units(piece.plain) <= limit for piece in cut)
    assert "".join("".join(p.plain.split()) for p in cut) == "".join(read(text).plain.split())
    for piece in cut:
        assert all(0 <= begin < end <= len(piece.plain) for begin, end in piece.bold)


@given(words, st.integers(4, 40))
def test_what_is_bold_stays_bold_in_the_pieces(text: str, limit: int) -> None:
    whole = read(text)
    bold = "".join(whole.plain[begin:end] for begin, end in whole.bold)
    kept = "".join(p.plain[begin:end] for p in pieces(text, limit) for begin, end in p.bold)

    assert "".join(kept.split()) == "".join(bold.split())


def test_a_text_that_fits_is_one_piece() -> None:
    assert len(pieces("x" * MESSAGE_LIMIT)) == 1
    assert len(pieces("x" * (MESSAGE_LIMIT + 1))) == 2


def test_a_cut_is_made_between_paragraphs() -> None:
    text = "a" * 30 + "\n\n" + "b" * 30
    assert [piece.plain for piece in pieces(text, 40)] == ["a" * 30, "b" * 30]


def test_short_answers_stand_side_by_side_and_long_ones_alone() -> None:
    choices = [
        Choice("1", "Yes, it's me and I'm 18+"),
        Choice("2", "No"),
        *(Choice(str(number), f"Look {number}") for number in range(3, 6)),
    ]
    made = keyboards.keyboard(choices, "q-1")
    assert made
    rows = [[button.text for button in row] for row in made.inline_keyboard]

    assert rows == [
        ["Yes, it's me and I'm 18+"],
        ["No", "Look 3"],
        ["Look 4", "Look 5"],
    ]


def test_yes_and_no_are_of_equal_weight() -> None:
    made = keyboards.keyboard([Choice("yes", "Yes, it's me and I'm 18+"), Choice("no", "No")], "q")
    assert made
    assert [len(row) for row in made.inline_keyboard] == [1, 1]
    assert {button.style for row in made.inline_keyboard for button in row} == {None}


@given(
    st.from_regex(r"[a-z-]{1,12}", fullmatch=True),
    st.from_regex(r"[a-z0-9:-]{1,40}", fullmatch=True),
)
def test_a_tap_brings_back_what_the_button_carried(verb: str, question: str) -> None:
    made = keyboards.keyboard([Choice(verb, "Label")], question)
    assert made
    data = made.inline_keyboard[0][0].callback_data

    assert isinstance(data, str)
    assert keyboards.reply(data) == Replied(verb, question)


def test_an_answer_that_does_not_fit_is_our_own_fault_and_is_not_sent() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        keyboards.keyboard([Choice("yes", "Yes")], "q" * 60)
