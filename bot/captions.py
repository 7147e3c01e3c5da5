"""What is said with finished headshots: what they are, what to look at, what the files say.

Pure. A caption is a row of paragraphs, each there only when it is true of these headshots. All of
it fits under a picture on every platform (1024 characters).
"""

from __future__ import annotations

from typing import Protocol

from bot.disclosure import OWN_BACKGROUND, Source, source_of
from bot.model import Headshot
from bot.states import Batch, Question
from bot.wording import Value

STRONGEST_FIRST = (Source.GENERATED, Source.COMPOSITE, Source.ENHANCED)


class Texts(Protocol):
    """Where the sentences come from, with the facts of the installation filled in."""

    def text(self, language: str, text_id: str, **variables: Value) -> str: ...


def caption(texts: Texts, language: str, batch: Batch, how: str) -> str:
    """The words under the headshots of one order; `how` is who made them (``results-by-``)."""
    shots = batch.headshots
    source = strongest(shots).name.lower()
    paragraphs = [
        texts.text(language, "results", variants=len(shots)),
        texts.text(language, f"results-by-{how}"),
        *_looked_at(texts, language, batch),
        *([texts.text(language, "results-own")] if is_doubtful(shots) else []),
        texts.text(language, "results-label"),
        texts.text(language, f"disclosure-{source}"),
        texts.text(language, "results-until"),
    ]
    return "\n\n".join(paragraphs)


def _looked_at(texts: Texts, language: str, batch: Batch) -> list[str]:
    """What came of looking at them, as far as the person let us."""
    kept, n = len(batch.headshots), batch.left_out
    answers = [one.verb for one in batch.answers if one.question is Question.LIKENESS]
    match answers[-1:], n:
        case ["yes"], 0:
            return [texts.text(language, "results-compared-all")]
        case ["yes"], _:
            return [texts.text(language, "results-compared", kept=kept, made=kept + n)]
        case _:
            said = [texts.text(language, "results-not-compared")] if answers else []
            return [*said, *([texts.text(language, "results-left-out", n=n)] if n else [])]


def strongest(shots: tuple[Headshot, ...]) -> Source:
    """Of several ways of making, the one that asks most to be told."""
    sources = {source_of(shot) for shot in shots}
    return next((one for one in STRONGEST_FIRST if one in sources), Source.COMPOSITE)


def is_doubtful(shots: tuple[Headshot, ...]) -> bool:
    """Whether the cut-out could not be trusted, so that the photo's own background was kept."""
    return any(shot.look == OWN_BACKGROUND for shot in shots)
