"""What is said with headshots fits under a picture on every platform, whatever is true of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.captions import caption
from bot.model import Headshot, PhotoId
from bot.prompts import Prompts
from bot.states import Answer, Batch, Question
from bot.wording import DEFAULT
from tests.core.play import FORMATS, WORDING
from tests.core.test_wording import LONGEST, MAKERS


@pytest.mark.parametrize("how", MAKERS)
@pytest.mark.parametrize("by", ["local", "acme"])
@pytest.mark.parametrize("look", ["grey", "own"])
@pytest.mark.parametrize("verb", ["", "yes", "skip"])
def test_a_caption_fits_under_a_picture(how: str, by: str, look: str, verb: str) -> None:
    shots = tuple(Headshot(PhotoId("a/b"), kind, look, by) for kind in FORMATS)
    at = datetime(2026, 11, 22, tzinfo=UTC)
    answer = Answer(Question.LIKENESS, verb, at, "ab", DEFAULT, "cd")
    batch = Batch("a", shots, at, (answer,) if verb else (), left_out=3)

    assert len(caption(Prompts(WORDING, LONGEST), DEFAULT, batch, how)) <= 1024
