"""Photos with something in them that should not leave: drawn papers, screens, badges, cards.

Everything is drawn here, with Pillow's own font, round a portrait: no real document is needed.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from tests.providers.portraits import Rgb8, astronaut

LETTER = (
    "Dear Ms Miller,\nthank you for your letter of 12 March.\nYour account 4711-0815 was\n"
    "charged with 1,250.00 EUR.\nPlease keep this page private.\nKind regards, Accounts"
)
PLAN = (
    "Quarterly plan - confidential\nRevenue 4.2m   Costs 3.1m\nHiring: 12 people\n"
    "Launch moved to 14 June\nContact: board@example.org"
)
FIELDS = "Surname  SPECIMEN\nGiven names  ERIKA\nDate of birth  12.08.1983\nNationality  UTOPIAN"
MACHINE_READABLE = (
    "P<UTOSPECIMEN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)


@dataclass(frozen=True)
class Portrait:
    """A photo of one person, and the box of the face in its pixels."""

    pixels: Rgb8
    face: tuple[int, int, int, int]

    @property
    def unit(self) -> int:
        """Width of the face."""
        return self.face[2] - self.face[0]


def lady() -> Portrait:
    """The astronaut, cut so that there is room on both sides.

    Her crew's patch carries names that can really be read, so it is covered in the suit's colour.
    """
    pixels = astronaut(1280)[:1200, 160:1060].copy()
    cv2.circle(pixels, (262, 965), 108, pixels[1130, 420].tolist(), -1)
    return Portrait(pixels, (273, 176, 539, 442))


def written(text: str, size: tuple[int, int], letters: int, *, dark: bool = False) -> Rgb8:
    """A page, or with `dark` a screen, of that size with writing of that height in pixels."""
    paper, ink = ((22, 34, 60), (235, 240, 250)) if dark else ((247, 246, 242), (28, 28, 34))
    page = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(letters)
    for row, line in enumerate(text.splitlines()):
        draw.text((letters, letters + int(1.6 * letters * row)), line, ink, font)
    return np.asarray(page, np.uint8)


def laid(scene: Rgb8, thing: Rgb8, corners: list[tuple[float, float]]) -> Rgb8:
    """The scene with a flat thing in it, its corners there, clockwise from the top left."""
    height, width = thing.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    size = (scene.shape[1], scene.shape[0])
    flat = cv2.warpPerspective(thing, matrix, size, flags=cv2.INTER_AREA)
    where = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size)
    share = where[..., None].astype(np.float32) / 255
    return np.asarray(scene * (1 - share) + flat * share + 0.5, np.uint8)


def placed(scene: Rgb8, thing: Rgb8, left: float, top: float, tilt: float = 0.0) -> Rgb8:
    """The thing at its own size, its left side `tilt` pixels lower than its right one."""
    height, width = thing.shape[:2]
    right, bottom = left + width, top + height
    corners = [(left, top + tilt), (right, top), (right, bottom), (left, bottom + tilt)]
    return laid(scene, thing, corners)


def roomy(one: Portrait, below: float) -> Portrait:
    """The portrait with so many face widths below the face at least."""
    missing = int(one.face[3] + below * one.unit - one.pixels.shape[0])
    taller = np.pad(one.pixels, ((0, max(0, missing)), (0, 0), (0, 0)), mode="edge")
    return Portrait(np.asarray(taller, np.uint8), one.face)


def with_paper(one: Portrait, text: str = LETTER, tilt: float = 0.06) -> Rgb8:
    """A letter held in front of the chest."""
    one = roomy(one, 2.0)
    unit = one.unit
    page = written(text, (int(2.1 * unit), int(1.5 * unit)), max(10, unit // 9))
    left = one.face[0] - 0.5 * unit
    return placed(one.pixels, page, left, one.face[3] + 0.35 * unit, tilt * unit)


def with_screen(one: Portrait, text: str = PLAN) -> Rgb8:
    """A monitor beside the head; a narrow photo is made wider for it."""
    unit, side = one.unit, int(2.2 * one.unit)
    missing = one.face[2] + 0.4 * unit + side - one.pixels.shape[1]
    wide = np.pad(one.pixels, ((0, 0), (0, max(0, int(missing))), (0, 0)), mode="edge")
    screen = written(text, (side, int(0.62 * side)), max(9, side // 19), dark=True)
    return placed(wide, screen, one.face[2] + 0.4 * unit, max(4, one.face[1] - 0.1 * unit))


def badge(unit: int, name: str = "ERIKA SPECIMEN", role: str = "Visitor 0042") -> Rgb8:
    """A name tag of about half a face's width."""
    size = (int(0.95 * unit), int(0.62 * unit))
    tag = Image.new("RGB", size, (250, 250, 250))
    draw = ImageDraw.Draw(tag)
    draw.rectangle((0, 0, size[0], size[1] // 4), fill=(20, 90, 160))
    font = ImageFont.load_default(max(9, int(unit / 9.5)))
    draw.text((size[0] // 14, size[1] // 3), name, (15, 15, 15), font)
    draw.text((size[0] // 14, int(size[1] * 0.62)), role, (40, 40, 40), font)
    return np.asarray(tag, np.uint8)


def with_badge(one: Portrait, name: str = "ERIKA SPECIMEN") -> Rgb8:
    """A name tag on the chest."""
    one = roomy(one, 1.6)
    tag = badge(one.unit, name)
    left = one.face[2] - 0.6 * one.unit
    return placed(one.pixels, tag, left, one.face[3] + 0.75 * one.unit)


def face_of(one: Portrait, size: tuple[int, int]) -> Rgb8:
    """A passport picture: the head and a little of the shoulders."""
    left, top, right, bottom = one.face
    unit = one.unit
    part = one.pixels[
        max(0, int(top - 0.5 * unit)) : int(bottom + 0.5 * unit),
        max(0, int(left - 0.35 * unit)) : int(right + 0.35 * unit),
    ]
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


def card(one: Portrait, title: str = "IDENTITY CARD", width: int = 1000) -> Rgb8:
    """An identity card, with a face and fields."""
    height = int(width / 1.586)
    drawn = Image.new("RGB", (width, height), (214, 226, 232))
    draw = ImageDraw.Draw(drawn)
    draw.text((width // 20, height // 18), title, (20, 30, 80), ImageFont.load_default(width // 18))
    picture = Image.fromarray(face_of(one, (int(width * 0.3), int(height * 0.62))))
    drawn.paste(picture, (width // 20, int(height * 0.24)))
    font = ImageFont.load_default(width // 30)
    for row, line in enumerate(FIELDS.splitlines()):
        draw.text((int(width * 0.4), int(height * (0.28 + 0.15 * row))), line, (20, 20, 20), font)
    return np.asarray(drawn, np.uint8)


def passport(one: Portrait, width: int = 1000) -> Rgb8:
    """The page with the machine-readable lines."""
    strip = np.full((150, width, 3), 235, np.uint8)
    drawn = Image.fromarray(np.concatenate([card(one, "PASSPORT  UTOPIA", width), strip]))
    draw = ImageDraw.Draw(drawn)
    font = ImageFont.load_default(width // 31)
    for row, line in enumerate(MACHINE_READABLE):
        for place, letter in enumerate(line):  # every letter as wide as the others
            at = (30 + place * (width - 60) / 44, drawn.height - 135 + 58 * row)
            draw.text(at, letter, (10, 10, 10), font)
    return np.asarray(drawn, np.uint8)


def on_a_table(thing: Rgb8, size: tuple[int, int] = (1400, 1050), tilt: float = 20.0) -> Rgb8:
    """A flat thing, photographed lying on wood."""
    width, height = size
    grain = np.random.default_rng(3).normal(0, 6, (height, 1, 1))
    wood = np.clip(np.array([142, 104, 70]) + grain + np.zeros((height, width, 1)), 0, 255)
    scale = min(0.84 * width / thing.shape[1], 0.84 * height / thing.shape[0])
    across, down = thing.shape[1] * scale, thing.shape[0] * scale
    left, top = (width - across) / 2, (height - down) / 2
    corners = [
        (left, top + tilt),
        (left + across, top - tilt),
        (left + across, top + down - tilt),
        (left, top + down + tilt),
    ]
    return laid(wood.astype(np.uint8), thing, corners)


def with_card_in_hand(one: Portrait) -> Rgb8:
    """An identity card held up below the chin."""
    one = roomy(one, 1.8)
    unit = one.unit
    small = card(one, width=int(2.0 * unit))
    left, top = one.face[0] - 0.4 * unit, one.face[3] + 0.3 * unit
    return placed(one.pixels, small, left, top, 0.05 * unit)


def code(side: int, text: str = "https://example.org/visitor/4711") -> Rgb8:
    """A QR code with its quiet zone."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    modules = np.asarray(made.to_image(scale=4, add_quiet_zones=True), np.uint8)
    plain = cv2.resize(modules, (side, side), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(plain, cv2.COLOR_GRAY2RGB), np.uint8)


def with_code(one: Portrait) -> Rgb8:
    """A QR code on the chest."""
    one = roomy(one, 1.6)
    left = one.face[0] - 0.1 * one.unit
    return placed(one.pixels, code(int(0.8 * one.unit)), left, one.face[3] + 0.6 * one.unit)


def together(one: Portrait, other: Portrait, scale: float = 1.0) -> Rgb8:
    """Two people side by side, the second one's face `scale` times as wide as the first one's."""
    factor = scale * one.unit / other.unit
    size = (round(other.pixels.shape[1] * factor), round(other.pixels.shape[0] * factor))
    second = cv2.resize(other.pixels, size, interpolation=cv2.INTER_AREA)
    height = max(one.pixels.shape[0], second.shape[0])
    parts = [
        np.pad(part, ((height - part.shape[0], 0), (0, 0), (0, 0)), mode="edge")
        for part in (one.pixels, second)
    ]
    return np.asarray(np.concatenate(parts, axis=1), np.uint8)


def screenshot(one: Portrait) -> Rgb8:
    """A phone's screen with the photo in an app."""
    width, height = 720, 1560
    screen = Image.new("RGB", (width, height), (255, 255, 255))
    photo = Image.fromarray(one.pixels)
    photo = photo.resize((width, round(photo.height * width / photo.width)))
    screen.paste(photo, (0, 190))
    draw = ImageDraw.Draw(screen)
    draw.text((40, 26), "9:41", (0, 0, 0), ImageFont.load_default(30))
    draw.text((40, 110), "erika.specimen", (0, 0, 0), ImageFont.load_default(34))
    below = 190 + photo.height
    if below < height:
        draw.rectangle((0, below, width, height), fill=(255, 255, 255))
        draw.text((40, below + 40), "1,204 likes", (0, 0, 0), ImageFont.load_default(34))
    else:
        draw.rectangle((0, height - 150, width, height), fill=(255, 255, 255))
    return np.asarray(screen, np.uint8)


def labelled(pixels: Rgb8) -> bytes:
    """A JPEG that says, as IPTC asks, that it was made by AI."""
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    packet = f'<x:xmpmeta><rdf:Description DigitalSourceType="{kind}"/></x:xmpmeta>'
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=92, xmp=packet.encode())
    return out.getvalue()


KINDS: dict[str, Callable[[Portrait], Rgb8]] = {
    "identity document: card": lambda one: on_a_table(card(one)),
    "identity document: passport": lambda one: on_a_table(passport(one)),
    "identity document: licence, scanned": lambda one: card(one, "DRIVER LICENSE", 1200),
    "card in the hand": with_card_in_hand,
    "document: letter": with_paper,
    "document: plan": lambda one: with_paper(one, PLAN, -0.12),
    "screen": with_screen,
    "badge": with_badge,
    "code": with_code,
    "screenshot": screenshot,
}
"""What can be made round any portrait, by what is in it."""
