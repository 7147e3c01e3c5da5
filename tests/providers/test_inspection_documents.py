"""What counts as an identity document, a card, a screenshot's bar, a block of writing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from providers.inspection import documents, quality, screens
from providers.inspection.hiding import hide
from providers.inspection.reading import Line, tiles
from providers.local.subject import Face
from tests.providers import scenes
from tests.providers.scenes import lady


def line(text: str, left: float = 0, top: float = 0, height: float = 20) -> Line:
    right, bottom = left + 10 * len(text), top + height
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return Line(np.array(corners, np.float32), text, 0.9)


@pytest.mark.parametrize(
    "said",
    [
        ["L898902C36UTO7408122F1204159ZE184226B<<<<<10"],
        ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<"],
        ["ID CARD", "Name ANNA", "DOB 12.01.1990"],
        ["REISEPASS", "Geburtsdatum", "12.08.1983"],
        ["Jane Smith", "Date of birth 12 AUG 1990", "Nationality Utopian", "Sex F"],
        ["DRIVERLICENSE", "EXPIRES 01/02/2030"],
    ],
)
def test_an_identity_document_is_known_by_its_words(said: list[str]) -> None:
    assert documents.is_identity([line(text) for text in said])


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["Quarterly plan", "Date: 12.03.2024", "Shareholder meeting"],
        ["VISA", "Sex and the city"],
        ["EMPLOYEE ID", "ACME"],
        ["<<<<<<<<<<<<<<<<<<<<<<<<<<"],
        ["HTTP://EXAMPLE.ORG/AAAAAAAAAAAAAAAAAAAA"],
        ["Authority of the board", "Holders", "12.03.2024", "13.03.2024"],
        ["PASSPORT TO SUCCESS", "a conference"],
    ],
)
def test_other_writing_is_none(said: list[str]) -> None:
    assert not documents.is_identity([line(text) for text in said])


def test_lines_that_lie_together_are_one_block() -> None:
    lines = [line("one two", 0, 0), line("three four", 0, 28), line("far away", 600, 400)]
    blocks = documents.blocks(lines)
    assert sorted(block.letters for block in blocks) == [7, 15]


@pytest.mark.parametrize("tilt", [0.0, 25.0, -40.0])
def test_a_card_on_a_table_is_found(tilt: float) -> None:
    scene = scenes.on_a_table(scenes.card(lady()), tilt=tilt)
    widths = [card.right - card.left for card in documents.cards(scene)]
    assert any(0.7 * 1400 < width < 0.95 * 1400 for width in widths)


def test_round_things_are_no_cards() -> None:
    picture = np.full((600, 600, 3), 30, np.uint8)
    cv2.circle(picture, (300, 300), 150, (240, 240, 240), -1)
    assert documents.cards(picture) == []


def test_bars_above_and_below_make_a_screenshot() -> None:
    assert screens.is_screenshot(scenes.screenshot(lady()))
    assert not screens.is_screenshot(lady().pixels)


def test_a_white_studio_is_no_screenshot() -> None:
    pixels = lady().pixels.copy()
    pixels[:60] = 255
    assert not screens.is_screenshot(pixels)


@pytest.mark.parametrize(("width", "height"), [(40, 30), (960, 1280), (1392, 900)])
def test_a_small_picture_is_read_once(width: int, height: int) -> None:
    assert tiles(width, height) == [(0, 0, width, height)]


@pytest.mark.parametrize(
    ("width", "height"), [(2000, 1500), (1393, 200), (2000, 2000), (300, 4000)]
)
def test_a_large_picture_is_read_whole_and_in_parts_that_cover_it(width: int, height: int) -> None:
    whole, *parts = tiles(width, height)
    assert whole == (0, 0, width, height)
    covered = np.zeros((height, width), bool)
    for left, top, right, bottom in parts:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        covered[top:bottom, left:right] = True
    assert covered.all()


def test_what_is_hidden_cannot_be_brought_back() -> None:
    """Two texts of the same size leave the same smear, but for the amount of ink."""
    smears = []
    for text in ("SECRET 4711", "PUBLIC 0815"):
        page = scenes.written(text, (400, 90), 40).copy()
        hide(page, (0, 0, 400, 90), patches=3)
        smears.append(page.astype(int))
    assert np.abs(smears[0] - smears[1]).mean() < 8
    sharp = scenes.written("SECRET 4711", (400, 90), 40)
    assert smears[0][10:80, 10:390].std() < 0.35 * sharp[10:80, 10:390].std()


@pytest.mark.parametrize(
    "box", [(-50, -50, 10, 10), (390, 80, 900, 900), (5, 5, 5, 5), (9, 9, 3, 3)]
)
def test_a_box_beyond_the_picture_does_no_harm(box: tuple[float, float, float, float]) -> None:
    page = scenes.written("text", (400, 90), 40).copy()
    hide(page, box)
    assert page.shape == (90, 400, 3)


def face(width: float, score: float) -> Face:
    return Face(100, 100, 100 + width, 100 + width, score, np.empty((0, 2), np.float32))


def test_a_print_that_looks_like_a_large_face_does_not_become_the_main_one() -> None:
    large_print, person, passer_by, pattern = (
        face(430, 0.56),
        face(210, 0.96),
        face(60, 0.55),
        face(150, 0.58),
    )
    ranked = quality.ranked([large_print, person, pattern, passer_by])
    assert ranked == [person, passer_by]
    assert quality.people(ranked) == 1


def test_a_face_that_nobody_is_sure_of_is_better_than_none() -> None:
    assert [one.width for one in quality.ranked([face(200, 0.55), face(90, 0.52)])] == [200, 90]
