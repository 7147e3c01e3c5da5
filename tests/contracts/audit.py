"""What every `AuditLog` must do; subclass `AuditContract` and give the fixture ``audit``."""

from __future__ import annotations

import json
import re

import pytest

from bot.ports import AuditLog

HEAD = re.compile(r"[0-9a-f]{64}")


class AuditContract:
    """Subclass me as ``class TestMine(AuditContract)``."""

    @pytest.fixture
    def audit(self) -> AuditLog:
        raise NotImplementedError

    async def test_a_head_is_a_hash(self, audit: AuditLog) -> None:
        assert HEAD.fullmatch(await audit.append("erased", "DR-1"))

    async def test_another_entry_gives_another_head(self, audit: AuditLog) -> None:
        entries = [("erased", "DR-1"), ("erased", "DR-2"), ("began", "DR-1")]
        heads = [await audit.append(what, about) for what, about in entries]
        assert len(set(heads)) == 3

    async def test_the_chain_can_be_taken_away_whole(self, audit: AuditLog) -> None:
        heads = [await audit.append("erased", about) for about in ("DR-1", "DR-2")]
        lines = [json.loads(line) for line in (await audit.export()).splitlines()]
        assert [line["head"] for line in lines] == heads
        assert [(line["what"], line["about"]) for line in lines][-1] == ("erased", "DR-2")

    async def test_the_same_entry_again_adds_none(self, audit: AuditLog) -> None:
        first = await audit.append("erased", "DR-1")
        second = await audit.append("erased", "DR-2")
        assert await audit.append("erased", "DR-1") == first
        assert await audit.append("erased", "DR-2") == second
