"""A whole workspace: its policy, and its end."""

from __future__ import annotations

import pytest

from bot.events import SelfieSent
from bot.model import Person, SelfieRef, Workspace
from bot.states import Idle
from bot.wording import load
from bot.workspace_policy import Policy
from bot.workspaces import Workspaces
from tests.core.house import TERMS, House, until

HERE, THERE = Workspace("chat", "T1"), Workspace("chat", "T2")
ANNA, BORIS = Person("chat", "T1", "anna"), Person("chat", "T1", "boris")
ELSEWHERE = Person("chat", "T2", "anna")


@pytest.fixture
def house() -> House:
    return House()


async def everybody_arrives(house: House) -> None:
    for workspace in (HERE, THERE):
        await house.storage.register.note(workspace, "installation", b"token")
    for person in (ANNA, BORIS, ELSEWHERE):
        await house.gets_headshots(person)


async def test_a_policy_holds_in_its_workspace_only(house: House) -> None:
    async with house.running():
        await house.workspaces.allow(HERE, Policy(people=("boris",)))
        await house.happens(SelfieSent(SelfieRef("one")), ANNA)
        await house.sees("The people who run this workspace haven't switched", ANNA)
        await house.agrees_up_to_the_crop(BORIS)
        await house.agrees_up_to_the_crop(ELSEWHERE)


async def test_a_policy_outlives_a_restart(house: House) -> None:
    await house.workspaces.allow(HERE, Policy(people=("boris",)))
    again = Workspaces(house.storage.register, house.storage.audit, load(), TERMS)

    assert not (await again.terms_for(ANNA)).admitted
    assert (await again.terms_for(BORIS)).admitted


async def test_an_uninstalled_workspace_is_erased_without_a_word(house: House) -> None:
    async with house.running():
        await everybody_arrives(house)
        assert house.chat.receive
        for _ in range(2):
            await house.workspaces.uninstalled(HERE, house.chat.receive)
        await until(lambda: not {ANNA, BORIS} & {whose for whose, _ in house.chat.said})

    assert house.chat.goodbyes == []
    assert await house.storage.register.all("chat") == [THERE]
    assert await house.state(ANNA) == Idle()
    assert await house.state(ELSEWHERE) != Idle()
    assert list(await house.workspaces.people(HERE)) == []


async def test_a_workspace_that_was_never_written_down_ends_as_well(house: House) -> None:
    async with house.running():
        await house.gets_headshots(ANNA)
        assert house.chat.receive
        await house.workspaces.uninstalled(HERE, house.chat.receive)
        await until(lambda: ANNA not in {whose for whose, _ in house.chat.said})

    assert await house.storage.register.all("chat") == []


async def test_an_admin_erases_everybody_and_people_are_told(house: House) -> None:
    async with house.running():
        await everybody_arrives(house)
        await house.workspaces.allow(HERE, Policy(daily=3))
        assert house.chat.receive
        await house.workspaces.dismissed(HERE, house.chat.receive)
        await until(lambda: len(house.chat.goodbyes) == 2)

    assert {whose for whose, _, _ in house.chat.goodbyes} == {ANNA, BORIS}
    assert all(receipt for _, _, receipt in house.chat.goodbyes)
    assert house.chat.goodbyes[0][1].text.startswith("The people who run this workspace had me")
    assert await house.storage.register.read(HERE, "installation") == b"token"
    assert await house.workspaces.policy(HERE) == Policy()


async def test_an_end_that_was_cut_off_is_gone_on_with(house: House) -> None:
    async with house.running():
        await everybody_arrives(house)
        await house.storage.register.note(HERE, "ending", b"left:0123")
    async with house.running():
        assert house.chat.receive
        await house.workspaces.resume("chat", house.chat.receive)
        await until(lambda: not {ANNA, BORIS} & {whose for whose, _ in house.chat.said})

    assert await house.storage.register.all("chat") == [THERE]


async def test_what_was_done_is_in_the_audit_chain_without_a_name(house: House) -> None:
    async with house.running():
        await everybody_arrives(house)
        await house.workspaces.allow(HERE, Policy(daily=3))
        assert house.chat.receive
        await house.workspaces.uninstalled(HERE, house.chat.receive)

    chain = await house.storage.audit.export()
    assert b"policy changed" in chain
    assert b"workspace left" in chain
    assert b"T1" not in chain
