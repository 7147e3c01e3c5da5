"""What reaches the log: no secret, whoever writes, and no text of a fault."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from bot.logs import HIDDEN, Discreet

TOKEN = "123456:not-a-real-token"


def line(message: str, *args: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("x", logging.ERROR, "f.py", 1, message, args, info)
    return Discreet([TOKEN, ""]).format(record)


def failing() -> None:
    cause = KeyError("Anna's photo")
    raise ExceptionGroup("Anna", [ValueError("Anna wrote this")]) from cause


def test_a_secret_is_hidden_wherever_it_stands() -> None:
    assert TOKEN not in line("POST https://example.org/bot%s/getMe", TOKEN)
    assert HIDDEN in line("POST https://example.org/bot%s/getMe", TOKEN)


def test_a_fault_is_told_by_class_and_place_and_not_by_its_text() -> None:
    with pytest.raises(ExceptionGroup) as raised:
        failing()
    told = line("it failed", error=raised.value)

    assert "Anna" not in told
    for name in ("builtins.KeyError", "builtins.ExceptionGroup", "builtins.ValueError"):
        assert name in told
    assert "test_logs.py" in told


def test_what_nobody_catches_is_told_as_discreetly() -> None:
    program = (
        "from bot import logs; logs.configure('INFO', ['s3cret-token'])\n"
        "import logging; logging.getLogger('httpx').info('GET /bots3cret-token')\n"
        "raise RuntimeError('s3cret-token of Anna')"
    )
    # Arguments are fixed.
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1
    assert "RuntimeError" in ran.stderr
    assert "s3cret" not in ran.stderr + ran.stdout
    assert "Anna" not in ran.stderr
