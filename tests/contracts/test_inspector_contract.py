"""The fake inspector keeps the inspector's contract, and the contract catches those who do not."""

from __future__ import annotations

import io
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import pytest
from PIL import Image

from bot.consent import ApprovedCrop
from bot.errors import ProviderUnavailable
from bot.inspecting import Inspector
from bot.model import Box, Findings, Mark, PhotoProblem, Sight
from bot.policy import Doubt
from tests.contracts.inspector import InspectorContract, with_metadata
from tests.fakes.inspector import FakeInspector


def photo_of_nobody() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 150)).save(out, "JPEG")
    return out.getvalue()


class TestFakeInspector(InspectorContract):
    @pytest.fixture
    def inspector(self) -> Inspector:
        return FakeInspector()

    @pytest.fixture
    def photo(self) -> bytes:
        return photo_of_nobody()

    @pytest.fixture
    def overloaded(self) -> Inspector:
        return FakeInspector(script=deque([ProviderUnavailable()]))

    async def test_it_finds_what_it_is_told_to_find(self) -> None:
        inspector = FakeInspector()
        inspector.script.append(Findings(problem=PhotoProblem.BLURRED))
        assert (await inspector.inspect(b"")).problem is PhotoProblem.BLURRED
        assert (await inspector.inspect(b"")).problem is PhotoProblem.EMPTY


class SeesTwoFaces(FakeInspector):
    async def inspect(self, photo: bytes) -> Findings:
        found = await super().inspect(photo)
        return msgspec.structs.replace(found, faces=found.faces * 2)


class AnswersInPixels(FakeInspector):
    async def inspect(self, photo: bytes) -> Findings:
        found = await super().inspect(photo)
        return msgspec.structs.replace(found, faces=(Box(200, 100, 400, 300),))


class Raises(FakeInspector):
    async def inspect(self, photo: bytes) -> Findings:
        if not photo.startswith(b"\xff\xd8"):
            raise ValueError("cannot read it")
        return await super().inspect(photo)


class BlamesThePhoto(FakeInspector):
    async def inspect(self, photo: bytes) -> Findings:
        try:
            return await super().inspect(photo)
        except ProviderUnavailable:
            return Findings(problem=PhotoProblem.CANNOT_CHECK)


class PassesThePhotoOn(FakeInspector):
    async def minimise(
        self, photo: bytes, findings: Findings, *, keep_writing: bool = False
    ) -> bytes:
        return photo


class MakesAPng(FakeInspector):
    async def minimise(
        self, photo: bytes, findings: Findings, *, keep_writing: bool = False
    ) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (600, 800)).save(out, "PNG")
        return out.getvalue()


@dataclass
class NeverTheSame(FakeInspector):
    turn: itertools.count[int] = field(default_factory=itertools.count)

    async def minimise(
        self, photo: bytes, findings: Findings, *, keep_writing: bool = False
    ) -> bytes:
        return await super().minimise(photo + bytes([next(self.turn)]), findings)


class LosesTheFace(FakeInspector):
    async def inspect(self, photo: bytes) -> Findings:
        found = await super().inspect(photo)
        return msgspec.structs.replace(found, faces=found.faces if self.inspected == 1 else ())


class SeesWritingEverywhere(FakeInspector):
    async def inspect(self, photo: bytes) -> Findings:
        found = await super().inspect(photo)
        return msgspec.structs.replace(found, marks=(Mark(Sight.WRITING, found.faces[0]),))


class LeavesAPlainCropTagged(FakeInspector):
    async def minimise(
        self, photo: bytes, findings: Findings, *, keep_writing: bool = False
    ) -> bytes:
        return with_metadata(photo) if keep_writing else await super().minimise(photo, findings)


class Judges(FakeInspector):
    async def look_closer(self, crop: ApprovedCrop) -> Sequence[Doubt]:
        return [Doubt.PEOPLE]


class NamesThePerson(FakeInspector):
    async def inspect(self, photo: bytes) -> Findings:
        return Named(name="Ada")


class Named(Findings, frozen=True):
    name: str = ""


@pytest.mark.parametrize(
    ("broken", "caught_by"),
    [
        (SeesTwoFaces, "test_a_good_photo_has_no_problem_and_one_face"),
        (AnswersInPixels, "test_a_good_photo_has_no_problem_and_one_face"),
        (MakesAPng, "test_the_crop_is_an_upright_jpeg_of_bounded_size"),
        (PassesThePhotoOn, "test_the_crop_carries_no_metadata"),
        (NeverTheSame, "test_the_crop_of_the_same_photo_is_the_same"),
        (LosesTheFace, "test_the_crop_will_do_in_turn"),
        (SeesWritingEverywhere, "test_everything_was_looked_at"),
        (LeavesAPlainCropTagged, "test_what_is_not_private_may_stay_in_a_second_crop"),
        (Judges, "test_a_closer_look_only_advises"),
        (NamesThePerson, "test_findings_name_nobody"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_the_contract_catches(broken: type[FakeInspector], caught_by: str) -> None:
    test = getattr(InspectorContract(), caught_by)
    with pytest.raises(AssertionError):
        await test(inspector=broken(), photo=photo_of_nobody())


async def test_the_contract_catches_exceptions_for_bad_photos() -> None:
    with pytest.raises(ValueError, match="cannot read"):
        await InspectorContract().test_what_is_no_photo_is_a_finding_not_an_exception(
            Raises(), b"", PhotoProblem.EMPTY
        )


async def test_the_contract_catches_overload_that_is_blamed_on_the_photo() -> None:
    overloaded = BlamesThePhoto(script=deque([ProviderUnavailable()]))
    with pytest.raises(pytest.fail.Exception):
        await InspectorContract().test_overload_is_raised_and_not_blamed_on_the_photo(
            overloaded, photo_of_nobody()
        )
