"""Workspaces: what their admins allow, and what happens when one of them is over.

The end of a workspace is written down before anybody is erased, so that a start after a crash goes
on with it. Each person is then erased by the engine like anybody else, and what was kept about the
workspace goes with its key. All of it may happen twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from bot import workspace_policy
from bot.conversation import Conversation
from bot.events import Delivery, Dismissed, PersonLeft
from bot.model import Person, Workspace
from bot.ports import AuditLog, Receive
from bot.terms import Terms
from bot.wording import Wording
from bot.workspace_policy import Policy
from bot.workspace_ports import Register

POLICY = "policy"
ENDING = "ending"
LEFT, DISMISSED = b"left", b"dismissed"


class Workspaces:
    """The policies in force, and the erasure of whole workspaces."""

    def __init__(self, register: Register, audit: AuditLog, wording: Wording, terms: Terms) -> None:
        """`terms` are those of the house; a policy takes away from them."""
        self._wording = wording
        self._register = register
        self._audit = audit
        self.house = terms
        """What the house offers; a policy can only take away from it."""
        self._policies: dict[Workspace, Policy] = {}

    async def policy(self, workspace: Workspace) -> Policy:
        """What is allowed there."""
        known = self._policies.get(workspace)
        if known is None:
            kept = await self._register.read(workspace, POLICY)
            known = self._policies[workspace] = workspace_policy.decode(kept) if kept else Policy()
        return known

    async def allow(self, workspace: Workspace, allowed: Policy) -> None:
        """Put another policy in force; whom it concerns is asked again when it changes consent."""
        await self._register.note(workspace, POLICY, workspace_policy.encode(allowed))
        self._policies[workspace] = allowed
        await self._audit.append("policy changed", secrets.token_hex(8))

    async def terms_for(self, person: Person) -> Terms:
        """The terms under which that person is spoken to."""
        if not person.workspace:
            return self.house
        allowed = await self.policy(Workspace(person.platform, person.workspace))
        return allowed.terms(self.house, person)

    async def conversation_with(self, person: Person) -> Conversation:
        """The conversation under those terms."""
        return Conversation(self._wording, await self.terms_for(person))

    async def all(self, platform: str) -> Sequence[Workspace]:
        """Every workspace of a platform that we are in."""
        return await self._register.all(platform)

    async def people(self, workspace: Workspace) -> Sequence[Person]:
        """Whoever we hold something about there."""
        return await self._register.people(workspace)

    async def uninstalled(self, workspace: Workspace, receive: Receive) -> None:
        """We were thrown out: erase everybody there, say nothing, and forget the workspace."""
        await self._end(workspace, LEFT, receive)

    async def dismissed(self, workspace: Workspace, receive: Receive) -> None:
        """An admin erases everybody there; what lets us speak to them stays."""
        await self._end(workspace, DISMISSED, receive)

    async def resume(self, platform: str, receive: Receive) -> None:
        """Go on with whatever end was begun before the last stop."""
        for workspace in await self._register.all(platform):
            ending = await self._register.read(workspace, ENDING)
            if ending is not None:
                await self._go_on(workspace, ending, receive)

    async def _end(self, workspace: Workspace, why: bytes, receive: Receive) -> None:
        known = workspace in await self._register.all(workspace.platform)
        if why == LEFT and not known and not await self._register.people(workspace):
            return  # the second of two events that say the same
        ending = why + b":" + secrets.token_hex(8).encode()
        await self._register.note(workspace, ENDING, ending)
        await self._go_on(workspace, ending, receive)

    async def _go_on(self, workspace: Workspace, ending: bytes, receive: Receive) -> None:
        why, _, token = ending.partition(b":")
        event = PersonLeft() if why == LEFT else Dismissed()
        delivery = f"{workspace.platform}:{workspace.id}:ending-{token.decode()}"
        for person in await self._register.people(workspace):
            await receive(Delivery(delivery, person, event))
        if why == LEFT:
            await self._register.erase(workspace)
        else:
            await self._register.drop(workspace, POLICY)
            await self._register.drop(workspace, ENDING)
        self._policies.pop(workspace, None)
        await self._audit.append(f"workspace {why.decode()}", token.decode())
