"""What the model is asked for. The same words for everybody: only the look and the clothing vary.

Rules. Say that it is this person and what must not change; forbid to beautify; list the few things
that may change. No word of the person's own goes in, and nothing that anybody guessed about them:
no gender, no age, no origin.
"""

from __future__ import annotations

from typing import Final

KEEP: Final = "keep"
"""The clothes of the photo: what is asked for as long as nobody chooses others."""

BACKGROUNDS: Final = {
    "grey": "a plain seamless mid-grey studio backdrop with a soft pool of light",
    "white": "a plain clean white studio backdrop",
    "navy": "a plain deep navy blue studio backdrop with a soft pool of light",
    "warm": "a plain warm beige studio backdrop with a soft pool of light",
    "charcoal": "a plain dark charcoal studio backdrop with a soft pool of light",
    "office": "a softly out-of-focus modern office interior in daylight, without people or writing",
}
CLOTHING: Final = {
    KEEP: "exactly the clothes of the photo, only tidied",
    "business": "a plain dark blazer over a plain light shirt or top that suits the same person",
    "smart-casual": "a plain neat knit or open-collar shirt in a solid muted colour",
}

_WORDS: Final = (
    "Edit this photo into a realistic professional headshot of the same person. "
    "Keep the person's identity exactly as in the photo: same face shape, eyes, eyebrows, nose, "
    "mouth, teeth, jaw, ears, same skin tone and natural skin texture, same apparent age, same "
    "gender presentation, same ethnicity, same hair colour, length, texture and hairline, same "
    "facial hair, same glasses, head covering, hearing aids, moles, freckles and scars if present. "
    "Do not beautify, slim, smooth, lighten, darken, make younger or make older. "
    "Change only these things: the background becomes {background}; the person wears {clothing}; "
    "the light becomes soft, even and natural from the front with gentle shadow; the framing "
    "becomes head and shoulders, centred, at eye level, keeping the pose of the head and the "
    "expression of the photo. "
    "Photorealistic, sharp eyes, visible skin pores, neutral colours. One person only, no text, no "
    "logo, no watermark, no extra jewellery."
)


def prompt(look: str, clothing: str = KEEP) -> str:
    """The whole text. Raises KeyError for a look or clothing that is not listed."""
    return _WORDS.format(background=BACKGROUNDS[look], clothing=CLOTHING[clothing])
