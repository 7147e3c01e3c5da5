"""What happens to headshots between whoever made them and the vault.

Each is looked at, whoever made it: one that does not show the person as they are is left out, and
nobody ever sees it. Each that passes gets its label. Every platform and every copy of the data hand
over what lies in the vault, so this is the one place for both. A headshot that could not be looked
at, or not labelled, is not kept either. Nothing about a face leaves the judge but a verdict.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from msgspec.structs import replace

from bot.disclosure import disclosure
from bot.effects import AddBadge, CountAgain
from bot.errors import PhotoGone
from bot.events import BadgeAdded, Event, HeadshotsMade
from bot.finishers import Judge, Labeller, Painter
from bot.model import Headshot, Made, Person
from bot.ports import PhotoVault
from bot.tally import Count, Tally

log = logging.getLogger(__name__)


class Finishing:
    """Judges, labels and keeps headshots."""

    def __init__(
        self,
        *,
        judge: Judge,
        labeller: Labeller,
        painter: Painter,
        vault: PhotoVault,
        tally: Tally,
    ) -> None:
        self._judge = judge
        self._labeller = labeller
        self._painter = painter
        self._vault = vault
        self._tally = tally

    async def keep(
        self, person: Person, order: str, source: bytes, made: Sequence[Made], *, likeness: bool
    ) -> HeadshotsMade:
        """Put what passes into the vault, labelled, under names that a retry overwrites.

        `source` is the picture they were made from; with `likeness` the person agreed to be
        compared with them. Raises `ProviderUnavailable`.
        """
        verdicts = await self._judge.judge(source, made, likeness=likeness)
        kept, left_out = [], []
        for number, (one, verdict) in enumerate(zip(made, verdicts, strict=True)):
            self._tally.add(Count.MADE, one.by)
            if not verdict.passed:
                self._tally.add(Count.LEFT_OUT, verdict.faults[0].value)
                left_out.append(one.format)
                continue
            labelled = await self._labeller.label(one.photo, disclosure(one), one.origin)
            photo = await self._vault.put(person, f"headshot-{order}-{number}", labelled)
            kept.append(Headshot(photo, one.format, one.look, one.by, one.model))
        if kept:
            self._tally.add(Count.FINISHED)
        if left_out:
            log.info("order %s: %d of %d left out", order, len(left_out), len(made))
        return HeadshotsMade(order, tuple(kept), tuple(left_out))

    async def afterwards(self, person: Person, effect: CountAgain | AddBadge) -> Event | None:
        """Do what people ask for with finished headshots. Raises `ProviderUnavailable`."""
        match effect:
            case CountAgain(why):
                self._tally.add(Count.ASKED_AGAIN, why.value)
                return None
            case AddBadge(order, headshots, words):
                badged = [
                    await self._badged(person, f"badge-{order}-{number}", shot, words)
                    for number, shot in enumerate(headshots)
                ]
                return BadgeAdded(order, tuple(one for one in badged if one is not None))

    async def _badged(
        self, person: Person, name: str, shot: Headshot, words: str
    ) -> Headshot | None:
        """A labelled copy with the words in it; None when the headshot is gone meanwhile."""
        try:
            photo = await self._vault.get(shot.photo)
        except PhotoGone:
            return None
        painted = await self._painter.paint(photo, words)
        labelled = await self._labeller.label(painted, disclosure(shot), photo)
        return replace(shot, photo=await self._vault.put(person, name, labelled))
