"""What a headshot says about how it was made: the policy behind the AI label in every file.

Pure. Which label is true follows from who made the pixels, and from nothing else; how it is written
into a file is an adapter's business (`bot.finishers.Labeller`). Rules: the label says no more and
no less than what happened; it is the same for everybody, so it holds no name, id, prompt or path;
and the photo that a headshot was made from is never part of it.

The values are IPTC's digital source types (cv.iptc.org/newscodes/digitalsourcetype), which
Content Credentials use as well.
"""

from __future__ import annotations

from enum import StrEnum

from bot.model import Headshot, Made, Value

LOCAL = "local"
"""`Made.by` of what was rendered on this machine; whatever anybody else made was generated."""
OWN_BACKGROUND = "own"
"""The look that keeps the photo's own background."""
VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class Source(StrEnum):
    """Where the pixels come from.

    IPTC also has ``compositeWithTrainedAlgorithmicMedia``, for a photo into which a generative
    model painted something. Nobody here makes such pictures: a hosted model draws all of a
    picture anew, and the renderer on this machine has no model that paints.
    """

    GENERATED = "trainedAlgorithmicMedia"
    """Drawn by a generative model."""
    COMPOSITE = "composite"
    """The person from the photo, before a background drawn by plain code."""
    ENHANCED = "algorithmicallyEnhanced"
    """The photo itself: cropped, lit, its background blurred."""


class Disclosure(Value, frozen=True):
    """What one file says about itself."""

    source: Source
    system: str
    """Who made the pixels (IPTC AISystemUsed)."""
    said: str
    """The same in one sentence, for whoever reads the file's description."""

    @property
    def uri(self) -> str:
        """The source type as IPTC spells it."""
        return VOCABULARY + self.source.value


_ON_DEVICE = "WorkShot renderer on the service's own machine, no generative model"
_SAID = {
    Source.GENERATED: (
        "AI-generated professional headshot, made from one photo of the person at their request."
    ),
    Source.COMPOSITE: (
        "Professional headshot: a photo of the person, cut out and lit by software before a drawn "
        "background. No generative AI."
    ),
    Source.ENHANCED: (
        "Professional headshot: a photo of the person, cropped and lit by software, with its "
        "background blurred. No generative AI."
    ),
}


def source_of(shot: Made | Headshot) -> Source:
    """Where the pixels of a headshot come from."""
    if shot.by != LOCAL:
        return Source.GENERATED
    return Source.ENHANCED if shot.look == OWN_BACKGROUND else Source.COMPOSITE


def disclosure(shot: Made | Headshot) -> Disclosure:
    """What the file of a headshot has to say."""
    source = source_of(shot)
    system = _ON_DEVICE if shot.by == LOCAL else shot.model or shot.by
    return Disclosure(source, system, _SAID[source])
