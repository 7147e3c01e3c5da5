"""Other headshots for the same photo and look: because some did not pass, or the person says so.

Pure. Each way of making can be asked once more; then it goes on towards the photo: from a hosted
model to the same model with other seeds, to this machine, to this machine with the lightest hand.
That way is short on purpose: none of it is at the person's expense, and after the last step only
another photo can help.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.disclosure import LOCAL
from bot.effects import Again
from bot.model import Headshot
from bot.states import Sifted, Sitting, Wish


def next_wish(sitting: Sitting, why: Again) -> Wish | None:
    """What to try when the newest headshots are not them; None: nothing is left to try."""
    wish = sitting.wish
    shots = sitting.batches[-1].headshots if sitting.batches else ()
    attempt = wish.attempt + 1
    if any(shot.by != LOCAL for shot in shots):
        if why is Again.NOT_ME and not wish.closer:
            return Wish(attempt, closer=True)
        return Wish(attempt, here=True)
    return None if wish.closer else Wish(attempt, closer=True, here=True)


def sifted(sitting: Sitting, passed: Sequence[Headshot], missing: Sequence[str]) -> Sitting:
    """Keep what passed, and wish for the rest."""
    wish = sitting.wish
    return replace(
        sitting,
        sifted=Sifted(tuple(passed), tuple(missing), wish),
        wish=Wish(wish.attempt + 1, closer=True, here=wish.here),
    )


def merged(
    first: Sifted, second: Sequence[Headshot]
) -> tuple[tuple[Headshot, ...], tuple[Headshot, ...]]:
    """(what to hand over, what to drop): the first ones, and for each gap one of the second."""
    gaps, taken, dropped = list(first.missing), list(first.headshots), []
    for shot in second:
        if shot.format in gaps:
            gaps.remove(shot.format)
            taken.append(shot)
        else:
            dropped.append(shot)
    return tuple(taken), tuple(dropped)
