"""A packet goes into a file and comes out of it, and the picture beside it stays as it was."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.disclosure import VOCABULARY, Disclosure, Source
from providers.labels import packet
from providers.labels.embedding import NotAPicture, embed, extract
from tests.contracts.labeller import COMPOSITE, picture, pixels

PACKET = packet.packet(COMPOSITE)
FILES = {
    "jpeg": picture(),
    "progressive": picture(progressive=True),
    "jpeg with a packet": picture(xmp=b"<x>the photo's own, with a place</x>"),
    "jpeg with exif": picture(exif=Image.Exif().tobytes()),
    "png": picture("PNG"),
    "webp": picture("WEBP"),
    "lossless webp": picture("WEBP", lossless=True),
    "webp with a packet": picture("WEBP", xmp=b"<x>the photo's own, with a place</x>"),
}


@pytest.mark.parametrize("photo", FILES.values(), ids=FILES.keys())
def test_what_goes_in_comes_out(photo: bytes) -> None:
    labelled = embed(photo, PACKET)

    assert extract(labelled) == PACKET
    assert pixels(labelled) == pixels(photo)
    assert b"with a place" not in labelled


@pytest.mark.parametrize("photo", FILES.values(), ids=FILES.keys())
def test_a_new_packet_replaces_the_old_one(photo: bytes) -> None:
    assert embed(embed(photo, b"<x>old</x>"), PACKET) == embed(photo, PACKET)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_another_reader_finds_the_packet_where_it_belongs(kind: str) -> None:
    with Image.open(io.BytesIO(embed(picture(kind), PACKET))) as opened:
        assert opened.info["xmp"] == PACKET


def test_a_png_carries_it_as_the_text_that_readers_look_for() -> None:
    with Image.open(io.BytesIO(embed(picture("PNG"), PACKET))) as opened:
        assert opened.info["XML:com.adobe.xmp"].encode() == PACKET


def test_a_webp_with_transparency_keeps_it() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (300, 200), (9, 9, 9, 100)).save(out, "WEBP", lossless=True)

    with Image.open(io.BytesIO(embed(out.getvalue(), PACKET))) as opened:
        assert opened.size == (300, 200)
        assert opened.convert("RGBA").getpixel((5, 5)) == (9, 9, 9, 100)


@pytest.mark.parametrize("photo", FILES.values(), ids=FILES.keys())
@pytest.mark.parametrize("share", [0.01, 0.05, 0.1])
def test_a_file_that_is_broken_off_is_no_picture(photo: bytes, share: float) -> None:
    with pytest.raises(NotAPicture):
        embed(photo[: round(len(photo) * share)], PACKET)


@given(st.binary(max_size=200), st.sampled_from((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")))
def test_garbage_is_refused_or_copied_but_never_crashes(garbage: bytes, start: bytes) -> None:
    start = start + b"\x40\0\0\0WEBP" if start == b"RIFF" else start
    try:
        extract(embed(start + garbage, PACKET))
    except NotAPicture:
        return


# --- what a packet says -------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80))
def test_a_packet_can_be_read_whatever_the_model_is_called(name: str) -> None:
    said = packet.fields(packet.packet(Disclosure(Source.GENERATED, name, "In words.")))

    assert said.get("AISystemUsed", "") == name.strip()
    assert said["DigitalSourceType"] == VOCABULARY + "trainedAlgorithmicMedia"
    assert said["description"] == "In words."
    assert said["DataMining"] == packet.NO_MINING


def test_properties_written_as_elements_are_read_as_well() -> None:
    said = (
        f'<rdf:RDF xmlns:rdf="{packet.RDF}"><rdf:Description xmlns:I="{packet.IPTC}">'
        "<I:DigitalSourceType>x:y</I:DigitalSourceType></rdf:Description></rdf:RDF>"
    )

    assert packet.fields(said.encode()) == {"DigitalSourceType": "x:y"}


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        b"<x" + b"x" * 70_000 + b"/>",
        b"\xff\xfe not text",
        b"<x><y></x>",
        b"",
    ],
)
def test_a_hostile_packet_says_nothing(hostile: bytes) -> None:
    assert packet.fields(hostile) == {}
