"""What every `AuditLog` must do; subclass `AuditContract` and give the fixture ``audit``."""

from __future__ import annotations

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

    async def test_the_same_entry_again_gives_another_head(self, audit: AuditLog) -> None:
        heads = [await audit.append("erased", "DR-1") for _ in range(3)]
        assert len(set(heads)) == 3
