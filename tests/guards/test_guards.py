"""The guards themselves: each must be able to stop a test, or it guards nothing."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.guards.event_loop import LIMIT_MS, LoopWatch
from tests.guards.leftovers import children, children_left, tasks_left
from tests.guards.network import NetworkGuard, OutsideNetwork, is_inside

SOMEWHERE_ELSE = "192.0.2.1"


@pytest.fixture
def refused(network_guard: NetworkGuard) -> Iterator[list[str]]:
    """What the guard refused, taken off its list so that this test may go on."""
    yield network_guard.refused
    network_guard.refused.clear()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost", b"127.0.0.1"])
def test_loopback_is_inside(host: object) -> None:
    assert is_inside(host)


@pytest.mark.parametrize("host", ["", "::", "192.0.2.1", "example.org", "localhost.example.org"])
def test_everything_else_is_outside(host: object) -> None:
    assert not is_inside(host)


async def test_a_connection_to_the_outside_is_refused(refused: list[str]) -> None:
    with pytest.raises(OutsideNetwork):
        await asyncio.open_connection(SOMEWHERE_ELSE, 80)

    assert SOMEWHERE_ELSE in refused[0]


async def test_a_name_of_the_outside_is_not_even_looked_up(refused: list[str]) -> None:
    with pytest.raises(OutsideNetwork):
        await asyncio.get_running_loop().getaddrinfo("example.org", 443)

    assert refused


def test_listening_to_everybody_is_refused(refused: list[str]) -> None:
    with socket.socket() as sock, pytest.raises(OutsideNetwork):
        sock.bind(("", 0))

    assert refused


async def test_loopback_connections_are_open() -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()


async def test_a_task_that_goes_on_is_noticed() -> None:
    async def lingering() -> None:
        await asyncio.Event().wait()

    before = asyncio.all_tasks()
    task = asyncio.get_running_loop().create_task(lingering())

    assert await tasks_left(before, 0.01) == [lingering.__qualname__]

    task.cancel()
    assert await tasks_left(before, 1) == []


def test_a_child_process_that_goes_on_is_noticed() -> None:
    before = children()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert children_left(before, 0.01) == [child.pid]

    assert children_left(before, 1) == []


async def test_work_on_the_loop_is_measured(loop_watch: LoopWatch) -> None:
    end = time.thread_time() + 2 * LIMIT_MS / 1000
    while time.thread_time() < end:
        pass
    await asyncio.sleep(0)

    assert loop_watch.longest_ms > LIMIT_MS


async def test_work_in_a_thread_is_not_the_loops(loop_watch: LoopWatch) -> None:
    def work() -> None:
        end = time.thread_time() + 2 * LIMIT_MS / 1000
        while time.thread_time() < end:
            pass

    await asyncio.to_thread(work)

    assert loop_watch.longest_ms < LIMIT_MS
