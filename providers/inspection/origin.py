"""What a photo's file says of where it comes from: made by AI, an agency's, a screenshot, a place.

Looks at the bytes around the pixels. Only categories come out; nothing that was read is kept.

An AI label is IPTC's ``DigitalSourceType`` (or its newer ``AISystemUsed``), which stands as plain
text in XMP and in a C2PA manifest alike, or what generators write into PNG chunks. A C2PA manifest
alone says nothing: cameras sign photos too. https://cv.iptc.org/newscodes/digitalsourcetype/
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator

from PIL import ExifTags, Image

from bot.model import Trait
from bot.photo import BROKEN

AI_LABELS = (
    b"rainedAlgorithmicMedia",  # trained..., and composite with such
    b"digitalsourcetype/algorithmicMedia",
    b"digitalsourcetype/compositeSynthetic",
    b"AISystemUsed",
)
GENERATORS = (
    *("midjourney", "dall-e", "dall\N{MIDDLE DOT}e", "stable diffusion", "stablediffusion"),
    *("adobe firefly", "comfyui", "novelai", "invokeai", "imagen", "gpt-image"),
)
"""As they sign in EXIF and PNG; lower case."""
AGENCIES = (
    *(b"Getty Images", b"Shutterstock", b"iStockphoto", b"Adobe Stock", b"Depositphotos"),
    *(b"Dreamstime", b"Associated Press", b"Agence France-Presse", b"picture alliance"),
    *(b"Alamy Stock", b"dpa Picture", b"REUTERS/", b"AFP via Getty"),
)
_PARAMETERS = ("Steps:", "Sampler")
"""Both stand in what Stable Diffusion's tools write into PNG files."""
_TALL = 1.9
"""Height over width of a phone's screen; photos are at most 16 to 9."""
_SIGNATURES = (ExifTags.Base.Software, ExifTags.Base.ImageDescription, ExifTags.Base.Artist)


def traits(photo: bytes) -> frozenset[Trait]:
    """What the file says. Never raises for what its bytes contain."""
    found = set(_from_bytes(photo))
    with warnings.catch_warnings(action="ignore"):
        try:
            with Image.open(io.BytesIO(photo)) as image:
                found |= set(_from_image(image))
        except (*BROKEN, Image.DecompressionBombError):
            pass  # whether it can be read at all is decided elsewhere
    return frozenset(found)


def _from_bytes(photo: bytes) -> Iterator[Trait]:
    if any(label in photo for label in AI_LABELS):
        yield Trait.AI_MADE
    if any(name in photo for name in AGENCIES):
        yield Trait.PUBLISHED


def _from_image(image: Image.Image) -> Iterator[Trait]:
    exif = image.getexif()
    said = [str(exif.get(tag, "")) for tag in _SIGNATURES]
    said += [value for value in image.info.values() if isinstance(value, str)]
    if _made_by_ai(said):
        yield Trait.AI_MADE
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        yield Trait.HIDDEN_PLACE
    comment = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment, b"")
    words = comment if isinstance(comment, bytes) else str(comment).encode()
    # What iPhones write into screenshots; and no camera writes PNG.
    tall = image.height > _TALL * image.width
    if b"Screenshot" in words or (image.format == "PNG" and tall):
        yield Trait.SCREENSHOT


def _made_by_ai(said: Iterable[str]) -> bool:
    for text in said:
        lower = text[:4000].lower()
        if all(word in text for word in _PARAMETERS) or '"class_type"' in text:
            return True
        if any(name in lower for name in GENERATORS):
            return True
    return False
