"""Labelled files say how they were made, to us and to readers that know nothing of us."""

from __future__ import annotations

import io
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# The library has no annotations.
import c2pa  # type: ignore[import-untyped]
import pytest

from bot.disclosure import VOCABULARY
from bot.errors import ProviderUnavailable
from bot.finishers import Labeller
from providers.labels import signing
from providers.labels.certificates import make
from providers.labels.embedding import kind
from providers.labels.labeller import FileLabeller, open_labeller
from providers.labels.packet import NO_MINING
from providers.labels.reading import read
from tests.contracts.labeller import (
    COMPOSITE,
    ENHANCED,
    GENERATED,
    LabellerContract,
    picture,
)

CREDENTIALS = make(datetime.now(UTC))
KINDS = ("JPEG", "PNG", "WEBP")
PERSONAL = ("anna", "photo", "person", "prompt", "/data", "chat")


@pytest.fixture(scope="module")
def labeller() -> FileLabeller:
    return open_labeller(CREDENTIALS)


class TestFileLabeller(LabellerContract):
    @pytest.fixture
    def labeller(self) -> Labeller:
        return open_labeller(CREDENTIALS)

    async def test_what_is_no_picture_cannot_be_labelled(self, labeller: Labeller) -> None:
        with pytest.raises(ProviderUnavailable):
            await labeller.label(b"GIF89a", COMPOSITE)

    async def test_a_broken_picture_cannot_be_labelled(self, labeller: Labeller) -> None:
        with pytest.raises(ProviderUnavailable):
            await labeller.label(picture()[:100], COMPOSITE)


@pytest.mark.parametrize("kind_of_file", KINDS)
def test_with_our_root_a_label_is_trusted_and_without_it_valid(
    labeller: FileLabeller, kind_of_file: str
) -> None:
    labelled = labeller.write(picture(kind_of_file), GENERATED)

    ours = signing.read(labelled, kind(labelled), CREDENTIALS.root)
    theirs = signing.read(labelled, kind(labelled))
    another = signing.read(labelled, kind(labelled), make(datetime.now(UTC)).root)
    assert ours
    assert theirs
    assert another
    assert (ours.state, ours.problems) == ("Trusted", ())
    assert theirs.state == "Valid"
    assert another.state != "Trusted"
    assert ours.source == GENERATED.uri


@pytest.mark.parametrize("kind_of_file", KINDS)
def test_one_changed_byte_of_the_picture_makes_it_invalid(
    labeller: FileLabeller, kind_of_file: str
) -> None:
    photo = picture(kind_of_file)
    labelled = labeller.write(photo, COMPOSITE)
    middle = photo[len(photo) // 2 :][:24]
    at = labelled.index(middle) + 8
    changed = labelled[:at] + bytes([labelled[at] ^ 1]) + labelled[at + 1 :]

    record = signing.read(changed, kind(changed), CREDENTIALS.root)
    assert record
    assert record.state == "Invalid"
    assert not read(changed, CREDENTIALS.root).labelled


def test_a_changed_packet_makes_it_invalid(labeller: FileLabeller) -> None:
    labelled = labeller.write(picture(), COMPOSITE)

    changed = labelled.replace(b"source" + b"type/composite", b"source" + b"type/compositf", 1)
    assert changed != labelled
    assert not read(changed, CREDENTIALS.root).labelled


@pytest.mark.parametrize("said", [GENERATED, COMPOSITE, ENHANCED], ids=lambda one: one.source)
def test_nothing_but_how_it_was_made_is_in_a_label(labeller: FileLabeller, said: Any) -> None:
    photo = picture()
    added = labeller.write(photo, said).replace(said.said.encode(), b"")
    added = added.replace(said.system.encode(), b"")

    assert len(added) - len(photo) < 6000, "no room for a picture"
    for word in PERSONAL:
        assert word.encode() not in added.lower().replace(b"photoshop", b"")


# --- the ancestor: what another service signed ----------------------------------------------------


def test_a_providers_record_is_kept_as_the_ancestor(labeller: FileLabeller) -> None:
    origin = open_labeller(make(datetime.now(UTC))).write(picture("PNG"), GENERATED)

    labelled = labeller.write(picture(), GENERATED, origin)

    record = signing.read(labelled, kind(labelled), CREDENTIALS.root)
    assert record
    assert record.state == "Trusted"
    assert record.ancestors == 1
    assert record.source == GENERATED.uri


def test_a_record_that_holds_more_than_how_it_was_made_is_left_behind(
    labeller: FileLabeller,
) -> None:
    """A record may hold a readable copy of what went into the model: somebody's face."""
    origin = _signed_by_a_talkative_service(picture("PNG"))

    labelled = labeller.write(picture(), GENERATED, origin)

    record = signing.read(labelled, kind(labelled))
    assert record
    assert record.ancestors == 0
    assert b"Anna" not in labelled


@pytest.mark.parametrize(
    "origin", [picture("PNG"), b"nothing", b"\x89PNG broken"], ids=["unsigned", "none", "broken"]
)
def test_an_origin_without_a_record_changes_nothing(labeller: FileLabeller, origin: bytes) -> None:
    labelled = labeller.write(picture(), GENERATED, origin)

    record = signing.read(labelled, kind(labelled), CREDENTIALS.root)
    assert record
    assert (record.state, record.ancestors) == ("Trusted", 0)


def test_an_ancestor_that_was_changed_is_left_behind(labeller: FileLabeller) -> None:
    photo = picture("PNG")
    origin = bytearray(labeller.write(photo, GENERATED))
    origin[-20] ^= 1

    record = signing.read(labeller.write(picture(), GENERATED, bytes(origin)), "image/jpeg")
    assert record
    assert record.ancestors == 0


def _signed_by_a_talkative_service(photo: bytes) -> bytes:
    """With the author's name in the record."""
    theirs = make(datetime.now(UTC))
    info = c2pa.C2paSignerInfo(theirs.algorithm, theirs.chain, theirs.key, None)
    author = {
        "label": "stds.schema-org.CreativeWork",
        "data": {"@context": "https://schema.org", "@type": "CreativeWork", "author": "Anna"},
    }
    created = {"action": "c2pa.created", "digitalSourceType": GENERATED.uri}
    claim = {
        "claim_generator_info": [{"name": "elsewhere"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}, author],
    }
    out = io.BytesIO()
    with c2pa.Context.from_dict({"version": 1}) as context, c2pa.Builder(claim, context) as builder:
        builder.sign(c2pa.Signer.from_info(info), "image/png", io.BytesIO(photo), out)
    return out.getvalue()


# --- readers that know nothing of us --------------------------------------------------------------


@pytest.mark.parametrize("kind_of_file", KINDS)
def test_an_outside_reader_agrees(
    labeller: FileLabeller, kind_of_file: str, tmp_path: Path, exiftool: str
) -> None:
    path = tmp_path / f"labelled.{kind_of_file.lower()}"
    path.write_bytes(labeller.write(picture(kind_of_file), GENERATED))

    asked = [exiftool, "-j", "-n", "-G1", "-validate", "-warning", "-error", "-XMP:all", str(path)]
    # The program is the one on the path; the file is ours.
    done = subprocess.run(asked, capture_output=True, check=True)  # noqa: S603
    (said,) = json.loads(done.stdout)

    assert said["XMP-iptcExt:DigitalSourceType"] == VOCABULARY + "trainedAlgorithmicMedia"
    assert said["XMP-iptcExt:AISystemUsed"] == "acme/portrait-model"
    assert said["XMP-dc:Description"] == GENERATED.said
    assert said["XMP-plus:DataMining"] == NO_MINING
    assert "ExifTool:Warning" not in said
    assert "ExifTool:Error" not in said


# --- in plain words -------------------------------------------------------------------------------


def test_a_labelled_file_tells_in_plain_words(labeller: FileLabeller) -> None:
    said = read(labeller.write(picture(), ENHANCED), CREDENTIALS.root)

    assert said.labelled
    text = "\n".join(said.lines)
    assert "a photo improved by software (algorithmicallyEnhanced)" in text
    assert "signed by this service, and unchanged since" in text
    assert ENHANCED.system in text


def test_a_file_without_a_label_says_so() -> None:
    said = read(picture())

    assert not said.labelled
    assert "Its metadata does not say how it was made." in said.lines
    assert "It has no signed record (Content Credentials)." in said.lines


def test_what_is_no_picture_says_so() -> None:
    assert not read(b"hello").labelled


def test_a_hostile_file_cannot_reach_the_terminal() -> None:
    packet = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
        'xmlns:I="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" I:DigitalSourceType="&#155;2J'
        f'{"x" * 400}"/></r:RDF>'
    )
    said = read(picture(xmp=packet.encode()))

    assert all(line.isprintable() for line in said.lines)
    assert max(map(len, said.lines)) < 300
