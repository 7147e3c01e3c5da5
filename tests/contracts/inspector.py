"""What every `Inspector` must do; adapters and fakes subclass `InspectorContract`.

A subclass gives three fixtures: ``inspector``, ``photo`` (a JPEG of one person that will do), and
``overloaded`` (an inspector that cannot look at anything now).
"""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from bot.consent import approve
from bot.errors import ProviderUnavailable
from bot.inspecting import Inspector
from bot.model import Findings, PhotoProblem, Trait
from bot.policy import Doubt

CANARY = b"52.5200N 13.4050E"
LONGEST = 2600


def with_metadata(photo: bytes) -> bytes:
    """The same photo with where it was taken, as a comment, EXIF and XMP."""
    with Image.open(io.BytesIO(photo)) as picture:
        exif = Image.Exif()
        exif[0x010E] = CANARY.decode()
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=95, exif=exif, comment=CANARY, xmp=CANARY)
    assert out.getvalue().count(CANARY) >= 3
    return out.getvalue()


class InspectorContract:
    """Subclass me as ``class TestMine(InspectorContract)`` and give the fixtures."""

    async def test_a_good_photo_has_no_problem_and_one_face(
        self, inspector: Inspector, photo: bytes
    ) -> None:
        findings = await inspector.inspect(photo)
        assert findings.problem is None
        with Image.open(io.BytesIO(photo)) as picture:
            assert (findings.width, findings.height) == picture.size
        assert len(findings.faces) == 1
        face = findings.faces[0]
        assert 0 <= face.left < face.right <= 1
        assert 0 <= face.top < face.bottom <= 1

    @pytest.mark.parametrize(
        ("bad", "problem"),
        [
            (b"", PhotoProblem.EMPTY),
            (b"not a picture at all", PhotoProblem.NOT_AN_IMAGE),
            (b"\x00" * 5000, PhotoProblem.NOT_AN_IMAGE),
        ],
        ids=["empty", "text", "zeros"],
    )
    async def test_what_is_no_photo_is_a_finding_not_an_exception(
        self, inspector: Inspector, bad: bytes, problem: PhotoProblem
    ) -> None:
        assert (await inspector.inspect(bad)).problem is problem

    async def test_overload_is_raised_and_not_blamed_on_the_photo(
        self, overloaded: Inspector, photo: bytes
    ) -> None:
        with pytest.raises(ProviderUnavailable):
            await overloaded.inspect(photo)

    async def test_the_crop_is_an_upright_jpeg_of_bounded_size(
        self, inspector: Inspector, photo: bytes
    ) -> None:
        crop = await inspector.minimise(photo, await inspector.inspect(photo))
        with Image.open(io.BytesIO(crop)) as picture:
            assert picture.format == "JPEG"
            assert picture.mode == "RGB"
            assert max(picture.size) <= LONGEST
            assert picture.getexif().get(0x0112, 1) == 1

    async def test_the_crop_carries_no_metadata(self, inspector: Inspector, photo: bytes) -> None:
        tagged = with_metadata(photo)
        crop = await inspector.minimise(tagged, await inspector.inspect(tagged))
        assert CANARY not in crop
        with Image.open(io.BytesIO(crop)) as picture:
            assert not picture.getexif()
            assert not {"xmp", "comment", "photoshop"} & picture.info.keys()

    async def test_the_crop_of_the_same_photo_is_the_same(
        self, inspector: Inspector, photo: bytes
    ) -> None:
        findings = await inspector.inspect(photo)
        first = await inspector.minimise(photo, findings)
        assert await inspector.minimise(photo, findings) == first

    async def test_the_crop_will_do_in_turn(self, inspector: Inspector, photo: bytes) -> None:
        crop = await inspector.minimise(photo, await inspector.inspect(photo))
        again = await inspector.inspect(crop)
        assert again.problem is None
        assert len(again.faces) == 1

    async def test_everything_was_looked_at(self, inspector: Inspector, photo: bytes) -> None:
        findings = await inspector.inspect(photo)
        assert findings.unchecked == frozenset()
        assert findings.marks == ()
        assert not findings.traits - {Trait.HIDDEN_PLACE}

    async def test_what_is_not_private_may_stay_in_a_second_crop(
        self, inspector: Inspector, photo: bytes
    ) -> None:
        findings = await inspector.inspect(photo)
        plain = await inspector.minimise(photo, findings, keep_writing=True)
        with Image.open(io.BytesIO(plain)) as picture:
            assert picture.format == "JPEG"
            assert not picture.getexif()

    async def test_a_closer_look_only_advises(self, inspector: Inspector, photo: bytes) -> None:
        crop = await inspector.minimise(photo, await inspector.inspect(photo))
        advice = await inspector.look_closer(approve(hashlib.sha256(crop).hexdigest(), crop))
        assert set(advice) <= {Doubt.TURNED, Doubt.EYES_CLOSED}

    async def test_findings_name_nobody(self, inspector: Inspector, photo: bytes) -> None:
        findings = await inspector.inspect(photo)
        assert type(findings) is Findings
