"""Reads writing in a picture: where lines are, and what they say. Runs inside a worker.

What was read stays in this process: it decides whether a line is writing at all and whether it
looks like a document, and is dropped with the task. Only boxes and categories leave the worker.

Two networks of PaddleOCR (PP-OCRv4, Apache-2.0) run by onnxruntime: the first gives each pixel's
chance of being writing ("differentiable binarization", Liao et al. 2020), the second reads one
levelled line at a time (CTC). The first always sees a picture of at most `SIDE` pixels, so that
memory and time are bounded; lines are read from the sharper original.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

# It carries no annotations.
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from providers.local.models import path_of
from providers.local.pixels import Floats, resize_rgb, size_of
from providers.local.subject import Plane, Rgb8

FINDER = "ch_PP-OCRv4_det_infer.onnx"
READER = "ch_PP-OCRv4_rec_infer.onnx"
SIDE = 960
"""Pixels along the longer side that the finder sees."""
MOST_LINES = 40
"""Lines that are read; a page has more, but is told by fewer."""
LINE_HEIGHT, LONGEST_LINE = 48, 640
SURE = 0.6
"""Mean confidence from which a reading counts."""

_INK, _LINE = 0.3, 0.6
_LEAST = 4.0
"""Finder pixels: anything lower cannot be read."""
_GROWTH = 1.6
"""The finder draws lines thinner than they are; see `_grown`."""
_LOSSLESS, _OVERLAP = 1.45, 0.12
"""How much smaller the finder may see the whole; how far its parts overlap."""
_STEP = 32
"""Both sides of the finder's input are multiples of this."""

Corners: TypeAlias = NDArray[np.float32]
"""(4, 2): from the top left, clockwise, in pixels of the picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of writing in pixels of the picture."""

    corners: Corners
    text: str
    """What it says; never leaves the worker."""
    score: float
    """Mean confidence of its characters, 0..1."""

    @property
    def letters(self) -> int:
        """Letters and digits."""
        return sum(character.isalnum() for character in self.text)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom)."""
        (left, top), (right, bottom) = self.corners.min(axis=0), self.corners.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def height(self) -> float:
        """Of the letters, however the line is turned."""
        across = np.linalg.norm(self.corners[1] - self.corners[0])
        down = np.linalg.norm(self.corners[3] - self.corners[0])
        return float(min(across, down))


def tiles(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of what the finder is shown: the whole, and when that is so large
    that small print would be lost, overlapping parts of it at full sharpness."""
    windows = [(0, 0, width, height)]
    if max(width, height) <= _LOSSLESS * SIDE:
        return windows
    columns, rows = (max(1, math.ceil(length / SIDE)) for length in (width, height))
    across, down = (
        min(length, math.ceil(length / count * (1 + _OVERLAP)))
        for length, count in ((width, columns), (height, rows))
    )
    for row in range(rows):
        for column in range(columns):
            left = (width - across) * column // max(1, columns - 1)
            top = (height - down) * row // max(1, rows - 1)
            windows.append((left, top, left + across, top + down))
    return windows


class Reader:
    """The two networks, loaded when the first picture comes. One per worker."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._loaded: dict[str, onnxruntime.InferenceSession] = {}
        self._alphabet: list[str] = []

    def read(self, picture: Rgb8, offset: tuple[int, int] = (0, 0)) -> list[Line]:
        """The lines that can be read, from the surest. Raises `SettingsError`.

        `offset` is added to the places: where the picture's first pixel lies in a larger one.
        """
        found: list[Corners] = []
        for left, top, right, bottom in tiles(*size_of(picture)):
            for corners in self._find(picture[top:bottom, left:right]):
                placed = corners + np.array([left, top], np.float32)
                if not any(_holds(other, placed) for other in found):
                    found.append(placed)
        found = sorted(found, key=_area, reverse=True)[:MOST_LINES]
        move = np.array(offset, np.float32)
        lines = [self._read_line(picture, corners, move) for corners in found]
        read = [line for line in lines if line.score >= SURE and line.letters]
        return sorted(read, key=lambda line: line.score, reverse=True)

    # --- where ------------------------------------------------------------------------------

    def _find(self, picture: Rgb8) -> Iterator[Corners]:
        width, height = size_of(picture)
        scale = min(1.0, SIDE / max(width, height))
        size = (_stepped(width * scale), _stepped(height * scale))
        ink = self._ink(resize_rgb(picture, size))
        contours, _ = cv2.findContours(
            (ink > _INK).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE
        )
        back = np.array([width / size[0], height / size[1]], np.float32)
        for contour in contours:
            (centre, (across, down), angle) = cv2.minAreaRect(contour)
            if min(across, down) < _LEAST or _mean_inside(ink, contour) < _LINE:
                continue
            grow = across * down * _GROWTH / max(1.0, across + down)
            grown = cv2.boxPoints((centre, (across + grow, down + grow), angle))
            yield _clockwise(np.asarray(grown, np.float32)) * back

    def _ink(self, picture: Rgb8) -> Plane:
        values = np.asarray((picture.astype(np.float32) / 255 - _MEAN) / _DEVIATION, np.float32)
        return np.asarray(self._run(FINDER, values.transpose(2, 0, 1)[None])[0, 0], np.float32)

    # --- what -------------------------------------------------------------------------------

    def _read_line(self, picture: Rgb8, corners: Corners, move: Floats) -> Line:
        strip = _levelled(picture, corners)
        values = strip.astype(np.float32) / np.float32(127.5) - np.float32(1)
        chances = self._run(READER, values.transpose(2, 0, 1)[None])[0]
        best = chances.argmax(axis=1)
        kept = [i for i, one in enumerate(best) if one and (i == 0 or one != best[i - 1])]
        text = "".join(self._letter(int(best[i])) for i in kept)
        score = float(np.mean([chances[i, best[i]] for i in kept])) if kept else 0.0
        return Line(corners + move, text.strip(), score)

    def _letter(self, number: int) -> str:
        """What an output stands for: 0 is "nothing new", the last one a space."""
        if not self._alphabet:
            listed = self._session(READER).get_modelmeta().custom_metadata_map["character"]
            self._alphabet = ["", *listed.splitlines(), " "]
        return self._alphabet[number] if number < len(self._alphabet) else " "

    def _run(self, name: str, values: Floats) -> Floats:
        session = self._session(name)
        given = {session.get_inputs()[0].name: np.ascontiguousarray(values, np.float32)}
        return np.asarray(session.run(None, given)[0], np.float32)

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        session = self._loaded.get(name)
        if session is None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            # An arena keeps the memory of the largest picture for ever.
            options.enable_cpu_mem_arena = False
            options.log_severity_level = 4
            path = str(path_of(self._models, name))
            session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
            self._loaded[name] = session
        return session


_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def _stepped(length: float) -> int:
    return max(_STEP, round(length / _STEP) * _STEP)


def _mean_inside(ink: Plane, contour: NDArray[np.int32] | cv2.typing.MatLike) -> float:
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [contour - np.array([left, top])], -1, 1, cv2.FILLED)
    return float(cv2.mean(ink[top : top + height, left : left + width], mask)[0])


def _clockwise(points: Corners) -> Corners:
    """From the top left corner of a line that is read from left to right."""
    by_x = points[np.argsort(points[:, 0])]
    left, right = by_x[:2], by_x[2:]
    left, right = left[np.argsort(left[:, 1])], right[np.argsort(right[:, 1])]
    return np.stack([left[0], right[0], right[1], left[1]]).astype(np.float32)


def _levelled(picture: Rgb8, corners: Corners) -> Rgb8:
    """The line as a strip of the reader's height; upright ones are laid down."""
    across = float(np.linalg.norm(corners[1] - corners[0]))
    down = float(np.linalg.norm(corners[3] - corners[0]))
    if down > 1.5 * across:
        corners, across, down = np.roll(corners, -1, axis=0), down, across
    width = min(LONGEST_LINE, max(16, math.ceil(LINE_HEIGHT * across / max(down, 1.0))))
    target = np.array([[0, 0], [width, 0], [width, LINE_HEIGHT], [0, LINE_HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(corners), target)
    strip = cv2.warpPerspective(picture, matrix, (width, LINE_HEIGHT), flags=cv2.INTER_LINEAR)
    return np.asarray(strip, np.uint8)


def _holds(one: Corners, other: Corners) -> bool:
    """Whether the middle of one line lies in another that was found before."""
    middle = other.mean(axis=0)
    return cv2.pointPolygonTest(one, (float(middle[0]), float(middle[1])), measureDist=False) >= 0


def _area(corners: Corners) -> float:
    return float(cv2.contourArea(corners))
