"""Tasks that go wrong in every way a worker can, loaded by workers in tests only."""

from __future__ import annotations

import ctypes
import os
import pty
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from bot.errors import ProviderRefused
from bot.model import PhotoProblem

REPORTS = 4
"""Where a worker keeps its pipe to the bot: the second descriptor it opens."""

Procedure = Callable[[msgspec.Raw, Callable[[str], None]], object]


def echo(request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    return msgspec.msgpack.decode(request)


def staged(_request: msgspec.Raw, on_stage: Callable[[str], None]) -> object:
    for stage in ("reading", "cutting"):
        on_stage(stage)
    return "finished"


def who(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    return os.getpid()


def surroundings(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    return dict(os.environ)


def hang(_request: msgspec.Raw, on_stage: Callable[[str], None]) -> object:
    on_stage("hanging")
    while True:
        time.sleep(60)


def refuse(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    raise ProviderRefused(PhotoProblem.NO_FACE)


def err(request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    raise LookupError(msgspec.msgpack.decode(request, type=str))


def devour_memory(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    return len(bytearray(2**31))


def crash(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    return ctypes.string_at(0)


def leave(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    os._exit(3)


def talk_nonsense(request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    os.write(REPORTS, msgspec.msgpack.decode(request, type=bytes))
    while True:
        time.sleep(60)


def write_file(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    with tempfile.TemporaryFile(buffering=0) as file:
        return file.write(b"a photo")


def call_home(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    with socket.create_connection(("127.0.0.1", 9)):
        return "connected"


def open_for(request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    """Open a file in some mode: ``[path, mode]``."""
    path, mode = msgspec.msgpack.decode(request, type=tuple[str, str])
    with Path(path).open(mode):
        return "opened"


def break_out(request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    """One of the ways out by name, aimed at a file: ``[way, path]``."""
    way, path = msgspec.msgpack.decode(request, type=tuple[str, str])
    ways: dict[str, Callable[[], object]] = {
        # What is tested is that starting a program is refused.
        "system": lambda: os.system("true"),  # noqa: S605, S607
        "fork": fork,
        "forkpty": os.forkpty,
        # Likewise.
        "exec": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
        "posix_spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "popen": lambda: subprocess.run(["/bin/true"], check=True),
        "pty": lambda: pty.spawn("/bin/true"),
        "dlopen": lambda: ctypes.CDLL(None),
        "dlsym": lambda: ctypes.pythonapi.socket,
        "kill": lambda: os.kill(os.getpid(), 0),
        "os.open": lambda: os.open(path, os.O_WRONLY | os.O_TRUNC),
        "truncate": lambda: os.truncate(path, 0),
        "unlink": lambda: Path(path).unlink(),
        "rename": lambda: Path(path).rename(path + "-elsewhere"),
        "mkdir": lambda: Path(path + "-folder").mkdir(),
    }
    ways[way]()
    return "out"


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def print_photo(request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    photo = msgspec.msgpack.decode(request, type=bytes)
    # What is tested is a library that prints.
    print(photo, flush=True)  # noqa: T201
    return os.write(2, photo) + os.write(1, photo)


def mistyped(_request: msgspec.Raw, _on_stage: Callable[[str], None]) -> object:
    return ["not", "a", "text"]


def open_tasks(models: Path, _threads: int) -> Mapping[str, Procedure]:
    if models.name == "missing":
        raise FileNotFoundError("the models are not there: run make models")
    return {
        procedure.__name__: procedure
        for procedure in (
            echo, staged, who, surroundings, hang, refuse, err, devour_memory, crash, leave,
            talk_nonsense, write_file, open_for, break_out, call_home, print_photo, mistyped,
        )
    }  # fmt: skip
