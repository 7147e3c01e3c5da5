"""What the admins of a workspace allow, and what follows from it for each person in it.

Pure. A policy can only take away: fewer providers, shorter keeping, fewer people, fewer orders,
fewer looks. What it leaves is the terms under which a conversation is stepped, so a policy that
changes what happens to photos changes `Terms.version`, and people are asked again.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec.structs import replace

from bot.model import Person, Value
from bot.terms import HOUR, Terms

MOST_PEOPLE = 500
"""How many persons a list may name."""

Minutes = Annotated[int, msgspec.Meta(ge=5, le=60)]
Hours = Annotated[int, msgspec.Meta(ge=1, le=24)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Policy(Value, frozen=True):
    """What a workspace allows. The default takes nothing away."""

    hosted: bool = True
    """False: headshots are made on the bot's own server only."""
    photo_minutes: Minutes = 60
    headshot_hours: Hours = 24
    people: tuple[str, ...] = ()
    """Who may have headshots made, as `Person.user`; empty: everybody."""
    admins: tuple[str, ...] = ()
    """Who may change this, beside whoever installed the bot."""
    daily: Count = 0
    """Orders a day and person; 0: any number."""
    looks: tuple[str, ...] = ()
    """Backgrounds on offer; empty: all."""
    contact: str = ""
    """Whom people ask about their data; empty: as the installation says."""

    def terms(self, house: Terms, person: Person) -> Terms:
        """The terms for that person, where the house offers `house`."""
        looks = tuple(look for look in house.looks if look in self.looks)
        return replace(
            house,
            hosted=house.hosted if self.hosted else None,
            photo_seconds=min(house.photo_seconds, self.photo_minutes * 60),
            headshot_seconds=min(house.headshot_seconds, self.headshot_hours * HOUR),
            looks=looks or house.looks,
            contact=self.contact or house.contact,
            admitted=house.admitted and (not self.people or person.user in self.people),
            daily=self.daily or house.daily,
        )


NOTHING = Policy(hosted=False, photo_minutes=5, headshot_hours=1, people=("nobody",))
"""In place of a policy that another version wrote."""

_decoder = msgspec.json.Decoder(Policy)


def encode(policy: Policy) -> bytes:
    """The bytes to be kept."""
    return msgspec.json.encode(policy)


def decode(kept: bytes) -> Policy:
    """A policy as it was kept; one that cannot be read allows nothing until it is set again."""
    try:
        return _decoder.decode(kept)
    except msgspec.MsgspecError:
        return NOTHING
