"""What travels between the bot and a worker: length-prefixed msgpack, through pipes only.

A frame is four bytes (big-endian length) and one tagged message. Photos travel inside, so nothing
of them is ever in a file or on a command line. What comes out of a worker is not trusted: a frame
that is too long, cut off or not one of these messages raises `Garbled`.
"""

from __future__ import annotations

import asyncio
import struct
from typing import BinaryIO, TypeAlias

import msgspec

from bot.model import PhotoProblem

HEADER = struct.Struct(">I")
LARGEST_FRAME = 96 * 2**20
"""Bytes; far above four headshots (6 MB) and the largest photo we fetch."""
PIECE = 256 * 2**10
"""Bytes written before the writer waits for the pipe: keeps each step on the loop short."""


class Garbled(Exception):
    """A worker sent something that is not a frame of ours."""


class Start(msgspec.Struct, frozen=True, tag=True):
    """First frame to a worker: how to live."""

    tasks: str
    """Module whose ``open_tasks(models, threads)`` gives the closed registry of tasks."""
    models: str
    memory: int
    """Bytes of private memory at most."""
    threads: int


class Task(msgspec.Struct, frozen=True, tag=True):
    """One thing to do; the worker knows from the name how to read the request."""

    name: str
    request: msgspec.Raw


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The models are loaded."""


class Stage(msgspec.Struct, frozen=True, tag=True):
    """How far the task is."""

    name: str


class Done(msgspec.Struct, frozen=True, tag=True):
    """The task's answer."""

    answer: msgspec.Raw


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The task found that this photo will not do."""

    problem: PhotoProblem


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The task raised something unexpected."""

    kind: str
    """The exception's class name."""
    text: str = ""
    """Only from before the first photo, so that it cannot hold anything of one."""


Order: TypeAlias = Start | Task
Report: TypeAlias = Ready | Stage | Done | Refused | Failed

_encoder = msgspec.msgpack.Encoder()
_orders: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)


def pack(message: Order | Report) -> bytearray:
    """One frame, header included."""
    frame = bytearray(HEADER.size)
    _encoder.encode_into(message, frame, HEADER.size)
    HEADER.pack_into(frame, 0, len(frame) - HEADER.size)
    return frame


async def send(stream: asyncio.StreamWriter, frame: bytearray) -> None:
    """Write a frame in pieces, waiting for the pipe after each. Raises `ConnectionError`."""
    view = memoryview(frame)
    for at in range(0, len(view), PIECE):
        stream.write(view[at : at + PIECE])
        await stream.drain()


async def receive(stream: asyncio.StreamReader) -> Report:
    """The next report. Raises `Garbled`, or `asyncio.IncompleteReadError` when the pipe ends."""
    (length,) = HEADER.unpack(await stream.readexactly(HEADER.size))
    if length > LARGEST_FRAME:
        raise Garbled
    try:
        return _reports.decode(await stream.readexactly(length))
    except msgspec.DecodeError as exc:
        raise Garbled from exc


def write(stream: BinaryIO, report: Report) -> None:
    """The worker's side of `receive`; blocks."""
    stream.write(pack(report))
    stream.flush()


def read(stream: BinaryIO) -> Order:
    """The worker's side of `send`; blocks. Raises `EOFError` when the bot is gone."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    (length,) = HEADER.unpack(header)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return _orders.decode(body)
